"""`with_raw_response`, for every method that makes one request, and headers that are given to one call."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import httpx2
import pytest

from enlarger import KieApiClient, RawResponse, SyncKieApiClient
from enlarger.client.async_requests import Requests
from enlarger.errors import AuthenticationFailed, ConfigurationError, NotSupported, ServiceError
from enlarger.testing import StandIn
from tests.client.both import KINDS, client_of, connect
from tests.client.raw_server import RawServer, header, raw_server, response
from tests.conftest import KEY
from tests.server.steps import PNG

_MODEL = "topaz/image-upscale"
_INPUT = {"image_url": "https://example.com/a.png", "upscale_factor": "2"}


def requests_of(task_id: str, link: str) -> dict[str, tuple[Any, ...]]:
    """Every method that makes one request, and what it may be called with."""
    return {
        "attempts": (task_id,),
        "cancel": (task_id,),
        "create_generation_task": (_MODEL, _INPUT),
        "credits": (),
        "delete_file": (link,),
        "deliveries": (task_id,),
        "download_url": (link,),
        "get_task_status": (task_id,),
        "list_tasks": (),
        "models": (),
        "quote": (_MODEL, _INPUT),
        "resend": (task_id,),
        "submit": (_MODEL, _INPUT),
        "upload": (PNG,),
    }


@pytest.fixture(params=KINDS)
async def client(request: pytest.FixtureRequest, url: str) -> AsyncIterator[Any]:
    if request.param == "async":
        async with KieApiClient(KEY, url) as client:
            yield client
        return
    with SyncKieApiClient(KEY, url) as sync:
        yield sync


async def ask(method: Any, *arguments: Any) -> Any:
    """Call a method of either client; an error of the service is what it returns."""
    try:
        if inspect.iscoroutinefunction(method):
            return await method(*arguments)
        return await asyncio.to_thread(partial(method, *arguments))
    except ServiceError as error:
        return error


def test_no_method_that_makes_one_request_is_left_out() -> None:
    methods = {name for name, _ in inspect.getmembers(Requests, inspect.isfunction) if not name.startswith("_")}
    assert methods == set(requests_of("", ""))


@pytest.mark.parametrize("name", requests_of("", ""))
async def test_a_method_returns_the_response_and_in_it_what_it_returns_otherwise(client: Any, name: str) -> None:
    raw = client.with_raw_response

    async def arguments() -> tuple[Any, ...]:
        handle = await ask(client.submit, _MODEL, _INPUT)
        uploaded = await ask(client.upload, PNG)
        return requests_of(handle.id, uploaded.url)[name]

    plain = await ask(getattr(client, name), *(await arguments()))
    found = await ask(getattr(raw, name), *(await arguments()))
    if name == "resend":  # the tasks have no callback
        assert type(found) is type(plain)
        assert found.response.status_code >= 400
        return
    assert isinstance(found, RawResponse)
    assert type(found.parse()) is type(plain)
    assert found.status_code == 200
    assert found.request_id == found.headers["x-request-id"] == found.headers["X-Request-Id"]
    assert json.loads(found.content) == json.loads(found.text)
    assert json.loads(found.text)["code"] == 200
    assert repr(found) == f"RawResponse(status_code=200, request_id={found.request_id!r})"


async def test_the_handle_in_a_response_is_an_ordinary_one(client: Any) -> None:
    handle = (await ask(client.with_raw_response.submit, _MODEL, _INPUT)).parse()
    assert (await ask(handle.status)).task_id == handle.id
    assert handle == client.task(handle.id)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.kie_stand_in(seconds=0)
def test_what_needs_no_request_has_no_response(kind: str, kie_stand_in: StandIn) -> None:
    with connect(kind, kie_stand_in) as client:
        raw = client.with_raw_response
        with pytest.raises(NotSupported, match="without a request"):
            raw.quote(_MODEL, _INPUT)  # this service has no quotes: the catalogue knows
        assert raw.credits().parse() == client.credits()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_header_may_be_other_than_ascii(kind: str, library: Any) -> None:
    def answer(_server: RawServer, _head: str, connection: socket.socket) -> None:
        connection.sendall(response(b'{"code":200,"msg":"ok","data":5}', Via="café"))

    make = library.Client if kind == "sync" else library.AsyncClient
    with (
        raw_server(answer) as server,
        client_of(kind, "key", server.url, http_client=make(trust_env=False)) as client,
    ):
        found = client.with_raw_response.credits()
        assert (found.parse(), found.headers["via"]) == (5, "café")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.kie_stand_in(seconds=0)
def test_an_error_is_raised_with_its_response(kind: str, kie_stand_in: StandIn) -> None:
    with client_of(kind, "wrong", kie_stand_in.base_url) as client:
        with pytest.raises(AuthenticationFailed) as caught:
            client.with_raw_response.credits()
        assert json.loads(caught.value.response.text)["code"] == 401


def answer_anything(server: RawServer, head: str, connection: socket.socket) -> None:
    """A service of somebody's, whose tasks have all succeeded."""
    data: dict[str, Any] = {
        "taskId": "t",
        "state": "success",
        "resultJson": '{"resultUrls":["https://e.com/1"]}',
        "tasks": [],
    }
    data |= {"downloadUrl": "https://e.com/a.png", "attempts": [], "credits": 1, "exact": True}
    special: dict[str, Any] = {"/chat/credit": 5, "/download-url": "https://e.com/1", "/models": []}
    path = head.split()[1].partition("?")[0]
    found = next((value for ending, value in special.items() if path.endswith(ending)), data)
    body = json.dumps({"code": 200, "msg": "ok", "data": found}).encode()
    extensions = "cancel, list, quote, delete"
    connection.sendall(response(body, Content_Type="application/json", Enlarger_Extensions=extensions))


