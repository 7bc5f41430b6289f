"""What is sent again, and what never is."""

from __future__ import annotations

import pytest

from enlarger.client import wire
from enlarger.client.core import Core
from enlarger.client.effects import Flow
from enlarger.client.schedule import Pace
from enlarger.client.wire import Reply
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    InputRefused,
    InsufficientCredits,
    InvalidInput,
    Maintenance,
    NotFound,
    NotSupported,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    SubmissionUnknown,
)
from tests.client.world import (
    LOST,
    NO_RECORD,
    OURS,
    REFUSED,
    TASK_ID,
    Answer,
    World,
    core,
    created,
    page,
    record,
    reply,
)

_INPUT = {"prompt": "a room"}
_TRUNCATED = Reply(status=200, headers={}, body=b'{"code":200,"msg":"succ')
_NO_DATA = Reply(status=200, headers={}, body=b'{"code":200,"msg":"success"}')
_HEAD = Reply(status=200, headers=OURS)
_PLAIN_HEAD = Reply(status=404, headers={})


def create(client: Core) -> Flow[str]:
    return client.create("google/nano-banana", _INPUT, None)


@pytest.mark.parametrize(
    "refusal",
    [
        REFUSED,
        reply(None, code=429, message="Too many requests"),
        reply(None, code=430),
        reply(None, code=455, message="maintenance"),
        reply(None, code=550),
        page(429),
    ],
)
def test_a_task_that_was_surely_refused_is_sent_again_with_the_same_key(refusal: Answer) -> None:
    world = World([refusal, refusal, created()])
    assert world.run(create(core())) == TASK_ID
    assert world.creates == 3
    assert len({request.headers["Idempotency-Key"] for request in world.sent}) == 1


@pytest.mark.parametrize("accident", [LOST, page(502), page(500), page(504), _TRUNCATED, _NO_DATA], ids=repr)
def test_a_task_that_may_have_been_made_is_never_sent_again(accident: Answer) -> None:
    world = World([accident, created()])
    with pytest.raises(SubmissionUnknown) as caught:
        world.run(create(core()))
    assert world.creates == 1
    assert caught.value.idempotency_key == world.sent[0].headers["Idempotency-Key"]
    assert "may have been made" in str(caught.value)


@pytest.mark.parametrize("accident", [LOST, page(502), _TRUNCATED, _NO_DATA, reply(None, code=500)], ids=repr)
def test_a_service_that_honours_idempotency_keys_is_asked_again(accident: Answer) -> None:
    world = World([accident, _HEAD, accident, created()])
    assert world.run(create(core(base_url="http://ours"))) == TASK_ID
    assert world.creates == 3
    creates = [request for request in world.sent if request.method == "POST"]
    assert len({request.headers["Idempotency-Key"] for request in creates}) == 1


def test_what_a_service_can_do_is_believed_only_of_the_service_itself() -> None:
    world = World([LOST, _PLAIN_HEAD, created()])
    with pytest.raises(SubmissionUnknown):
        world.run(create(core(base_url="http://another")))
    assert world.creates == 1
    world = World([LOST, page(502), page(502), _HEAD, created()])
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


def test_a_failure_in_the_services_own_words_is_told_in_these_words() -> None:
    world = World([reply(None, code=500, message="This interface is temporarily paused.")])
    with pytest.raises(ServiceUnavailable, match=r"temporarily paused") as caught:
        world.run(create(core()))
    assert not isinstance(caught.value, SubmissionUnknown)
    assert world.creates == 1


def test_tries_come_to_an_end() -> None:
    world = World([reply(None, code=429)])
    with pytest.raises(RateLimited):
        world.run(create(core(max_retries=3)))
    assert world.creates == 4
    world = World([REFUSED])
    with pytest.raises(ServiceUnreachable):
        world.run(create(core(max_retries=0)))
    assert world.creates == 1


