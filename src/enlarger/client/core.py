"""The rules of asking a service, and what is known of it."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from enlarger.client import wire
from enlarger.client.advice import LONGEST_REST, address, advise, how_to_reach
from enlarger.client.effects import Flow, NoAnswer, NotSent, OutOfTime, now, pause, send
from enlarger.client.options import HOSTED_URL, Options, add_headers
from enlarger.client.schedule import Pace, backoff
from enlarger.client.wire import Reply, Request
from enlarger.errors import (
    DeadlineExceeded,
    Maintenance,
    NotSupported,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
)
from enlarger.protocol.extensions import HEADER, Extension, read_extensions

TRANSIENT = (RateLimited, ServiceUnavailable, Maintenance, ProtocolError)
"""Errors that may be gone when the same is asked once more."""
PROBE_SECONDS = 5.0
"""For `HEAD /`, which any service answers at once."""

_INSTANT = 0.05
"""Seconds: with less than that left a deadline has passed."""
_LIMIT_PAUSE = 3.0
"""Seconds, where a service that was asked too often does not say when to come again."""
_CREATES = (20, 10.5)
_READS = (10, 1.05)
"""The hosted service's limits, and a little: so many createTask and recordInfo in so many seconds."""
_SAYS_NOTHING = (404, 405)
"""What `HEAD /` may answer at a service that has no extensions, beside success."""

_log = logging.getLogger("enlarger.client")


class Service:
    """What is known of a service, and shared by all that ask it."""

    def __init__(self, base_url: str) -> None:
        self.extensions: frozenset[str] | None = frozenset() if base_url == HOSTED_URL else None
        """What it can do beside the jobs API; None until it has said so."""
        self.limited = False
        """Whether it has said that it has limits."""
        self.creates: Pace = Pace(*_CREATES)
        self.reads: Pace = Pace(*_READS)


