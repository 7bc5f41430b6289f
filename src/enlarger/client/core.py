"""The rules of asking a service, and what is known of it."""

from __future__ import annotations

import itertools
import logging
from typing import Any

import msgspec

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
)
from enlarger.protocol.extensions import HEADER, Extension, read_extensions

TRANSIENT = (RateLimited, ServiceUnavailable, Maintenance, ProtocolError)
"""Errors that may be gone when the same is asked once more."""
LONGEST_REST = 60.0
"""Seconds: whoever is asked to come again later than that is told so, instead of being kept waiting."""

_LIMIT_PAUSE = 3.0
"""Seconds, where a service that was asked too often does not say when to come again."""
_CREATES = (20, 10.5)
_READS = (10, 1.05)
"""The hosted service's limits, and a little: so many createTask and recordInfo in so many seconds."""
_SAYS_NOTHING = (404, 405)
"""What `HEAD /` may answer at a service that has no extensions, beside success."""

_log = logging.getLogger("enlarger.client")


class Core:
    """What the calls of a client share. It does nothing by itself: its methods are flows, which a driver runs."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.extensions: frozenset[str] | None = frozenset() if options.base_url == HOSTED_URL else None
        """What the service can do beside the jobs API; None until it has said so."""
        self._limited = False
        self.creates = Pace(*_CREATES)
        self.reads = Pace(*_READS)

    def with_options(self, options: Options) -> Core:
        """The same for other options; what is known of the service stays known if it is the same one."""
        twin = Core(options)
        if (options.base_url, options.api_key) == (self.options.base_url, self.options.api_key):
            twin.extensions, twin.creates, twin.reads = self.extensions, self.creates, self.reads
            twin._limited = self._limited
        return twin

    def keep_pace(self, pace: Pace) -> Flow[None]:
        """Wait for a place in the hosted service's limits; of ours, once it has said that it has such limits."""
        if self.extensions == frozenset() or self._limited:
            yield from pause(pace.reserve((yield from now())))

    def heed(self, error: ServiceError) -> None:
        """From now on keep the pace, if the error says that there is one."""
        self._limited = self._limited or isinstance(error, RateLimited)

    def ask(self, request: Request) -> Flow[Any]:
        """Send a request that may be sent any number of times; returns the reply's data.

        Raises the ServiceError that the answer means, after `max_retries` further tries if it may be gone by then.
        """
        for attempt in itertools.count(1):
            try:
                return wire.read((yield from self._send(request)))
            except TRANSIENT as error:
                rest = again_in(error, attempt)
                if attempt > self.options.max_retries or rest > LONGEST_REST or _is_final(error):
                    raise
                _log.info("Asking %s again in %.1f s: %s", request.path, rest, error)
                yield from pause(rest)
        raise AssertionError("unreachable")

    def look(self, task_id: str, timeout: float | None = None) -> Flow[Any]:
        """Ask once for a task's record, in the pace that the service allows, for those who ask regularly anyway."""
        yield from self.keep_pace(self.reads)
        request = msgspec.structs.replace(wire.record_info(task_id), timeout=timeout)
        try:
            return wire.read((yield from self._send(request)))
        except RateLimited as error:
            self.heed(error)
            raise

    def has(self, extension: Extension) -> Flow[bool]:
        """Whether the service has one of our extensions; asks it if it has not said so yet."""
        for attempt in itertools.count(1):
            if self.extensions is not None:
                return extension in self.extensions
            try:
                reply = yield from self._send(Request(method="HEAD", path="/"))
                if self.extensions is None:
                    if not (200 <= reply.status < 300 or reply.status in _SAYS_NOTHING):
                        wire.read(reply)  # raises: something in front of the service has answered
                    self.extensions = frozenset()
            except TRANSIENT as error:
                if attempt > self.options.max_retries:
                    raise
                yield from pause(again_in(error, attempt))
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
        reply = yield from send(request)
        if not request.upload:
            self._learn(reply)
        return reply

    def unreachable(self, error: Exception) -> ServiceUnreachable:
        """The error for a request that got no answer."""
        return ServiceUnreachable(
            f"The service at {self.options.base_url} does not answer ({error}).",
            remedy="Check the address (KIE_BASE_URL), the proxy (KIE_PROXY) and the network.",
        )

    def _send(self, request: Request) -> Flow[Reply]:
        try:
            return (yield from self.exchange(request))
        except (NotSent, NoAnswer) as error:
            raise self.unreachable(error) from error

    def _learn(self, reply: Reply) -> None:
        """Take note of what the service says it can do; pages of something in front of it say nothing."""
        if self.options.base_url == HOSTED_URL:
            return
        if HEADER.lower() in reply.headers:
            self.extensions = read_extensions(reply.headers[HEADER.lower()])
        elif reply.status == 200 and "json" in reply.headers.get("content-type", ""):
            self.extensions = frozenset()


def again_in(error: ServiceError, attempt: int) -> float:
    """Seconds before the next try."""
    if isinstance(error, RateLimited):
        return backoff(attempt, _LIMIT_PAUSE * attempt if error.retry_after is None else error.retry_after)
    return backoff(attempt, error.retry_after if isinstance(error, ServiceUnavailable) else None)


def _is_final(error: ServiceError) -> bool:
    """Whether asking again is no use: a whole answer of something that is not the jobs API."""
    return isinstance(error, ProtocolError) and error.code == 200
