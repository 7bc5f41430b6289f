"""The tools at /mcp of a service, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from enlarger.all_settings import Settings, load_settings
from enlarger.cli.service_parts import whole_service
from enlarger.mcp_server.mount import agent_tools
from enlarger.server import Service, create_app, serve
from tests.conftest import KEY
from tests.mcp_server.test_tools import INITIALIZE, ROOM, refusal, told

ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def settings() -> Settings:
    """All models run in the sandbox."""
    return load_settings(sandbox=True, sandbox_seconds=0, mcp_max_credits=100)


@pytest.fixture
async def url(service: Service, settings: Settings) -> AsyncIterator[str]:
    """The address of a service with the tools."""
    app = create_app(service, mounts=[agent_tools(settings)])
    async with serve(app, host="127.0.0.1", port=0) as address:
        yield address


@asynccontextmanager
async def agent(url: str, key: str = KEY, **options: Any) -> AsyncIterator[Client]:
    """An agent's client of the tools at a service."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=120) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), **options) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_same_keys_open_the_tools(url: str, mode: str) -> None:
    async with agent(url, mode=mode) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert told(await client.call_tool("balance"))["credits"] is not None
    assert "run_task" in names
    assert "upscale_file" not in names


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer enl_somebody-elses"}, {"Authorization": KEY}])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
async def test_without_a_valid_key_nothing_is_answered(url: str, headers: dict[str, str], path: str) -> None:
    async with httpx2.AsyncClient(base_url=url, headers={**headers, **ACCEPT}) as http:
        reply = await http.post(path, json=INITIALIZE)
    assert reply.status_code == 401
    assert "result" not in reply.json()


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://evil.example", 403), ("http://localhost:1", 403), ("null", 403), ("own", 200), (None, 200)],
)
async def test_pages_of_other_origins_are_refused(url: str, origin: str | None, status: int) -> None:
    headers = {"Authorization": f"Bearer {KEY}", **ACCEPT}
    if origin:
        headers["Origin"] = url if origin == "own" else origin
    async with httpx2.AsyncClient(base_url=url, headers=headers) as http:
        assert (await http.post("/mcp", json=INITIALIZE)).status_code == status


async def test_a_name_that_was_made_to_lead_here_is_no_origin(url: str) -> None:
    rebound = {"Host": "evil.example", "Origin": "http://evil.example"}
    headers = {"Authorization": f"Bearer {KEY}", **ACCEPT, **rebound}
    async with httpx2.AsyncClient(base_url=url, headers=headers) as http:
        assert (await http.post("/mcp", json=INITIALIZE)).status_code == 403


async def test_a_retry_with_the_same_key_finds_the_same_task(url: str) -> None:
    call = {**ROOM, "idempotency_key": "room-1", "wait_seconds": 0}
    async with agent(url) as client:
        first = told(await client.call_tool("run_task", call))
    async with agent(url) as client:
        again = told(await client.call_tool("run_task", call))
        listed = told(await client.call_tool("list_tasks"))
    assert again["task_id"] == first["task_id"]
    assert [task["task_id"] for task in listed["tasks"]] == [first["task_id"]]


async def test_a_key_of_another_task_is_refused_with_the_advice_to_use_a_new_one(url: str) -> None:
    other = {**ROOM, "input": {"prompt": "a garden"}, "idempotency_key": "room-1"}
    async with agent(url) as client:
        told(await client.call_tool("run_task", {**ROOM, "idempotency_key": "room-1", "wait_seconds": 0}))
        said = refusal(await client.call_tool("run_task", other))
    assert said == (
        "The idempotency_key 'room-1' was used before, for another task: give a new one for a new task, or repeat the"
        " call with its first arguments to find the task that it made."
    )


async def test_a_task_is_cancelled(url: str) -> None:
    async with agent(url) as client:
        task = told(await client.call_tool("run_task", {**ROOM, "wait_seconds": 0}))
        cancelled = told(await client.call_tool("cancel_task", {"task_id": task["task_id"]}))
    assert cancelled["state"] == "fail"
    assert cancelled["fail_code"] == "cancelled"


async def test_the_setting_limits_what_a_task_may_cost(service: Service) -> None:
    app = create_app(service, mounts=[agent_tools(load_settings(mcp_max_credits=1))])
    async with serve(app, host="127.0.0.1", port=0) as address, agent(address) as client:
        said = refusal(await client.call_tool("run_task", ROOM))
        listed = told(await client.call_tool("list_tasks"))
    assert "confirm_credits=" in said
    assert listed["tasks"] == []


async def test_a_text_from_outside_names_no_file_of_the_service(url: str, small_photo: Any) -> None:
    call = {"model": "recraft/remove-background", "input": {"image": str(small_photo)}}
    async with agent(url) as client:
        assert "image" in refusal(await client.call_tool("run_task", call))


async def test_a_larger_body_is_refused(url: str) -> None:
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(
        f"POST /mcp HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {KEY}\r\n"
        "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\n\r\n".encode()
    )
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_without_the_package_the_answer_says_what_to_install(
    service: Service, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("enlarger.mcp_server.mount.find_spec", lambda _: None)
    app = create_app(service, mounts=[agent_tools(settings)])
    async with serve(app, host="127.0.0.1", port=0) as address, httpx2.AsyncClient(base_url=address) as http:
        assert (await http.post("/mcp", json=INITIALIZE)).status_code == 401
        reply = await http.post("/mcp", json=INITIALIZE, headers={"Authorization": f"Bearer {KEY}"})
    assert reply.status_code == 404
    assert "pip install 'enlarger[mcp]'" in reply.json()["msg"]


async def test_a_whole_service_makes_a_picture_for_an_agent(used: None) -> None:
    seen: list[str | None] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append(message)

    settings = load_settings(sandbox=True, sandbox_seconds=0, host="127.0.0.1", port=0)
    async with whole_service(settings) as running, agent(running.url, running.api_key) as client:
        result = await client.call_tool("run_task", {**ROOM, "wait_seconds": 30}, progress_callback=progress)
        task = told(result)
        async with httpx2.AsyncClient() as http:
            file = await http.get(task["results"][0]["url"])
    assert task["state"] == "success"
    assert file.headers["content-type"] == task["results"][0]["mime_type"]
    assert len(file.content) == task["results"][0]["size"]
    assert [block.type for block in result.content] == ["text", "resource_link", "image"]
    assert seen[-1] == f"Task {task['task_id']}: success"
