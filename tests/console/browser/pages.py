"""The console's pages, for what has to hold of every one. A new page is a line here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.console.browser.service import HeldPicture, broken_picture, create, upload
from tests.waiting import until

SIGN_IN = "sign-in"
PAGES = {
    SIGN_IN: "/console/sign-in",
    "studio": "/console/",
    "tasks": "/console/tasks",
    "task": "/console/tasks/{done}",
    "failed-task": "/console/tasks/{failed}",
    "open-task": "/console/tasks/{open}",
}
"""Paths by name; `{done}`, `{failed}` and `{open}` are the ids of tasks in these states."""


@dataclass(frozen=True)
class Examples:
    """The ids of a task in each state."""

    done: str
    failed: str
    open: str

    def path(self, page: str) -> str:
        """Return a page's path."""
        return PAGES[page].format(done=self.done, failed=self.failed, open=self.open)


async def make_examples(client: httpx2.AsyncClient, picture: Path, held: HeldPicture) -> Examples:
    """Create a task that ends well, one that fails and one that stays open, and wait until they are in these states."""
    broken = broken_picture(picture.parent)
    done = await create(client, await upload(client, picture.name, picture.read_bytes()))
    failed = await create(client, await upload(client, broken.name, broken.read_bytes()))
    examples = Examples(done, failed, await create(client, held.url))
    await asyncio.gather(wait_for(client, done, "success"), wait_for(client, failed, "fail"))
    return examples


async def wait_for(client: httpx2.AsyncClient, task_id: str, state: str) -> None:
    """Return when a task has reached a state."""

    async def reached() -> bool:
        reply = (await client.get("/api/v1/jobs/recordInfo", params={"taskId": task_id})).json()
        return bool(reply["data"]["state"] == state)

    await until(reached, seconds=90)
