"""What is the caller's own fault does not look like the network's, and is told before anything is sent."""

from __future__ import annotations

import asyncio
import functools
import ssl
from typing import Any

import httpx
import httpx2
import pytest

from enlarger import KieApiClient, SyncKieApiClient, TaskStatus
from enlarger.client import http
from enlarger.client.effects import NoAnswer, NotSent
from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.testing import StandIn
from tests.client.both import KINDS, connect

_MODEL = "google/nano-banana"
_INPUT = {"prompt": "a room"}


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_client_says_so_at_once(kind: str, kie_stand_in: StandIn) -> None:
    with connect(kind, kie_stand_in) as client:
        handle = client.submit(_MODEL, _INPUT)
        other = client.with_options(max_retries=1)
        (client.close if kind == "sync" else client.aclose)()
        asked = sum(kie_stand_in.requests.counts.values())
        for call in (
            client.credits,
            lambda: client.run(_MODEL, _INPUT),
            lambda: other.submit(_MODEL, _INPUT),
            handle.result,
            lambda: client.download("https://example.com/1.png", "never"),
        ):
            with pytest.raises(ConfigurationError, match="This client is closed") as caught:
                call()
            assert not getattr(caught.value, "__notes__", [])
    assert sum(kie_stand_in.requests.counts.values()) == asked


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_a_client_of_the_users_may_be_httpx2s_or_httpxs(kind: str, library: Any, kie_stand_in: StandIn) -> None:
    given = library.Client() if kind == "sync" else library.AsyncClient()
    with connect(kind, kie_stand_in, http_client=given) as client:
        assert client.run(_MODEL, _INPUT).urls
        given.close() if kind == "sync" else asyncio.run(given.aclose())
        with pytest.raises(ConfigurationError, match="The http_client is closed"):
            client.credits()


@pytest.mark.parametrize("given", [httpx2.Client, httpx.Client, "text", 5, dict])
def test_a_client_of_another_kind_is_named(given: Any) -> None:
    given = given() if callable(given) else given
    with pytest.raises(ConfigurationError, match=r"needs an httpx2\.AsyncClient or httpx\.AsyncClient"):
        KieApiClient("key", http_client=given)
    if not isinstance(given, httpx.Client | httpx2.Client):
        with pytest.raises(ConfigurationError, match=r"needs an httpx2\.Client or httpx\.Client"):
            SyncKieApiClient("key", http_client=given)


def test_an_asynchronous_client_is_none_for_the_synchronous_one() -> None:
    for library in (httpx, httpx2):
        with pytest.raises(ConfigurationError, match="KieApiClient takes the other kind"):
            SyncKieApiClient("key", http_client=library.AsyncClient())


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_none_is_not_given(kind: str, kie_stand_in: StandIn) -> None:
    with connect(kind, kie_stand_in, timeout=None, max_retries=None, local_files=None, strict=None) as client:
        twin = client.with_options(timeout=None, max_retries=None, base_url=None, api_key=None, upload_url=None)
        assert twin.options == client.options
        assert twin.run(_MODEL, _INPUT).urls


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_only_the_transports_failures_are_the_networks(library: Any) -> None:
    for name in ("ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol", "PoolTimeout"):
        assert isinstance(http.translate(getattr(library, name)("x")), NotSent), name
    for name in ("ReadError", "ReadTimeout", "WriteError", "RemoteProtocolError", "DecodingError", "InvalidURL"):
        assert isinstance(http.translate(getattr(library, name)("x")), NoAnswer), name
    for lost in (OSError("x"), ConnectionResetError(), TimeoutError(), ssl.SSLError()):
        assert isinstance(http.translate(lost), NoAnswer)
    for error in (RuntimeError("Event loop is closed"), TypeError(), KeyError(), AssertionError(), FileNotFoundError()):
        assert http.translate(error) is None


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_in_a_hook_is_raised_as_it_is(kind: str, kie_stand_in: StandIn) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("mine")

    async def afail(_: object) -> None:
        fail(_)

    given: Any = (
        httpx2.Client(event_hooks={"request": [fail]})
        if kind == "sync"
        else httpx2.AsyncClient(event_hooks={"request": [afail]})
    )
    with connect(kind, kie_stand_in, http_client=given) as client:
        with pytest.raises(ZeroDivisionError):
            client.credits()
        with pytest.raises(ZeroDivisionError) as caught:
            client.submit(_MODEL, _INPUT)
        assert "Idempotency-Key" in caught.value.__notes__[0]


