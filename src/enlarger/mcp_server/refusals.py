"""Errors as a tool answers them: one sentence and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from mcp_types import CallToolResult, TextContent

from enlarger.errors import EnlargerError, SubmissionUnknown, ToolRefusal


def refused(error: EnlargerError) -> CallToolResult:
    """The answer of a tool that failed."""
    return CallToolResult(content=[TextContent(text=explain(error))], is_error=True)


def explain(error: EnlargerError) -> str:
    """An error in one line."""
    if isinstance(error, SubmissionUnknown):
        return f"{error.message.rstrip('.')}."
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def naming_key(idempotency_key: str) -> Iterator[None]:
    """Say in every error of a block which idempotency key belongs to the task that was to be created."""
    try:
        yield
    except SubmissionUnknown as error:
        raise ToolRefusal(
            f"{explain(error)} Call the tool again with the same arguments and idempotency_key={idempotency_key!r}:"
            " an Enlarger service then creates no second task."
        ) from error
    except TimeoutError as error:
        raise ToolRefusal(
            "The service did not create the task in time. Call the tool again with the same arguments and"
            f" idempotency_key={idempotency_key!r}: no second task is created."
        ) from error
    except EnlargerError as error:
        raise ToolRefusal(f"{explain(error)} (idempotency_key={idempotency_key!r})") from error


@contextmanager
def in_time(what: str) -> Iterator[None]:
    """Make a refusal of a time limit that passes in a block."""
    try:
        yield
    except TimeoutError as error:
        raise ToolRefusal(f"{what} took too long: try again later.") from error


def seconds_left(deadline: float) -> float:
    """Seconds until a time of the event loop's clock."""
    return max(0.0, deadline - asyncio.get_running_loop().time())
