"""Errors as a tool answers them: one sentence and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from mcp_types import CallToolResult, TextContent

from enlarger.client.advice import concerns_input
from enlarger.errors import EnlargerError, InputRefused, SubmissionUnknown, ToolRefusal
from enlarger.protocol.codes import KEY_REUSED

_REMEDIES = {413: "Use a smaller file.", 451: "Check the URL of the file."}
"""By the code of an input that is refused."""


def refused(error: EnlargerError) -> CallToolResult:
    """The answer of a tool that failed."""
    return CallToolResult(content=[TextContent(text=explain(error))], is_error=True)


def explain(error: EnlargerError) -> str:
    """An error in one line."""
    if isinstance(error, SubmissionUnknown):
        return f"{error.message.rstrip('.')}."
    if isinstance(error, InputRefused):
        error.remedy = _remedy(error)
    return " ".join(str(error).split()) or type(error).__name__


def _remedy(error: InputRefused) -> str | None:
    """What to do about an input, where the SDK's own advice is about its methods and the command line."""
    if error.code in _REMEDIES:
        return _REMEDIES[error.code]
    if error.remedy and concerns_input(error):
        return "Correct the input: show_model lists the model's fields."
    return error.remedy


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
        if isinstance(error, InputRefused) and any(code == KEY_REUSED for _, code, _ in error.faults):
            raise ToolRefusal(
                f"The idempotency_key {idempotency_key!r} was used before, for another task: give a new one for a new"
                " task, or repeat the call with its first arguments to find the task that it made."
            ) from error
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
