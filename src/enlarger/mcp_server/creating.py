"""Creating a task: never above the limit without a confirmation, and never twice for one idempotency key."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

from mcp_types import CallToolResult

from enlarger.client import KieApiClient, Quote, TaskHandle
from enlarger.errors import ToolRefusal, UnknownModel
from enlarger.mcp_server.access import Access, AnyContext, Terms
from enlarger.mcp_server.refusals import naming_key
from enlarger.mcp_server.waiting import FOR_RESULTS, wait_and_answer

DEFAULT_WAIT = 25.0
"""Seconds that a tool waits for the task that it has created."""


async def run(
    access: Access,
    context: AnyContext,
    terms: Terms,
    model: str,
    input: Mapping[str, Any],
    *,
    deadline: float,
    wait_seconds: float = DEFAULT_WAIT,
    idempotency_key: str | None,
    confirm_credits: float | None,
) -> CallToolResult:
    """Create a task, wait a little, and tell what became of it. Raises ToolRefusal, which names the key."""
    key = idempotency_key or new_key()
    handle = await create(
        access, terms, model, input, deadline=deadline, idempotency_key=key, confirm_credits=confirm_credits
    )
    return await wait_and_answer(
        access,
        context,
        handle.id,
        deadline=deadline,
        wait_seconds=wait_seconds,
        idempotency_key=key,
        notes=[warning.message for warning in handle.warnings],
    )


async def create(
    access: Access,
    terms: Terms,
    model: str,
    input: Mapping[str, Any],
    *,
    deadline: float,
    idempotency_key: str,
    confirm_credits: float | None,
) -> TaskHandle:
    """Create a task, or find the one that this key created before. Raises ToolRefusal, which names the key."""

    async def submit(client: KieApiClient) -> TaskHandle:
        return await client.submit(model, input, idempotency_key=idempotency_key)

    with naming_key(idempotency_key):
        async with asyncio.timeout_at(deadline - FOR_RESULTS):
            if terms.max_credits is not None:
                check_price(await _price(access, model, input), terms.max_credits, confirm_credits)
            return await access.caller.call(submit)


def new_key() -> str:
    """An idempotency key that nobody has used."""
    return uuid.uuid4().hex


def exceeds(quote: Quote, limit: float) -> bool:
    """Whether a task may cost more than the limit."""
    return quote.amount is None or quote.amount > limit


def check_price(quote: Quote, limit: float, confirmed: float | None) -> None:
    """Raise ToolRefusal when a task may cost more than the limit and nobody has confirmed that much."""
    if not exceeds(quote, limit):
        return
    if quote.amount is None:
        if confirmed is None or confirmed <= limit:
            raise ToolRefusal(
                f"The price of this task is not known, and tasks above {limit:g} credits have to be confirmed: ask the"
                f" user, then repeat the call with confirm_credits set to a number above {limit:g}."
            )
    elif confirmed is None or confirmed < quote.amount:
        most = "" if quote.exact else "up to "
        raise ToolRefusal(
            f"This task costs {most}{quote.amount:g} credits, and tasks above {limit:g} credits have to be confirmed:"
            f" ask the user, then repeat the call with confirm_credits={quote.amount:g}."
        )


async def _price(access: Access, model: str, input: Mapping[str, Any]) -> Quote:
    """What a task costs; a model that the catalogue does not have has no known price."""
    try:
        return await access.caller.call(lambda client: client.quote(model, input))
    except UnknownModel:
        return Quote(None, exact=False)
