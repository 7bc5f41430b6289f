"""Clients, handles and records as Python objects: mappings, copies, other processes, and what they print."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import time
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec
import pytest

import enlarger
import enlarger.errors
from enlarger import (
    KieApiClient,
    NanoBananaClient,
    Result,
    SyncKieApiClient,
    SyncNanoBananaClient,
    TaskHandle,
    TaskStatus,
    webhooks,
)
from enlarger.client.records import read_status, read_upload, to_result
from enlarger.errors import EnlargerError, ServiceError
from enlarger.protocol.records import LONGEST_PAGE
from enlarger.protocol.signatures import sign_task
from enlarger.testing import StandIn
from tests.client.both import KINDS, client_of
from tests.conftest import KEY
from tests.server.steps import create

_LINK = "https://files.example/1.png?token=secret"
_RECORD = {
    "taskId": "5f48", "state": "success", "model": "google/nano-banana",
    "resultJson": json.dumps({"resultUrls": [_LINK]}),
    "param": json.dumps({"input": {"image_url": _LINK}, "callBackUrl": _LINK}),
}  # fmt: skip
_CLIENTS = (KieApiClient, NanoBananaClient, SyncKieApiClient, SyncNanoBananaClient)


def test_a_status_is_the_dictionary_that_it_was() -> None:
    status = read_status(_RECORD)
    assert isinstance(status, Mapping)
    assert dict(status) == {**status} == status.raw == _RECORD
    assert (list(status), len(status), "state" in status, "other" in status) == (list(_RECORD), 5, True, False)
    assert list(status.items()) == list(_RECORD.items())
    assert (status["state"], status.get("failMsg"), status.get("failMsg", 1)) == ("success", None, 1)
    assert json.loads(json.dumps(dict(status))) == _RECORD
    with pytest.raises(KeyError):
        status["other"]
    assert status
    match status:
        case {"state": "success", "taskId": task_id}:
            assert task_id == "5f48"
        case _:
            pytest.fail("it is no mapping for a pattern")


def test_statuses_are_equal_if_their_records_are() -> None:
    assert read_status(_RECORD) == read_status(dict(_RECORD)) == _RECORD
    assert read_status(_RECORD) != read_status({**_RECORD, "state": "fail"})
    assert read_status(_RECORD) != 5


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_records_can_be_copied(make: Any) -> None:
    status = read_status(_RECORD)
    for record in (status, to_result(status), read_upload({"downloadUrl": _LINK})):
        twin = make(record)
        assert (type(twin), twin, repr(twin)) == (type(record), record, repr(record))


def test_nothing_prints_a_link() -> None:
    status = read_status(_RECORD)
    callback = webhooks.Callback(task=status, verified="nothing")
    for record in (status, to_result(status), read_upload({"downloadUrl": _LINK, "fileName": "a.png"}), callback):
        assert "http" not in repr(record)
        assert "secret" not in repr(record)
        assert len(repr(record)) < 200
    assert "urls=<1>" in repr(status)


@pytest.mark.parametrize("kind", _CLIENTS)
def test_clients_can_be_sent_to_another_process(kind: Any) -> None:
    client = kind("secret-key", "https://e.com", max_polls=7, timeout=5)
    twin = pickle.loads(pickle.dumps(client))
    assert (type(twin), twin.options) == (kind, client.options)
    assert twin == client
    assert hash(twin) == hash(client)
    assert client != kind("other-key", "https://e.com")
    assert client != 5
    assert repr(client) == f"{kind.__name__}(base_url='https://e.com')"
    handle = client.task("5f48", model="google/nano-banana")
    other = pickle.loads(pickle.dumps(handle))
    assert (other.id, other.model, other.warnings) == ("5f48", "google/nano-banana", ())
    assert other == handle
    assert len({other, handle, client.task("5f49")}) == 2
    assert handle != 5
    assert "http" not in repr(handle)


def test_clients_of_two_kinds_are_not_the_same() -> None:
    assert KieApiClient("key", "https://e.com") != SyncKieApiClient("key", "https://e.com")
    assert KieApiClient("key", "https://e.com") != NanoBananaClient("key", "https://e.com")


def test_a_client_over_somebodys_connections_stays_here() -> None:
    with httpx2.Client() as http, pytest.raises(TypeError, match="http_client of yours cannot be pickled"):
        pickle.dumps(SyncKieApiClient("key", http_client=http))


@pytest.mark.kie_stand_in(seconds=0)
def test_a_handle_that_was_on_its_way_looks_at_once(kie_stand_in: StandIn) -> None:
    with SyncKieApiClient(kie_stand_in.api_key, kie_stand_in.base_url) as client:
        handle = client.submit("nano-banana-pro", {"prompt": "a room"})
    began = time.monotonic()
    other = pickle.loads(pickle.dumps(handle))
    with other._client:
        assert other.result().urls
    assert time.monotonic() - began < 30  # the first look at one that was just made comes after 36 seconds or more


@pytest.mark.kie_stand_in(seconds=0)
def test_one_call_clients_exist_without_await(kie_stand_in: StandIn) -> None:
    with SyncNanoBananaClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        assert client.text_to_image("a room").startswith("http")
        assert client.edit_image("https://e.com/1.png", "warmer").startswith("http")


def test_the_errors_of_a_client_are_where_the_client_is() -> None:
    def below(kind: type[EnlargerError]) -> set[type[EnlargerError]]:
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    for kind in below(ServiceError):
        assert getattr(enlarger, kind.__name__) is kind
        assert kind.__name__ in enlarger.__all__
    assert enlarger.TaskFailed is enlarger.errors.TaskFailed


def test_an_error_with_its_reply_can_be_sent_to_another_process() -> None:
    with client_of("sync", "key", "http://127.0.0.1:9", max_retries=0) as client, pytest.raises(ServiceError) as caught:
        client.credits()
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("body", [{"data": {"taskId": "5f48"}}, [], None, 5])
def test_a_body_that_was_parsed_is_named(body: Any) -> None:
    with pytest.raises(TypeError, match="before it is parsed"):
        webhooks.unwrap(body, {}, key="key")
    with pytest.raises(TypeError, match="before it is parsed"):
        webhooks.read_unverified(body)


def test_a_callback_has_an_id_that_a_repetition_has_too() -> None:
    body = json.dumps({"code": 200, "data": _RECORD})

    def come(now: int) -> webhooks.Callback:
        headers = {"X-Webhook-Timestamp": str(now), "X-Webhook-Signature": sign_task("5f48", now, "key")}
        return webhooks.unwrap(body, headers, key="key", now=now)

    assert come(1_700_000_000).id == come(1_700_009_000).id == webhooks.read_unverified(body).id
    assert come(1_700_000_000).id


@pytest.mark.parametrize("kind", KINDS)
async def test_all_tasks_come_a_page_at_a_time(kind: str, url: str) -> None:
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as api:
        ids = [await create(api) for _ in range(LONGEST_PAGE + 1)][::-1]
    if kind == "async":
        async with KieApiClient(KEY, url) as client:
            page = await client.list_tasks(limit=2)
            assert [task.task_id for task in page] == ids[:2]
            more = await client.list_tasks(limit=3, after=page.next)
            assert [task.task_id for task in more] == ids[2:5]
            last = await client.list_tasks(limit=3, after=ids[-3])
            assert ([task.task_id for task in last], last.next) == (ids[-2:], None)
            assert [task.task_id async for task in client.all_tasks()] == ids
            assert [task async for task in client.all_tasks(state="success")] == []
        return

    def everything() -> list[str]:
        with SyncKieApiClient(KEY, url) as client:
            return [task.task_id for task in client.all_tasks(model="topaz/image-upscale")]

    assert await asyncio.to_thread(everything) == ids


def test_what_is_a_struct_stays_one() -> None:
    assert msgspec.structs.replace(read_status(_RECORD), state="fail").failed
    with pytest.raises(AttributeError):
        read_status(_RECORD).state = "fail"  # type: ignore[misc]
    assert issubclass(TaskStatus, msgspec.Struct)
    assert issubclass(Result, msgspec.Struct)
    assert TaskHandle.__hash__ is not None
