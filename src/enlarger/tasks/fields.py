"""What people write into options and forms: names, amounts and addresses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from enlarger.errors import InvalidInput
from enlarger.infra.addresses import Network, read_network
from enlarger.translatable import sentence

MOST_CREDITS = Decimal(10) ** 11
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
