"""Colours and the few shapes of SVG that rooms are drawn with. The canvas is 400 by 300; the floor begins at 212."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

WIDTH, HEIGHT, FLOOR = 400, 300, 212


class Paint(msgspec.Struct, frozen=True):
    """A style's colours, by what they are for."""

    wall: str
    floor: str
    main: str
    accent: str
    dark: str


def mix(colour: str, other: str, share: float) -> str:
    """A colour with so much of another one in it."""
    pairs = zip(_split(colour), _split(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02X}" for one, two in pairs)


def light(colour: str, share: float = 0.3) -> str:
    """Lighter by so much."""
    return mix(colour, "#FFFFFF", share)


def deep(colour: str, share: float = 0.25) -> str:
    """Darker by so much."""
    return mix(colour, "#000000", share)


def is_dark(colour: str) -> bool:
    """Whether light lines show better on it than dark ones."""
    red, green, blue = _split(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128


def line_on(colour: str, share: float = 0.15) -> str:
    """A colour for lines on a surface."""
    return light(colour, share) if is_dark(colour) else deep(colour, share)


def box(x: float, y: float, width: float, height: float, fill: str, round: float = 0, more: str = "") -> str:
    """A rectangle."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{round:g}" fill="{fill}" {more}/>'


def disc(x: float, y: float, across: float, fill: str, down: float | None = None, more: str = "") -> str:
    """An ellipse, by its two radii, or a circle."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{across:g}" ry="{down or across:g}" fill="{fill}" {more}/>'


def shape(path: str, fill: str = "none", stroke: str = "", width: float = 1.0, more: str = "") -> str:
    """A path, filled, drawn, or both."""
    line = f'stroke="{stroke}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{path}" fill="{fill}" {line if stroke else ""} {more}/>'


def turned(degrees: float, x: float, y: float, inner: str) -> str:
    """Something turned around a point."""
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{inner}</g>'


def inside(name: str, outline: str, inner: str) -> str:
    """Something cut to an outline; the name is the outline's own in the picture."""
    return f'<clipPath id="{name}">{outline}</clipPath><g clip-path="url(#{name})">{inner}</g>'


def all_of(parts: Iterable[str]) -> str:
    """Parts one over another."""
    return "".join(parts)


def _split(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
