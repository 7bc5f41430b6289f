"""Carries out what the rules ask for, without `await`."""

from __future__ import annotations

import inspect
import itertools
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
    FAILURES,
    LEAST_GAP,
    LONGEST_SILENCE,
    MOST_STREAMS,
    client_arguments,
    download_arguments,
    events_arguments,
    lower,
    read_event_line,
    request_arguments,
    to_reply,
    translate,
)
from enlarger.client.options import Options
from enlarger.client.schedule import backoff
from enlarger.client.wire import Reply
from enlarger.errors import ConfigurationError
from enlarger.protocol.codes import OK, SERVER_ERROR

T = TypeVar("T")

_GOODBYE_SECONDS = 1.0
"""How long the end of a wait waits for its stream to be closed; one that is still being opened closes by itself."""


class SyncDriver:
    """Runs flows over connections of its own, or over those of a client that is given; for any number of threads."""

    def __init__(self, options: Options, given: httpx2.Client | None) -> None:
        self._arguments = client_arguments(options)
        self._given = given
        self._process = os.getpid()
        self._turn = threading.Lock()
        self._own = None if given else new_client(self._arguments)
        self._own_streams: httpx2.Client | None = None
        self._places = threading.BoundedSemaphore(MOST_STREAMS)

    def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end. An interruption reaches the flow, too."""
        news = Announcements(self, core)
        try:
            step = next(flow)
            while True:
                try:
                    answer = self._carry_out(step, core.options, news)
                except BaseException as error:  # noqa: BLE001 - every failure is the flow's to judge
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            news.close()

    def close(self) -> None:
        """Close the connections that are its own."""
        for client in (self._own, self._own_streams):
            if client is not None and os.getpid() == self._process:
                client.close()

    @property
    def http(self) -> httpx2.Client:
        """The connections; new ones in another process, where the old ones are not ours to use.

        Raises ConfigurationError where the client that was given is another process's.
        """
        with self._turn:
            if self._given is not None:
                if os.getpid() != self._process:
                    raise ConfigurationError("The http_client is another process's: make a client in each process.")
                return self._given
            if self._own is None or os.getpid() != self._process:
                self._own, self._own_streams, self._process = new_client(self._arguments), None, os.getpid()
            return self._own

    @property
    def streams(self) -> httpx2.Client:
        """Connections for streams of events, so that those are in nobody's way."""
        _ = self.http  # in another process or loop the streams are made anew, too
        with self._turn:
            if self._own_streams is None:
                self._own_streams = new_client(self._arguments)
            return self._own_streams

    def admit(self) -> bool:
        """Whether one more stream may be opened; the connections of a client that is given are not ours to fill."""
        return self._given is None and self._places.acquire(blocking=False)

    def dismiss(self) -> None:
        """A stream that was admitted is closed."""
        self._places.release()

    def _carry_out(self, effect: Effect, options: Options, news: Announcements) -> Any:
        match effect:
            case Send(request):
                return self._request(**request_arguments(options, request))
            case Save():
                return self._save(effect, options)
            case Pause(seconds, task_id):
                if task_id is not None and news.may_come():
                    news.wait(seconds, task_id)
                else:
                    time.sleep(seconds)
            case Now():
                return time.monotonic()
            case Call(function):
                value = function()
                if inspect.iscoroutine(value):
                    value.close()
                    raise TypeError("on_progress is a coroutine function: give this client an ordinary one.")
                return value
        return None

    def _request(self, **arguments: Any) -> Reply:
        http = self.http
        request = http.build_request(**arguments)
        try:
            response = http.send(request, follow_redirects=False)
        except Exception as error:
            raise translate(error) from error
        return to_reply(response, response.content)

    def _save(self, effect: Save, options: Options) -> Reply:
        arguments = download_arguments(options, effect)
        try:
            with self.http.stream(**arguments, follow_redirects=True) as response:
                if effect.sink.begin(response.status_code, lower(response.headers)):
                    for chunk in response.iter_bytes():
                        effect.sink.write(chunk)
                return to_reply(response)
        except FAILURES as error:
            raise translate(error) from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time.

    A thread of its own reads it: one stream serves a whole wait, however short the pauses are.
    """

    def __init__(self, driver: SyncDriver, core: Core) -> None:
        self._driver = driver
        self._core = core
        self._news = threading.Event()
        self._closed = threading.Event()
        self._turn = threading.Lock()
        self._listening: threading.Thread | None = None
        self._response: httpx2.Response | None = None
        self._last_id: str | None = None
        self._admitted = False
        self._over = False

    def may_come(self) -> bool:
        """Whether the service announces anything, and a stream of it may be opened."""
        if self._over or "events" not in (self._core.extensions or ()):
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
        self._news.wait(seconds - gap)
        self._news.clear()

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
            with suppress(*FAILURES, RuntimeError):  # the latter where the client was closed meanwhile
                self._read_once(task_id)
            if self._over or self._closed.wait(backoff(attempt)):
                return

    def _read_once(self, task_id: str) -> None:
        arguments = events_arguments(self._core.options, task_id, self._last_id, LONGEST_SILENCE)
        with self._driver.streams.stream(**arguments) as response:
            self._over = response.status_code != OK and response.status_code < SERVER_ERROR
            if response.status_code != OK:
                return
            with self._turn:
                self._response = response
            try:
                for line in response.iter_lines():
                    if self._closed.is_set():
                        return
                    self._take(line)
            finally:
                with self._turn:
                    self._response = None

    def _take(self, line: str) -> None:
        match read_event_line(line):
            case ("id", value):
                self._last_id = value
            case ("data", _):
                self._news.set()


def _wake(response: httpx2.Response) -> None:
    """End the silence in which another thread reads a response; the network's own close would not."""
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
