"""Waiting: when a task is looked at, what ends a wait, and what never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from enlarger.client.records import Result, TaskStatus
from enlarger.client.waiting import Terms, Wait, finish, wait
from enlarger.client.wire import Reply, Request
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    InvalidInput,
    NotFound,
    ProtocolError,
    TaskCancelled,
    TaskFailed,
    WaitTimeout,
)
from enlarger.protocol.extensions import HEADER
from tests.client.world import LOST, NO_RECORD, REFUSED, TASK_ID, Answer, World, core, page, record, reply

_RESUME = f"client.task('{TASK_ID}').result()"
_NO_DATA = Reply(status_code=200, headers={}, content=b'{"code":200,"msg":"success"}')


def watch(world: World, *, options: dict[str, Any] | None = None, **wish: Any) -> TaskStatus:
    return world.run(wait(core(**(options or {})), wanted(**wish)))


def wanted(*, deadline: Any = None, on_progress: Any = None, **wish: Any) -> Wait:
    terms = Terms(awaits=False, deadline=deadline, on_progress=on_progress)
    return Wait(**{"task_id": TASK_ID, "resume": _RESUME, "made_now": True, "terms": terms, **wish})


def ends_after(seconds: float, state: str = "success") -> World:
    return World(lambda _, time: record(state) if time >= seconds else record("generating"))


def test_the_first_look_comes_near_the_models_usual_duration() -> None:
    world = ends_after(0)
    watch(world, model="google/nano-banana")  # usually 25 s
    assert len(world.pauses) == 1
    assert 15 <= world.pauses[0] <= 25


def test_looks_become_rarer_and_a_late_end_is_not_seen_much_later() -> None:
    world = ends_after(282)  # a task that took longer than a client's 240 s
    watch(world, model="nano-banana-pro")
    assert world.time - 1000 < 282 * 1.2
    assert len(world.sent) < 30
    assert max(world.pauses[1:]) <= 30 * 1.3


def test_a_task_that_was_made_before_is_looked_at_at_once() -> None:
    world = ends_after(0)
    assert watch(world, model="google/nano-banana", made_now=False).succeeded
    assert not world.pauses


def test_the_interval_that_was_asked_for_is_kept() -> None:
    world = ends_after(10)
    watch(world, options={"poll_interval": 3.0})
    assert world.pauses == [3.0] * 4


def test_the_models_longest_duration_ends_a_wait() -> None:
    world = ends_after(10_000)
    with pytest.raises(WaitTimeout) as caught:
        watch(world, model="google/nano-banana")
    assert world.time - 1000 == pytest.approx(600)
    assert caught.value.task_id == TASK_ID
    assert caught.value.resume == _RESUME
    assert TASK_ID in str(caught.value)
    assert _RESUME in str(caught.value)
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize("deadline", [7, 7.0, timedelta(seconds=7)])
def test_a_deadline_ends_a_wait_with_a_last_look(deadline: float | timedelta) -> None:
    world = ends_after(7)
    assert watch(world, model="google/nano-banana", deadline=deadline).succeeded
    world = ends_after(7.1)
    with pytest.raises(WaitTimeout, match="'generating' after 7 s"):
        watch(world, deadline=deadline)


def test_a_number_of_polls_is_a_deadline() -> None:
    for polls in (1, 3, 5):
        world = ends_after(1000)
        with pytest.raises(WaitTimeout):
            watch(world, options={"max_polls": polls, "poll_interval": 2.0}, made_now=False)
        assert len(world.sent) == polls


def test_a_wait_without_a_model_learns_it_from_the_record() -> None:
    world = World(lambda _, time: record("success" if time > 1200 else "waiting", model="kling/v2-1-pro"))
    assert watch(world, made_now=False).succeeded


def test_another_tasks_record_is_not_taken_for_ones_own() -> None:
    other = reply({"taskId": "0" * 32, "state": "success", "resultJson": '{"resultUrls":["https://e.com/other"]}'})
    assert watch(World([other, record("success")])).urls == ("https://example.com/1.png",)
    with pytest.raises(ProtocolError, match="answered about"):
        watch(World([other]))


def test_a_deadline_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="deadline"):
        watch(World([record("waiting")]), deadline=float("nan"))


def test_a_look_at_the_deadline_may_not_take_much_longer() -> None:
    world = ends_after(1000)
    with pytest.raises(WaitTimeout):
        watch(world, deadline=30, options={"poll_interval": 10.0})
    assert [request.timeout for request in world.sent] == [20.0, 10.0, 3.0]


@pytest.mark.parametrize(
    "accident",
    [
        LOST,
        REFUSED,
        page(502),
        page(403),
        reply(None, code=429),
        reply(None, code=455),
        reply(None, code=500),
        _NO_DATA,
    ],
    ids=repr,
)
def test_an_accident_on_the_way_ends_no_wait(accident: Answer) -> None:
    world = World([record("waiting"), accident, accident, record("success")])
    assert watch(world).urls == ("https://example.com/1.png",)


def test_a_service_that_is_down_until_the_deadline_is_told_as_the_timeouts_cause() -> None:
    with pytest.raises(WaitTimeout, match="not seen yet") as caught:
        watch(World([page(502)]), deadline=60)
    assert "502" in str(caught.value.__cause__)


def test_a_retry_after_is_heeded_but_not_beyond_the_deadline() -> None:
    world = World([reply(None, code=429, retry_after="50"), record("success")])
    watch(world, options={"poll_interval": 1.0})
    assert world.pauses == [1.0, 50.0]
    world = World([reply(None, code=429, retry_after="500"), record("success")])
    watch(world, options={"poll_interval": 1.0}, deadline=20)
    assert sum(world.pauses) == 20


def test_a_record_that_is_not_there_yet_is_waited_for_90_seconds() -> None:
    world = World(lambda _, time: NO_RECORD if time < 80 else record("success"))
    assert watch(world).succeeded
    world = World([NO_RECORD])
    with pytest.raises(NotFound) as caught:
        watch(world)
    assert 90 <= world.time - 1000 < 150
    assert caught.value.task_id == TASK_ID


@pytest.mark.parametrize("made_now", [True, False])
def test_a_service_of_ours_knows_its_tasks_at_once(made_now: bool) -> None:
    unknown = msgspec.structs.replace(NO_RECORD, headers={HEADER.lower(): "events"})
    world = World([unknown])
    with pytest.raises(NotFound) as caught:
        watch(world, options={"base_url": "https://pictures.example.com"}, made_now=made_now)
    assert len(world.sent) == 1
    assert caught.value.task_id == TASK_ID


def test_a_record_that_is_gone_for_a_moment_ends_no_wait_however_old_it_is() -> None:
    world = World(lambda _, time: record("success") if time > 400 else NO_RECORD if 200 < time < 270 else record("x"))
    assert watch(world, model="nano-banana-pro").succeeded
    late = World([NO_RECORD, record("success")])
    assert watch(late, options={"poll_interval": 120.0}).succeeded


@pytest.mark.parametrize(
    ("answer", "kind", "looks"),
    [
        (page(401), AuthenticationFailed, 1),
        (page(404), NotFound, 1),
        (page(403), AccessBlocked, 5),
        (page(200), ProtocolError, 5),
    ],
)
def test_a_wait_that_is_no_use_ends_and_says_how_to_go_on(answer: Answer, kind: type[Exception], looks: int) -> None:
    world = World([answer])
    with pytest.raises(kind) as caught:
        watch(world)
    assert len(world.sent) == looks
    assert caught.value.task_id == TASK_ID  # type: ignore[attr-defined]
    assert any(_RESUME in note for note in caught.value.__notes__)


def test_a_success_without_its_result_is_looked_at_again() -> None:
    bare = record("success", resultJson="")
    world = World([bare, bare, record("success")])
    assert watch(world).succeeded
    with pytest.raises(ProtocolError, match="no result"):
        watch(World([bare]))


def test_an_unknown_state_is_not_an_end() -> None:
    assert watch(World([record("pondering"), record("success")])).succeeded


def test_a_failed_task_is_an_answer_to_wait_and_an_error_to_finish() -> None:
    failed = record("fail", failCode="400", failMsg="Invalid image URL")
    assert watch(World([failed])).failed
    with pytest.raises(TaskFailed) as caught:
        World([failed]).run(finish(core(), wanted(made_now=False)))
    assert "Invalid image URL" in str(caught.value)
    assert (caught.value.code, caught.value.fail_code, caught.value.task_id) == (400, "400", TASK_ID)
    cancelled = record("fail", failCode="cancelled", failMsg="by its app")
    with pytest.raises(TaskCancelled):
        World([cancelled]).run(finish(core(), wanted(made_now=False)))


def test_a_result_has_all_that_the_record_says() -> None:
    world = World([record("success", creditsConsumed=4.5, costTime=21)])
    result = world.run(finish(core(), wanted(made_now=False)))
    assert isinstance(result, Result)
    assert (result.url, result.credits, result.seconds) == ("https://example.com/1.png", 4.5, 21)
    assert result.status["creditsConsumed"] == 4.5


def test_every_record_is_shown() -> None:
    seen: list[str] = []
    world = World([record("waiting"), record("generating", progress=40), record("success")])
    watch(world, on_progress=lambda status: seen.append(f"{status.state} {status.progress}"))
    assert seen == ["waiting None", "generating 40", "success None"]


def test_many_waits_of_one_client_keep_the_services_pace() -> None:
    client = core()
    asked: list[float] = []

    def answer(_: Request, time: float) -> Reply:
        asked.append(time)
        return record("success")

    for _ in range(50):
        World(answer).run(wait(client, wanted(made_now=False)))
    asked.sort()
    assert all(later - earlier > 1.0 for earlier, later in zip(asked, asked[10:], strict=False))
