"""How large a request's body may be, on every route; how many may be in flight; what is kept of it."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from litestar import HttpMethod
from litestar.routes import HTTPRoute

from enlarger.protocol.webhook import LARGEST_BYTES
from enlarger.server import Service, create_app
from enlarger.server.bodies import (
    FORM_BODY_BYTES,
    INLINE_BODY_BYTES,
    SMALL_BODY_BYTES,
    BodyBudget,
)
from tests.server.steps import BODY, CREATE, URL, create, record

_TAKE_FILES = {
    "/v1/tasks": INLINE_BODY_BYTES,
    CREATE: INLINE_BODY_BYTES,
    "/v1/quote": INLINE_BODY_BYTES,
    "/api/v1/veo/generate": INLINE_BODY_BYTES,
    "/api/v1/gpt4o-image/generate": INLINE_BODY_BYTES,
    "/api/v1/flux/kontext/generate": INLINE_BODY_BYTES,
    "/v1/images/generations": INLINE_BODY_BYTES,
    "/v1/images/edits": INLINE_BODY_BYTES,
    "/v1/images/variations": INLINE_BODY_BYTES,
    "/v1/images/upscale": INLINE_BODY_BYTES,
    "/api/file-base64-upload": INLINE_BODY_BYTES,
    "/api/file-stream-upload": FORM_BODY_BYTES,
}
_TAKE_JSON = ["/api/file-url-upload", "/api/v1/common/download-url"]


def test_every_route_that_takes_no_file_has_a_small_limit(service: Service) -> None:
    limits = {
        route.path: handler.resolve_request_max_body_size()
        for route in create_app(service).routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if HttpMethod.OPTIONS not in handler.http_methods
    }
    assert len(limits) > 20
    for path, limit in limits.items():
        usual = LARGEST_BYTES if "{signature:str}" in path else SMALL_BODY_BYTES
        assert limit == _TAKE_FILES.get(path, usual), path


@pytest.mark.parametrize(("path", "limit"), [*_TAKE_FILES.items(), *((path, SMALL_BODY_BYTES) for path in _TAKE_JSON)])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_beyond_the_limit_is_refused_with_it(
    api: httpx2.AsyncClient, path: str, limit: int, announced: bool
) -> None:
    async def parts() -> Any:
        for _ in range(limit // 1_000_000 + 1):
            yield bytes(1_000_000)

    form = {"Content-Type": "multipart/form-data; boundary=x", "X-Http-Status": "real"}
    if not announced:
        try:
            response = await api.post(path, content=parts(), headers=form)
        except (httpx2.WriteError, httpx2.ReadError):
            return  # it hung up on us, which says the same
        assert response.status_code in (400, 413)  # what is no form is known before its end
        return
    host, port = api.base_url.host, api.base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {api.headers['authorization']}\r\n"
    head += (
        f"X-Http-Status: real\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {limit + 1}\r\n\r\n"
    )
    writer.write(head.encode())
    answer = (await reader.readuntil(b"}")).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 413")
    assert "The request body is larger than the " in answer


# What is kept


async def test_what_an_app_sends_along_is_kept_up_to_a_limit(api: httpx2.AsyncClient) -> None:
    body = {
        "model": "recraft/crisp-upscale",
        "small": {"id": "42"},
        "objects": [{}] * 6000,
        "input": {"image_url": URL, "mine": "x", "text": "x" * 16_000, "list": [12] * 6000},
    }
    reply = (await api.post(CREATE, json=body)).json()
    warned = {
        warning["field"]: warning["code"] for warning in reply["data"]["warnings"] if warning["code"] == "not_kept"
    }
    assert warned == {"objects": "not_kept", "text": "not_kept", "list": "not_kept"}
    param = json.loads((await record(api, reply["data"]["taskId"]))["param"])
    assert param.keys() == {"model", "small", "input"}
    assert json.loads(param["input"]).keys() == {"image", "mine"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**BODY, "callBackUrl": "https://a.example/" + "x" * 8000}, "callBackUrl"),
        ({**BODY, "input": {**BODY["input"], "image_url": "https://a.example/" + "x" * 300_000}}, "input"),  # type: ignore[dict-item]
    ],
)
async def test_what_would_be_kept_without_a_bound_is_refused(
    api: httpx2.AsyncClient, body: dict[str, Any], field: str
) -> None:
    reply = (await api.post(CREATE, json=body)).json()
    assert (reply["code"], field in reply["msg"]) == (422, True)
    assert len(reply["msg"]) < 300


async def test_millions_of_objects_are_refused_while_others_are_answered(
    api: httpx2.AsyncClient, service: Service
) -> None:
    start = json.dumps(BODY)[:-1].encode() + b', "x": ['
    flood = asyncio.create_task(api.post(CREATE, content=start + b"{}," * 5_000_000 + b"{}]}"))
    task_id = await create(api)
    reply = (await flood).json()
    assert (reply["code"], "more than 20000 values" in reply["msg"]) == (400, True)
    assert (await record(api, task_id))["state"] == "waiting"
    assert service.bodies.used == 0


# Bodies in flight


class Sender:
    """Someone who sends a body in parts."""

    def __init__(self, api: httpx2.AsyncClient, size: int) -> None:
        self._api, self._size = api, size

    async def __aenter__(self) -> Sender:
        self.reader, self._writer = await asyncio.open_connection(self._api.base_url.host, self._api.base_url.port)
        head = f"POST {CREATE} HTTP/1.1\r\nHost: x\r\nAuthorization: {self._api.headers['authorization']}\r\n"
        self._writer.write(f"{head}Content-Length: {self._size}\r\n\r\n{{".encode())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._writer.close()


async def used(service: Service, wanted: int) -> None:
    async with asyncio.timeout(30):
        while service.bodies.used != wanted:
            await asyncio.sleep(0.01)


async def test_bodies_beyond_the_budget_are_asked_to_come_again(api: httpx2.AsyncClient, service: Service) -> None:
    service.bodies.most = 2_000_000
    big = {**BODY, "x": "x" * 1_500_000}
    async with Sender(api, 1_000_000):
        await used(service, 1_000_000)
        for _ in range(5):
            with suppress(
                httpx2.TransportError
            ):  # the answer may come, and the connection end, before the body is sent
                refused = await api.post(CREATE, json=big, headers={"X-Http-Status": "real", "Connection": "close"})
                break
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        await create(api)  # what is small is taken all the same
    await used(service, 0)
    await create(api, big)
    await used(service, 0)


async def test_waiting_for_a_task_takes_nothing_of_the_budget(api: httpx2.AsyncClient, service: Service) -> None:
    big = {**BODY, "x": "x" * 1_500_000}
    reply = asyncio.create_task(api.post(CREATE, json=big, headers={"Prefer": "wait=20"}))
    while not (tasks := (await api.get("/v1/tasks")).json()["data"]["tasks"]):
        await asyncio.sleep(0.01)
    await used(service, 0)
    assert not reply.done()
    await api.post(f"/v1/tasks/{tasks[0]['taskId']}/cancel")
    assert (await reply).json()["code"] == 501


def test_one_body_is_let_in_whatever_its_size() -> None:
    budget = BodyBudget(10)
    budget.take(100)
    budget.give_back(100)
    assert budget.used == 0
