"""What a task costs its account, once its result is known."""

from __future__ import annotations

from decimal import Decimal

from enlarger.catalog import get_model, quote
from enlarger.catalog.model import CREDIT_USD
from enlarger.tasks.ledger import to_credits
from enlarger.tasks.records import Task

PRICE_LIST = "kie"
"""The provider whose price list accounts pay by."""

Size = tuple[int, int]
"""Width and height in pixels."""


def cost_of(
    task: Task,
    *,
    provider: str,
    dollars: Decimal | None = None,
    source: Size | None = None,
    result: Size | None = None,
) -> Decimal:
    """The credits of a task that has succeeded: the model's price, whoever ran it.

    `dollars` are what the provider charged, if it said so; they decide the cost only at the provider whose price list
    accounts pay by. `source` is the size of the task's picture, by which some models are priced; where it is unknown,
    it is derived from the size of the `result`.
    """
    if not task.credits_reserved:
        return Decimal(0)
    if dollars is not None and provider == PRICE_LIST:
        return to_credits(dollars / Decimal(str(CREDIT_USD)))
    size = source or _before_enlarging(task, result)
    return to_credits(quote(get_model(task.model), task.input, size=size).amount)


def _before_enlarging(task: Task, result: Size | None) -> Size | None:
    factor = str(task.input.get("upscale_factor", ""))
    if result is None or not factor.isdecimal() or not int(factor):
        return None
    return result[0] // int(factor), result[1] // int(factor)