async def note(_: object) -> None:
    pass


class Callback:
    async def __call__(self, _: object) -> None:
        pass


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_checked_before_a_task_is_made(kind: str, kie_stand_in: StandIn) -> None:
    wrong: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (InvalidInput, "deadline", {"deadline": "abc"}),
        (InvalidInput, "deadline", {"deadline": float("nan")}),
        (InvalidInput, "deadline", {"deadline": True}),
        (TypeError, "on_progress", {"on_progress": 5}),
        (TypeError, "on_submitted", {"on_submitted": "print"}),
        (InvalidInput, "callback_url", {"callback_url": "nonsense"}),
        (InvalidInput, "callback_url", {"callback_url": 5}),
        (InvalidInput, "idempotency_key", {"idempotency_key": 5}),
        (InvalidInput, "model", {"model": 5}),
        (InvalidInput, "model", {"model": ""}),
        (InvalidInput, "input", {"input": [("prompt", "a room")]}),
        (InvalidInput, "input", {"input": None}),
    ]
    if kind == "sync":
        for function in (note, functools.partial(note), Callback()):
            wrong += [(TypeError, name, {name: function}) for name in ("on_progress", "on_submitted")]
    with connect(kind, kie_stand_in) as client:
        for error, says, given in wrong:
            with pytest.raises(error, match=says):
                client.run(**{"model": _MODEL, "input": _INPUT, **given})
        for method in (client.submit, client.create_generation_task):
            for model, input in ((5, _INPUT), (_MODEL, None)):
                with pytest.raises(InvalidInput):
                    method(model, input)
        for task_id in (None, 5, "", "  "):
            for method in (client.task, client.get_task_status, client.cancel, client.poll_task_result):
                with pytest.raises(InvalidInput, match="task_id"):
                    method(task_id)
    assert not sum(kie_stand_in.requests.counts.values())


@pytest.mark.kie_stand_in(seconds=0)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["on_submitted", "on_progress"])
@pytest.mark.parametrize("error", [LookupError, InvalidInput])
def test_a_callbacks_error_says_which_task_it_leaves(kind: str, name: str, error: Any, kie_stand_in: StandIn) -> None:
    def fail(_: object) -> None:
        raise error("field", "mine") if error is InvalidInput else error("mine")

    with connect(kind, kie_stand_in) as client:
        with pytest.raises(error, match="mine") as caught:
            client.run(_MODEL, _INPUT, **{name: fail})
        [task] = kie_stand_in.tasks
        [said] = caught.value.__notes__
        assert task.id in said
        assert f"client.task('{task.id}'" in said


@pytest.mark.kie_stand_in(seconds=0)
async def test_callbacks_may_be_coroutine_functions_where_they_are_awaited(kie_stand_in: StandIn) -> None:
    seen: list[str] = []

    async def submitted(handle: Any) -> None:
        await asyncio.sleep(0)
        seen.append(handle.id)

    async def progress(status: TaskStatus) -> None:
        seen.append(status.task_id)

    async with KieApiClient(kie_stand_in.api_key, kie_stand_in.base_url, poll_interval=0.02) as client:
        result = await client.run(_MODEL, _INPUT, on_submitted=submitted, on_progress=progress)
    assert seen == [result.task_id] * len(seen)
    assert len(seen) >= 2
