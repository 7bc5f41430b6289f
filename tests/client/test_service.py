"""What is known of a service, and how often it is asked."""

from __future__ import annotations

import pytest

from enlarger.client import wire
from enlarger.client.schedule import Pace, backoff
from enlarger.client.wire import Reply
from enlarger.errors import (
    NotSupported,
    ProtocolError,
    ServiceError,
    ServiceUnreachable,
)
from tests.client.world import (
    LOST,
    OURS,
    TASK_ID,
    World,
    core,
    page,
    record,
    reply,
)


def test_the_pace_never_passes_the_limit_in_any_window() -> None:
    pace = Pace(10, 1.0)
    times = sorted(now + pace.reserve(now) for now in [step * 0.03 for step in range(200)])
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in zip(times, times[10:], strict=False))
    assert times[9] < 1.0


def test_an_uploads_host_teaches_nothing_about_the_service() -> None:
    client = core(base_url="http://plain")
    World([Reply(status_code=200, headers=OURS, content=reply({}).content)]).run(
        client.ask(wire.Request(method="POST", path="/api/file-url-upload", upload=True))
    )
    assert client.service.extensions is None


def test_what_a_service_could_do_is_unlearned() -> None:
    client = core(base_url="http://ours")
    json = {"content-type": "application/json"}
    World([Reply(status_code=200, headers=OURS | json, content=record("waiting").content)]).run(
        client.ask(wire.record_info("x"))
    )
    assert client.service.extensions
    World([Reply(status_code=200, headers=json, content=record("waiting").content)]).run(
        client.ask(wire.record_info("x"))
    )
    assert client.service.extensions == frozenset()


@pytest.mark.parametrize("status", [301, 403, 429, 500])
def test_something_in_front_of_a_service_does_not_speak_for_it(status: int) -> None:
    client = core(base_url="http://ours", max_retries=0)
    with pytest.raises(ServiceError) as caught:
        World([page(status)]).run(client.require("list", "list tasks"))
    assert type(caught.value) is not NotSupported
    assert client.service.extensions is None


def test_pauses_grow_and_stay_bounded() -> None:
    assert backoff(1) < 1
    assert 20 <= backoff(5000) <= 25


@pytest.mark.parametrize("tries", [0, 1, 3])
def test_a_question_is_repeated_as_often_as_is_set(tries: int) -> None:
    world = World([LOST])
    with pytest.raises(ServiceUnreachable):
        world.run(core(max_retries=tries).ask(wire.record_info(TASK_ID)))
    assert len(world.sent) == tries + 1


def test_a_whole_answer_of_something_else_is_not_asked_for_again() -> None:
    world = World([page(200)])
    with pytest.raises(ProtocolError):
        world.run(core(max_retries=3).ask(wire.record_info(TASK_ID)))
    assert len(world.sent) == 1