class Core:
    """What the calls of a client share. It does nothing by itself: its methods are flows, which a driver runs."""

    def __init__(self, options: Options, service: Service | None = None, *, end: float = math.inf) -> None:
        self.options = options
        self.service: Service = service or Service(options.base_url)
        self.end = end
        """When everything has to be over, on the driver's clock."""

    def with_options(self, options: Options) -> Core:
        """The same for other options; what is known of the service stays known if it is the same one."""
        same = (options.base_url, options.api_key) == (self.options.base_url, self.options.api_key)
        return Core(options, self.service if same else None, end=self.end)

    def with_headers(self, extra: Mapping[str, str] | None) -> Core:
        """The same for a call with headers of its own. Raises ConfigurationError."""
        return self if extra is None else self.with_options(add_headers(self.options, extra))

    def until(self, end: float) -> Core:
        """The same, for what has to be over by then."""
        return Core(self.options, self.service, end=end)

    def left(self) -> Flow[float]:
        """Seconds to the end."""
        return math.inf if math.isinf(self.end) else self.end - (yield from now())

    def keep_pace(self, pace: Pace) -> Flow[None]:
        """Wait for a place in the hosted service's limits; of ours, once it has said that it has such limits."""
        if self.service.extensions == frozenset() or self.service.limited:
            place = pace.reserve((yield from now()))
            yield from pause(min(place, max((yield from self.left()), 0.0)))

    def heed(self, error: ServiceError) -> None:
        """From now on keep the pace, if the error says that there is one."""
        self.service.limited = self.service.limited or isinstance(error, RateLimited)

    def may_rest(self, error: ServiceError, failures: int) -> Flow[float | None]:
        """Seconds before the next try after so many failures; None when there is to be no other."""
        rest = again_in(error, failures)
        if failures > self.options.max_retries or rest > LONGEST_REST or rest >= (yield from self.left()):
            return None
        return rest

    def ask(self, request: Request) -> Flow[Any]:
        """Send a request that may be sent any number of times; returns the reply's data.

        Raises the ServiceError that the answer means, after `max_retries` further tries if it may be gone by then.
        """
        for attempt in itertools.count(1):
            try:
                return self.read(request, (yield from self._send(request)))
            except TRANSIENT as error:
                rest = yield from self.may_rest(error, attempt)
                if rest is None or _is_final(error):
                    raise
                _log.info("Asking %s again in %.1f s: %s", request.path, rest, error)
                yield from pause(rest)
        raise AssertionError("unreachable")

    def look(self, task_id: str, timeout: float | None = None) -> Flow[Any]:
        """Ask once for a task's record, at the pace that the service allows; the caller asks again by itself."""
        yield from self.keep_pace(self.service.reads)
        request = msgspec.structs.replace(wire.record_info(task_id), timeout=timeout)
        try:
            return self.read(request, (yield from self._send(request)))
        except RateLimited as error:
            self.heed(error)
            raise

    def has(self, extension: Extension) -> Flow[bool]:
        """Whether the service has one of our extensions; asks it if it has not said so yet."""
        probe = Request(method="HEAD", path="/", timeout=PROBE_SECONDS)
        for attempt in itertools.count(1):
            if self.service.extensions is not None:
                return extension in self.service.extensions
            try:
                reply = yield from self._send(probe)
                if self.service.extensions is None:
                    if not (200 <= reply.status_code < 300 or reply.status_code in _SAYS_NOTHING):
                        self.read(probe, reply)  # raises: something in front of the service has answered
                    self.service.extensions = frozenset()
            except TRANSIENT as error:
                rest = yield from self.may_rest(error, attempt)
                if rest is None:
                    raise
                yield from pause(rest)
        raise AssertionError("unreachable")

    def require(self, extension: Extension, what: str) -> Flow[None]:
        """Raise NotSupported when the service does not have one of our extensions."""
        if not (yield from self.has(extension)):
            raise NotSupported(
                f"The service at {self.options.base_url} cannot {what}.",
                remedy="An Enlarger service can: set base_url=… (KIE_BASE_URL) to one.",
            )

    def exchange(self, request: Request) -> Flow[Reply]:
        """Send a request, once; learns what the service says of itself. Raises NotSent or NoAnswer."""
        left = yield from self.left()
        if left <= 0:
            raise OutOfTime("the deadline has passed")
        if left < math.inf:
            least = left if request.timeout is None else min(left, request.timeout)
            request = msgspec.structs.replace(request, timeout=least)
        reply = yield from send(request)
        if not request.upload:
            self._learn(reply)
        return reply

    def read(self, request: Request, reply: Reply) -> Any:
        """The `data` of a reply. Raises what `wire.read` raises, with what to do about it."""
        try:
            return wire.read(reply)
        except ServiceError as error:
            advise(error, request, self.options)
            raise

    def unreachable(self, request: Request, error: Exception) -> ServiceUnreachable:
        """The error for a request that got no answer."""
        return ServiceUnreachable(
            f"The service at {address(request, self.options)} does not answer ({error}).",
            remedy=how_to_reach(request, self.options),
        )

    def _send(self, request: Request) -> Flow[Reply]:
        try:
            return (yield from self.exchange(request))
        except OutOfTime as error:
            raise DeadlineExceeded(
                "The deadline passed before the request was sent.", remedy="Give a longer deadline."
            ) from error
        except (NotSent, NoAnswer) as error:
            if (yield from self.left()) < _INSTANT:
                raise DeadlineExceeded(
                    f"The deadline passed before {address(request, self.options)} answered.",
                    remedy="Give a longer deadline, or upload large files first: client.upload(…).",
                ) from error
            raise self.unreachable(request, error) from error

    def _learn(self, reply: Reply) -> None:
        """Take note of what the service says it can do; pages of something in front of it say nothing."""
        if self.options.base_url == HOSTED_URL:
            return
        if HEADER.lower() in reply.headers:
            self.service.extensions = read_extensions(reply.headers[HEADER.lower()])
        elif reply.status_code == 200 and "json" in reply.headers.get("content-type", ""):
            self.service.extensions = frozenset()


def again_in(error: ServiceError, attempt: int) -> float:
    """Seconds before the next try."""
    if isinstance(error, RateLimited):
        return backoff(attempt, _LIMIT_PAUSE * attempt if error.retry_after is None else error.retry_after)
    return backoff(attempt, error.retry_after if isinstance(error, ServiceUnavailable) else None)


def _is_final(error: ServiceError) -> bool:
    """Whether asking again is no use: a whole answer of something that is not the jobs API."""
    return isinstance(error, ProtocolError) and error.code == 200
