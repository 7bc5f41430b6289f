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

import msgspec

from enlarger.client import wire
from enlarger.client.core import PROBE_SECONDS, TRANSIENT, Core
from enlarger.client.effects import Flow, NoAnswer, NotSent, OutOfTime, now, pause
from enlarger.client.records import Submitted, read_submitted
from enlarger.client.wire import Request
from enlarger.errors import (
    DeadlineExceeded,
    EnlargerError,
    InvalidInput,
    ProtocolError,
    ServiceError,
    SubmissionUnknown,
)
from enlarger.protocol.inline import check_url

_LONGEST_KEY = 255
_LOOK_FIRST = "Look for it (the callback, the service's log) before you send it again: it may be charged twice."

_log = logging.getLogger("enlarger.client")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is to be made."""

    model: str
    input: Mapping[str, Any]
    callback_url: str | None = None
    idempotency_key: str | None = None
    strict: bool = False
    """Whether a model that the catalogue does not have, or a field that the model does not have, is refused."""

    def check(self) -> None:
        """Raise InvalidInput for what is not what it should be, while nothing has been sent."""
        if not isinstance(self.model, str) or not self.model.strip():
            raise InvalidInput("model", "The 'model' must be a model's name, such as 'google/nano-banana'.")
        if not isinstance(self.input, Mapping):
            raise InvalidInput("input", "The 'input' must be a dict with the model's fields.")
        if self.callback_url is not None and not isinstance(self.callback_url, str):
            raise InvalidInput("callback_url", "The 'callback_url' must be a text: an http(s) URL.")
        if self.callback_url:
            check_url("callback_url", self.callback_url)
        if self.idempotency_key is not None:
            _check_key(self.idempotency_key)


def create(core: Core, order: Order) -> Flow[Submitted]:
    """Make a task.

    Raises SubmissionUnknown when nobody can say whether there is a task now, and the service's error when there surely
    is none. An exception that interrupts it gets a note that says so.
    """
    order.check()
    key = order.idempotency_key or uuid.uuid4().hex
    request = wire.create_task(order.model, order.input, order.callback_url or core.options.callback_url, key)
    try:
        return (yield from _create(core, order.model, request, key))
    except BaseException as error:
        if not isinstance(error, EnlargerError | GeneratorExit):
            said = f"A task of {order.model} may have been made, with the Idempotency-Key {key}. {_LOOK_FIRST}"
            error.add_note(said)
            _log.warning("Interrupted. %s", said)
        raise


def _create(core: Core, model: str, request: Request, key: str) -> Flow[Submitted]:
    doubt: ServiceError | None = None
    for attempt in itertools.count(1):
        yield from core.keep_pace(core.service.creates)
        try:
            made = yield from _create_once(core, request)
        except ServiceError as error:
            core.heed(error)
            if doubt is None and not error.refused:
                doubt = error
            if not isinstance(error, TRANSIENT):
                raise _outcome(error, doubt, key) from error
            if doubt is not None and not (yield from _honours_keys(core)):
                raise _outcome(error, doubt, key) from error
            rest = yield from core.may_rest(error, attempt)
            if rest is None:
                raise _outcome(error, doubt, key) from error
            _log.info("No task of %s yet, trying again in %.1f s: %s", model, rest, error)
            yield from pause(rest)
        except EnlargerError as error:  # such as a client that is closed between two tries
            if doubt is not None:
                raise _outcome(doubt, doubt, key) from error
            raise
        else:
            _log.info("Made task %s of %s", made.task_id, model)
            return made
    raise AssertionError("unreachable")


def _create_once(core: Core, request: Request) -> Flow[Submitted]:
    try:
        reply = yield from core.exchange(request)
    except OutOfTime as error:
        raise _refused(DeadlineExceeded("The deadline passed before the task was sent, so none was made.")) from error
    except NotSent as error:
        raise _refused(core.unreachable(request, error)) from error
    except NoAnswer as error:
        raise SubmissionUnknown(f"The service at {core.options.base_url} did not answer ({error})") from error
    return read_submitted(core.read(request, reply))


def _refused(error: ServiceError) -> ServiceError:
    error.refused = True
    return error


def _honours_keys(core: Core) -> Flow[bool]:
    """Whether the service says that it makes one task of many requests with one key; in doubt it does not."""
    try:
        end = min(core.end, (yield from now()) + PROBE_SECONDS)
        return (yield from core.until(end).has("idempotency-key"))
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
        remedy=f"{_LOOK_FIRST} {doubt.remedy}" if isinstance(doubt, ProtocolError) and doubt.remedy else _LOOK_FIRST,
    )
    unknown.idempotency_key = key
    return unknown


def _check_key(key: str) -> None:
    if (
        not isinstance(key, str)
        or not key
        or len(key) > _LONGEST_KEY
        or not key.isascii()
        or not key.isprintable()
        or key != key.strip()
    ):
        raise InvalidInput(
            "idempotency_key",
            f"The idempotency_key must be 1 to {_LONGEST_KEY} printable ASCII characters without spaces around them.",
        )
