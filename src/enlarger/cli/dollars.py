"""What the commands about providers and budgets share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from enlarger.errors import InvalidInput

if TYPE_CHECKING:
    from enlarger.tasks.budgets import Overcharge


def check_provider(name: str) -> None:
    """Raise InvalidInput unless there is a provider of this name."""
    from enlarger.providers.registry import PROVIDERS

    if name not in PROVIDERS:
        raise InvalidInput("NAME", f"{name!r} is not a provider: choose one of {', '.join(PROVIDERS)}.")


def describe_overcharge(one: Overcharge) -> str:
    """What a provider has charged beyond the reserved amount."""
    from enlarger.tasks.budgets import say_dollars

    tasks = "1 task" if one.tasks == 1 else f"{one.tasks} tasks"
    return (
        f"{one.provider} has charged ${say_dollars(one.dollars)} more this month than was reserved, for {tasks};"
        " the budgets have counted it."
    )
