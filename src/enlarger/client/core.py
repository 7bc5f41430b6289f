"""The rules of talking to a service: what is sent again, and what never is."""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Mapping
from typing import Any

from enlarger.client import wire
from enlarger.client.effects import Flow, NoAnswer, NotSent, now, pause, send
from enlarger.client.options import HOSTED_URL, Options
from enlarger.client.schedule import Pace, backoff
from enlarger.client.wire import Reply, Request
from enlarger.errors import (
    Maintenance,
    NotSupported,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    SubmissionUnknown,
)
from enlarger.protocol.extensions import HEADER, Extension, read_extensions

TRANSIENT = (RateLimited, ServiceUnavailable, Maintenance, ProtocolError)
"""Errors that may be gone when the same is asked once more."""
_log = logging.getLogger("enlarger.client")

_QUEUE_FULL = 550
_IN_FLIGHT = 409

_LIMIT_PAUSE = 3.0
"""Seconds, where a service that was asked too often does not say when to come again."""

_CREATES = (20, 10.5)
_READS = (10, 1.05)
"""The hosted service's limits, and a little: so many createTask and recordInfo in so many seconds."""


class Core:
    """What the calls of a client share. It does nothing by itself: its methods are flows, which a driver runs."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.extensions: frozenset[str] | None = None
        """What the service can do beside the jobs API; None until it has said so."""
        self._creates = Pace(*_CREATES)
        self._reads = Pace(*_READS)

    def with_options(self, options: Options) -> Core:
        """The same for other options; what is known of the service stays known if it is the same one."""
        twin = Core(options)
        if (options.base_url, options.api_key) == (self.options.base_url, self.options.api_key):
            twin.extensions, twin._creates, twin._reads = self.extensions, self._creates, self._reads
        return twin

    @property
    def hosted(self) -> bool:
        """Whether it is the hosted service, or behaves like it."""
        return not self.extensions

    def ask(self, request: Request) -> Flow[Any]:
        """Send a request that may be sent any number of times; returns the reply's data.

        Raises the ServiceError that the answer means, after `max_retries` further tries if it may be gone by then.
        """
        for attempt in itertools.count(1):
            try:
                reply = yield from self._send(request)
                return wire.read(reply)
            except TRANSIENT as error:
                if attempt > self.options.max_retries or _is_final(error):
                    raise
                rest = _again_in(error, attempt)
                _log.info("Asking %s again in %.1f s: %s", request.path, rest, error)
                yield from pause(rest)
        raise AssertionError("unreachable")

    def ask_once(self, request: Request) -> Flow[Any]:
        """The same without a further try, for those who ask regularly anyway; in the pace that the service allows."""
        if self.hosted:
            yield from pause(self._reads.reserve((yield from now())))
        return wire.read((yield from self._send(request)))

    def create(
        self, model: str, input: Mapping[str, Any], callback_url: str | None, idempotency_key: str | None = None
    ) -> Flow[str]:
        """Make a task; returns its id.

        It is sent again only when it surely was not accepted, or to a service that makes one task of many requests
        with one Idempotency-Key. Raises SubmissionUnknown when nobody can say whether there is a task now.
        """
        key = idempotency_key or uuid.uuid4().hex
        request = wire.create_task(model, input, callback_url or self.options.callback_url, key)
        if self.hosted:
            yield from pause(self._creates.reserve((yield from now())))
        for attempt in itertools.count(1):
            try:
                task_id = yield from self._create_once(request)
            except (SubmissionUnknown, *TRANSIENT) as error:
                refused = _surely_refused(error)
                if not refused and not (yield from self._honours_keys()):
                    raise _unknown(error, key) from error
                if attempt > self.options.max_retries:
                    raise (error if refused else _unknown(error, key)) from error
                rest = _again_in(error, attempt)
                _log.warning("No task of %s yet, trying again in %.1f s: %s", model, rest, error)
                yield from pause(rest)
            else:
                _log.info("Made task %s of %s", task_id, model)
                return task_id
        raise AssertionError("unreachable")

    def require(self, extension: Extension, what: str) -> Flow[None]:
        """Raise NotSupported when the service does not have one of our extensions."""
        if extension not in (yield from self._known_extensions()):
            raise NotSupported(
                f"The service at {self.options.base_url} cannot {what}.",
                remedy="An Enlarger service can: set base_url=… (KIE_BASE_URL) to one.",
            )

    def has(self, extension: Extension) -> Flow[bool]:
        """Whether the service has one of our extensions; asks it if it has not said so yet."""
        return extension in (yield from self._known_extensions())

    def _create_once(self, request: Request) -> Flow[str]:
        try:
            reply = yield from self._exchange(request)
        except NotSent as error:
            raise self._unreachable(error) from error
        except NoAnswer as error:
            raise SubmissionUnknown(f"The service at {self.options.base_url} did not answer") from error
        data = wire.read(reply)
        task_id: str = wire.field(data, "taskId", str, "createTask")
        return task_id

    def _send(self, request: Request) -> Flow[Reply]:
        try:
            return (yield from self._exchange(request))
        except (NotSent, NoAnswer) as error:
            raise self._unreachable(error) from error

    def _exchange(self, request: Request) -> Flow[Reply]:
        reply = yield from send(request)
        self._learn(reply)
        return reply

    def _learn(self, reply: Reply) -> None:
        """Take note of what the service says it can do; answers of a proxy before it say nothing."""
        if HEADER.lower() in reply.headers:
            self.extensions = read_extensions(reply.headers[HEADER.lower()])

    def _honours_keys(self) -> Flow[bool]:
        """Whether the service says that it makes one task of many requests with one key; in doubt it does not."""
        try:
            return "idempotency-key" in (yield from self._known_extensions())
        except ServiceError:
            return False

    def _known_extensions(self) -> Flow[frozenset[str]]:
        if self.extensions is None and self.options.base_url == HOSTED_URL:
            self.extensions = frozenset()
        for attempt in itertools.count(1):
            if self.extensions is not None:
                return self.extensions
            try:
                reply = yield from self._send(Request(method="HEAD", path="/"))
                if self.extensions is None and reply.status < 500:
                    self.extensions = frozenset()
                elif self.extensions is None:
                    raise ServiceUnavailable(f"The service at {self.options.base_url} fails", code=reply.status)
            except ServiceUnavailable:
                if attempt > self.options.max_retries:
                    raise
                yield from pause(backoff(attempt))
        raise AssertionError("unreachable")

    def _unreachable(self, error: Exception) -> ServiceUnreachable:
        return ServiceUnreachable(
            f"The service at {self.options.base_url} does not answer ({error}).",
            remedy="Check the address (KIE_BASE_URL), the proxy (KIE_PROXY) and the network.",
        )


def _again_in(error: ServiceError, attempt: int) -> float:
    """Seconds before the next try."""
    if isinstance(error, RateLimited):
        return backoff(attempt, _LIMIT_PAUSE * attempt if error.retry_after is None else error.retry_after)
    return backoff(attempt, error.retry_after if isinstance(error, ServiceUnavailable) else None)


def _is_final(error: ServiceError) -> bool:
    """Whether asking again is no use: a whole answer of something that is not the jobs API."""
    return isinstance(error, ProtocolError) and error.code == 200


def _surely_refused(error: ServiceError) -> bool:
    """Whether the service did not take the task: the request never left, or the answer says so."""
    return isinstance(error, RateLimited | Maintenance | ServiceUnreachable) or error.code in (_QUEUE_FULL, _IN_FLIGHT)


def _unknown(error: ServiceError, key: str) -> ServiceError:
    """What to raise when a task may have been made; the service's own words, where it has said something."""
    if isinstance(error, ServiceUnavailable) and error.in_its_words:
        return error
    unknown = SubmissionUnknown(
        f"{error.message.rstrip('.')}, so the task may have been made.",
        code=error.code,
        request_id=error.request_id,
        remedy="Look for it (the callback, the service's log) before you send it again: it may be charged twice.",
    )
    unknown.idempotency_key = key
    return unknown
