"""What people write into options and forms: names, amounts and addresses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from enlarger.errors import InvalidInput
from enlarger.infra.addresses import Network, read_network
from enlarger.translatable import sentence

MOST_CREDITS = Decimal(10) ** 11
DEFAULT_LIMIT = "default"
"""The word for the service's default limit."""
_MOST_LIMIT = 1_000_000
_LEAST_WEIGHT, _MOST_WEIGHT = 0.01, 100.0
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}", re.ASCII)


def parse_credits(name: str, text: str, *, least: Decimal = Decimal(0)) -> Decimal:
    """The number of credits in the value of the option, argument or field `name`. Raises InvalidInput."""
    try:
        amount = Decimal(text.strip())
        valid = amount.is_finite() and least <= amount <= MOST_CREDITS and amount == round(amount, 4)
    except InvalidOperation:
        valid = False
    if not valid:
        message = sentence(
            "{name} {text!r} is not a number of credits: give one with at most 4 decimal places.", name=name, text=text
        )
        raise InvalidInput(name, message)
    return amount


def parse_limit(name: str, text: str) -> int | None:
    """The limit in the value of the option or field `name`: None for the service's own, 0 for none at all.

    Raises InvalidInput.
    """
    text = text.strip()
    if text == DEFAULT_LIMIT:
        return None
    if not text.isascii() or not text.isdecimal() or int(text) > _MOST_LIMIT:
        message = sentence(
            "{name} {text!r} is not a limit: give a whole number up to a million, 0 for no limit, or {word} for the"
            " service's own.",
            name=name,
            text=text,
            word=DEFAULT_LIMIT,
        )
        raise InvalidInput(name, message)
    return int(text)


def parse_weight(name: str, text: str) -> float:
    """The weight of an account in the value of the option or field `name`. Raises InvalidInput."""
    try:
        weight = float(text)
    except ValueError:
        weight = 0.0
    if not _LEAST_WEIGHT <= weight <= _MOST_WEIGHT:
        message = sentence(
            "{name} {text!r} is not a weight: give a number from {least} to {most}; 1 is the usual weight.",
            name=name,
            text=text,
            least=_LEAST_WEIGHT,
            most=f"{_MOST_WEIGHT:g}",
        )
        raise InvalidInput(name, message)
    return weight


def check_account_name(field: str, name: str) -> None:
    """Raise InvalidInput, which names the option or field, if no account may have this name."""
    if not _NAME.fullmatch(name):
        message = sentence(
            "{name!r} is not a valid account name: use up to 63 letters, digits, dots, dashes, @ and _.", name=name
        )
        raise InvalidInput(field, message)


def parse_networks(field: str, text: str) -> list[Network]:
    """The addresses and networks in a text, with commas between them. Raises InvalidInput."""
    networks = []
    for entry in text.split(","):
        if not entry.strip():
            continue
        try:
            networks.append(read_network(entry))
        except ValueError:
            message = sentence(
                "{field} {entry!r} is not an address or network: write 203.0.113.7 or 203.0.113.0/24.",
                field=field,
                entry=entry.strip(),
            )
            raise InvalidInput(field, message) from None
    return networks
