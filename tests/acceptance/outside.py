"""Hosted services and an app on this machine, and whole services of ours between them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.service_parts import whole_service
from enlarger.testing import FalStandIn, ReplicateStandIn, StandIn
from enlarger.worker import WorkerConfig
from enlarger.worker.dispatch import DispatchConfig
from enlarger.worker.schedule import ScheduleConfig
from tests.cli.loopback import Got, Reply, serving
from tests.ports import free_port
from tests.waiting import until

PROMPT = {"model": "google/nano-banana", "input": {"prompt": "a small house"}}
KEY = "key-of-the-webhooks"


@dataclass
class Outside:
    """The hosted services and the app, on this machine."""

    kie: StandIn
    replicate: ReplicateStandIn
    fal: FalStandIn
    app: str
    announced: list[Got] = field(default_factory=list)

    @property
    def paid(self) -> int:
        """Tasks that have cost something."""
        succeeded = [task for task in self.kie.tasks if task.state == "success"]
        predicted = [one for one in self.replicate.predictions if one.status == "succeeded"]
        return len(succeeded) + len(predicted) + sum(one.status == "COMPLETED" for one in self.fal.tasks)


@pytest.fixture
def outside() -> Iterator[Outside]:
    announced: list[Got] = []

    def take(request: Got) -> Reply:
        announced.append(request)
        return 200, {}, b""

    with ExitStack() as opened:
        kie = opened.enter_context(StandIn(webhook_key=KEY, callback_delay=0.0))
        replicate = opened.enter_context(ReplicateStandIn())
        fal = opened.enter_context(FalStandIn())
        yield Outside(kie, replicate, fal, opened.enter_context(serving(take)), announced)


class App:
    """A client of the service, with a callback of its own."""

    def __init__(self, client: httpx2.AsyncClient, outside: Outside) -> None:
        self.client = client
        self.outside = outside

    async def run(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a task, wait for its callback, and give its record."""
        before = len(self.outside.announced)
        reply = (
            await self.client.post("/api/v1/jobs/createTask", json={**body, "callBackUrl": self.outside.app})
        ).json()
        assert reply["code"] == 200, reply

        async def told() -> bool:
            return len(self.outside.announced) > before

        await until(told)
        told_of = json.loads(self.outside.announced[before].body)["data"]
        record = await self.record(reply["data"]["taskId"])
        assert (told_of["taskId"], told_of["state"]) == (record["taskId"], record["state"])
        return record

    async def record(self, task_id: str) -> dict[str, Any]:
        reply = (await self.client.get("/api/v1/jobs/recordInfo", params={"taskId": task_id})).json()
        data: dict[str, Any] = reply["data"]
        return data

    async def attempts(self, record: dict[str, Any]) -> list[tuple[str, str]]:
        data = (await self.client.get(f"/v1/tasks/{record['taskId']}")).json()["data"]
        return [(one["provider"], one["state"]) for one in data["attempts"]]

    async def picture(self, record: dict[str, Any]) -> bytes:
        """What the task has made, from our own storage."""
        (url,) = json.loads(record["resultJson"])["resultUrls"]
        assert url.startswith(str(self.client.base_url).rstrip("/"))
        answer = await self.client.get(url)
        assert answer.status_code == 200
        return answer.content


Serve = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
def serve(outside: Outside, database_url: str, tmp_path: Path) -> Serve:
    """Runs a service; `webhooks` is whether providers can reach it."""
    schedule = ScheduleConfig(first_guess=0.016, shortest=0.04, longest=1.2, late=12.0)
    quick = WorkerConfig(schedule=schedule, dispatch=DispatchConfig(first_question=0.2))

    @asynccontextmanager
    async def run(*, webhooks: bool, **changes: Any) -> AsyncIterator[App]:
        port = free_port()
        settings = load_settings(
            **{
                "database_url": database_url,
                "data_dir": tmp_path / "service",
                "port": port,
                "public_url": f"http://127.0.0.1:{port}" if webhooks else None,
                "allow_private": ("127.0.0.1",),
                "kie_api_key": outside.kie.api_key,
                "kie_base_url": outside.kie.base_url,
                "kie_upload_url": outside.kie.upload_url,
                "kie_webhook_key": KEY,
                "replicate_api_token": outside.replicate.api_token,
                "replicate_base_url": outside.replicate.base_url,
                "replicate_webhook_key": outside.replicate.webhook_key,
                "fal_key": outside.fal.api_key,
                "fal_base_url": outside.fal.base_url,
                "worker_lease": 1,
                **changes,
            }
        )
        async with (
            whole_service(settings, config=quick) as running,
            httpx2.AsyncClient(
                base_url=running.url, headers={"Authorization": f"Bearer {running.api_key}"}, timeout=30
            ) as client,
        ):
            yield App(client, outside)

    return run
