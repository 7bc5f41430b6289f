"""All pages of the console, for the tests and pictures that cover every page. A new page is a line here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.acceptance.test_service import upload
from tests.console.browser.service import broken_picture, create, create_endless
from tests.server.steps import record
from tests.waiting import until

SIGN_IN = "sign-in"
PAGES = {
    SIGN_IN: "/console/sign-in",
    "studio": "/console/",
    "tasks": "/console/tasks",
    "task": "/console/tasks/{done}",
    "failed-task": "/console/tasks/{failed}",
    "running-task": "/console/tasks/{running}",
    "bulk": "/console/tasks/bulk?action=again&task={done}",
    "compare": "/console/compare",
    "comparison": "/console/compare?tasks={done},{other}",
    "models": "/console/models",
    "model": "/console/models/auto/upscale",
    "engines": "/console/models/engines",
    "providers": "/console/operate",
    "queue": "/console/operate/queue",
    "orphans": "/console/operate/orphans",
    "accounts": "/console/operate/accounts",
    "account": "/console/operate/accounts/default",
    "ledger": "/console/operate/accounts/default/ledger",
    "usage": "/console/operate/usage",
    "system": "/console/operate/system",
}
"""Paths by name; the names in braces are those of `Examples`."""


@dataclass(frozen=True)
class Examples:
    """The ids of a task in each state."""

    done: str
    other: str
    """Of the same picture by another model."""
    failed: str
    running: str

    def path(self, page: str) -> str:
        """Return a page's path."""
        return PAGES[page].format(done=self.done, other=self.other, failed=self.failed, running=self.running)


async def make_examples(client: httpx2.AsyncClient, picture: Path) -> Examples:
    """Create a task that succeeds, one that fails and one that keeps running, and wait until they do."""
    broken = broken_picture(picture.parent)
    url = await upload(client, picture)
    done = await create(client, url)
    other = await create(client, url, model="span/x4")
    failed = await create(client, await upload(client, broken))
    running = await create_endless(client)
    states = {done: "success", other: "success", failed: "fail", running: "generating"}
    await asyncio.gather(*(wait_for(client, task_id, state) for task_id, state in states.items()))
    return Examples(done, other, failed, running)


async def wait_for(client: httpx2.AsyncClient, task_id: str, state: str) -> None:
    """Return when a task has reached a state."""

    async def reached() -> bool:
        return bool((await record(client, task_id))["state"] == state)

    await until(reached)
