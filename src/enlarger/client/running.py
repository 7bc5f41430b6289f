"""A task from its submission to its result, within one deadline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from enlarger.client import calls, waiting
from enlarger.client.core import Core
from enlarger.client.effects import Flow, now
from enlarger.client.records import Result, Submitted
from enlarger.client.schedule import to_seconds
from enlarger.client.submission import Order
from enlarger.client.waiting import Terms, Wait


def resume(task_id: str, model: str | None = None, *, awaits: bool) -> str:
    """The line of code that resumes a wait."""
    said = f", model={model!r}" if model else ""
    return f"{'await ' if awaits else ''}client.task({task_id!r}{said}).result()"


def run(core: Core, order: Order, terms: Terms, to_handle: Callable[[Submitted], Any]) -> Flow[Result]:
    """Make a task and wait for its result. Everything is checked before anything is sent.

    The deadline is for both together. Raises DeadlineExceeded when it passes before the task is sent.
    """
    terms.check()
    order.check()
    end = None if terms.deadline is None else (yield from now()) + to_seconds(terms.deadline)
    made = yield from calls.submit(core if end is None else core.until(end), order)
    wish = Wait(
        task_id=made.task_id,
        terms=terms,
        model=order.model,
        made_now=True,
        resume=resume(made.task_id, order.model, awaits=terms.awaits),
        warnings=made.warnings,
    )
    if terms.on_submitted is not None:
        yield from waiting.tell(partial(terms.on_submitted, to_handle(made)), wish)
    if end is not None:
        terms = msgspec.structs.replace(terms, deadline=max(end - (yield from now()), 0.0))
        wish = msgspec.structs.replace(wish, terms=terms)
    return (yield from waiting.finish(core, wish))
