"""Reads and verifies callbacks in an app: `callback = webhooks.unwrap(body, headers, key=KEY)`.

`unwrap` verifies signatures. `await client.confirm_callback(body, headers)` asks the service instead, and needs no key.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from enlarger.client.records import TaskStatus, read_status
from enlarger.errors import ConfigurationError, InvalidSignature, ProtocolError
from enlarger.protocol.signatures import (
    BODY_ID,
    BODY_SIGNATURE,
    BODY_TIMESTAMP,
    TASK_SIGNATURE,
    TASK_TIMESTAMP,
    TOLERANCE,
    body_signature_holds,
    is_key,
    task_signature_holds,
)

__all__ = ["Callback", "unwrap"]


_SECONDS = re.compile("[0-9]{1,12}", re.ASCII)

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
Key = str | bytes


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A callback: the task's record, and how far it was verified."""

    task: TaskStatus
    """The task's record."""
    verified: Literal["body", "task", "asked", "nothing"]
    """`body`: a signature covers the whole body. `task`: a signature covers only the task's id. `asked`: the record is
    the service's own answer. `nothing`: nothing was verified.
    """
    id: str = ""
    """The same for every delivery of the same callback: act on it once."""


def unwrap(
    body: bytes | str,
    headers: Headers,
    *,
    key: Key | Sequence[Key],
    proof: Literal["task", "body"] = "task",
    tolerance: float = TOLERANCE,
    now: float | None = None,
) -> Callback:
    """The callback in a request's body, if its signature is valid; `key` is the service's webhook key, or several.

    A signature over the whole body (`webhook-signature`, of an Enlarger service) is used if there is one, otherwise the
    hosted service's over the task's id (`X-Webhook-Signature`). `proof="body"` accepts only the former. `headers` are a
    mapping or pairs, with names in any case; `tolerance` is how many seconds old a signature may be.

    Raises InvalidSignature, ProtocolError for a body that is not a callback, ConfigurationError for a key that is not
    one, and TypeError for a body that was already parsed.
    """
    keys = _read_keys(key)
    content = _content(body)
    given = _read_headers(headers)
    time_now = time.time() if now is None else now
    if BODY_SIGNATURE in given:
        timestamp = _timestamp(given, BODY_TIMESTAMP, time_now, tolerance)
        message_id = given.get(BODY_ID, "")
        if not message_id or not body_signature_holds(given[BODY_SIGNATURE], message_id, timestamp, content, keys):
            raise _wrong()
        return Callback(task=_read(content), verified="body", id=message_id)
    if TASK_SIGNATURE.lower() not in given or proof == "body":
        raise InvalidSignature(
            "The callback is not signed.",
            remedy="Set a webhook key at the service, or ask it: await client.confirm_callback(body).",
        )
    timestamp = _timestamp(given, TASK_TIMESTAMP.lower(), time_now, tolerance)
    task = _read(content)
    if not task_signature_holds(given[TASK_SIGNATURE.lower()], task.task_id, timestamp, keys):
        raise _wrong()
    return Callback(task=task, verified="task", id=_news(task))


def read_unverified(body: bytes | str) -> Callback:
    """What a body says, without any proof. Raises ProtocolError for one that is no callback."""
    task = _read(_content(body))
    return Callback(task=task, verified="nothing", id=_news(task))


def confirmed(claimed: Callback, task: TaskStatus) -> Callback:
    """The same callback, with the record that the service itself returned."""
    return Callback(task=task, verified="asked", id=claimed.id)


def _content(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    raise TypeError(
        f"The callback's body is a {type(body).__name__}: give it as it came, before it is parsed"
        " (`await request.body()`), because a signature covers every byte."
    )


def _news(task: TaskStatus) -> str:
    """An id for a callback that came without one: such a service sends one for each task, when the task has ended."""
    return f"{task.task_id}:{task.state}"


def _read_keys(key: Key | Sequence[Key]) -> list[str]:
    """The keys as texts. Raises ConfigurationError for one that is empty or cannot be one."""
    given = [key] if isinstance(key, str | bytes) else list(key or ())
    keys = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in given]
    if not keys or not all(isinstance(one, str) and is_key(one) for one in keys):
        raise ConfigurationError("key is missing, or not a webhook key: give the one that the service shows.")
    return keys


def _read_headers(headers: Headers) -> dict[str, str]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {_text(name).lower(): _text(value) for name, value in pairs}


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _timestamp(headers: Mapping[str, str], name: str, now: float, tolerance: float) -> str:
    """The signature's time, as it was signed. Raises InvalidSignature when it is missing or too far away."""
    value = headers.get(name, "")
    if not _SECONDS.fullmatch(value):
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
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolError("The callback's body is not JSON.") from None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise ProtocolError("The callback's body has no data.")
    named = (data.get("taskId"), data.get("task_id"), body.get("taskId"))
    ids = [task_id for task_id in named if task_id is not None]
    if not ids or not all(isinstance(task_id, str) for task_id in ids):
        raise ProtocolError("The callback names no task.")
    if len(set(ids)) > 1:
        raise ProtocolError("The callback names several tasks.")
    return read_status({**data, "taskId": ids[0]})


def _wrong() -> InvalidSignature:
    return InvalidSignature(
        "The callback's signature is not made with this key.", remedy="Check the key; else somebody else sent it."
    )
