"""A task's life as a picture, and what is said of attempts whose fate is unknown."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.catalog.messages import translator
from enlarger.console.timeline import WIDTH, draw
from enlarger.protocol.records import Made
from enlarger.server import Service
from enlarger.tasks.deliveries import Try
from enlarger.tasks.records import Attempt, Event, Task, TaskResult
from tests.console.steps import PROMPT, api_of
from tests.server.steps import PNG, create
from tests.tasks.world import World

START = datetime(2026, 11, 29, 12, tzinfo=UTC)
ENGLISH = translator("en")
ID = "a" * 32


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KIE_API_KEY", "unused")
    return load_settings()


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def task(**changes: Any) -> Task:
    values: dict[str, Any] = {
        "id": ID, "account_id": "default", "model": "google/nano-banana", "input": {}, "param": None,
        "callback_url": None, "base_url": "", "request_sha256": b"", "state": "waiting", "epoch": 0, "progress": 0,
        "result": None, "fail_code": None, "fail_message": None, "credits_reserved": 0, "credits_consumed": 0,
        "answered_by": START, "created_at": START, "updated_at": START, "completed_at": None,
    }  # fmt: skip
    return Task(**{**values, **changes})


def event(state: Any, seconds: float) -> Event:
    return Event(id=int(seconds), task_id=ID, state=state, progress=0, at=at(seconds))


def attempt(**changes: Any) -> Attempt:
    values: dict[str, Any] = {"id": 1, "task_id": ID, "epoch": 1, "provider": "kie", "state": "accepted"}
    return Attempt(**{**values, "started_at": at(10), **changes})


DONE = TaskResult(files=(), made=Made(provider="kie", engine=""))


def test_a_rows_bars_are_where_and_as_long_as_what_they_stand_for() -> None:
    ended = task(state="success", result=DONE, completed_at=at(100))
    events = [event("queuing", 5), event("generating", 20), event("generating", 50), event("success", 100)]
    made = attempt(state="succeeded", accepted_at=at(20), finished_at=at(90), ended_at=at(100))
    states, kie = draw(ended, events, [made], [], at(500), ENGLISH).rows
    assert [(bar.kind, bar.x, bar.width) for bar in states.bars[:2]] == [("waiting", 0, 200), ("working", 200, 800)]
    assert states.said == "Waiting · 20 seconds → Running · 80 seconds → Done"
    assert [(bar.kind, bar.x, bar.width) for bar in kie.bars[:3]] == [
        ("waiting", 100, 100), ("working", 200, 700), ("collecting", 900, 100),
    ]  # fmt: skip
    assert kie.said == "Done · 2 minutes"


def test_an_open_task_lasts_until_now() -> None:
    drawn = draw(task(), [], [attempt(state="unknown")], [], at(40), ENGLISH)
    assert drawn.seconds == "40 seconds"
    assert drawn.rows[0].bars[0].width == WIDTH
    assert [(bar.kind, bar.x, bar.width) for bar in drawn.rows[1].bars] == [("unknown", 250, 750)]


def test_a_callback_long_after_the_end_does_not_squeeze_the_task() -> None:
    ended = task(state="fail", fail_code="500", completed_at=at(10))
    tries = [Try(number=n, at=at(10 + 3600 * n), milliseconds=5, answer="503", accepted=False) for n in range(1, 3)]
    drawn = draw(ended, [], [], tries, at(10), ENGLISH)
    assert drawn.rows[0].bars[0].width > WIDTH / 2
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for row in drawn.rows for bar in row.bars)
    assert drawn.rows[1].said == "2 attempts to send it · the last one 2 hours after the end"


def test_a_timeline_is_drawn_without_events_and_with_wrong_clocks() -> None:
    """Events are kept only for a while, and an attempt's times may come from a clock that is behind."""
    ended = task(state="success", result=DONE, completed_at=at(0))
    skipped = attempt(state="skipped", ended_at=at(0))
    drawn = draw(ended, [], [skipped, attempt(started_at=at(-5), ended_at=at(-6))], [], at(-1), ENGLISH)
    assert [row.title for row in drawn.rows] == ["Task", "KIE", "KIE"]
    assert "Done" in drawn.rows[0].said


async def test_a_page_says_what_happens_after_a_lost_answer(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api, PROMPT)
    world = World(service.database)
    claim = await world.claim(await service.tasks.get("default", task_id))
    begun = await world.begin(claim.task)
    await world.attempts.unknown(begun, "no answer", poll_in=timedelta(seconds=5))
    page = (await signed_in.get(f"/console/tasks/{task_id}")).text
    assert "The answer of KIE was lost" in page
    assert "the task fails: it is not sent twice" in page
    assert re.search(r'<rect class="unknown" x="[\d.]+"', page)
    await world.abandon(begun)
    assert "kept as an orphan" in (await signed_in.get(f"/console/tasks/{task_id}")).text


async def test_a_page_shows_the_request_and_the_files(signed_in: httpx2.AsyncClient) -> None:
    picture = f"data:image/png;base64,{b64encode(PNG).decode()}"
    body = {"model": "google/nano-banana-edit", "input": {"prompt": "no lamp", "image_urls": [picture]}}
    async with api_of(signed_in) as api:
        task_id = await create(api, body)
    page = (await signed_in.get(f"/console/tasks/{task_id}")).text
    assert re.search(r'<a href="/files/\w+/inline.png\?[^"]+">inline.png</a></th><td>Input</td><td>\d+ B</td>', page)
    request = page.partition('id="request"')[2]
    assert "&#34;prompt&#34;: &#34;no lamp&#34;" in request
    assert "/console/thumbnails/" in (await signed_in.get("/console/tasks")).text
