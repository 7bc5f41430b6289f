"""Callbacks, to a receiver that answers as the test wants."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import standardwebhooks
import structlog

from enlarger import webhooks
from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.safe_http import Allowed
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.deliveries import Delivery
from enlarger.tasks.records import Task
from enlarger.worker.callback import CallbackSender
from enlarger.worker.deliver import Deliverer
from enlarger.worker.engine import Engine
from enlarger.worker.receivers import Receivers
from tests.worker.conftest import MakeTask
from tests.worker.receivers import listening

_HOOK = "https://user:secret@app.example/secret?token=secret"
_KEYS = ["whsec_bmV3IGtleSBvZiB0aGUgdGVzdHM=", "old key"]
Handler = Callable[[httpx2.Request], httpx2.Response]
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(self: object, host: str, port: int, **options: Any) -> list[Any]:
        address = "93.184.215.14" if host.endswith(".example") else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)


@pytest.fixture
def receivers() -> Receivers:
    return Receivers(10)


@pytest.fixture
def deliver(service: Service, stopping: asyncio.Event, receivers: Receivers) -> Run:
    async def run(
        task_id: str,
        handler: Handler | None,
        *,
        hosts: CallbackHosts | None = None,
        allowed: Allowed | None = None,
        seconds: float = 15,
    ) -> timedelta | None:
        transport = httpx2.MockTransport(handler) if handler else None
        sender = CallbackSender(
            service.links, _KEYS, allowed or Allowed.parse(()), seconds=seconds, transport=transport
        )
        try:
            return await Deliverer(service.deliveries, sender, hosts or CallbackHosts(), receivers, stopping)(task_id)
        finally:
            await sender.aclose()

    return run


@pytest.fixture
def ended(service: Service, make_task: MakeTask) -> Callable[..., Any]:
    """Makes a task that has ended."""

    async def make(url: str = _HOOK) -> Task:
        task = await make_task(callback_url=url)
        return await service.tasks.cancel(DEFAULT, task.id)

    return make


def answer(status: int, **headers: str) -> Handler:
    return lambda request: httpx2.Response(status, headers={name.replace("_", "-"): headers[name] for name in headers})


async def find(service: Service, task: Task) -> Delivery:
    found = await service.deliveries.find(task.id)
    assert found is not None
    return found


async def stands(service: Service, task: Task) -> tuple[str, int, str]:
    """The state of a task's callback, the number of tries, and what the last one came to."""
    found = await find(service, task)
    return found.state, len(found.tries), found.tries[-1].answer


async def test_success_is_announced_with_the_record(
    engine: Engine, deliver: Run, make_task: MakeTask, service: Service
) -> None:
    task = await make_task(callback_url=_HOOK)
    await engine(task.id)
    requests: list[httpx2.Request] = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200)

    assert await deliver(task.id, receiver) is None
    (request,) = requests
    assert (request.method, request.headers["host"], request.url.query) == ("POST", "app.example", b"token=secret")
    assert request.headers["content-type"] == "application/json"
    body = json.loads(request.content)
    assert (body["code"], body["taskId"], body["data"]["taskId"], body["data"]["task_id"]) == (200, *[task.id] * 3)
    assert body["data"]["state"] == "success"
    assert json.loads(body["data"]["resultJson"])["resultUrls"][0].startswith("http://service/files/")
    assert await stands(service, task) == ("delivered", 1, "200")
    assert await deliver(task.id, receiver) is None
    assert len(requests) == 1


async def test_failure_is_announced_too(ended: Run, deliver: Run) -> None:
    task = await ended()
    bodies = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        bodies.append(json.loads(request.content))
        return httpx2.Response(204)

    await deliver(task.id, receiver)
    assert (bodies[0]["code"], bodies[0]["data"]["state"], bodies[0]["data"]["failCode"]) == (501, "fail", "cancelled")


async def test_every_try_is_signed_in_both_ways(ended: Run, deliver: Run) -> None:
    task = await ended()
    requests: list[httpx2.Request] = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(500)

    await deliver(task.id, receiver)
    await deliver(task.id, receiver)
    assert [request.headers["webhook-id"] for request in requests] == [f"msg_{task.id}"] * 2
    for request in requests:
        headers = dict(request.headers)
        assert standardwebhooks.Webhook(_KEYS[0]).verify(request.content, headers)["taskId"] == task.id
        assert standardwebhooks.Webhook(b"old key").verify(request.content, headers)["taskId"] == task.id
        for key in _KEYS:
            assert webhooks.unwrap(request.content, headers, key=key).verified == "body"
        hosted = {name: value for name, value in headers.items() if not name.startswith("webhook-")}
        assert webhooks.unwrap(request.content, hosted, key=_KEYS[0]).verified == "task"


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 405, 409, 411, 422, 429, 451, 500, 503])
async def test_what_is_no_2xx_is_tried_again_later_and_later(
    ended: Run, service: Service, deliver: Run, status: int
) -> None:
    task = await ended()
    before = await service.tasks.get(DEFAULT, task.id)
    asked = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(status, headers={"Location": "https://elsewhere.example/"})

    pauses = [await deliver(task.id, receiver) for _ in range(12)]
    assert asked == ["/secret"] * 12
    assert pauses[-1] is None
    seconds = [pause.total_seconds() for pause in pauses[:-1]]
    assert seconds[0] <= 6
    assert 60 * 3600 <= sum(seconds) <= 92 * 3600
    assert await stands(service, task) == ("given_up", 12, str(status))
    assert await service.tasks.get(DEFAULT, task.id) == before


