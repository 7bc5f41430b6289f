"""What an error advises: something that helps against its cause, at this service, for this request."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app
from enlarger.client import wire
from enlarger.client.submission import Order
from enlarger.client.submission import create as send_task
from enlarger.client.wire import Reply, Request
from enlarger.errors import FeatureDisabled, ProtocolError, ServiceError, SubmissionUnknown
from tests.cli.loopback import serving
from tests.client.world import LOST, REFUSED, World, core, page, reply

_HOSTED, _OURS, _LOCAL = "https://api.kie.ai", "https://pictures.example.com", "http://127.0.0.1:8686"
_CREDITS = Request(method="GET", path="/api/v1/chat/credit")
_LIST = Request(method="GET", path="/v1/tasks")
_QUOTE = Request(method="POST", path=wire.QUOTE)
_UPLOAD = Request(method="POST", path="/api/file-stream-upload", upload=True)
_CREATE = wire.create_task("google/nano-banana", {"prompt": "a room"}, None, "key")


def told(request: Request, answer: Any, url: str = _HOSTED) -> str:
    with pytest.raises(ServiceError) as caught:
        World([answer]).run(core(base_url=url, max_retries=0).ask(request))
    return str(caught.value)


def told_of_task(answer: Any, url: str = _HOSTED) -> str:
    order = Order(model="google/nano-banana", input={"prompt": "a room"})
    with pytest.raises(ServiceError) as caught:
        World([answer]).run(send_task(core(base_url=url, max_retries=0), order))
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (page(200), "is a web page"),
        (Reply(status_code=200, headers={}, content=b""), "is empty"),
        (Reply(status_code=200, headers={}, content=b" \n"), "is empty"),
        (Reply(status_code=204, headers={}, content=b""), "is empty"),
        (Reply(status_code=200, headers={}, content=b"[]"), "is something else"),
        (Reply(status_code=200, headers={}, content=b"OK"), "is something else"),
    ],
)
def test_an_answer_that_is_none_says_that_the_base_url_may_be_wrong(answer: Reply, says: str) -> None:
    for error in (told(_CREDITS, answer), told_of_task(answer)):
        assert says in error
        assert "base URL may be wrong" in error
    assert "KIE_UPLOAD_URL" in told(_UPLOAD, answer)
    assert "KIE_BASE_URL" not in told(_UPLOAD, answer)
    with pytest.raises(SubmissionUnknown, match="charged twice"):
        World([answer]).run(send_task(core(), Order(model="m", input={})))


def test_a_key_of_another_request_is_not_to_be_sent_again() -> None:
    said = "The Idempotency-Key was used before, for another request: use a new key for a new task"
    fault = {"field": "Idempotency-Key", "code": "idempotency_key_reused", "message": said}
    body = msgspec.json.encode({"code": 422, "msg": said, "data": None, "errors": [fault]})
    assert told_of_task(Reply(status_code=200, headers={}, content=body), _OURS) == f"{said} (code 422)."


@pytest.mark.parametrize("code", [429, 430])
def test_whoever_shall_wait_long_is_told_how_long(code: int) -> None:
    for request in (_CREDITS, _CREATE, _UPLOAD):
        error = told(request, reply(code=code, message="slow", retry_after="120"))
        assert "120 s" in error
        assert "max_retries" not in error
        assert "max_retries" in told(request, reply(code=code, message="slow", retry_after="2"))


def test_a_vpn_is_for_the_hosted_service_alone() -> None:
    for request in (_CREDITS, _CREATE):
        for answer in (page(403), reply(code=403, message="no", status=403)):
            assert "VPN" in told(request, answer)
            for url in (_OURS, _LOCAL, "http://localhost:1"):
                error = told(request, answer, url)
                assert "VPN" not in error
                assert "countries" not in error
            assert "on this machine" in told(request, answer, _LOCAL)
            assert "pictures.example.com" in told(request, answer, _OURS)


@pytest.mark.parametrize("code", [400, 413, 422, 451])
def test_the_catalogue_is_named_only_where_it_says_what_is_wrong(code: int) -> None:
    refused = reply(code=code, message="no")
    for request in (_LIST, _CREDITS, _UPLOAD):
        assert "enlarger models" not in told(request, refused)
    beside = wire.Reply(
        status_code=200,
        headers={},
        content=b'{"code":422,"msg":"no","errors":[{"field":"callBackUrl","code":"invalid","message":"no"}]}',
    )
    assert "enlarger models" not in told_of_task(beside)
    assert ("enlarger models" in told_of_task(refused)) == (code in (400, 422))


def test_what_does_not_answer_is_named_with_its_own_setting() -> None:
    for failure in (LOST, REFUSED):
        assert "KIE_BASE_URL" in told(_CREDITS, failure, _OURS)
        assert "enlarger up" in told(_CREDITS, failure, _LOCAL)
        hosted = told(_UPLOAD, failure)
        assert "kieai.redpandaai.co" in hosted
        assert "KIE_UPLOAD_URL" in hosted


def test_a_page_that_is_no_answer_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        wire.read(page(200))


@pytest.mark.parametrize(
    ("code", "message", "once"),
    [
        (402, "Credits insufficient: the task costs 9, the account has 1. Top it up.", "top "),
        (402, "The account has too few credits", "top "),
        (505, "The model m is switched off at this service: use another one", "another "),
        (505, "This is off", "another "),
        (500, "This interface is temporarily paused", "another "),
    ],
)
def test_no_remedy_is_said_twice(code: int, message: str, once: str) -> None:
    assert told_of_task(reply(code=code, message=message)).lower().count(once) == 1


_OFF = (reply(code=505), reply(code=505, message="It is off: use another one"))


@pytest.mark.parametrize("answer", [*_OFF, reply(code=500, message="This interface is temporarily paused.")])
def test_what_is_switched_off_is_asked_for_once_whatever_it_is(answer: Reply) -> None:
    for request in (_CREDITS, _LIST, _UPLOAD, _QUOTE):
        world = World([answer])
        with pytest.raises(FeatureDisabled) as caught:
            world.run(core(max_retries=4).ask(request))
        assert (len(world.sent), world.pauses, caught.value.code) == (1, [], 505)
    world = World([answer])
    with pytest.raises(FeatureDisabled):
        world.run(send_task(core(max_retries=4), Order(model="m", input={})))
    assert (len(world.sent), world.pauses) == (1, [])


@pytest.mark.parametrize("answer", [*_OFF, reply(code=402), reply(code=433, message="Top it up")])
def test_only_whoever_makes_a_task_hears_that_it_was_not_made(answer: Reply) -> None:
    assert told_of_task(answer).endswith("The task was not made.")
    for request in (_CREDITS, _LIST, _UPLOAD, _QUOTE):
        assert "task was not made" not in told(request, answer)


def test_who_uploads_or_lists_is_not_sent_to_another_model() -> None:
    for request in (_CREDITS, _LIST, _UPLOAD):
        assert "model" not in told(request, reply(code=505))
    assert "Choose another model" in told(_QUOTE, reply(code=505))
    assert "URL of the file" in told(_UPLOAD, reply(code=505))


@pytest.mark.parametrize(
    ("fields", "helps"),
    [
        ([("prompt", "required")], True),
        ([("callBackUrl", "callback_refused"), ("prompt", "required")], True),
        ([("callBackUrl", "callback_refused")], False),
        ([("model", "cannot_run")], False),
        ([("model", "not_an_option")], True),  # some models have a field of this name
        ([], True),
    ],
)
def test_the_catalogue_is_named_where_a_field_of_the_model_may_be_wrong(
    fields: list[tuple[str, str]], helps: bool
) -> None:
    problems = [{"field": field, "code": code, "message": "no"} for field, code in fields]
    body = msgspec.json.encode({"code": 422, "msg": "no", "errors": problems})
    assert ("enlarger models" in told_of_task(Reply(status_code=200, headers={}, content=body))) == helps
    with serving(lambda _: (200, {}, body)) as url:
        asked = ["run", "nano-banana", "-i", "prompt=a room", "--no-wait", "--base-url", url, "--api-key", "a key"]
        ended = CliRunner().invoke(app, asked)
    assert isinstance(ended.exception, SystemExit), ended.output
    assert ended.exit_code == 6
    assert ("enlarger models show" in ended.stderr) == helps