_HEADERS = {"x-tenant": "call", "X-Other": "1"}


@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_a_call_go_with_it_alone_and_count_before_the_clients(kind: str) -> None:
    of_client = {"X-Tenant": "client", "X-More": "2"}
    with (
        raw_server(answer_anything) as server,
        client_of(kind, "key", server.url, poll_interval=0.02, extra_headers=of_client) as client,
    ):
        task = client.task("t")
        calls = [
            partial(client.run, _MODEL, _INPUT), partial(client.upscale, "https://example.com/a.png"),
            partial(client.remove_background, "https://example.com/a.png"), partial(client.poll_task_result, "t"),
            task.status, task.wait, task.result, task.cancel,
            *(partial(getattr(client, name), *requests_of("t", "f")[name]) for name in _COMMON),
            *(partial(getattr(client.with_raw_response, name), *requests_of("t", "f")[name]) for name in _COMMON),
        ]  # fmt: skip
        client.credits()
        for call in calls:
            server.heads.clear()
            call(extra_headers=_HEADERS)
            assert {header(head, "x-tenant") for head in server.heads} == {"call"}, call
            assert {(header(head, "x-other"), header(head, "x-more")) for head in server.heads} == {("1", "2")}
        assert client.options.extra_headers == of_client
        server.heads.clear()
        client.credits()
        assert [header(head, "x-tenant") for head in server.heads] == ["client"]


_COMMON = [name for name in requests_of("", "") if name not in ("attempts", "deliveries", "resend", "upload")]


def test_so_it_is_with_what_is_iterated_over() -> None:
    with raw_server(answer_anything) as server, SyncKieApiClient("key", server.url) as client:
        assert len([*client.task("t").statuses(extra_headers=_HEADERS)]) == 1
        assert [*client.all_tasks(extra_headers=_HEADERS)] == []
        assert {header(head, "x-tenant") for head in server.heads} == {"call"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"authorization": "Bearer other"}, "api_key="),
        ({"Idempotency-Key": "x"}, "idempotency_key="),
        ({"Content-Type": "x"}, "leave it out"),
        ({"X-A": "a\r\nX-B: c"}, "ASCII"),
        ({"X A": "x"}, "no header's name"),
        ("X-A: 1", "dict"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused_before_anything_is(kind: str, headers: Any, said: str) -> None:
    with raw_server(answer_anything) as server, client_of(kind, "key", server.url) as client:
        for call in (client.credits, partial(client.submit, _MODEL, _INPUT), partial(client.run, _MODEL, _INPUT)):
            with pytest.raises(ConfigurationError, match=said):
                call(extra_headers=headers)
        assert not server.heads
