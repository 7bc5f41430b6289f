"""Carries out what the rules ask for, without `await`."""

from __future__ import annotations

import inspect
import itertools
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any, TypeVar

import httpx2

from enlarger.client.core import Core
from enlarger.client.effects import Call, Effect, Flow, Now, Pause, Save, Send
from enlarger.client.http import (
    LEAST_GAP,
    LEAST_SPEED,
    MOST_REPLY_BYTES,
    MOST_STREAMS,
    EventReader,
    check_client,
    client_arguments,
    closed,
    download_arguments,
    is_sent,
    lower,
    request_arguments,
    seconds_for,
    seconds_to_answer,
    to_reply,
    too_slow,
    translate,
)
from enlarger.client.limits import LIMIT, keep_limit
from enlarger.client.options import Options
from enlarger.client.schedule import backoff
from enlarger.client.wire import Reply, Request, attach
from enlarger.errors import ConfigurationError, ServiceError

T = TypeVar("T")

_GOODBYE_SECONDS = 1.0
"""How long the end of a wait waits for its stream to be closed; one that is still being opened closes by itself."""

_log = logging.getLogger("enlarger.client")


class SyncDriver:
    """Runs flows over connections of its own, or over those of a client that is given; for any number of threads."""

    awaits = False
    """Whether what is awaitable can be waited for."""

    def __init__(self, options: Options, given: httpx2.Client | None) -> None:
        check_client(given, "Client")
        self._arguments = client_arguments(options)
        self.given = given
        if given is not None:
            keep_limit(given)
        self._closed = False
        self._process = os.getpid()
        self._turn = threading.Lock()
        self._own = None if given else self._new_client()
        self._own_streams: httpx2.Client | None = None
        self._places = threading.BoundedSemaphore(MOST_STREAMS)

    def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end. An interruption reaches the flow, too."""
        _ = self.http
        announcements = Announcements(self, core)
        reply: Reply | None = None
        try:
            step = next(flow)
            while True:
                try:
                    answer = self._carry_out(step, core.options, announcements)
                except BaseException as error:  # noqa: BLE001 - every failure is the flow's to judge
                    reply = None if isinstance(step, Send | Save) else reply
                    step = flow.throw(error)
                else:
                    reply = answer if isinstance(answer, Reply) else reply
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        except ServiceError as error:
            attach(error, reply)
            raise
        finally:
            announcements.close()

    def close(self) -> None:
        """Close the connections that are its own."""
        self._closed = True
        for client in (self._own, self._own_streams):
            if client is not None and os.getpid() == self._process:
                client.close()

    @property
    def http(self) -> httpx2.Client:
        """The connections; new ones in another process, where the old ones are not ours to use.

        Raises ConfigurationError when they are closed, or the client that was given is another process's.
        """
        if self._closed:
            raise closed()
        with self._turn:
            if self.given is not None:
                if os.getpid() != self._process:
                    raise ConfigurationError("The http_client is another process's: make a client in each process.")
                if self.given.is_closed:
                    raise closed("The http_client")
                return self.given
            if self._own is None or os.getpid() != self._process:
                self._own, self._own_streams, self._process = self._new_client(), None, os.getpid()
            return self._own

    @property
    def streams(self) -> httpx2.Client:
        """Connections for streams of events, so that those are in nobody's way."""
        _ = self.http  # in another process the streams are made anew, too
        with self._turn:
            if self._own_streams is None:
                self._own_streams = self._new_client()
            return self._own_streams

    def admit(self) -> bool:
        """Whether one more stream may be opened; the connections of a client that is given are not ours to fill."""
        return self.given is None and self._places.acquire(blocking=False)

    def dismiss(self) -> None:
        """A stream that was admitted is closed."""
        self._places.release()

    def _new_client(self) -> httpx2.Client:
        client = new_client(self._arguments)
        keep_limit(client)
        return client

    def _carry_out(self, effect: Effect, options: Options, announcements: Announcements) -> Any:
        match effect:
            case Send(request):
                return self._request(request, options)
            case Save():
                return self._save(effect, options)
            case Pause(seconds, task_id):
                if task_id is not None and announcements.may_come():
                    announcements.wait(seconds, task_id)
                else:
                    time.sleep(seconds)
            case Now():
                return time.monotonic()
            case Call(function):
                value = function()
                if inspect.iscoroutine(value):
                    value.close()
                    raise TypeError("A callback is a coroutine function: give this client an ordinary one.")
                return value
        return None

    def _request(self, request: Request, options: Options) -> Reply:
        http, seconds, to_answer = self.http, seconds_for(options, request), seconds_to_answer(options, request)

        def sent() -> None:
            nonlocal seconds
            if (end := time.monotonic() + to_answer) < LIMIT.end:
                LIMIT.end, seconds = end, to_answer

        def note(event: str, _: object) -> None:
            if is_sent(event):
                sent()

        try:
            with LIMIT.within(seconds):
                built = http.build_request(**request_arguments(options, request), extensions={"trace": note})
                response = http.send(built, stream=True, follow_redirects=False)
                sent()  # a transport of the user's own may not have traced it
                try:
                    return to_reply(response, self._read(response, seconds))
                finally:
                    response.close()
        except Exception as error:
            failure = translate(error)
            if failure is None:
                raise
            raise failure from error

    def _read(self, response: httpx2.Response, seconds: float) -> bytes | None:
        """The whole body; None for one that is too long."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MOST_REPLY_BYTES:
                return None
            if LIMIT.passed:  # nothing else limits a transport of the user's own
                raise too_slow(seconds)
        return bytes(body)

    def _save(self, effect: Save, options: Options) -> Reply:
        http, seconds = self.http, options.timeout
        end = time.monotonic() + effect.seconds
        try:
            with (
                LIMIT.within(min(seconds, effect.seconds)),
                http.stream(**download_arguments(options, effect), follow_redirects=True) as response,
            ):
                if effect.sink.begin(response.status_code, lower(response.headers)):
                    for chunk in response.iter_bytes():
                        left = LIMIT.end - time.monotonic()
                        if left <= 0:
                            raise too_slow(seconds)
                        effect.sink.write(chunk)
                        allowed = min(left + len(chunk) / LEAST_SPEED, seconds)
                        LIMIT.end = min(time.monotonic() + allowed, end)
                return to_reply(response)
        except Exception as error:
            failure = translate(error)
            if failure is None:
                raise
            raise failure from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time.

    A thread of its own reads it: one stream serves a whole wait, however short the pauses are.
    """

    def __init__(self, driver: SyncDriver, core: Core) -> None:
        self._driver = driver
        self._reader = EventReader(core)
        self._something = threading.Event()
        self._closed = threading.Event()
        self._turn = threading.Lock()
        self._listening: threading.Thread | None = None
        self._response: httpx2.Response | None = None
        self._admitted = False

    def may_come(self) -> bool:
        """Whether the service announces anything, and a stream of it may be opened."""
        if not self._reader.may_come():
            return False
        self._admitted = self._admitted or self._driver.admit()
        return self._admitted

    def wait(self, seconds: float, task_id: str) -> None:
        """Return after so many seconds, or earlier when something is announced."""
        gap = min(LEAST_GAP, seconds)
        time.sleep(gap)
        if self._listening is None:
            self._listening = threading.Thread(
                target=self._read, args=(task_id,), name=f"events {task_id}", daemon=True
            )
            self._listening.start()
        self._something.wait(seconds - gap)
        self._something.clear()

    def close(self) -> None:
        """Close the stream."""
        self._closed.set()
        with self._turn:
            if self._response is not None:
                _wake(self._response)
        if self._listening is not None:
            self._listening.join(_GOODBYE_SECONDS)
        if self._admitted:
            self._driver.dismiss()
            self._admitted = False

    def _read(self, task_id: str) -> None:
        """Read until there is no more to come; a stream that breaks off is opened again. Polling goes on meanwhile."""
        for attempt in itertools.count(1):
            try:
                self._read_once(task_id)
            except Exception as error:  # noqa: BLE001 - polling stays the authority
                _log.debug("A stream of events broke off: %s", type(error).__name__)
            if self._reader.over or self._closed.wait(backoff(attempt)):
                return

    def _read_once(self, task_id: str) -> None:
        with self._driver.streams.stream(**self._reader.arguments(task_id)) as response:
            if not self._reader.begin(response.status_code):
                return
            with self._turn:
                self._response = response
            try:
                for line in response.iter_lines():
                    if self._closed.is_set():
                        return
                    if self._reader.take(line):
                        self._something.set()
            finally:
                with self._turn:
                    self._response = None


def _wake(response: httpx2.Response) -> None:
    """Wake the thread that waits for more of a response, which closing the stream here would not do."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None else None
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def new_client(arguments: dict[str, Any]) -> httpx2.Client:
    """Connections. Raises ConfigurationError when the environment's proxy is none."""
    try:
        return httpx2.Client(**arguments)
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise ConfigurationError(f"The proxy of the environment (HTTPS_PROXY, ALL_PROXY) is wrong: {error}.") from error
