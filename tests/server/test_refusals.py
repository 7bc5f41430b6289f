"""What a client learns from a refusal: which request it was, and whether it may send the task again."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from enlarger import KieApiClient, SyncKieApiClient
from enlarger.client import inputs
from enlarger.errors import (
    ConfigurationError,
    DatabaseUnavailable,
    Maintenance,
    ServiceError,
    ServiceUnavailable,
    SubmissionUnknown,
)
from enlarger.infra.logs import set_up_logs
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.protocol.extensions import NOT_MADE, REQUEST_ID, TASK
from enlarger.server import Service, create_app, serve
from enlarger.server.access import authenticate
from enlarger.server.bodies import AnyConnection
from enlarger.tasks.accounts import Caller
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.store import TaskStore
from tests.conftest import KEY, MakePhoto
from tests.server.steps import BODY, CREATE, RECORD, URL, create
from tests.server.test_outage import full

_MODEL: str = "topaz/image-upscale"
_INPUT: inputs.TopazImageUpscale = {"image_url": URL, "upscale_factor": "2"}
_UNKNOWN = {"taskId": "0" * 32}


@pytest.fixture
async def url(service: Service) -> AsyncIterator[str]:
    async with serve(create_app(service), host="127.0.0.1", port=0) as url:
        yield url


async def lost(*_: Any, **__: Any) -> None:
    raise DatabaseUnavailable("The database cannot be reached: try again in a moment.")


async def no_key_for_posts(connection: AnyConnection, service: Service) -> Caller:
    if connection.scope.get("method") == "POST":
        await lost()
    return await authenticate(connection, service)


async def crash(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


_BEFORE = {
    "storage full": ("obstore.put_async", full, ServiceUnavailable),
    "database away": ("enlarger.tasks.maintenance.MaintenanceStore.check", lost, ServiceUnavailable),
    "key unknown to a database that is away": (
        "enlarger.server.access.authenticate",
        no_key_for_posts,
        ServiceUnavailable,
    ),
    "a fault of ours": ("enlarger.server.jobs.make_new_task", crash, ServiceUnavailable),
}


@pytest.mark.parametrize("why", _BEFORE)
async def test_what_was_refused_before_anything_was_begun_is_no_unknown_submission(
    why: str, url: str, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, fault, error = _BEFORE[why]
    monkeypatch.setattr(place, fault)
    photo = base64.b64encode(make_photo("a.png").read_bytes()).decode()
    wanted = {"image_url": f"data:image/png;base64,{photo}", "upscale_factor": "2"}

    def submit() -> None:
        with SyncKieApiClient(KEY, url, max_retries=0) as client:
            client.models()  # from now on it is known to be ours, which takes files inside a request
            client.submit(_MODEL, wanted)

    async with KieApiClient(KEY, url, max_retries=0) as client:
        await client.models()
        with pytest.raises(error) as caught:
            await client.submit(_MODEL, wanted)
    with pytest.raises(error) as others:
        await asyncio.to_thread(submit)
    for found in (caught.value, others.value):
        assert not isinstance(found, SubmissionUnknown)
        assert found.refused
        assert found.response.headers[TASK.lower()] == NOT_MADE


async def test_bodies_in_flight_and_maintenance_are_refusals(url: str, service: Service) -> None:
    async with KieApiClient(KEY, url, max_retries=0) as client:
        await service.maintenance.begin(seconds=600)
        with pytest.raises(Maintenance) as closed:
            await client.submit("topaz/image-upscale", _INPUT)
        assert closed.value.refused
        await service.maintenance.end()
        service.bodies.used = service.bodies.most
        large = {"image_url": f"data:image/png;base64,{'A' * 100_000}", "upscale_factor": "2"}
        with pytest.raises(ServiceUnavailable, match="as many files as it can hold") as busy:
            await client.submit(_MODEL, large)
        assert not isinstance(busy.value, SubmissionUnknown)
        assert busy.value.retry_after == 5


async def test_a_database_that_goes_away_while_the_task_is_written_leaves_it_open(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{TaskStore.__module__}.TaskStore.create_all", lost)
    async with KieApiClient(KEY, url, max_retries=0) as client:
        with pytest.raises(SubmissionUnknown) as caught:
            await client.submit("topaz/image-upscale", _INPUT)
    assert TASK.lower() not in caught.value.response.headers


async def test_the_header_is_of_submissions_alone(api: httpx2.AsyncClient) -> None:
    assert (await api.post(CREATE, json={})).headers[TASK] == NOT_MADE
    assert TASK not in (await api.get(RECORD, params=_UNKNOWN)).headers
    assert TASK not in (await api.post(CREATE, json=BODY)).headers


async def test_every_reply_has_its_requests_id(api: httpx2.AsyncClient) -> None:
    replies = [
        await api.get("/healthz"),
        await api.head("/"),
        await api.get("/nothing"),
        await api.post(RECORD),
        await api.post(CREATE, json=BODY),
        await api.get(RECORD, params=_UNKNOWN),
        await api.get(RECORD, headers={"Authorization": "Bearer wrong"}),
        await api.options(CREATE, headers={"Origin": "https://e.com", "Access-Control-Request-Method": "POST"}),
    ]
    ids = [reply.headers[REQUEST_ID] for reply in replies]
    assert len(set(ids)) == len(ids)
    assert (await api.get("/healthz", headers={REQUEST_ID: "proxy-7.a:b_c"})).headers[REQUEST_ID] == "proxy-7.a:b_c"
    for odd in ("a b", "x" * 65, "", 'x"y', "%"):
        assert (await api.get("/healthz", headers={REQUEST_ID: odd})).headers[REQUEST_ID].isalnum()


async def test_the_log_and_a_clients_errors_have_the_same_id(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logs("info")
    try:
        monkeypatch.setattr("enlarger.server.jobs.make_new_task", crash)
        async with KieApiClient(KEY, url, max_retries=0) as client:
            with pytest.raises(ServiceUnavailable) as caught:
                await client.submit("topaz/image-upscale", _INPUT)
    finally:
        root.handlers[:], root.level = before
    error = caught.value
    assert error.request_id
    assert error.request_id in str(error)
    assert error.response.status_code == 200
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "request_crashed" in line]
    assert [(line["request_id"], line["route"]) for line in lines] == [(error.request_id, "/api/v1/jobs/createTask")]


async def test_an_error_of_a_webhook_is_logged_without_its_signature(
    api: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logs("info")
    try:
        monkeypatch.setattr(AttemptStore, "announce", crash)
        monkeypatch.setattr(WebhookUrls, "check", lambda *_: True)
        answer = await api.post("/webhooks/kie/1/signature-of-a-provider", json={})
    finally:
        root.handlers[:], root.level = before
    assert answer.status_code == 500
    logged = capsys.readouterr().err
    assert "request_crashed" in logged
    assert "signature-of-a-provider" not in logged


async def test_every_error_that_a_reply_led_to_has_it(url: str, api: httpx2.AsyncClient) -> None:
    task_id = await create(api)
    async with KieApiClient(KEY, url) as client:
        for call in (
            client.get_task_status("0" * 32),
            client.task(task_id).wait(deadline=1),
            client.delete_file("nothing"),
            client.with_options(api_key="wrong").credits(),
        ):
            with pytest.raises(ServiceError) as caught:
                await call
            error = caught.value
            assert error.request_id == error.response.headers[REQUEST_ID.lower()], repr(error)
    with pytest.raises(ConfigurationError):
        await client.credits()
