"""Tasks that were made are found again, by whichever run comes next."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from enlarger.cli.upscale.journal import Journal
from enlarger.errors import ServiceUnreachable, SubmissionUnknown

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
    assert await journal.submit("key", lambda: make("first"), once=False) == "first"
    assert await journal.submit("key", lambda: make("second"), once=False) == "first"
    assert await Journal(tmp_path).submit("key", lambda: make("third"), once=False) == "first"
    assert await Journal(tmp_path).submit("other", lambda: make("fourth"), once=False) == "fourth"


async def test_a_submission_that_fails_is_not_written_down(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(ServiceUnreachable):
        await journal.submit("key", fail, once=False)
    assert await journal.submit("key", lambda: make("second"), once=False) == "second"


async def test_who_is_stopped_during_a_submission_waits_for_it_and_writes_it_down(tmp_path: Path) -> None:
    sent, answered = asyncio.Event(), asyncio.Event()

    async def slowly() -> Task:
        sent.set()
        await answered.wait()
        return Task("paid")

    submitting = asyncio.create_task(Journal(tmp_path).submit("key", slowly, once=False))
    await sent.wait()
    submitting.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await submitting
    assert await Journal(tmp_path).submit("key", fail, once=False) == "paid"


async def test_old_and_broken_lines_are_removed(tmp_path: Path) -> None:
    clock = 0.0
    await Journal(tmp_path, now=lambda: clock).submit("old", lambda: make("a"), once=False)
    clock = 6 * _DAY
    await Journal(tmp_path, now=lambda: clock).submit("new", lambda: make("b"), once=False)
    file = tmp_path / "submitted.jsonl"
    file.write_bytes(file.read_bytes() + b'{"key": "cut o')
    clock = 8 * _DAY
    journal = Journal(tmp_path, now=lambda: clock)
    assert file.read_bytes().count(b"\n") == 1
    assert await journal.submit("new", fail, once=False) == "b"
    assert await journal.submit("old", lambda: make("c"), once=False) == "c"


async def test_what_may_have_been_paid_for_is_not_sent_again_by_a_later_run(tmp_path: Path) -> None:
    async def lose() -> Task:
        raise SubmissionUnknown("The answer was lost.")

    with pytest.raises(SubmissionUnknown, match="was lost"):
        await Journal(tmp_path).submit("key", lose, once=True)
    with pytest.raises(SubmissionUnknown, match=r"sent before.*submitted\.jsonl"):
        await Journal(tmp_path).submit("key", lambda: make("second"), once=True)
    assert await Journal(tmp_path).submit("key", lambda: make("second"), once=False) == "second"


async def test_a_process_that_dies_while_it_submits_leaves_the_submission_written_down(tmp_path: Path) -> None:
    async def die() -> Task:
        with pytest.raises(SubmissionUnknown):
            await Journal(tmp_path).submit("key", lambda: make("second"), once=True)
        return Task("first")

    assert await Journal(tmp_path).submit("key", die, once=True) == "first"


async def test_what_was_surely_refused_is_sent_again(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnreachable):
        await Journal(tmp_path).submit("key", fail, once=True)
    assert await Journal(tmp_path).submit("key", lambda: make("second"), once=True) == "second"