async def test_410_ends_it_at_once(ended: Run, service: Service, deliver: Run) -> None:
    task = await ended()
    assert await deliver(task.id, answer(410)) is None
    assert await stands(service, task) == ("given_up", 1, "410")


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("7200", 7200, 7920),
        ("999999999", 6 * 3600, 6.6 * 3600),
        ("0", 4, 6),
        ("soon", 4, 6),
        ("Thu, 01 Jan 2060 00:00:00 GMT", 6 * 3600, 6.6 * 3600),
    ],
)
async def test_retry_after_makes_a_pause_longer_and_never_shorter(
    ended: Run, service: Service, deliver: Run, asked: str, least: float, most: float
) -> None:
    task = await ended()
    pause = await deliver(task.id, answer(429, Retry_After=asked))
    assert least <= pause.total_seconds() <= most
    next_try = (await find(service, task)).next_try_at - datetime.now(UTC)
    assert least - 60 <= next_try.total_seconds() <= most


async def test_a_receiver_that_cannot_be_reached_is_tried_again(ended: Run, service: Service, deliver: Run) -> None:
    failures = [httpx2.ConnectTimeout, httpx2.ConnectError, httpx2.RemoteProtocolError, UnicodeError, OSError]

    def away(request: httpx2.Request) -> httpx2.Response:
        raise failures[len(seen)](f"something about {request.url}")

    seen: list[str] = []
    task = await ended()
    for _ in range(5):
        assert await deliver(task.id, away) is not None
        seen.append((await stands(service, task))[2])
    assert seen == ["unreachable", "unreachable", "RemoteProtocolError", "UnicodeError", "OSError"]
    inside = await ended("http://10.0.0.1/hook")
    assert await deliver(inside.id, away) is not None
    assert await stands(service, inside) == ("pending", 1, "unreachable")


async def test_hosts_that_the_operator_does_not_want_are_not_called(ended: Run, service: Service, deliver: Run) -> None:
    task = await ended()
    for hosts in (CallbackHosts(deny=["*.example"]), CallbackHosts(allow=["other.example"])):
        assert await deliver(task.id, None, hosts=hosts) is not None
    assert await stands(service, task) == ("pending", 2, "not allowed")
    assert await deliver(task.id, answer(200), hosts=CallbackHosts(allow=["app.example"])) is None


async def test_a_try_has_an_end(ended: Run, service: Service, deliver: Run) -> None:
    async with listening() as app:
        app.open.clear()
        task = await ended(app.url)
        allowed = Allowed.parse(("127.0.0.1",))
        assert await deliver(task.id, None, allowed=allowed, seconds=0.05) is not None
        assert await stands(service, task) == ("pending", 1, "timeout")


async def test_an_answers_body_is_not_waited_for(ended: Run, service: Service, deliver: Run) -> None:
    async with listening() as app:
        app.rest = b"Content-Length: 1000000\r\n\r\nthe rest never comes"
        task = await ended(app.url)
        assert await deliver(task.id, None, allowed=Allowed.parse(("127.0.0.1",))) is None
        assert await stands(service, task) == ("delivered", 1, "200")


async def test_a_worker_that_stops_waits_for_no_receiver(
    ended: Run, service: Service, deliver: Run, stopping: asyncio.Event
) -> None:
    async with listening() as app:
        app.open.clear()
        task = await ended(app.url)
        stopping.set()
        assert await deliver(task.id, None, allowed=Allowed.parse(("127.0.0.1",))) == timedelta(0)
        assert (await find(service, task)).tries == []


async def test_no_cookie_is_kept(ended: Run, deliver: Run, service: Service) -> None:
    given = []

    def receiver(request: httpx2.Request) -> httpx2.Response:
        given.append(request.headers.get("cookie"))
        return httpx2.Response(500, headers={"Set-Cookie": "a=b; Path=/"})

    sender = CallbackSender(service.links, _KEYS, Allowed.parse(()), transport=httpx2.MockTransport(receiver))
    task = await ended()
    await sender.send(task)
    await sender.send(task)
    await sender.aclose()
    assert given == [None, None]


async def test_what_is_secret_in_a_callback_url_is_told_to_nobody(ended: Run, service: Service, deliver: Run) -> None:
    task = await ended()
    with structlog.testing.capture_logs() as logs:
        await deliver(task.id, answer(500))
        await deliver(task.id, answer(410))
    assert [entry["to"] for entry in logs] == ["https://app.example"] * 2
    kept = [tuple(row) for row in await service.database.pool.fetch("SELECT * FROM delivery_tries")]
    assert len(kept) == 2
    assert "secret" not in repr((logs, kept))


async def test_a_receiver_that_did_not_answer_is_called_by_one_at_a_time(
    deliver: Run, ended: Callable[..., Any], receivers: Receivers
) -> None:
    task, place = await ended(), "https://app.example"

    def silence(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("no answer", request=request)

    for handler, at_once in ((answer(500), 4), (silence, 1), (answer(500), 4), (silence, 1)):
        assert await deliver(task.id, handler) is not None
        assert receivers.places(place)[place] == at_once
