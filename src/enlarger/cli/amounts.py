"""Parses amounts of credits."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from enlarger.errors import InvalidInput

MOST_CREDITS = Decimal(10) ** 11


def parse_credits(name: str, text: str, *, least: Decimal = Decimal(0)) -> Decimal:
    """The number of credits in the value of the option or argument `name`. Raises InvalidInput."""
    try:
        amount = Decimal(text.strip())
        valid = amount.is_finite() and least <= amount <= MOST_CREDITS and amount == round(amount, 4)
    except InvalidOperation:
        valid = False
    if not valid:
        raise InvalidInput(name, f"{name} {text!r} is not a number of credits: give one with at most 4 decimal places.")
    return amount
