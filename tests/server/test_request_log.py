"""The line that the log has for every request."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import httpx2
import pytest

from enlarger.infra.logs import set_up_logs
from enlarger.tasks.accounts import DEFAULT
from tests.conftest import KEY
from tests.server.steps import BODY, CREATE, RECORD, create
from tests.waiting import until


class Log:
    """What is logged at any level."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def all(self) -> list[dict[str, Any]]:
        """Every line so far."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    async def requests(self, count: int) -> list[dict[str, Any]]:
        """The lines of so many requests, in the order in which these were made one after the other.

        A line is written when the answer has been sent, which may be after it has been received.
        """

        async def written() -> bool:
            return len(self._requests()) >= count

        await until(written)
        return self._requests()

    def _requests(self) -> list[dict[str, Any]]:
        return [line for line in self.all() if line["event"] == "request"]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", made.stream)
        set_up_logs("debug")
    return made


async def test_a_request_has_one_line_with_its_route_task_and_account(api: httpx2.AsyncClient, log: Log) -> None:
    reply = await api.post(CREATE, json=BODY, headers={"X-Request-Id": "the-apps-own"})
    task_id = reply.json()["data"]["taskId"]
    (line,) = await log.requests(1)
    assert line.pop("ms") >= 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "enlarger.request",
        "method": "POST",
        "route": CREATE,
        "status": 200,
        "account_id": DEFAULT,
        "task_id": task_id,
        "request_id": "the-apps-own",
    }
    await api.get(RECORD, params={"taskId": task_id})
    await api.get(f"/v1/tasks/{task_id}")
    _, record, shown = await log.requests(3)
    assert (record["route"], record["task_id"]) == (RECORD, task_id)
    assert (shown["route"], shown["task_id"]) == ("/v1/tasks/{task_id}", task_id)
    assert record["request_id"] != shown["request_id"]


async def test_errors_have_the_code_that_is_in_their_answer(api: httpx2.AsyncClient, log: Log) -> None:
    await api.get(RECORD, params={"taskId": "none-of-ours"})
    await api.get("/v1/tasks/none-of-ours", headers={"Authorization": "Bearer enl_wrong"})
    await api.get("/nowhere?secret=1")
    unknown, rejected, nowhere = await log.requests(3)
    assert (unknown["status"], unknown["code"]) == (200, 422)
    assert (rejected["status"], rejected["code"]) == (401, 401)
    assert "account_id" not in rejected
    assert (nowhere["status"], nowhere["route"]) == (404, None)


async def test_no_line_has_a_query_a_key_a_body_or_a_path(api: httpx2.AsyncClient, log: Log) -> None:
    await create(api, {**BODY, "callBackUrl": "https://app.example/secret"})
    await api.get(RECORD, params={"taskId": "secret"})
    await api.get("/v1/tasks/secret?secret=secret")
    await api.get("/secret")
    found = await log.requests(4)
    assert len(found) == 4
    assert "secret" not in str(found)
    assert KEY not in str(found)


async def test_what_machines_ask_all_the_time_is_for_debugging(api: httpx2.AsyncClient, log: Log) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        await api.get(path)
    found = await log.requests(3)
    assert [(line["route"], line["level"]) for line in found] == [
        ("/healthz", "debug"),
        ("/readyz", "debug"),
        ("/metrics", "debug"),
    ]


async def test_head_is_head_and_the_server_adds_no_line_of_its_own(api: httpx2.AsyncClient, log: Log) -> None:
    await api.head("/v1/tasks")
    (line,) = await log.requests(1)
    assert (line["method"], line["route"], line["level"]) == ("HEAD", "/v1/tasks", "info")
    assert [line for line in log.all() if "/v1/tasks" in str(line)] == [line]
