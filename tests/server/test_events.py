"""A task's events over real HTTP: replayed, followed, taken up again, and ended with the task or the service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger.infra.database import Database
from enlarger.server import Service, create_app, serve
from enlarger.tasks.accounts import DEFAULT, Caps
from tests.conftest import KEY
from tests.server.steps import claim, create, finish, record
from tests.waiting import until

_LISTENERS = "FROM pg_stat_activity WHERE application_name = 'enlarger_events' AND datname = current_database()"


@dataclass
class Heard:
    """One event, as a client has it."""

    id: int
    data: dict[str, Any]

    @property
    def told(self) -> tuple[str, int]:
        return self.data["state"], self.data["progress"]


class Ear:
    """Reads a stream of events, one at a time."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines = response.aiter_lines()
        self.comments: list[str] = []

    def __aiter__(self) -> Ear:
        return self

    async def __anext__(self) -> Heard:
        fields: dict[str, str] = {}
        async for line in self._lines:
            name, _, value = line.partition(": ")
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                fields[name] = value
            elif "data" in fields:
                assert fields["event"] == "task"
                return Heard(int(fields["id"]), msgspec.json.decode(fields["data"]))
        raise StopAsyncIteration

    async def rest(self) -> list[Heard]:
        return [event async for event in self]


