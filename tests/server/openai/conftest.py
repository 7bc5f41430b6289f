"""The unmodified `openai` package as a client of the real service, and tasks that are ended as a worker would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.database import Database
from enlarger.server import Service
from tests.conftest import KEY
from tests.server.steps import finish
from tests.waiting import until

T = TypeVar("T")
Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """With a provider for every model."""
    monkeypatch.setenv("ENLARGER_SANDBOX", "1")
    return load_settings()


@pytest.fixture
async def client(api: httpx2.AsyncClient) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's asynchronous client, which tries nothing again by itself."""
    async with AsyncOpenAI(base_url=f"{api.base_url}/v1", api_key=KEY, max_retries=0, timeout=120) as opened:
        yield opened


@pytest.fixture
def sync_client(api: httpx2.AsyncClient) -> Iterator[OpenAI]:
    """OpenAI's synchronous client, for threads."""
    with OpenAI(base_url=f"{api.base_url}/v1", api_key=KEY, max_retries=0, timeout=120) as opened:
        yield opened


@pytest.fixture
def while_working(service: Service, database: Database) -> Run:
    """Awaits a request while its tasks, so many, are made and then ended; `fail` is whether they fail."""

    async def run(request: Awaitable[T], *, tasks: int = 1, fail: bool = False) -> T:
        asking = asyncio.ensure_future(request)
        try:
            await until(lambda: _open(database, tasks, asking))
            for task_id in await open_tasks(database):
                await finish(service, task_id, fail=fail)
            return await asyncio.wait_for(asking, 60)
        finally:
            asking.cancel()

    return run


async def _open(database: Database, number: int, asking: asyncio.Future[Any]) -> bool:
    return asking.done() or len(await open_tasks(database)) == number


async def open_tasks(database: Database) -> list[str]:
    """The ids of the tasks that have not ended, oldest first."""
    found = "SELECT id FROM tasks WHERE state NOT IN ('success', 'fail') ORDER BY created_at, id"
    return [row["id"] for row in await database.pool.fetch(found)]
