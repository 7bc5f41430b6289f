from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from enlarger.infra.fetch import Fetcher
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.protocol.records import Made
from enlarger.providers import Product, Submission
from enlarger.providers.base import OnProgress
from enlarger.server import Service
from enlarger.server.keep import store_picture
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import NewTask, Task
from enlarger.worker.dispatch import Dispatch
from enlarger.worker.sources import Sources
from tests.conftest import MakePhoto


class Stand:
    """A provider whose run is the test's to decide."""

    name = "local"

    def __init__(self) -> None:
        self.submissions: list[Submission] = []
        self.behave: Callable[[Submission, OnProgress], Awaitable[None]] | None = None

    async def run(self, submission: Submission, on_progress: OnProgress) -> Product:
        self.submissions.append(submission)
        if self.behave:
            await self.behave(submission, on_progress)
        result = submission.workspace / "result"
        result.write_bytes(b"\x89PNG\r\n\x1a\n" + submission.picture.read_bytes())
        made = Made(provider="local", engine="stand-in", width=8, height=8, seconds=0.1)
        return Product(path=result, mime_type="image/png", made=made)

    async def close(self) -> None:
        pass


@pytest.fixture
def provider() -> Stand:
    return Stand()


@pytest.fixture
def stopping() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def dispatch(service: Service, storage: Storage, provider: Stand, stopping: asyncio.Event, tmp_path: Path) -> Dispatch:
    (tmp_path / "work").mkdir()
    fetcher = Fetcher(Allowed.parse(()))
    return Dispatch(
        tasks=service.tasks,
        sources=Sources(service.tasks, service.files, storage, service.links, fetcher),
        storage=storage,
        provider=provider,
        work=tmp_path / "work",
        results_days=14,
        stopping=stopping,
    )


MakeTask = Callable[..., Awaitable[Task]]


@pytest.fixture
def make_task(service: Service, make_photo: MakePhoto) -> MakeTask:
    """Makes a task over a stored picture."""

    async def make(**changes: Any) -> Task:
        file = await store_picture(service, DEFAULT, make_photo("a.png").read_bytes(), name="a.png")
        link = "http://anywhere" + service.links.make(file.id, file.name, file.expires_at)
        values = {
            "id": secrets.token_hex(16),
            "account_id": DEFAULT,
            "model": "real-esrgan/fast",
            "input": {"image_url": link, "upscale_factor": "2"},
            "base_url": "http://service",
            "request_sha256": b"",
        }
        task, _ = await service.tasks.create(NewTask(**{**values, **changes}))
        return task

    return make
