"""Charts as SVG: the shapes in them. Templates draw them with attributes alone, because styles are not inline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT = 720, 120
"""The drawing's own units; the page scales it."""
_GAP = 0.25
"""The part of a day's width that stays empty."""


@dataclass(frozen=True)
class Bar:
    """A day's place in the drawing."""

    day: date
    x: float
    width: float


@dataclass(frozen=True)
class Chart:
    """Bars over days."""

    bars: tuple[Bar, ...]
    path: str
    """The outline of all bars."""
    part: str
    """The same of the portions that get another colour."""
    top: Decimal
    """The number that the highest bar stands for."""
    width: int = WIDTH
    height: int = HEIGHT


def draw_bars(values: Mapping[date, Decimal | int], parts: Mapping[date, int] | None = None) -> Chart:
    """Draw one bar for each day; `parts` are the portions of the values that get another colour."""
    top = max(map(Decimal, values.values()), default=Decimal(0))
    step = WIDTH / max(len(values), 1)
    bars = [
        Bar(day, x=round(number * step + step * _GAP / 2, 1), width=round(step * (1 - _GAP), 1))
        for number, day in enumerate(values)
    ]
    return Chart(
        bars=tuple(bars),
        path=_outline(bars, values, top),
        part=_outline(bars, parts or {}, top),
        top=top,
    )


def share(part: Decimal | int, whole: Decimal | int | None) -> float | None:
    """Return a part in per cent of the whole, at most 100; None without a limit."""
    if whole is None:
        return None
    return round(min(float(part) / float(whole), 1.0) * 100, 1) if whole else 100.0


def _outline(bars: list[Bar], values: Mapping[date, Decimal | int], top: Decimal) -> str:
    heights = {bar: _scale(values.get(bar.day, 0), top) for bar in bars}
    return "".join(
        f"M{bar.x:g} {HEIGHT}v-{height:g}h{bar.width:g}v{height:g}z" for bar, height in heights.items() if height
    )


def _scale(amount: Decimal | int, top: Decimal) -> float:
    """Return a bar's height; whatever is not zero can be seen."""
    if not amount or not top:
        return 0.0
    return round(max(float(Decimal(amount) / top) * HEIGHT, 1.5), 1)
