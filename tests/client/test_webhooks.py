"""Callbacks are believed only as far as their signatures go."""

from __future__ import annotations

import json
from typing import Any

import pytest

from enlarger import webhooks
from enlarger.errors import ConfigurationError, InvalidSignature, ProtocolError
from enlarger.protocol.signatures import sign_body, sign_task

_ID = "5f488be792eafad4b066e21e5bc472c7"
_NOW = 1_786_413_282
_KEY = "webhook-key"
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def body(task_id: str = _ID, **fields: Any) -> bytes:
    data = {"taskId": task_id, "state": "success", "resultJson": '{"resultUrls":["https://e.com/1.png"]}', **fields}
    return json.dumps({"code": 200, "msg": "ok", "taskId": task_id, "data": data}).encode()


def task_headers(timestamp: int = _NOW, key: str = _KEY, task_id: str = _ID) -> dict[str, str]:
    return {"X-Webhook-Timestamp": str(timestamp), "X-Webhook-Signature": sign_task(task_id, timestamp, key)}


def body_headers(content: bytes, timestamp: int = _NOW, key: str = _SECRET) -> dict[str, str]:
    signature = sign_body("msg_1", timestamp, content, key)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def test_the_hosted_signature_proves_the_task() -> None:
    callback = webhooks.unwrap(body(), task_headers(), key=_KEY, now=_NOW)
    assert (callback.verified, callback.task.task_id) == ("task", _ID)
    assert callback.task.urls == ("https://e.com/1.png",)
    lowered = {name.lower(): value for name, value in task_headers().items()}
    assert webhooks.unwrap(body().decode(), lowered, key=["old", _KEY], now=_NOW).verified == "task"


def test_our_signature_proves_every_byte() -> None:
    content = body()
    assert webhooks.unwrap(content, body_headers(content), key=_SECRET, now=_NOW).verified == "body"
    several = body_headers(content)
    several["webhook-signature"] = "v1,bm8= v2,x " + several["webhook-signature"]
    assert webhooks.unwrap(content, several, key=_SECRET, now=_NOW).verified == "body"
    with pytest.raises(InvalidSignature):
        webhooks.unwrap(content + b" ", body_headers(content), key=_SECRET, now=_NOW)


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of https://github.com/standard-webhooks/standard-webhooks, libraries' tests.
    signature = sign_body("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', _SECRET)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("age", [-301, 301])
def test_an_old_callback_is_refused(age: int) -> None:
    with pytest.raises(InvalidSignature, match="301 seconds away"):
        webhooks.unwrap(body(), task_headers(_NOW + age), key=_KEY, now=_NOW)
    content = body()
    with pytest.raises(InvalidSignature, match="301 seconds away"):
        webhooks.unwrap(content, body_headers(content, _NOW + age), key=_SECRET, now=_NOW)
    assert webhooks.unwrap(body(), task_headers(_NOW + 300), key=_KEY, now=_NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Webhook-Timestamp": str(_NOW)},
        {"X-Webhook-Signature": sign_task(_ID, _NOW, _KEY)},
        {**task_headers(), "X-Webhook-Timestamp": "soon"},
        {**task_headers(), "X-Webhook-Timestamp": "٣"},
        {**task_headers(), "X-Webhook-Signature": "é"},
        {**task_headers(), "X-Webhook-Signature": "\udcff"},
        {**task_headers(), "X-Webhook-Timestamp": "9" * 400},
        {name: value for name, value in body_headers(body()).items() if name != "webhook-id"},
        task_headers(key="another"),
        task_headers(task_id="0" * 32),
        {**task_headers(), "webhook-signature": "v1,no"},
        {**body_headers(body()), "webhook-id": "msg_2"},
    ],
)
def test_whatever_is_not_surely_the_services_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidSignature):
        webhooks.unwrap(body(), headers, key=[_KEY, _SECRET], now=_NOW)


@pytest.mark.parametrize("key", ["", [], ["", _KEY], None, "whsec_", "whsec_!"])
def test_no_key_is_no_proof(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="key is missing"):
        webhooks.unwrap(body(), task_headers(), key=key, now=_NOW)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"data":null}',
        b'{"data":{"state":"success"}}',
        b"\xff",
        b'{"data":{"taskId":[],"state":"x"}}',
        b'{"data":{"taskId":{},"state":"x"}}',
        b'{"data":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
    ids=range(8),
)
def test_what_is_no_callback_is_told(content: bytes) -> None:
    with pytest.raises(ProtocolError):
        webhooks.unwrap(content, task_headers(), key=_KEY, now=_NOW)


def test_a_callback_about_two_tasks_is_refused() -> None:
    content = json.dumps({"taskId": _ID, "data": {"task_id": "0" * 32, "state": "success"}}).encode()
    with pytest.raises(ProtocolError, match="several tasks"):
        webhooks.unwrap(content, task_headers(), key=_KEY, now=_NOW)


def test_all_spellings_of_the_id_are_read() -> None:
    for data in ({"taskId": _ID}, {"task_id": _ID}, {"taskId": None}, {}):
        content = json.dumps({"taskId": _ID, "data": {"state": "fail", **data}}).encode()
        assert webhooks.unwrap(content, task_headers(), key=_KEY, now=_NOW).task.task_id == _ID


def test_whoever_knows_that_the_service_is_ours_can_ask_for_the_better_proof() -> None:
    seen = {**task_headers(), **body_headers(body(), key=_KEY)}
    assert webhooks.unwrap(body(), seen, key=_KEY, now=_NOW, proof="body").verified == "body"
    stripped = {name: value for name, value in seen.items() if not name.startswith("webhook-")}
    forged = body(resultJson='{"resultUrls":["https://evil.example"]}')
    with pytest.raises(InvalidSignature):
        webhooks.unwrap(forged, stripped, key=_KEY, now=_NOW, proof="body")


def test_headers_and_keys_come_in_all_shapes() -> None:
    pairs = [(name.encode(), value.encode()) for name, value in task_headers().items()]
    assert webhooks.unwrap(body(), pairs, key=_KEY.encode(), now=_NOW).verified == "task"
    assert webhooks.unwrap(body(), list(task_headers().items()), key=(_KEY,), now=_NOW).verified == "task"
    content = body()
    unpadded = _SECRET + "aa"
    assert webhooks.unwrap(content, body_headers(content, key=unpadded), key=unpadded, now=_NOW).verified == "body"
