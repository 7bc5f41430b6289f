"""Our signatures and those of the package that the makers of Standard Webhooks keep understand each other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from enlarger import webhooks
from enlarger.protocol.signatures import make_key, sign_callback

BODY = json.dumps({"code": 200, "taskId": "5f48", "data": {"taskId": "5f48", "state": "success", "n": "é"}}).encode()


@given(st.binary(min_size=1, max_size=64), st.text(max_size=50))
def test_the_package_believes_what_we_sign(secret: bytes, text: str) -> None:
    body = json.dumps({"text": text}).encode()
    now = int(time.time())
    headers = sign_callback("5f48", now, body, [make_key(secret)])
    assert Webhook(make_key(secret)).verify(body, headers) == {"text": text}
    with pytest.raises(WebhookVerificationError):
        Webhook(make_key(secret)).verify(body + b" ", headers)


@given(st.binary(min_size=1, max_size=64))
def test_we_believe_what_the_package_signs(secret: bytes) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    signature = Webhook(make_key(secret)).sign("msg_1", now, BODY.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    assert webhooks.unwrap(BODY, headers, key=make_key(secret)).verified == "body"


def test_both_keys_of_a_rotation_verify_the_body_and_the_first_one_the_task() -> None:
    now = int(time.time())  # of this moment: the package refuses what is five minutes old
    new, old = make_key(b"the new one"), "the old one"
    headers = sign_callback("5f48", now, BODY, [new, old])
    assert len(headers["webhook-signature"].split(" ")) == 2
    Webhook(new).verify(BODY, headers)
    Webhook(b"the old one").verify(BODY, headers)
    by_hand = base64.b64encode(hmac.digest(new.encode(), f"5f48.{now}".encode(), hashlib.sha256)).decode()
    assert headers["X-Webhook-Signature"] == by_hand
    assert headers["X-Webhook-Timestamp"] == headers["webhook-timestamp"] == str(now)
    assert headers["webhook-id"] == "msg_5f48"
