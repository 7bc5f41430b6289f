"""What a provider's answers say of its health."""

from __future__ import annotations

import pytest

from enlarger.errors import (
    AcceptanceUnknown,
    PictureUnreadable,
    ProviderSilent,
    RefusalReason,
    ResultGone,
    SubmissionRefused,
)
from enlarger.providers.health import Health


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def refused(reason: RefusalReason, retry_after: float | None = None) -> SubmissionRefused:
    return SubmissionRefused(f"refused: {reason}", reason=reason, retry_after=retry_after)


def state(health: Health) -> str:
    return health.state


def pause(health: Health) -> float:
    unavailability = health.unavailability()
    assert unavailability is not None
    assert not unavailability.permanent
    assert unavailability.seconds is not None
    return unavailability.seconds


def break_down(health: Health) -> None:
    for _ in range(3):
        health.note(AcceptanceUnknown("cut off"))
    assert state(health) == "open"


@pytest.mark.parametrize("error", [refused("down"), AcceptanceUnknown("cut off"), ProviderSilent("no answer")])
def test_a_provider_that_fails_several_times_in_a_row_is_broken(health: Health, error: Exception) -> None:
    for _ in range(20):  # never in a row
        health.note(error)
        health.note(error)
        health.note(None)
    assert state(health) == "ok"
    for _ in range(3):
        assert health.unavailability() is None
        health.note(error)
    assert state(health) == "open"
    assert pause(health) == 30
    assert health.reason == str(error)
    assert health.unannounced


@pytest.mark.parametrize("error", [refused("input"), PictureUnreadable("no picture"), ResultGone("gone")])
def test_what_is_not_the_providers_fault_says_nothing_of_its_health(health: Health, error: Exception) -> None:
    for _ in range(20):
        health.note(error)
    assert state(health) == "ok"
    assert not health.unannounced


def test_looks_do_not_hide_that_submissions_fail(health: Health) -> None:
    for _ in range(3):
        health.note(refused("down"))
        health.note(None, step="poll")
    assert state(health) == "open"
    health.note(None, step="poll")
    assert state(health) == "open"


def test_a_provider_that_does_not_tell_what_became_of_tasks_gets_no_more_until_it_does(health: Health) -> None:
    for _ in range(5):
        health.note(ProviderSilent("no answer"), step="poll")
    assert state(health) == "open"
    health.note(None, step="poll")
    assert state(health) == "ok"


def test_the_time_alone_does_not_mend_what_is_broken(health: Health, clock: Clock) -> None:
    break_down(health)
    clock.now += 31
    assert pause(health) >= 1
    assert not health.start()


@pytest.mark.parametrize("error", [None, refused("input"), refused("down"), AcceptanceUnknown("cut off")])
def test_one_task_tries_what_was_broken_and_decides(health: Health, clock: Clock, error: Exception | None) -> None:
    break_down(health)
    clock.now += 30
    health.allow_trial(30)
    health.note(None, step="poll")
    assert health.unavailability() is None
    assert health.start()
    assert not health.start()
    assert pause(health) >= 1
    health.note(error)
    well = error is None or (isinstance(error, SubmissionRefused) and error.reason == "input")
    assert state(health) == ("ok" if well else "open")
    assert health.start() == well
    if not well:
        assert pause(health) == 30


def test_a_try_that_says_nothing_leaves_the_place_to_another(health: Health, clock: Clock) -> None:
    break_down(health)
    health.allow_trial(30)
    assert health.start()
    health.note(PictureUnreadable("no picture"))
    assert state(health) == "open"
    assert health.start()
    health.note(None)
    assert state(health) == "ok"


def test_a_try_is_not_for_ever(health: Health, clock: Clock) -> None:
    break_down(health)
    health.allow_trial(30)
    clock.now += 31
    assert not health.start()


def test_an_answer_that_was_under_way_mends_what_is_broken(health: Health) -> None:
    break_down(health)
    health.note(AcceptanceUnknown("cut off"))
    health.note(None)
    assert state(health) == "ok"
    health.note(refused("down"))
    health.note(refused("down"))
    assert state(health) == "ok"


def test_a_busy_provider_rests_as_long_as_it_says(health: Health, clock: Clock) -> None:
    health.note(refused("busy", 17))
    assert state(health) == "throttled"
    assert pause(health) == 17
    health.note(None)  # sent before
    health.note(refused("busy", 5))
    assert pause(health) == 17
    health.note(refused("busy", 20))
    assert pause(health) == 20
    clock.now += 20
    assert health.unavailability() is None
    health.note(refused("busy", 10**9))
    assert pause(health) == 3600


def test_without_a_time_rests_grow_until_a_task_is_taken(health: Health, clock: Clock) -> None:
    rests = []
    for _ in range(7):
        for _ in range(10):  # of many that were sent together
            health.note(refused("busy"))
        rests.append(pause(health))
        clock.now += rests[-1]
    assert rests == [3, 6, 12, 24, 48, 60, 60]
    health.note(None)
    health.note(refused("busy"))
    assert pause(health) == 3


@pytest.mark.parametrize("reason", ["credits", "access"])
def test_without_credits_or_access_a_provider_is_out_until_a_probe_succeeds(
    health: Health, clock: Clock, reason: RefusalReason
) -> None:
    health.note(refused(reason))
    assert state(health) == "suspended"
    assert pause(health) == 30
    clock.now += 10_000
    for error in (None, refused("busy", 1), refused("down"), refused("down"), refused("down"), refused(reason)):
        health.note(error)
        assert state(health) == "suspended"
        assert not health.start()
    health.recover()
    assert state(health) == "ok"
    assert health.start()


def test_what_others_know_is_taken_over(health: Health, clock: Clock) -> None:
    health.adopt("open", "they say so", 12)
    assert pause(health) == 12
    assert health.reason == "they say so"
    health.note(None, step="poll")
    assert state(health) == "open"
    health.adopt("suspended", "no credits", 40)
    assert pause(health) == 40
    health.adopt("throttled", "busy", 4)
    clock.now += 4
    assert health.unavailability() is None
    health.adopt("ok", None, None)
    assert state(health) == "ok"
    assert not health.unannounced


def test_the_usual_time_of_an_answer_follows_the_answers(health: Health) -> None:
    health.note(None, 1.0)
    assert health.latency == 1.0
    for _ in range(50):
        health.note(None, 3.0)
    assert health.latency == pytest.approx(3.0, abs=0.01)


def test_a_rest_is_a_second_at_least(health: Health) -> None:
    health.note(refused("busy", retry_after=0))
    assert health.seconds == 1


def test_what_is_well_has_no_reason(health: Health) -> None:
    health.adopt("suspended", "no credits", 60)
    assert health.reason == "no credits"
    health.adopt("ok", "of before", None)
    assert health.reason is None
