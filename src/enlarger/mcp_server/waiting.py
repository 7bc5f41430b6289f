"""Waiting for a task as long as a call may take, and what is answered about it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent
from pydantic import BaseModel

from enlarger.client import TaskStatus
from enlarger.errors import NotFound, ServiceUnavailable
from enlarger.mcp_server.access import Access, AnyContext
from enlarger.mcp_server.previews import Looked, describe, look
from enlarger.mcp_server.records import TaskAnswer
from enlarger.mcp_server.refusals import seconds_left

FOR_RESULTS = 12.0
"""Seconds at the end of a call for fetching results and making previews."""
MOST_PREVIEWS = 4
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 5.0
_SLOWER = 1.5


def answer(document: BaseModel, more: Sequence[ContentBlock] = ()) -> CallToolResult:
    """A tool's answer: structured, the same as text for clients that show only that, and more content."""
    structured = document.model_dump(mode="json")
    text = document.model_dump_json(exclude_none=True)
    return CallToolResult(content=[TextContent(text=text), *more], structured_content=structured)


def to_answer(status: TaskStatus, *, idempotency_key: str | None = None, notes: Sequence[str] = ()) -> TaskAnswer:
    """A task's record as the tools show it."""
    return TaskAnswer(
        task_id=status.task_id,
        state=status.state,
        ended=status.ended,
        model=status.model,
        idempotency_key=idempotency_key,
        progress=status.progress,
        results=[describe(url) for url in status.urls],
        data=status.data,
        credits=status.credits,
        fail_code=status.fail_code,
        fail_message=status.fail_message,
        notes=list(notes),
    )


async def follow(access: Access, context: AnyContext, task_id: str, *, until: float) -> TaskStatus | None:
    """Look at a task until it has ended or the event loop's clock is at `until`; the last record that was seen.

    Every look is reported as progress. None when the service could not be asked. Raises the service's refusals.
    """
    status: TaskStatus | None = None
    pause = _FIRST_PAUSE
    try:
        async with asyncio.timeout_at(until):
            while True:
                try:
                    status = await access.caller.call(lambda client: client.get_task_status(task_id))
                except ServiceUnavailable:
                    pass  # the task goes on without us
                else:
                    await _report(context, status)
                    if status.ended:
                        return status
                await asyncio.sleep(pause)
                pause = min(pause * _SLOWER, _LONGEST_PAUSE)
    except TimeoutError:
        return status


async def _report(context: AnyContext, status: TaskStatus) -> None:
    percent = 100 if status.ended else min(status.progress or 0, 99)
    await context.report_progress(percent, 100, f"Task {status.task_id}: {status.state}")


async def wait_and_answer(
    access: Access,
    context: AnyContext,
    task_id: str,
    *,
    deadline: float,
    wait_seconds: float,
    idempotency_key: str | None = None,
    notes: Sequence[str] = (),
) -> CallToolResult:
    """Wait for a task and tell what became of it, or that it goes on; the id is in the answer in every case.

    Raises NotFound for a task that the account does not have.
    """
    loop = asyncio.get_running_loop()
    until = min(loop.time() + wait_seconds, deadline - FOR_RESULTS)
    status = await follow(access, context, task_id, until=until)
    if status is None:
        unseen = TaskAnswer(
            task_id=task_id,
            state="unknown",
            ended=False,
            idempotency_key=idempotency_key,
            notes=[*notes, "The service did not say how the task is doing: call wait_task with this task_id."],
        )
        return answer(unseen)
    return await show(access, status, deadline=deadline, idempotency_key=idempotency_key, notes=notes)


async def show(
    access: Access,
    status: TaskStatus,
    *,
    deadline: float,
    idempotency_key: str | None = None,
    notes: Sequence[str] = (),
    saved_to: Sequence[str] = (),
) -> CallToolResult:
    """A task with the links and previews of its results; an error if it has failed."""
    told = to_answer(status, idempotency_key=idempotency_key, notes=notes)
    told.saved_to = list(saved_to)
    if not status.ended:
        told.notes.append("The task goes on: call wait_task with this task_id. Do not create it again.")
        return answer(told)
    if status.failed:
        told.notes.append("To run it again as a new task, use a new idempotency_key.")
        made = answer(told)
        reason = (status.fail_message or "the service gave no reason").rstrip(".")
        sentence = TextContent(text=f"Task {status.task_id} failed: {reason}.")
        return made.model_copy(update={"content": [sentence, *made.content], "is_error": True})
    looked = [await _look(access, url, number, deadline) for number, url in enumerate(status.urls)]
    told.results = [one.file for one in looked]
    told.notes += [f"{one.file.url.rpartition('/')[2][:80]}: {one.why_none}." for one in looked if one.why_none]
    links = [_link(one) for one in looked]
    previews: list[ImageContent] = [one.preview for one in looked if one.preview]
    return answer(told, [*links, *previews])


async def _look(access: Access, url: str, number: int, deadline: float) -> Looked:
    file = describe(url)
    if number >= MOST_PREVIEWS:
        return Looked(file)
    if not access.can_fetch(url):
        return Looked(file, why_none="no preview: the file is not stored by this service")
    left = seconds_left(deadline) - 1
    try:
        async with asyncio.timeout(left):
            return await look(access.http, url, seconds=left)
    except TimeoutError:
        return Looked(file, why_none="no preview: the file could not be fetched in time")


def _link(looked: Looked) -> ResourceLink:
    file = looked.file
    name = file.url.partition("?")[0].rpartition("/")[2] or "result"
    return ResourceLink(uri=file.url, name=name, mime_type=file.mime_type, size=file.size)


async def status_of(access: Access, task_id: str) -> TaskStatus:
    """A task as it is now. Raises NotFound, with what to do about it."""
    try:
        return await access.caller.call(lambda client: client.get_task_status(task_id))
    except NotFound as error:
        error.remedy = "Check the task_id: list_tasks shows the account's tasks."
        raise
