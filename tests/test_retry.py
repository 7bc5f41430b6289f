"""How often, and when, what failed for a moment is tried again."""

from __future__ import annotations

import asyncio

import pytest

from enlarger.retry import Backoff, Failure, retry


class Flaky:
    """Fails with these errors, one after the other, and then works."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.slept: list[float] = []

    async def __call__(self) -> str:
        if self._errors:
            raise self._errors.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def errors(count: int) -> list[Exception]:
    return [ConnectionError(str(number)) for number in range(1, count + 1)]


async def test_what_works_at_once_is_not_waited_for() -> None:
    call = Flaky()
    assert await retry(call, on=ConnectionError, pauses=Backoff(first=1, longest=9), sleep=call.sleep) == "done"
    assert call.slept == []


async def test_pauses_double_up_to_the_longest_and_are_told_of() -> None:
    call, noted = Flaky(*errors(5)), list[Failure]()
    backoff = Backoff(first=1, longest=6)
    assert await retry(call, on=ConnectionError, pauses=backoff, note=noted.append, sleep=call.sleep) == "done"
    for pause, least in zip(call.slept, (1, 2, 4, 6, 6), strict=True):
        assert least <= pause <= least * 1.25
    assert [(str(one.error), one.attempt) for one in noted] == [(str(number), number) for number in range(1, 6)]
    assert [one.waited for one in noted] == [sum(call.slept[:count]) for count in range(5)]


async def test_the_last_error_is_raised_after_so_many_tries() -> None:
    call = Flaky(*errors(5))
    with pytest.raises(ConnectionError, match="3") as raised:
        await retry(call, on=ConnectionError, pauses=Backoff(first=1, longest=9, tries=3), sleep=call.sleep)
    assert len(call.slept) == 2
    assert raised.value.__context__ is None


async def test_pauses_take_no_longer_than_the_patience() -> None:
    call = Flaky(*errors(50))
    with pytest.raises(ConnectionError):
        await retry(call, on=ConnectionError, pauses=Backoff(first=1, longest=4, patience=20), sleep=call.sleep)
    assert 20 - 4 * 1.25 < sum(call.slept) <= 20


@pytest.mark.parametrize("error", [ValueError("no"), asyncio.CancelledError()])
async def test_another_error_is_raised_at_once(error: Exception) -> None:
    call = Flaky(*errors(1), error)
    with pytest.raises(type(error)):
        await retry(call, on=ConnectionError, pauses=Backoff(first=1, longest=9), sleep=call.sleep)
    assert len(call.slept) == 1


async def test_a_cancellation_ends_the_pause() -> None:
    resting = asyncio.Event()

    async def sleep(_: float) -> None:
        resting.set()
        await asyncio.Event().wait()

    trying = asyncio.create_task(
        retry(Flaky(*errors(1)), on=ConnectionError, pauses=Backoff(first=1, longest=1), sleep=sleep)
    )
    await resting.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying


def test_a_pause_is_never_shorter_than_what_was_asked_for() -> None:
    assert 7 <= Backoff(first=1, longest=4).pause(1, 7) <= 7 * 1.25
    assert 4 <= Backoff(first=1, longest=4).pause(10_000, 2) <= 4 * 1.25
