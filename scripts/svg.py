"""Drawings of boxes and arrows as SVG text. They bring a background of their own, so they are readable on any page."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

INK, FAINT, PAPER = "#1f2933", "#667584", "#ffffff"
BLUE, GREEN, RED, AMBER, VIOLET, GREY = "#1f6feb", "#1a7f4b", "#c0392b", "#a66300", "#7a3fc2", "#5c6b7a"
TINTS = {BLUE: "#e8f1fe", GREEN: "#e6f5ec", RED: "#fdecea", AMBER: "#fdf3e1", VIOLET: "#f2eafc", GREY: "#eef1f4"}

Point = tuple[float, float]


@dataclass(slots=True)
class Drawing:
    """A picture of `width` by `height` pixels; `title` says what it shows to those who cannot see it."""

    width: int
    height: int
    title: str
    parts: list[str] = field(default_factory=list)

    def box(self, left: float, top: float, width: float, height: float, colour: str = GREY) -> None:
        """A rectangle with rounded corners."""
        self.parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="6" '
            f'fill="{TINTS[colour]}" stroke="{colour}"/>'
        )

    def text(
        self, x: float, y: float, words: str, *, size: int = 13, anchor: str = "middle", colour: str = INK,
        bold: bool = False, code: bool = False,
    ) -> None:  # fmt: skip
        """A line of text whose baseline is at `y`."""
        family = ' font-family="ui-monospace, Menlo, Consolas, monospace"' if code else ""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}{family}>'
            f"{escape(words)}</text>"
        )

    def arrow(self, start: Point, end: Point, colour: str = INK, *, bends: tuple[Point, Point] | None = None) -> None:
        """An arrow, straight or a curve towards two points."""
        curve = "L" if bends is None else f"C {bends[0][0]:g} {bends[0][1]:g}, {bends[1][0]:g} {bends[1][1]:g},"
        self.parts.append(
            f'<path d="M {start[0]:g} {start[1]:g} {curve} {end[0]:g} {end[1]:g}" fill="none" stroke="{colour}" '
            f'stroke-width="1.4" marker-end="url(#tip{colour[1:]})"/>'
        )

    def label(self, x: float, y: float, lines: list[str], *, size: int = 12, anchor: str = "middle") -> None:
        """Lines of small text, one below the other, on the background's colour so that no arrow crosses the letters."""
        for number, line in enumerate(lines):
            self.parts.append(
                f'<text x="{x:g}" y="{y + number * (size + 3):g}" font-size="{size}" text-anchor="{anchor}" '
                f'fill="{FAINT}" stroke="{PAPER}" stroke-width="4" paint-order="stroke">{escape(line)}</text>'
            )

    def render(self) -> str:
        """The SVG's text."""
        tips = "".join(
            f'<marker id="tip{colour[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
            f'orient="auto-start-reverse"><path d="M 0 1 L 9 5 L 0 9 z" fill="{colour}"/></marker>'
            for colour in (INK, *TINTS)
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" role="img" font-family="system-ui, Segoe UI, Roboto, Arial, sans-serif">'
        )
        paper = f'<rect width="{self.width}" height="{self.height}" rx="8" fill="{PAPER}"/>'
        return "\n".join(
            [head, f"<title>{escape(self.title)}</title>", f"<defs>{tips}</defs>", paper, *self.parts, "</svg>\n"]
        )
