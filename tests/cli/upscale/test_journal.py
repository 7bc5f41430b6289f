"""Tasks that were made are found again, by whichever run comes next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from enlarger.cli.upscale.journal import Journal
from enlarger.errors import ServiceUnreachable

_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Task:
    id: str


async def make(name: str) -> Task:
    return Task(name)


async def fail() -> Task:
    raise ServiceUnreachable("It is away.")


async def test_a_task_is_made_once_for_a_key_also_by_a_later_run(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    assert await journal.submit("key", lambda: make("first")) == "first"
    assert await journal.submit("key", lambda: make("second")) == "first"
    assert await Journal(tmp_path).submit("key", lambda: make("third")) == "first"
    assert await Journal(tmp_path).submit("other", lambda: make("fourth")) == "fourth"


async def test_a_submission_that_fails_is_not_written_down(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(ServiceUnreachable):
        await journal.submit("key", fail)
    assert await journal.submit("key", lambda: make("second")) == "second"


async def test_who_is_stopped_during_a_submission_waits_for_it_and_writes_it_down(tmp_path: Path) -> None:
    sent, answered = asyncio.Event(), asyncio.Event()

    async def slowly() -> Task:
        sent.set()
        await answered.wait()
        return Task("paid")

    submitting = asyncio.create_task(Journal(tmp_path).submit("key", slowly))
    await sent.wait()
    submitting.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    assert await Journal(tmp_path).submit("key", fail) == "paid"


async def test_old_and_broken_lines_are_removed(tmp_path: Path) -> None:
    clock = 0.0
    await Journal(tmp_path, now=lambda: clock).submit("old", lambda: make("a"))
    clock = 6 * _DAY
    await Journal(tmp_path, now=lambda: clock).submit("new", lambda: make("b"))
    file = tmp_path / "submitted.jsonl"
    file.write_bytes(file.read_bytes() + b'{"key": "cut o')
    clock = 8 * _DAY
    journal = Journal(tmp_path, now=lambda: clock)
    assert file.read_bytes().count(b"\n") == 1
    assert await journal.submit("new", fail) == "b"
    assert await journal.submit("old", lambda: make("c")) == "c"
