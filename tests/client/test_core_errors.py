"""Which error an answer becomes, and what is refused before or without another try."""

from __future__ import annotations

import pickle

import pytest

from enlarger.client import calls, wire
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
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    SubmissionUnknown,
)
from tests.client.submissions import INPUT, create
from tests.client.world import NO_RECORD, OURS, REFUSED, Answer, World, core, created, page, reply


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
        world.run(send_task(core(), Order(model="m", input=INPUT, idempotency_key=key)))
    assert not world.sent


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}, "\ud800"], ids=range(4))
def test_an_input_that_json_does_not_have_is_refused_before_anything_is_sent(value: object) -> None:
    world = World([created()])
    with pytest.raises(InvalidInput, match="JSON"):
        world.run(send_task(core(), Order(model="m", input={"x": value})))
    assert not world.sent


def test_errors_can_be_sent_to_another_process() -> None:
    for error in (
        InputRefused("no", code=422, request_id="r", remedy="do", faults=[("prompt", "empty", "say it")]),
        InvalidInput("prompt", "no", [("prompt", "empty", "say it")]),
        RateLimited("slow", code=429),
    ):
        twin = pickle.loads(pickle.dumps(error))
        assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))
