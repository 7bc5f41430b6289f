"""The tools that create tasks, wait for them and look after them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp_types import CallToolResult
from pydantic import Field

from enlarger.client.calls import REMOVE_BACKGROUND_MODEL, remove_background_input
from enlarger.mcp_server.access import AnyContext
from enlarger.mcp_server.creating import DEFAULT_WAIT, run
from enlarger.mcp_server.model_tools import Input, ModelId
from enlarger.mcp_server.records import TaskAnswer, TasksAnswer
from enlarger.mcp_server.tool_kit import CANCELS, CREATES, LOOKS, ToolKit
from enlarger.mcp_server.waiting import answer, show, status_of, to_answer, wait_and_answer

LONGEST_WAIT = 30
IdempotencyKey = Annotated[
    str | None,
    Field(
        description="Names this task. To retry a call, give the same key: the task is then not created, or charged, a"
        " second time. Without one a key is made, and returned.",
        max_length=255,
    ),
]
ConfirmCredits = Annotated[
    float | None,
    Field(description="The price in credits that the user has agreed to, for a task above the limit.", ge=0),
]
WaitSeconds = Annotated[float, Field(description="How long to wait for the result.", ge=0, le=LONGEST_WAIT)]
TaskId = Annotated[str, Field(description="The task's id.", min_length=1, max_length=200)]


class TaskTools:
    """`run_task`, `remove_background`, `wait_task`, `task_status`, `list_tasks` and `cancel_task`."""

    def __init__(self, kit: ToolKit) -> None:
        self._kit = kit

    def add_to(self, server: MCPServer[Any]) -> None:
        """Offer them."""
        self._kit.add(server, self.run_task, "Run a task", CREATES)
        self._kit.add(server, self.remove_background, "Remove a background", CREATES)
        self._kit.add(server, self.wait_task, "Wait for a task", LOOKS)
        self._kit.add(server, self.task_status, "Show a task", LOOKS)
        self._kit.add(server, self.list_tasks, "List tasks", LOOKS)
        self._kit.add(server, self.cancel_task, "Cancel a task", CANCELS)

    async def run_task(
        self,
        ctx: AnyContext,
        model: ModelId,
        input: Input,
        idempotency_key: IdempotencyKey = None,
        confirm_credits: ConfirmCredits = None,
        wait_seconds: WaitSeconds = DEFAULT_WAIT,
    ) -> Annotated[CallToolResult, TaskAnswer]:
        """Create a task of any model and wait a little for its result. It may cost credits: see quote.

        The answer always has the task_id. If the task has not ended, call wait_task with it. A retry of this call must
        use the same idempotency_key, or a second task is created and charged.
        """
        async with self._kit.call(ctx) as call:
            return await run(
                call.access,
                ctx,
                self._kit.terms,
                model,
                input,
                deadline=call.deadline,
                wait_seconds=wait_seconds,
                idempotency_key=idempotency_key,
                confirm_credits=confirm_credits,
            )

    async def remove_background(
        self,
        ctx: AnyContext,
        image: Annotated[str, Field(description="The picture's URL; over stdio, a path on this machine as well.")],
        idempotency_key: IdempotencyKey = None,
        confirm_credits: ConfirmCredits = None,
        wait_seconds: WaitSeconds = DEFAULT_WAIT,
    ) -> Annotated[CallToolResult, TaskAnswer]:
        """Cut out what a picture shows. It may cost credits; the rest is as with run_task.

        A retry of this call must use the same idempotency_key, or a second task is created and charged.
        """
        image = str(Path(image).expanduser()) if self._kit.terms.on_this_machine and image.startswith("~") else image
        input = remove_background_input(image) if self._kit.terms.on_this_machine else {"image": image}
        async with self._kit.call(ctx) as call:
            return await run(
                call.access,
                ctx,
                self._kit.terms,
                REMOVE_BACKGROUND_MODEL,
                input,
                deadline=call.deadline,
                wait_seconds=wait_seconds,
                idempotency_key=idempotency_key,
                confirm_credits=confirm_credits,
            )

    async def wait_task(
        self, ctx: AnyContext, task_id: TaskId, wait_seconds: WaitSeconds = LONGEST_WAIT
    ) -> Annotated[CallToolResult, TaskAnswer]:
        """Go on waiting for a task; call it again until `ended` is true. Nothing is created or charged."""
        async with self._kit.call(ctx) as call:
            await status_of(call.access, task_id)  # a wrong id is an error at once
            return await wait_and_answer(call.access, ctx, task_id, deadline=call.deadline, wait_seconds=wait_seconds)

    async def task_status(self, ctx: AnyContext, task_id: TaskId) -> Annotated[CallToolResult, TaskAnswer]:
        """Show a task as it is now, with links to its results, without waiting."""
        async with self._kit.call(ctx) as call:
            status = await status_of(call.access, task_id)
            return await show(call.access, status, deadline=call.deadline)

    async def list_tasks(
        self,
        ctx: AnyContext,
        state: Annotated[
            str | None,
            Field(description="Only tasks in these states, separated by commas: waiting, generating, success, fail."),
        ] = None,
        model: Annotated[str | None, Field(description="Only tasks of this model.")] = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        after: Annotated[str | None, Field(description="The `next` of the page before.")] = None,
    ) -> Annotated[CallToolResult, TasksAnswer]:
        """List the account's tasks, newest first."""
        async with self._kit.call(ctx) as call:
            page = await call.access.caller.call(
                lambda client: client.list_tasks(state=state, model=model, limit=limit, after=after)
            )
        return answer(TasksAnswer(tasks=[to_answer(status) for status in page], next=page.next))

    async def cancel_task(self, ctx: AnyContext, task_id: TaskId) -> Annotated[CallToolResult, TaskAnswer]:
        """Cancel a task. One that has ended stays as it is. What was not paid to a provider is given back."""
        async with self._kit.call(ctx) as call, asyncio.timeout_at(call.deadline):
            status = await call.access.caller.call(lambda client: client.cancel(task_id))
        return answer(to_answer(status))
