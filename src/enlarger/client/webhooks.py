"""Callbacks at an app's end: are they the service's, and what do they say?

    callback = webhooks.unwrap(body, headers, key=KEY)
    if callback.task.succeeded: ...

`unwrap` believes signatures. Without a key, or for more than the task's id where only the hosted service's signature
is there, `await client.confirm_callback(body, headers, key=KEY)` asks the service itself.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from enlarger.client.records import TaskStatus, read_status
from enlarger.errors import InvalidSignature, ProtocolError
from enlarger.protocol.signatures import (
    BODY_ID,
    BODY_SIGNATURE,
    BODY_TIMESTAMP,
    TASK_SIGNATURE,
    TASK_TIMESTAMP,
    TOLERANCE,
    body_signature_holds,
    task_signature_holds,
)

__all__ = ["Callback", "unwrap"]


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A callback: the task's record, and how far it can be trusted."""

    task: TaskStatus
    verified: Literal["body", "task", "asked", "nothing"]
    """`body`: a signature covers every byte. `task`: one covers the task's id, and whoever has seen it could have put
    something else around the id. `asked`: the record is the service's own answer. `nothing`: only what somebody says.
    """


def unwrap(
    body: bytes | str,
    headers: Mapping[str, str],
    *,
    key: str | Sequence[str],
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> Callback:
    """The callback in a request's body, verified by its signatures; `key` is the service's webhook key, or several.

    A signature over the whole body (`webhook-signature`, our service's) counts before the hosted service's own over
    the task's id (`X-Webhook-Signature`). `headers` may be spelled in any case; `tolerance` is how many seconds a
    signature may be old. Raises InvalidSignature for a body that is not surely the service's, ProtocolError for one
    that is no callback.
    """
    keys = [key] if isinstance(key, str) else list(key)
    if not keys or not all(keys):
        raise InvalidSignature("There is no key to verify the callback with.", remedy="Give the webhook key as key=….")
    content = body.encode() if isinstance(body, str) else bytes(body)
    given = {name.lower(): value for name, value in headers.items()}
    time_now = time.time() if now is None else now
    if BODY_SIGNATURE in given:
        timestamp = _timestamp(given, BODY_TIMESTAMP, time_now, tolerance)
        if not body_signature_holds(given[BODY_SIGNATURE], given.get(BODY_ID, ""), timestamp, content, keys):
            raise _wrong()
        return Callback(task=_read(content), verified="body")
    if TASK_SIGNATURE.lower() not in given:
        raise InvalidSignature(
            "The callback is not signed.",
            remedy="Set a webhook key at the service, or ask it: await client.confirm_callback(body).",
        )
    timestamp = _timestamp(given, TASK_TIMESTAMP.lower(), time_now, tolerance)
    task = _read(content)
    if not task_signature_holds(given[TASK_SIGNATURE.lower()], task.task_id, timestamp, keys):
        raise _wrong()
    return Callback(task=task, verified="task")


def read_unverified(body: bytes | str) -> Callback:
    """What a body says, without any proof. Raises ProtocolError for one that is no callback."""
    return Callback(task=_read(body.encode() if isinstance(body, str) else body), verified="nothing")


def _timestamp(headers: Mapping[str, str], name: str, now: float, tolerance: float) -> str:
    """The signature's time, as it was signed. Raises InvalidSignature when it is missing or too far away."""
    value = headers.get(name, "")
    if not (value.isascii() and value.isdigit()):
        raise InvalidSignature(f"The callback's header {name} is missing or no number.")
    if abs(now - int(value)) > tolerance:
        raise InvalidSignature(
            f"The callback was signed {abs(now - int(value)):.0f} seconds away from now, which is too far.",
            remedy="Somebody may have sent an old one again; or set this machine's clock.",
        )
    return value


def _read(content: bytes) -> TaskStatus:
    try:
        body: Any = msgspec.json.decode(content)
    except msgspec.DecodeError:
        raise ProtocolError("The callback's body is not JSON.") from None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise ProtocolError("The callback's body has no data.")
    ids = {data.get("taskId"), data.get("task_id"), body.get("taskId")} - {None}
    if len(ids) > 1:
        raise ProtocolError("The callback names several tasks.")
    return read_status({"taskId": next(iter(ids), None), **data})


def _wrong() -> InvalidSignature:
    return InvalidSignature(
        "The callback's signature is not made with this key.", remedy="Check the key; else somebody else sent it."
    )
