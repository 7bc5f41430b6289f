"""createTask: the one request that costs money, and so is never sent twice where that could pay twice.

It is sent again when it surely was not accepted: it never left, or the answer says so. It is also sent again to a
service that says that it makes one task of many requests with one Idempotency-Key. In all other cases there may be a
task now, and nobody but the service knows.
"""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from enlarger.client import wire
from enlarger.client.core import LONGEST_REST, TRANSIENT, Core, again_in
from enlarger.client.effects import Flow, NoAnswer, NotSent, pause
from enlarger.client.records import Submitted, read_submitted
from enlarger.client.wire import Request
from enlarger.errors import (
    EnlargerError,
    InvalidInput,
    ServiceError,
    SubmissionUnknown,
)

_SWITCHED_OFF = 505
_LONGEST_KEY = 255
_LOOK_FIRST = "Look for it (the callback, the service's log) before you send it again: it may be charged twice."

_log = logging.getLogger("enlarger.client")


def create(
    core: Core, model: str, input: Mapping[str, Any], callback_url: str | None, idempotency_key: str | None = None
) -> Flow[Submitted]:
    """Make a task.

    Raises SubmissionUnknown when nobody can say whether there is a task now, and the service's error when there surely
    is none. What is interrupted meanwhile says so in a note.
    """
    key = _check_key(idempotency_key) if idempotency_key is not None else uuid.uuid4().hex
    request = wire.create_task(model, input, callback_url or core.options.callback_url, key)
    try:
        return (yield from _create(core, model, request, key))
    except BaseException as error:
        if not isinstance(error, EnlargerError):
            said = f"A task of {model} may have been made, with the Idempotency-Key {key}. {_LOOK_FIRST}"
            error.add_note(said)
            _log.warning("Interrupted. %s", said)
        raise


def _create(core: Core, model: str, request: Request, key: str) -> Flow[Submitted]:
    doubt: ServiceError | None = None
    for attempt in itertools.count(1):
        yield from core.keep_pace(core.creates)
        try:
            made = yield from _create_once(core, request)
        except ServiceError as error:
            core.heed(error)
            if doubt is None and not error.refused:
                doubt = error
            if not isinstance(error, TRANSIENT) or error.code == _SWITCHED_OFF:
                raise _outcome(error, doubt, key) from error
            if doubt is not None and not (yield from _honours_keys(core)):
                raise _outcome(error, doubt, key) from error
            rest = again_in(error, attempt)
            if attempt > core.options.max_retries or rest > LONGEST_REST:
                raise _outcome(error, doubt, key) from error
            _log.info("No task of %s yet, trying again in %.1f s: %s", model, rest, error)
            yield from pause(rest)
        else:
            _log.info("Made task %s of %s", made.task_id, model)
            return made
    raise AssertionError("unreachable")


def _create_once(core: Core, request: Request) -> Flow[Submitted]:
    try:
        reply = yield from core.exchange(request)
    except NotSent as error:
        unreachable = core.unreachable(error)
        unreachable.refused = True
        raise unreachable from error
    except NoAnswer as error:
        raise SubmissionUnknown(f"The service at {core.options.base_url} did not answer ({error})") from error
    return read_submitted(wire.read(reply))


def _honours_keys(core: Core) -> Flow[bool]:
    """Whether the service says that it makes one task of many requests with one key; in doubt it does not."""
    try:
        return (yield from core.has("idempotency-key"))
    except ServiceError:
        return False


def _outcome(error: ServiceError, doubt: ServiceError | None, key: str) -> ServiceError:
    """What to raise after the last try: while there was no doubt at all, the service's refusal."""
    if doubt is None:
        return error
    unknown = SubmissionUnknown(
        f"{doubt.message.rstrip('.')}, so the task may have been made.",
        code=doubt.code,
        request_id=doubt.request_id,
        remedy=_LOOK_FIRST,
    )
    unknown.idempotency_key = key
    return unknown


def _check_key(key: str) -> str:
    if not key or len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable() or key != key.strip():
        raise InvalidInput(
            "idempotency_key",
            f"The idempotency_key must be 1 to {_LONGEST_KEY} printable ASCII characters without spaces around them.",
        )
    return key
