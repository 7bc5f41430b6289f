"""What is sent again, and what never is."""

from __future__ import annotations

import msgspec
import pytest

from enlarger.client import wire
from enlarger.client.effects import Send
from enlarger.client.wire import Reply
from enlarger.errors import (
    FeatureDisabled,
    InvalidInput,
    NotSupported,
    RateLimited,
    ServiceError,
    ServiceUnreachable,
    SubmissionUnknown,
)
from tests.client.submissions import HEAD, NO_DATA, PLAIN_HEAD, TRUNCATED, create
from tests.client.world import LOST, OURS, REFUSED, TASK_ID, Answer, World, core, created, page, record, reply


@pytest.mark.parametrize(
    "refusal",
    [
        REFUSED,
        reply(code=429, message="Too many requests"),
        reply(code=430),
        reply(code=455, message="maintenance"),
        reply(code=550),
        page(429),
    ],
)
def test_a_task_that_was_surely_refused_is_sent_again_with_the_same_key(refusal: Answer) -> None:
    world = World([refusal, refusal, created()])
    assert world.run(create(core())) == TASK_ID
    assert world.creates == 3
    assert len({request.headers["Idempotency-Key"] for request in world.sent}) == 1


@pytest.mark.parametrize("accident", [LOST, page(502), page(500), page(504), TRUNCATED, NO_DATA], ids=repr)
def test_a_task_that_may_have_been_made_is_never_sent_again(accident: Answer) -> None:
    world = World([accident, created()])
    with pytest.raises(SubmissionUnknown) as caught:
        world.run(create(core()))
    assert world.creates == 1
    assert caught.value.idempotency_key == world.sent[0].headers["Idempotency-Key"]
    assert "may have been made" in str(caught.value)


@pytest.mark.parametrize("accident", [LOST, page(502), TRUNCATED, NO_DATA, reply(code=500)], ids=repr)
def test_a_service_that_honours_idempotency_keys_is_asked_again(accident: Answer) -> None:
    world = World([accident, HEAD, accident, created()])
    assert world.run(create(core(base_url="http://ours"))) == TASK_ID
    assert world.creates == 3
    creates = [request for request in world.sent if request.method == "POST"]
    assert len({request.headers["Idempotency-Key"] for request in creates}) == 1


def test_what_a_service_can_do_is_believed_only_of_the_service_itself() -> None:
    world = World([LOST, PLAIN_HEAD, created()])
    with pytest.raises(SubmissionUnknown):
        world.run(create(core(base_url="http://another")))
    assert world.creates == 1
    world = World([LOST, page(502), page(502), HEAD, created()])
    assert world.run(create(core(base_url="http://ours-behind-a-proxy"))) == TASK_ID


def test_a_service_that_stays_silent_leaves_the_fate_unknown() -> None:
    world = World([LOST])
    with pytest.raises(SubmissionUnknown):
        world.run(create(core(base_url="http://gone", max_retries=2)))
    assert world.creates == 1


def test_the_hosted_service_is_not_asked_what_it_can_do() -> None:
    world = World([LOST])
    with pytest.raises(SubmissionUnknown):
        world.run(create(core()))
    assert [request.method for request in world.sent] == ["POST"]


def test_the_hosted_service_is_not_believed_to_have_our_extensions() -> None:
    world = World([msgspec.structs.replace(reply(code=429), headers=OURS), LOST, created()])
    with pytest.raises(SubmissionUnknown):
        world.run(create(core()))
    assert world.creates == 2


def test_a_model_that_is_paused_is_refused_at_once() -> None:
    world = World([reply(code=500, message="This interface is temporarily paused.")])
    with pytest.raises(FeatureDisabled, match=r"temporarily paused.*Choose another model") as caught:
        world.run(create(core()))
    assert not isinstance(caught.value, SubmissionUnknown)
    assert world.creates == 1


_SURE_CODES = {400, 401, 402, 403, 404, 405, 409, 413, 422, 429, 430, 433, 451, 455, 501, 505, 550}
"""The body codes that the service's documents give a reason to each of which no task is made; 409 is ours."""
_SURE_STATUSES = {301, 307, 308, 400, 401, 402, 403, 404, 405, 407, 413, 422, 429, 430, 451}


@pytest.mark.parametrize("status", [200, 500, 502, "same"])
def test_only_a_code_that_surely_refuses_is_no_unknown_submission(status: int | str) -> None:
    for code in range(1000):
        if code == 200:
            continue
        seen = int(status) if isinstance(status, int) else code
        if seen < 200:
            continue  # no final answer
        world = World([reply(code=code, message="Server exception, please try again later", status=seen)])
        with pytest.raises(ServiceError) as caught:
            world.run(create(core(max_retries=0)))
        sure = code in _SURE_CODES and (seen < 500 or seen == code)
        assert isinstance(caught.value, SubmissionUnknown) is not sure, (seen, code)
        assert world.creates == 1


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"null", b"[]", b'{"error":"no"}', b'{"code":"x"}'])
def test_without_a_code_only_a_status_that_surely_refuses_counts(body: bytes) -> None:
    for status in range(200, 600):
        world = World([Reply(status_code=status, headers={}, content=body)])
        with pytest.raises(ServiceError) as caught:
            world.run(create(core(max_retries=0)))
        assert isinstance(caught.value, SubmissionUnknown) is (status not in _SURE_STATUSES), status