def test_retry_after_is_heeded() -> None:
    world = World([reply(None, code=429, retry_after="37"), created()])
    world.run(create(core()))
    assert world.pauses[0] >= 37


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply(None, code=401, message="You do not have access permissions"), AuthenticationFailed, "KIE_API_KEY"),
        (page(401), AuthenticationFailed, "KIE_API_KEY"),
        (page(403), AccessBlocked, "KIE_PROXY"),
        (reply(None, code=402, message="Credits insufficient"), InsufficientCredits, "Credits insufficient"),
        (reply(None, code=433), InsufficientCredits, "limit"),
        (reply(None, code=500, message="Your credits are insufficient"), InsufficientCredits, "Top the account up"),
        (reply(None, code=404, message="no such model"), NotFound, "no such model"),
        (page(404), NotFound, "nothing there"),
        (NO_RECORD, NotFound, "recordInfo is null"),
        (reply(None, code=400), InputRefused, "input"),
        (reply(None, code=422, message="url is wrong"), InputRefused, "url is wrong"),
        (reply(None, code=500, message="image is required"), InputRefused, "image is required"),
        (reply(None, code=413, message="prompt too long"), InputRefused, "prompt too long"),
        (reply(None, code=451), InputRefused, "upload"),
        (reply(None, code=429), RateLimited, "slowly"),
        (page(429), RateLimited, "slowly"),
        (reply(None, code=455), Maintenance, "later"),
        (reply(None, code=505), ServiceUnavailable, "switched this off"),
        (page(502), ServiceUnavailable, "code 502"),
        (reply(None, code=418), ServiceError, "418"),
        (page(200), ProtocolError, "KIE_BASE_URL"),
        (REFUSED, ServiceUnreachable, "KIE_BASE_URL"),
    ],
)
def test_an_answer_becomes_the_error_that_it_means(answer: Answer, kind: type[ServiceError], words: str) -> None:
    with pytest.raises(ServiceError) as caught:
        World([answer]).run(core(max_retries=0).ask(wire.record_info(TASK_ID)))
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert caught.value.remedy


def test_an_error_has_its_code_and_the_services_name_for_the_request() -> None:
    with pytest.raises(ServiceError) as caught:
        World([reply(None, code=422, message="bad", x_request_id="abc-1")]).run(core().ask(wire.record_info("x")))
    assert (caught.value.code, caught.value.request_id) == (422, "abc-1")
    assert "(code 422, request abc-1)" in str(caught.value)


def test_the_fields_of_a_refused_input_are_told() -> None:
    body = b'{"code":422,"msg":"no","data":null,"errors":[{"field":"prompt","code":"missing","message":"say it"}]}'
    with pytest.raises(InvalidInput) as caught:
        World([Reply(status=200, headers={}, body=body)]).run(core().ask(wire.record_info("x")))
    assert isinstance(caught.value, InputRefused)
    assert caught.value.field == "prompt"
    assert caught.value.faults == (("prompt", "missing", "say it"),)


def test_message_is_read_where_msg_is_missing_and_a_real_status_counts_as_the_code_does() -> None:
    body = b'{"code":200,"message":"success","data":{"x":1}}'
    ok = Reply(status=200, headers={}, body=body)
    assert World([ok]).run(core().ask(wire.record_info("x"))) == {"x": 1}
    with pytest.raises(ServiceUnavailable):
        World([Reply(status=503, headers={}, body=body)]).run(core(max_retries=0).ask(wire.record_info("x")))
    refused = Reply(status=422, headers={}, body=b'{"code":422,"message":"old words"}')
    with pytest.raises(InputRefused, match="old words"):
        World([refused]).run(core().ask(wire.record_info("x")))


@pytest.mark.parametrize("accident", [LOST, REFUSED, page(502), reply(None, code=429), _TRUNCATED])
def test_what_only_reads_is_asked_again(accident: Answer) -> None:
    world = World([accident, accident, record("waiting")])
    assert world.run(core().ask(wire.record_info(TASK_ID)))["state"] == "waiting"
    assert len(world.pauses) == 2


def test_what_only_our_service_can_do_is_refused_elsewhere_and_not_tried() -> None:
    world = World([_PLAIN_HEAD])
    with pytest.raises(NotSupported, match="cannot cancel a task"):
        world.run(core(base_url="http://another").require("cancel", "cancel a task"))
    assert [request.method for request in world.sent] == ["HEAD"]


def test_the_pace_never_passes_the_limit_in_any_window() -> None:
    pace = Pace(10, 1.0)
    times = sorted(now + pace.reserve(now) for now in [step * 0.03 for step in range(200)])
    assert all(later - earlier >= 1.0 - 1e-9 for earlier, later in zip(times, times[10:], strict=False))
    assert times[9] < 1.0


def test_the_pace_of_our_own_service_is_its_own_business() -> None:
    client = core(base_url="http://ours")
    world = World(lambda *_: Reply(status=200, headers=OURS, body=created().body))
    for _ in range(60):
        world.run(create(client))
    assert not world.pauses
    hosted = core()
    world = World([created()])
    for _ in range(60):
        world.run(create(hosted))
    assert sum(world.pauses) == pytest.approx(2 * 10.5)
