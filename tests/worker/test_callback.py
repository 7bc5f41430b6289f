"""The connections on which callbacks are sent."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from enlarger.infra.links import Links
from enlarger.infra.safe_http import Allowed
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import Task
from enlarger.worker.callback import CallbackSender
from tests.infra.sockets import answer_names
from tests.infra.test_safe_http import serving

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def failed_task(callback_url: str) -> Task:
    now = datetime.now(UTC)
    return Task(
        id=secrets.token_hex(16),
        account_id=DEFAULT,
        model="real-esrgan/fast",
        input={},
        param=None,
        state="fail",
        epoch=1,
        progress=0,
        base_url="http://service",
        callback_url=callback_url,
        request_sha256=b"",
        result=None,
        credits_reserved=Decimal(0),
        credits_consumed=Decimal(0),
        answered_by=now,
        fail_code="422",
        fail_message="no",
        created_at=now,
        updated_at=now,
        completed_at=now,
    )


async def test_every_callback_has_a_connection_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server would keep them: another name at its address must not ride on the last one's."""
    answer_names(monkeypatch, lambda _: ["127.0.0.1"])
    async with serving(lambda head: _OK) as (port, connections):
        sender = CallbackSender(Links(b"key"), ["key"], Allowed.parse(("127.0.0.1",)))
        for host in ("one.example", "one.example", "two.example"):
            answer = await sender.send(failed_task(f"http://{host}:{port}/hook"))
            assert answer.accepted
        await sender.aclose()
    assert len(connections) == 3
    assert [b"Host: two.example" in head for head in connections] == [False, False, True]