@pytest.mark.parametrize(
    ("message", "sure"),
    [
        ("image is required", True),
        ("The 'prompt' field is required.", True),
        ("Your credits are insufficient, please top up", True),
        ("A task is required to finish; created, but credits insufficient to notify", False),
        ("Internal error: a lock is required for recordInfo", False),
        ("Server exception, please try again later or contact customer service", False),
        ("", False),
    ],
)
def test_words_that_come_with_500_count_only_where_they_are_the_whole_message(message: str, sure: bool) -> None:
    world = World([reply(code=500, message=message), created()])
    with pytest.raises((ServiceError, InvalidInput)) as caught:
        world.run(create(core()))
    assert isinstance(caught.value, SubmissionUnknown) is not sure
    assert world.creates == 1


def test_tries_come_to_an_end() -> None:
    world = World([reply(code=429)])
    with pytest.raises(RateLimited):
        world.run(create(core(max_retries=3)))
    assert world.creates == 4
    world = World([REFUSED])
    with pytest.raises(ServiceUnreachable):
        world.run(create(core(max_retries=0)))
    assert world.creates == 1


def test_retry_after_is_heeded() -> None:
    world = World([reply(code=429, retry_after="37"), created()])
    world.run(create(core()))
    assert world.pauses[0] >= 37


@pytest.mark.parametrize("accident", [LOST, REFUSED, page(502), reply(code=429), TRUNCATED])
def test_what_only_reads_is_asked_again(accident: Answer) -> None:
    world = World([accident, accident, record("waiting")])
    assert world.run(core().ask(wire.record_info(TASK_ID)))["state"] == "waiting"
    assert len(world.pauses) == 2


def test_what_only_our_service_can_do_is_refused_elsewhere_and_not_tried() -> None:
    world = World([PLAIN_HEAD])
    with pytest.raises(NotSupported, match="cannot cancel a task"):
        world.run(core(base_url="http://another").require("cancel", "cancel a task"))
    assert [request.method for request in world.sent] == ["HEAD"]


@pytest.mark.parametrize(
    "refusal",
    [reply(code=429), reply(code=409), reply(code=455), REFUSED, reply(code=500), page(401), reply(code=402)],
    ids=repr,
)
def test_a_doubt_about_an_earlier_try_is_not_forgotten(refusal: Answer) -> None:
    world = World([LOST, HEAD, refusal])
    with pytest.raises(SubmissionUnknown) as caught:
        world.run(create(core(base_url="http://ours", max_retries=2)))
    assert caught.value.idempotency_key == world.sent[0].headers["Idempotency-Key"]


def test_a_service_of_ours_that_has_limits_is_asked_in_their_pace() -> None:
    client = core(base_url="http://ours")
    refused = Reply(status_code=200, headers=OURS, content=reply(code=429).content)
    with pytest.raises(RateLimited):
        World([refused]).run(client.look("x"))
    world = World([Reply(status_code=200, headers=OURS, content=created().content)])
    for _ in range(60):
        world.run(create(client))
    assert sum(world.pauses) == pytest.approx(2 * 10.5)


@pytest.mark.parametrize("code", [408, 502, 504])
def test_an_envelope_around_a_timeout_proves_nothing(code: int) -> None:
    with pytest.raises(SubmissionUnknown):
        World([reply(code=code, message="upstream timeout")]).run(create(core()))


def test_whoever_is_asked_to_come_again_much_later_is_told_so() -> None:
    for flow in (create(core()), core().ask(wire.record_info("x"))):
        world = World([reply(code=429, retry_after="3000")])
        with pytest.raises(RateLimited) as caught:
            world.run(flow)
        assert caught.value.retry_after == 3000
        assert not world.pauses


def test_whoever_is_interrupted_is_told_that_there_may_be_a_task() -> None:
    flow = create(core(base_url="http://ours"))
    assert isinstance(next(flow), Send)
    with pytest.raises(KeyboardInterrupt) as caught:
        flow.throw(KeyboardInterrupt())
    assert "Idempotency-Key" in caught.value.__notes__[0]


def test_the_pace_of_our_own_service_is_its_own_business() -> None:
    client = core(base_url="http://ours")
    world = World(lambda *_: Reply(status_code=200, headers=OURS, content=created().content))
    for _ in range(60):
        world.run(create(client))
    assert not world.pauses
    hosted = core()
    world = World([created()])
    for _ in range(60):
        world.run(create(hosted))
    assert sum(world.pauses) == pytest.approx(2 * 10.5)
