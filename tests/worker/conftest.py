from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enlarger.infra.fetch import Fetcher
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.protocol.records import Made
from enlarger.providers import LocalOrder, LocalOutcome, LocalRunner, OnProgress
from enlarger.server import Service
from enlarger.server.upload_files import store_picture
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import Task
from enlarger.worker.engine import Engine
from enlarger.worker.outage import StorageWait
from enlarger.worker.sources import Sources
from tests.conftest import MakePhoto
from tests.new_task import new_task
from tests.worker.hosted import Floor


class Stand(LocalRunner):
    """An engine whose run is the test's to decide."""

    name = "local"

    def __init__(self) -> None:
        self.orders: list[LocalOrder] = []
        self.seconds = 0.0
        """What it expects orders to take."""
        self.behave: Callable[[LocalOrder, OnProgress], Awaitable[None]] | None = None

    async def run(self, order: LocalOrder, on_progress: OnProgress) -> LocalOutcome:
        self.orders.append(order)
        if self.behave:
            await self.behave(order, on_progress)
        result = order.workspace / "result"
        result.write_bytes(b"\x89PNG\r\n\x1a\n" + order.picture.read_bytes())
        made = Made(provider="local", engine="stand-in", width=8, height=8, seconds=0.1)
        return LocalOutcome(path=result, made=made)

    async def expected_seconds(self, order: LocalOrder) -> float:
        assert order.picture.exists(), "its size is read from it"
        return self.seconds

    async def probe(self) -> None:
        pass


@pytest.fixture
def provider() -> Stand:
    return Stand()


@pytest.fixture
def stopping() -> asyncio.Event:
    return asyncio.Event()


async def no_pause(_: float) -> None:
    pass


@pytest.fixture
def engine(service: Service, storage: Storage, provider: Stand, stopping: asyncio.Event, tmp_path: Path) -> Engine:
    (tmp_path / "work").mkdir()
    fetcher = Fetcher(Allowed.parse(()))
    return Engine(
        tasks=service.tasks,
        sources=Sources(service.tasks, service.files, storage, service.links, fetcher),
        storage=storage,
        runner=provider,
        work=tmp_path / "work",
        results_days=14,
        stopping=stopping,
        storage_wait=StorageWait(3600, service.database.now),
        pause=no_pause,
    )


@pytest.fixture
def floor(service: Service, provider: Stand, tmp_path: Path) -> Floor:
    return Floor(service, provider, tmp_path)


MakeTask = Callable[..., Awaitable[Task]]


@pytest.fixture
def make_task(service: Service, make_photo: MakePhoto) -> MakeTask:
    """Makes a task over a stored picture."""

    async def make(**changes: Any) -> Task:
        file = await store_picture(service, DEFAULT, make_photo("a.png").read_bytes(), name="a.png")
        link = "http://anywhere" + service.links.make(file.id, file.name, file.expires_at)
        values = {"model": "real-esrgan/fast", "input": {"image_url": link, "upscale_factor": "2"}, **changes}
        task, _ = await service.tasks.create(new_task(**values))
        return task

    return make
