"""HEAD, on every route that answers GET: its status and headers, and no body."""

from __future__ import annotations

import re

import httpx2

from enlarger.server import Service, create_app
from tests.server.steps import create, finish, record
from tests.waiting import until

_OF_ONE_REPLY = {"x-request-id", "date", "transfer-encoding"}
"""The moment, and how a body is sent where there is one."""


async def test_head_is_answered_as_get_on_every_route(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    [file] = re.findall(r"/files/[^\"\\]+", str((await record(api, task_id))["resultJson"]))
    described = create_app(service).openapi_schema.to_schema()["paths"]
    paths = [path for path, methods in described.items() if "get" in methods]
    assert len(paths) >= 12
    urls = [file if path.startswith("/files/") else path.replace("{task_id}", task_id) for path in paths]
    urls = [url.replace("{path}", "topaz/image-upscale") for url in urls]
    urls += ["/docs", "/docs/openapi.json", "/docs-assets/swagger-ui.css", f"/api/v1/jobs/recordInfo?taskId={task_id}"]
    for key in ({}, {"Authorization": "Bearer nobodys"}):
        for url in [*urls, "/nowhere"]:
            got = await api.get(url, headers=key)
            head = await api.head(url, headers=key)
            assert head.status_code == got.status_code, url
            assert head.content == b""
            for name in got.headers.keys() - _OF_ONE_REPLY:
                assert head.headers.get(name) == got.headers[name], (url, name)


async def test_what_does_not_answer_get_does_not_answer_head(api: httpx2.AsyncClient) -> None:
    assert (await api.head("/v1/quote")).status_code == 405


async def test_head_of_a_stream_that_goes_on_ends_it(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    head = await api.head(f"/v1/tasks/{task_id}/events")
    assert head.status_code == 200
    assert head.headers["Content-Type"].startswith("text/event-stream")
    assert (await api.get("/healthz")).status_code == 200  # on the same connection

    async def nobody_waits() -> bool:
        return service.listener.waiting == 0

    await until(nobody_waits)
