"""Signatures of callbacks: the hosted service's, over the task's id, and ours beside it, over the whole body.

The hosted service's is base64(HMAC-SHA256(`taskId.timestamp`)) in `X-Webhook-Signature`, the time in
`X-Webhook-Timestamp` as unix seconds: it proves that the task is meant, and nothing about the rest of the body.
The second one is that of Standard Webhooks (https://www.standardwebhooks.com): `v1,` and
base64(HMAC-SHA256(`id.timestamp.body`)) in `webhook-signature`, where several stand with spaces between them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

TASK_TIMESTAMP = "X-Webhook-Timestamp"
TASK_SIGNATURE = "X-Webhook-Signature"
BODY_ID = "webhook-id"
BODY_TIMESTAMP = "webhook-timestamp"
BODY_SIGNATURE = "webhook-signature"

TOLERANCE = 300
"""Seconds that a signature's time may be away from now, in either direction."""

_BASE64_MARK = "whsec_"
_VERSION = "v1"
_MESSAGE_MARK = "msg_"


def sign_callback(task_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers of a callback, with both signatures; `timestamp` is that of the try.

    The hosted service's has room for one key, the first; the other one is made with each of them. A task's end is
    announced under the same `webhook-id` however often, so that a receiver can tell that it knows it already.
    """
    message_id = _MESSAGE_MARK + task_id
    return {
        TASK_TIMESTAMP: str(timestamp),
        TASK_SIGNATURE: sign_task(task_id, timestamp, keys[0]),
        BODY_ID: message_id,
        BODY_TIMESTAMP: str(timestamp),
        BODY_SIGNATURE: " ".join(sign_body(message_id, timestamp, body, key) for key in keys),
    }


def make_key(secret: bytes) -> str:
    """A secret as a key, in the form of Standard Webhooks."""
    return _BASE64_MARK + base64.b64encode(secret).decode()


def sign_task(task_id: str, timestamp: int | str, key: str) -> str:
    """The hosted service's signature."""
    return _digest(key.encode(), f"{task_id}.{timestamp}".encode())


def sign_body(message_id: str, timestamp: int | str, body: bytes, key: str) -> str:
    """The signature over a whole body; a key that starts with `whsec_` is base64, as Standard Webhooks has it."""
    return f"{_VERSION},{_digest(_secret(key), f'{message_id}.{timestamp}.'.encode() + body)}"


def task_signature_holds(signature: str, task_id: str, timestamp: str, keys: Sequence[str]) -> bool:
    """Whether one of the keys made the hosted service's signature."""
    return any(_same(signature, sign_task(task_id, timestamp, key)) for key in keys)


def body_signature_holds(signatures: str, message_id: str, timestamp: str, body: bytes, keys: Sequence[str]) -> bool:
    """Whether one of the keys made one of the signatures over the whole body."""
    wanted = [sign_body(message_id, timestamp, body, key) for key in keys]
    return any(_same(signature, own) for signature in signatures.split() for own in wanted)


def is_key(key: str) -> bool:
    """Whether a text can be a key: not empty, and base64 after `whsec_`."""
    try:
        return bool(_secret(key))
    except ValueError:
        return False


def _digest(secret: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode()


def _secret(key: str) -> bytes:
    if not key.startswith(_BASE64_MARK):
        return key.encode("utf-8", "replace")
    text = key.removeprefix(_BASE64_MARK)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError("The key starts with whsec_ and is not base64 after it: copy it whole.") from None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
