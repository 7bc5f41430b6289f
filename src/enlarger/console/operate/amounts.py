"""Amounts and durations as the pages for administrators show them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from enlarger.catalog.messages import Translate
from enlarger.tasks.budgets import say_dollars

_UNITS = ("B", "kB", "MB", "GB", "TB")


def say_credits(credits: Decimal | None, tr: Translate) -> str:
    """Format a balance or a cap; None means unlimited."""
    return tr("no limit") if credits is None else say_number(credits)


def say_number(number: Decimal | int) -> str:
    """Format a number with groups of thousands and without trailing zeros."""
    return f"{Decimal(number).normalize():,f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def say_money(dollars: Decimal) -> str:
    """Format dollars; of less than one, parts of cents, too."""
    return f"${say_dollars(round(dollars, 2 if dollars >= 1 else 4))}"


def say_bytes(size: int) -> str:
    """Format a number of bytes with its unit."""
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {_UNITS[unit]}"


def say_age(seconds: float | None, tr: Translate) -> str:
    """Format how long something has lasted, roughly; None is nothing."""
    if seconds is None:
        return "–"
    seconds = max(seconds, 0)
    if seconds < 120:
        return tr("{n} s", n=round(seconds))
    if seconds < 7200:
        return tr("{n} min", n=round(seconds / 60))
    if seconds < 172_800:
        return tr("{n} h", n=round(seconds / 3600))
    return tr("{n} d", n=round(seconds / 86_400))


def say_latency(times: Sequence[float] | None, tr: Translate) -> str:
    """Format the median and the 95th percentile of seconds."""
    if not times:
        return "–"
    return tr("{times} s", times=" / ".join(f"{one:.1f}" if one < 9.95 else f"{one:.0f}" for one in times))
