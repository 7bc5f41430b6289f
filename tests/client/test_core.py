"""What is sent again, and what never is."""

from __future__ import annotations

import pickle

import msgspec
import pytest

from enlarger.client import calls, wire
from enlarger.client.core import Core
from enlarger.client.effects import Flow, Send
from enlarger.client.submission import Order
from enlarger.client.submission import create as send_task
from enlarger.client.wire import Reply
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    FeatureDisabled,
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
_TRUNCATED = Reply(status_code=200, headers={}, content=b'{"code":200,"msg":"succ')
_NO_DATA = Reply(status_code=200, headers={}, content=b'{"code":200,"msg":"success"}')
_HEAD = Reply(status_code=200, headers=OURS)
_PLAIN_HEAD = Reply(status_code=404, headers={})


def create(client: Core) -> Flow[str]:
    return (yield from send_task(client, Order(model="google/nano-banana", input=_INPUT))).task_id


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


@pytest.mark.parametrize("accident", [LOST, page(502), page(500), page(504), _TRUNCATED, _NO_DATA], ids=repr)
def test_a_task_that_may_have_been_made_is_never_sent_again(accident: Answer) -> None:
    world = World([accident, created()])
    with pytest.raises(SubmissionUnknown) as caught:
        world.run(create(core()))
    assert world.creates == 1
    assert caught.value.idempotency_key == world.sent[0].headers["Idempotency-Key"]
    assert "may have been made" in str(caught.value)


@pytest.mark.parametrize("accident", [LOST, page(502), _TRUNCATED, _NO_DATA, reply(code=500)], ids=repr)
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


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (reply(code=401, message="You do not have access permissions"), AuthenticationFailed, "KIE_API_KEY"),
        (page(401), AuthenticationFailed, "KIE_API_KEY"),
        (page(403), AccessBlocked, "KIE_PROXY"),
        (reply(code=402, message="Credits insufficient"), InsufficientCredits, "Credits insufficient"),
        (reply(code=433), InsufficientCredits, "limit"),
        (reply(code=500, message="Your credits are insufficient"), InsufficientCredits, "Top the account up"),
        (reply(code=404, message="no such model"), NotFound, "no such model"),
        (page(404), NotFound, "nothing there"),
        (NO_RECORD, NotFound, "recordInfo is null"),
        (reply(code=400), InputRefused, "input"),
        (reply(code=422, message="url is wrong"), InputRefused, "url is wrong"),
        (reply(code=500, message="image is required"), InputRefused, "image is required"),
        (reply(code=413, message="prompt too long"), InputRefused, "prompt too long"),
        (reply(code=451), InputRefused, "upload"),
        (reply(code=429), RateLimited, "slowly"),
        (page(429), RateLimited, "slowly"),
        (reply(code=455), Maintenance, "later"),
        (reply(code=505), FeatureDisabled, "another model"),
        (page(502), ServiceUnavailable, "code 502"),
        (reply(code=418), ServiceError, "418"),
        (page(200), ProtocolError, "KIE_BASE_URL"),
        (REFUSED, ServiceUnreachable, "KIE_BASE_URL"),
    ],
)
def test_an_answer_becomes_the_error_that_it_means(answer: Answer, kind: type[ServiceError], words: str) -> None:
    with pytest.raises(ServiceError) as caught:
        World([answer]).run(core(max_retries=0).ask(wire.create_task("m", {}, None, "key")))
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert caught.value.remedy


def test_an_error_has_its_code_and_the_services_name_for_the_request() -> None:
    with pytest.raises(ServiceError) as caught:
        World([reply(code=422, message="bad", x_request_id="abc-1")]).run(core().ask(wire.record_info("x")))
    assert (caught.value.code, caught.value.request_id) == (422, "abc-1")
    assert "(code 422, request abc-1)" in str(caught.value)


def test_the_fields_of_a_refused_input_are_told() -> None:
    body = b'{"code":422,"msg":"no","data":null,"errors":[{"field":"prompt","code":"missing","message":"say it"}]}'
    with pytest.raises(InvalidInput) as caught:
        World([Reply(status_code=200, headers={}, content=body)]).run(core().ask(wire.record_info("x")))
    assert isinstance(caught.value, InputRefused)
    assert caught.value.field == "prompt"
    assert caught.value.faults == (("prompt", "missing", "say it"),)


def test_message_is_read_where_msg_is_missing_and_a_real_status_counts_as_the_code_does() -> None:
    body = b'{"code":200,"message":"success","data":{"x":1}}'
    ok = Reply(status_code=200, headers={}, content=body)
    assert World([ok]).run(core().ask(wire.record_info("x"))) == {"x": 1}
    with pytest.raises(ServiceUnavailable):
        World([Reply(status_code=503, headers={}, content=body)]).run(core(max_retries=0).ask(wire.record_info("x")))
    refused = Reply(status_code=422, headers={}, content=b'{"code":422,"message":"old words"}')
    with pytest.raises(InputRefused, match="old words"):
        World([refused]).run(core().ask(wire.record_info("x")))


