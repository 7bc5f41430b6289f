"""Charts as SVG: the sizes of their parts. Templates draw them with attributes alone, because styles are not inline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT = 720, 120
"""The drawing's own units; the page scales it."""
_GAP = 0.25
"""The part of a day's width that stays empty."""


@dataclass(frozen=True)
class Bar:
    """A day: how high its bar is, and how much of that is another colour."""

    x: float
    width: float
    y: float
    height: float
    part_y: float
    part_height: float
    title: str


@dataclass(frozen=True)
class Chart:
    """Bars over days, with the number that the top of the chart stands for."""

    bars: tuple[Bar, ...]
    top: Decimal
    first: date
    last: date
    width: int = WIDTH
    height: int = HEIGHT


def draw_bars(
    values: Mapping[date, Decimal | int], titles: Sequence[str], *, parts: Mapping[date, int] | None = None
) -> Chart:
    """Draw one bar for each day; `parts` are the portions of the values that get another colour."""
    days = list(values)
    top = max(map(Decimal, values.values()), default=Decimal(0))
    step = WIDTH / max(len(days), 1)
    bars = []
    for number, (day, title) in enumerate(zip(days, titles, strict=True)):
        height, part = (_scale(amount, top) for amount in (values[day], (parts or {}).get(day, 0)))
        bars.append(
            Bar(
                x=round(number * step + step * _GAP / 2, 2),
                width=round(step * (1 - _GAP), 2),
                y=round(HEIGHT - height, 2),
                height=height,
                part_y=round(HEIGHT - part, 2),
                part_height=part,
                title=title,
            )
        )
    return Chart(bars=tuple(bars), top=top, first=days[0], last=days[-1])


def share(part: Decimal | int, whole: Decimal | int | None) -> float | None:
    """Return a part in per cent of the whole, at most 100; None without a limit."""
    if whole is None:
        return None
    return round(min(float(part) / float(whole), 1.0) * 100, 1) if whole else 100.0


def _scale(amount: Decimal | int, top: Decimal) -> float:
    """Return a bar's height; whatever is not zero can be seen."""
    if not amount or not top:
        return 0.0
    return round(max(float(Decimal(amount) / top) * HEIGHT, 1.5), 2)
