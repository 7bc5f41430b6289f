"""`enlarger list`: pages, one after the other."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest

from enlarger.cli.commands import tasks
from enlarger.cli.output import Output, Style
from enlarger.cli.session import Connection, Session
from enlarger.client import KieApiClient
from enlarger.errors import InputRefused
from enlarger.protocol.extensions import HEADER, write_extensions

_COUNT = 250
_IDS = [f"{number:032x}" for number in range(_COUNT)]


class Service:
    """A service with 250 tasks, which counts the pages that it is asked for."""

    def __init__(self) -> None:
        self.pages: list[dict[str, str]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        extensions = {HEADER: write_extensions()}
        if request.url.path != "/v1/tasks":
            return httpx2.Response(200, json={"code": 200, "msg": "ok", "data": 1}, headers=extensions)
        asked = dict(request.url.params)
        self.pages.append(asked)
        if (after := asked.get("after")) is not None and after not in _IDS:
            return httpx2.Response(422, json={"code": 422, "msg": "'after' names no task"}, headers=extensions)
        first = _IDS.index(after) + 1 if after else 0
        ids = _IDS[first : first + int(asked["limit"])]
        data = {
            "tasks": [{"taskId": name, "state": "success", "model": "m"} for name in ids],
            "next": ids[-1] if ids and ids[-1] != _IDS[-1] else None,
        }
        return httpx2.Response(200, json={"code": 200, "msg": "ok", "data": data}, headers=extensions)


@pytest.fixture
def service() -> Service:
    return Service()


async def listed(service: Service, style: Style, *, limit: int | None = 20, **more: Any) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(transport=httpx2.MockTransport(service)))
        client = KieApiClient("key", "https://service.example", http_client=http)

        async def connect(_: AsyncExitStack) -> Connection:
            return Connection(client)

        await tasks.list_tasks(
            Session(connect, stack, local=False), Output(style), state=more.pop("state", None), model=None, limit=limit,
            **more,
        )  # fmt: skip


async def test_a_page_says_how_to_get_the_next_one(service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    await listed(service, Style.HUMAN, limit=3)
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["task", *_IDS[:3]]
    assert f"enlarger list --after {_IDS[2]}" in err
    await listed(service, Style.JSON, limit=3, after=_IDS[2])
    assert [task["taskId"] for task in json.loads(capsys.readouterr().out)] == _IDS[3:6]


@pytest.mark.parametrize(
    ("limit", "pages"), [(None, [100, 100, 100]), (120, [100, 20]), (100, [100]), (250, [100, 100, 50])]
)
@pytest.mark.parametrize("style", Style)
async def test_all_are_listed_page_by_page(
    service: Service, style: Style, limit: int | None, pages: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    await listed(service, style, limit=limit, state="success")
    out, err = capsys.readouterr()
    got = [task["taskId"] for task in json.loads(out)] if style is Style.JSON else [
        line.split()[0] for line in out.splitlines() if not line.startswith("task")
    ]  # fmt: skip
    assert got == _IDS[:limit]
    assert [int(page["limit"]) for page in service.pages] == pages
    assert all(page["state"] == "success" for page in service.pages)
    assert ("--after" in err) is (limit in (100, 120) and style is not Style.QUIET)


async def test_a_task_that_is_not_there_is_told(service: Service) -> None:
    with pytest.raises(InputRefused, match="'after' names no task"):
        await listed(service, Style.QUIET, after="f" * 32)


async def test_a_failed_task_is_listed_with_its_state_and_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    failed = {"taskId": "a" * 32, "state": "fail", "model": "m", "failCode": "500", "failMsg": "Not so"}

    def answer(request: httpx2.Request) -> httpx2.Response:
        data = {"tasks": [failed], "next": None} if request.url.path == "/v1/tasks" else 1
        return httpx2.Response(200, json={"code": 200, "msg": "ok", "data": data}, headers={HEADER: write_extensions()})

    await listed(answer, Style.HUMAN)  # type: ignore[arg-type]
    assert capsys.readouterr().out.splitlines()[1].split() == ["a" * 32, "m", "fail", *["Not", "so", "(code", "500)."]]