@pytest.mark.parametrize("accident", [LOST, REFUSED, page(502), reply(code=429), _TRUNCATED])
def test_what_only_reads_is_asked_again(accident: Answer) -> None:
    world = World([accident, accident, record("waiting")])
    assert world.run(core().ask(wire.record_info(TASK_ID)))["state"] == "waiting"
    assert len(world.pauses) == 2


def test_what_only_our_service_can_do_is_refused_elsewhere_and_not_tried() -> None:
    world = World([_PLAIN_HEAD])
    with pytest.raises(NotSupported, match="cannot cancel a task"):
        world.run(core(base_url="http://another").require("cancel", "cancel a task"))
    assert [request.method for request in world.sent] == ["HEAD"]


@pytest.mark.parametrize(
    "file",
    ["abc", "https://x.example/files/abc/1.png?expires=1&signature=s", "http://x.example/enlarger/files/abc/a%20b.png"],
)
def test_a_file_is_removed_by_its_id_or_link_and_the_key_goes_to_the_service_alone(file: str) -> None:
    world = World([Reply(status_code=200, headers=OURS, content=b""), reply()])
    world.run(calls.delete_file(core(base_url="http://ours"), file))
    assert [(request.method, request.path) for request in world.sent] == [("HEAD", "/"), ("DELETE", "/v1/files/abc")]


@pytest.mark.parametrize(
    "file", ["https://x.example/1.png", "https://x.example/files/", "https://x.example/files//a", "http://[broken"]
)
def test_an_address_that_is_no_link_of_a_service_is_refused(file: str) -> None:
    world = World([Reply(status_code=200, headers=OURS, content=b"")])
    with pytest.raises(InvalidInput, match="not a link of this service"):
        world.run(calls.delete_file(core(base_url="http://ours"), file))
    assert [request.method for request in world.sent] == ["HEAD"]


@pytest.mark.parametrize(
    "refusal",
    [reply(code=429), reply(code=409), reply(code=455), REFUSED, reply(code=500), page(401), reply(code=402)],
    ids=repr,
)
def test_a_doubt_about_an_earlier_try_is_not_forgotten(refusal: Answer) -> None:
    world = World([LOST, _HEAD, refusal])
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


def test_a_redirect_is_a_wrong_address_and_no_doubt() -> None:
    moved = Reply(status_code=307, headers={"location": "https://user:secret@other.example/api?token=1"}, content=b"")
    with pytest.raises(ServiceError, match=r"redirects to https://other\.example") as caught:
        World([moved]).run(create(core()))
    assert type(caught.value) is ServiceError
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":200,"msg":"\xff"}',
        b'{"code":"\xc2\xb2"}',
        b'{"code":' + b"9" * 5000 + b"}",
        b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"code":200,"data":{"taskId":7}}',
        b'[{"code":200}]',
    ],
    ids=range(6),
)
def test_an_answer_that_cannot_be_read_leaves_a_doubt_and_no_traceback(body: bytes) -> None:
    with pytest.raises(SubmissionUnknown):
        World([Reply(status_code=200, headers={}, content=body)]).run(create(core()))


@pytest.mark.parametrize("key", ["", " key", "key\n", "ключ", "x" * 256])
def test_a_key_that_no_header_can_have_is_refused_before_anything_is_sent(key: str) -> None:
    world = World([created()])
    with pytest.raises(InvalidInput, match="idempotency_key"):
        world.run(send_task(core(), Order(model="m", input=_INPUT, idempotency_key=key)))
    assert not world.sent


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}, "\ud800"], ids=range(4))
def test_an_input_that_json_does_not_have_is_refused_before_anything_is_sent(value: object) -> None:
    world = World([created()])
    with pytest.raises(InvalidInput, match="JSON"):
        world.run(send_task(core(), Order(model="m", input={"x": value})))
    assert not world.sent


def test_whoever_is_interrupted_is_told_that_there_may_be_a_task() -> None:
    flow = create(core(base_url="http://ours"))
    assert isinstance(next(flow), Send)
    with pytest.raises(KeyboardInterrupt) as caught:
        flow.throw(KeyboardInterrupt())
    assert "Idempotency-Key" in caught.value.__notes__[0]


def test_errors_can_be_sent_to_another_process() -> None:
    for error in (
        InputRefused("no", code=422, request_id="r", remedy="do", faults=[("prompt", "empty", "say it")]),
        InvalidInput("prompt", "no", [("prompt", "empty", "say it")]),
        RateLimited("slow", code=429),
    ):
        twin = pickle.loads(pickle.dumps(error))
        assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))


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