@asynccontextmanager
async def listen(api: httpx2.AsyncClient, task_id: str, *, last: int | None = None) -> AsyncIterator[Ear]:
    headers = {"Last-Event-ID": str(last)} if last is not None else {}
    async with api.stream("GET", f"/v1/tasks/{task_id}/events", headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        yield Ear(response)


def nobody_waits(service: Service) -> Any:
    async def nobody() -> bool:
        return service.listener.waiting == 0

    return nobody


def listened(database: Database) -> Any:
    async def connected() -> bool:
        return bool(await database.pool.fetchval(f"SELECT count(*) {_LISTENERS}"))

    return connected


# Replaying and following


async def test_what_has_happened_is_replayed_and_the_stream_ends_with_the_task(
    api: httpx2.AsyncClient, service: Service
) -> None:
    task_id = await create(api)
    claimed = await claim(service, task_id)
    await service.tasks.start_generating(claimed)
    await service.tasks.report_progress(claimed, 40)
    await service.tasks.report_progress(claimed, 40)  # a sign of life is no event
    await finish(service, claimed)
    async with listen(api, task_id) as ear:
        heard = await ear.rest()
    assert [event.told for event in heard] == [
        ("waiting", 0), ("waiting", 0), ("generating", 0), ("generating", 40), ("success", 100),
    ]  # fmt: skip
    assert [event.id for event in heard] == sorted({event.id for event in heard})
    assert set(heard[0].data) == {"taskId", "state", "progress", "at"}
    assert heard[0].data["taskId"] == task_id
    whole = await record(api, task_id)
    assert heard[-1].data == whole | {"at": whole["completeTime"]}


async def test_what_happens_is_heard_at_once(api: httpx2.AsyncClient, service: Service, database: Database) -> None:
    await until(listened(database))
    task_id = await create(api)
    async with listen(api, task_id) as ear:
        assert (await anext(ear)).told == ("waiting", 0)
        claimed = await claim(service, task_id)
        assert (await anext(ear)).told == ("waiting", 0)
        await service.tasks.start_generating(claimed)
        assert (await anext(ear)).told == ("generating", 0)
        began = time.monotonic()
        for percent in range(1, 21):
            await service.tasks.report_progress(claimed, percent)
            assert (await anext(ear)).told == ("generating", percent)
        assert time.monotonic() - began < 10  # looking every second would take twice as long
        await finish(service, claimed, fail=True)
        (last,) = await ear.rest()
    assert (last.data["state"], last.data["failMsg"]) == ("fail", "The picture is a GIF.")
    await until(nobody_waits(service))


async def test_a_task_that_is_called_off_ends_its_streams(api: httpx2.AsyncClient) -> None:
    task_id = await create(api)
    async with listen(api, task_id) as one, listen(api, task_id) as other:
        await api.post(f"/v1/tasks/{task_id}/cancel")
        for ear in (one, other):
            assert (await ear.rest())[-1].data["failCode"] == "cancelled"


async def test_a_task_that_goes_back_to_the_queue_is_told_of(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    claimed = await claim(service, task_id)
    await service.tasks.start_generating(claimed)
    await service.tasks.report_progress(claimed, 70)
    await service.tasks.release(claimed)
    await finish(service, task_id)
    async with listen(api, task_id) as ear:
        told = [event.told for event in await ear.rest()]
    assert told[3:6] == [("generating", 70), ("waiting", 0), ("waiting", 0)]


# Taking up again


async def test_a_stream_is_taken_up_where_it_was_left(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    async with listen(api, task_id) as ear:
        everything = await ear.rest()
    for number, event in enumerate(everything[:-1]):
        async with listen(api, task_id, last=event.id) as ear:
            assert await ear.rest() == everything[number + 1 :]
        by_query = await api.get(f"/v1/tasks/{task_id}/events", params={"lastEventId": event.id})
        assert [event async for event in Ear(by_query)] == everything[number + 1 :]


async def test_nothing_is_lost_and_nothing_repeated_however_often_the_connection_breaks(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    task_id = await create(api)
    claimed = await claim(service, task_id)
    await service.tasks.start_generating(claimed)

    async def work() -> None:
        for percent in range(1, 81):
            await service.tasks.report_progress(claimed, percent)
        await finish(service, claimed)

    working = asyncio.create_task(work())
    heard: list[Heard] = []
    while not heard or heard[-1].data["state"] != "success":
        async with listen(api, task_id, last=heard[-1].id if heard else None) as ear:
            for _ in range(7):
                try:
                    heard.append(await anext(ear))
                except StopAsyncIteration:
                    break
    await working
    kept = await database.pool.fetch("SELECT id, progress FROM events ORDER BY id")
    assert [(event.id, event.data["progress"]) for event in heard] == [(row["id"], row["progress"]) for row in kept]
    await until(nobody_waits(service))


async def test_who_has_heard_the_end_is_told_not_to_come_again(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    async with listen(api, task_id) as ear:
        last = (await ear.rest())[-1].id
    reply = await api.get(f"/v1/tasks/{task_id}/events", headers={"Last-Event-ID": str(last)})
    assert (reply.status_code, reply.content) == (204, b"")


async def test_an_end_whose_events_are_no_longer_kept_is_told_all_the_same(
    api: httpx2.AsyncClient, service: Service
) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    async with listen(api, task_id) as ear:
        last = (await ear.rest())[-1]
    await service.events.trim(older_than=timedelta(0), most=10)
    async with listen(api, task_id) as ear:
        (again,) = await ear.rest()
    assert again.data == last.data
    for seen in (again.id, last.id):
        reply = await api.get(f"/v1/tasks/{task_id}/events", headers={"Last-Event-ID": str(seen)})
        assert reply.status_code == 204


async def test_a_number_from_the_future_misses_nothing(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    async with listen(api, task_id, last=10**17) as ear:
        await finish(service, task_id)
        assert (await ear.rest())[-1].data["state"] == "success"


# Refused


async def test_an_unknown_task_and_anothers_task_look_the_same(api: httpx2.AsyncClient, service: Service) -> None:
    await service.accounts.register_key("other", account_id="other", source="tests")
    theirs = await create(api, headers={"Authorization": "Bearer other"})
    for task_id in (theirs, "0" * 32, "x", "%00"):
        reply = await api.get(f"/v1/tasks/{task_id}/events")
        assert (reply.status_code, reply.json()["msg"]) == (404, "recordInfo is null")
    assert (await api.get(f"/v1/tasks/{theirs}/events", headers={"Authorization": ""})).status_code == 401


@pytest.mark.parametrize("number", ["x", "1.5", "٣", "9" * 19, "-"])
async def test_a_wrong_number_is_named(api: httpx2.AsyncClient, number: str) -> None:
    reply = await api.get(f"/v1/tasks/{await create(api)}/events", params={"lastEventId": number})
    assert (reply.status_code, "Last-Event-ID must be" in reply.json()["msg"]) == (422, True)


# Accidents


class TestHeartbeat:
    @pytest.fixture
    async def service(self, service: Service) -> Service:
        return replace(service, heartbeat=0.05)

    async def test_a_silent_stream_says_that_it_is_still_there(self, api: httpx2.AsyncClient, service: Service) -> None:
        task_id = await create(api)
        async with listen(api, task_id) as ear:
            await anext(ear)
            waiting = asyncio.create_task(anext(ear))

            async def three_comments() -> bool:
                return len(ear.comments) >= 3

            await until(three_comments)
            assert set(ear.comments) == {": still here"}
            await finish(service, task_id)
            await waiting


async def test_a_client_that_goes_leaves_nothing_behind(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    for _ in range(3):
        async with listen(api, task_id) as ear:
            await anext(ear)
            assert service.listener.waiting == 1
        await until(nobody_waits(service))
    assert not service.listener._waiters


async def test_many_streams_keep_nobody_out(api: httpx2.AsyncClient) -> None:
    task_id = await create(api)
    head = f"GET /v1/tasks/{task_id}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    async with AsyncExitStack() as stack:
        streams = []
        for _ in range(200):
            reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
            stack.callback(writer.close)
            writer.write(head.encode())
            streams.append(reader)
        for reader in streams:
            await asyncio.wait_for(reader.readuntil(b"data:"), 120)
        assert (await record(api, task_id))["state"] == "waiting"


async def test_streams_go_on_when_the_listening_connection_is_cut(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    await until(listened(database))
    task_id = await create(api)
    async with listen(api, task_id) as ear:
        await anext(ear)
        assert await database.pool.fetchval(f"SELECT count(pg_terminate_backend(pid)) {_LISTENERS}") == 1
        await finish(service, task_id)
        assert (await ear.rest())[-1].data["state"] == "success"
    await until(listened(database))  # it is made anew


async def test_streams_look_by_themselves_as_long_as_nobody_can_listen(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*args: Any, **options: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Database, "connect", refused)
    async with (
        serve(create_app(service), host="127.0.0.1", port=0) as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as api,
    ):
        task_id = await create(api)
        async with listen(api, task_id) as ear:
            await anext(ear)
            await finish(service, task_id)
            assert (await ear.rest())[-1].data["state"] == "success"


async def test_a_database_that_is_away_does_not_end_a_stream(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    task_id = await create(api)
    async with listen(api, task_id) as ear:
        await anext(ear)
        await database.pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await finish(service, task_id)
        assert (await ear.rest())[-1].data["state"] == "success"


async def test_the_service_stops_although_streams_are_open(service: Service) -> None:
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {KEY}"}) as client:
        async with serve(create_app(service), host="127.0.0.1", port=0) as url:
            client.base_url = httpx2.URL(url)
            task_id = await create(client)
            request = client.build_request("GET", f"/v1/tasks/{task_id}/events")
            ear = Ear(await client.send(request, stream=True))
            await anext(ear)
            began = time.monotonic()
        assert time.monotonic() - began < 20  # a stream itself would stay for minutes
        assert await ear.rest() == []  # ended in order, for the client to come again


@pytest.mark.parametrize("silent", [False, True])
async def test_a_revoked_key_ends_its_streams_and_no_other(service: Service, silent: bool) -> None:
    """Before it hears the next event; where there is none, with the next sign of life."""
    key, key_id = await service.accounts.make_key(DEFAULT, name=None, caps=Caps())
    service = replace(service, heartbeat=0.1 if silent else 600.0)
    async with (
        serve(create_app(service), host="127.0.0.1", port=0) as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}, timeout=120) as owner,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120) as other,
    ):
        task_id = await create(owner)
        async with listen(owner, task_id) as stays, listen(other, task_id) as ends:
            first = await anext(stays)
            assert (await anext(ends)).told == first.told
            await service.accounts.revoke(key_id)
            if silent:
                assert await asyncio.wait_for(ends.rest(), 120) == []
            await finish(service, task_id)
            assert await asyncio.wait_for(ends.rest(), 120) == []
            assert (await stays.rest())[-1].told[0] == "success"
