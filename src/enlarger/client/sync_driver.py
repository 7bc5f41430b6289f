"""Carries out what the rules ask for, without `await`."""

from __future__ import annotations

import inspect
import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import httpx2

from enlarger.client.core import Core
from enlarger.client.downloads import Draft
from enlarger.client.effects import Call, Effect, Flow, Now, Pause, Save, Send
from enlarger.client.http import (
    FAILURES,
    LEAST_GAP,
    LONGEST_SILENCE,
    MOST_STREAMS,
    client_arguments,
    download_arguments,
    events_arguments,
    read_event_line,
    request_arguments,
    to_reply,
    translate,
)
from enlarger.client.options import Options
from enlarger.client.schedule import backoff
from enlarger.client.wire import Reply
from enlarger.errors import ConfigurationError
from enlarger.protocol.codes import OK

T = TypeVar("T")

_OVERTIME = 1.0
"""Seconds that a pause may last too long."""


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
        arguments = download_arguments(options, effect.url)
        try:
            with self.http.stream(**arguments, follow_redirects=True) as response:
                if response.status_code == OK:
                    with Draft(effect.path) as draft:
                        for chunk in response.iter_bytes():
                            draft.write(chunk)
                return to_reply(response)
        except FAILURES as error:
            raise translate(error) from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time.

    Without `await` nothing can read and watch the clock at once: a stream is read with the rest of a pause as its
    longest silence, and given up where the rest is shorter than that.
    """

    def __init__(self, driver: SyncDriver, core: Core) -> None:
        self._driver = driver
        self._core = core
        self._stack = ExitStack()
        self._lines: Iterator[str] | None = None
        self._silence = 0.0
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
        deadline = time.monotonic() + seconds
        time.sleep(min(LEAST_GAP, seconds))
        for attempt in itertools.count(1):
            left = deadline - time.monotonic()
            if left <= 0 or self._hear(task_id, left, deadline):
                return
            left = deadline - time.monotonic()
            time.sleep(max(left if self._over else min(backoff(attempt), left), 0))

    def close(self) -> None:
        """Close the stream."""
        self._hang_up()
        if self._admitted:
            self._driver.dismiss()
            self._admitted = False

    def _hear(self, task_id: str, left: float, deadline: float) -> bool:
        """Whether something was announced, or the time is over; a stream that breaks off is opened again later."""
        try:
            return self._listen(task_id, left) and self._read(deadline)
        except FAILURES:
            self._hang_up()
            return False

    def _listen(self, task_id: str, seconds: float) -> bool:
        """Open the stream, if it is not open; returns whether it is."""
        if self._lines is not None and self._silence > seconds:
            self._hang_up()
        if self._lines is None and not self._over:
            self._silence = min(seconds, LONGEST_SILENCE)
            arguments = events_arguments(self._core.options, task_id, self._last_id, self._silence)
            response = self._stack.enter_context(self._driver.streams.stream(**arguments))
            self._over = response.status_code != OK and response.status_code < 500
            if response.status_code == OK:
                self._lines = response.iter_lines()
            else:
                self._hang_up()
        return self._lines is not None

    def _read(self, deadline: float) -> bool:
        """Read until something is announced or the time is over; false when the stream ended, or is to be reopened."""
        assert self._lines is not None
        for line in self._lines:
            match read_event_line(line):
                case ("id", value):
                    self._last_id = value
                case ("data", _):
                    return True
            left = deadline - time.monotonic()
            if left <= 0:
                return True
            if self._silence - left > _OVERTIME and not line.strip(" :"):
                break  # a silence that begins now could last too long beyond the pause
        self._hang_up()
        return False

    def _hang_up(self) -> None:
        self._lines = None
        with suppress(*FAILURES):
            self._stack.close()


def new_client(arguments: dict[str, Any]) -> httpx2.Client:
    """Connections. Raises ConfigurationError when the environment's proxy is none."""
    try:
        return httpx2.Client(**arguments)
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise ConfigurationError(f"The proxy of the environment (HTTPS_PROXY, ALL_PROXY) is wrong: {error}.") from error
