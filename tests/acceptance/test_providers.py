"""A whole service before hosted ones: from createTask to the app's callback, and each picture is paid for once."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.service_process import whole_service
from enlarger.testing import FalStandIn, InjectedFault, ReplicateStandIn, StandIn
from enlarger.worker import WorkerConfig
from enlarger.worker.dispatch import DispatchConfig
from enlarger.worker.schedule import ScheduleConfig
from tests.cli.loopback import Got, Reply, serving
from tests.conftest import MakePhoto
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


async def test_by_kies_own_announcement(outside: Outside, serve: Serve) -> None:
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    (task,) = outside.kie.tasks
    assert task.input["prompt"] == "a small house"
    assert [delivery.status for delivery in outside.kie.callbacks] == [200]
    assert outside.replicate.predictions == ()


async def test_at_replicate_after_kie_has_refused(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.TOO_MANY])
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    assert outside.kie.tasks == ()
    assert outside.paid == 1


async def test_at_replicate_after_kie_has_failed(outside: Outside, serve: Serve) -> None:
    outside.kie.fail_next("The service had an accident.", "500")
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "succeeded")]
    assert outside.paid == 1


async def test_by_asking_alone(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [None, InjectedFault.TOO_MANY])
    async with serve(webhooks=False) as app:
        first, second = await app.run(PROMPT), await app.run(PROMPT)
        assert await app.attempts(first) == [("kie", "succeeded")]
        assert await app.attempts(second) == [("kie", "failed"), ("replicate", "succeeded")]
    assert outside.kie.callbacks == outside.replicate.callbacks == ()
    assert outside.paid == 2


async def test_an_announcement_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=True) as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("kie", "succeeded")]
    assert outside.paid == 1


async def test_at_fal_after_the_others_have_refused(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.TOO_MANY])
    outside.replicate.script("create", [InjectedFault.TOO_MANY])
    async with serve(webhooks=False) as app:
        record = await app.run(PROMPT)
        assert await app.attempts(record) == [("kie", "failed"), ("replicate", "failed"), ("fal", "succeeded")]
        assert (await app.picture(record)).startswith(b"\x89PNG")
    assert outside.paid == 1
    assert outside.fal.callbacks == ()


async def test_fals_announcement_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.fal.script("submit", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=True, routes="fal,kie") as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("fal", "succeeded")]
    assert (outside.paid, outside.fal.requests.counts["submit"]) == (1, 1)
    assert outside.fal.requests.counts["status"] == 0, "its signature was believed"


async def test_what_fal_cannot_say_is_not_paid_for_twice(outside: Outside, serve: Serve) -> None:
    outside.fal.script("submit", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=False, routes="fal,kie", deadline=1) as app:
        record = await app.run(PROMPT)
        assert (record["state"], record["failCode"]) == ("fail", "408")
        assert await app.attempts(record) == [("fal", "unknown")]
    assert (len(outside.fal.tasks), len(outside.kie.tasks)) == (1, 0)


async def test_a_list_brings_a_submission_back_whose_answer_was_lost(outside: Outside, serve: Serve) -> None:
    outside.replicate.script("create", [InjectedFault.ERROR_AFTER])
    async with serve(webhooks=False, routes="replicate,kie") as app:
        record = await app.run(PROMPT)
        assert record["state"] == "success"
        assert await app.attempts(record) == [("replicate", "succeeded")]
    assert outside.paid == 1


async def test_what_nobody_can_say_is_told_and_not_paid_for_twice(outside: Outside, serve: Serve) -> None:
    outside.kie.script("createTask", [InjectedFault.CUT_AFTER])
    async with serve(webhooks=False, deadline=1) as app:
        record = await app.run(PROMPT)
        assert (record["state"], record["failCode"]) == ("fail", "408")
        assert "it was not sent again" in record["failMsg"]
        assert await app.attempts(record) == [("kie", "unknown")]
    assert (len(outside.kie.tasks), len(outside.replicate.predictions)) == (1, 0)


async def test_a_picture_that_only_the_app_has_is_brought_to_the_provider(
    outside: Outside, serve: Serve, make_photo: MakePhoto
) -> None:
    photo = make_photo("a.png").read_bytes()
    inline = "data:image/png;base64," + base64.b64encode(photo).decode()
    body = {"model": "google/nano-banana-edit", "input": {"prompt": "red", "image_urls": [inline]}}
    async with serve(webhooks=True) as app:
        record = await app.run(body)
        assert record["state"] == "success"
    (url,) = outside.kie.tasks[0].input["image_urls"]
    assert url.startswith(outside.kie.upload_url)
    assert await asyncio.to_thread(lambda: httpx2.get(url, trust_env=False).content) == photo
