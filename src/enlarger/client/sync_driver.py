"""Carries out what the rules ask for, without `await`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import httpx2

from enlarger.client.core import Core
from enlarger.client.effects import Call, Effect, Flow, Now, Pause, Save, Send
from enlarger.client.files import Draft
from enlarger.client.http import (
    LEAST_GAP,
    LONGEST_SILENCE,
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
from enlarger.protocol.codes import OK

T = TypeVar("T")


class SyncDriver:
    """Runs flows over an httpx2.Client."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end."""
        news = Announcements(self.http, core)
        try:
            step = next(flow)
            while True:
                try:
                    answer = self._carry_out(step, core.options, news)
                except Exception as error:  # noqa: BLE001 - every failure is the flow's to judge
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()
            news.close()

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
                return function()
        return None

    def _request(self, **arguments: Any) -> Reply:
        try:
            response = self.http.request(**arguments)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise translate(error) from error
        return to_reply(response, response.content)

    def _save(self, effect: Save, options: Options) -> Reply:
        arguments = download_arguments(options, effect.url)
        try:
            with self.http.stream(**arguments) as response:
                if response.status_code == OK:
                    with Draft(effect.path) as draft:
                        for chunk in response.iter_bytes():
                            draft.write(chunk)
                return to_reply(response)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise translate(error) from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time.

    Without `await` nothing can read and watch the clock at once: a stream is read with the pause as its longest
    silence, and given up where a pause is shorter than that.
    """

    def __init__(self, http: httpx2.Client, core: Core) -> None:
        self._http = http
        self._core = core
        self._stack = ExitStack()
        self._lines: Iterator[str] | None = None
        self._silence = 0.0
        self._last_id: str | None = None
        self._over = False

    def may_come(self) -> bool:
        """Whether the service announces anything."""
        return not self._over and "events" in (self._core.extensions or ())

    def wait(self, seconds: float, task_id: str) -> None:
        """Return after so many seconds, or earlier when something is announced."""
        deadline = time.monotonic() + seconds
        time.sleep(min(LEAST_GAP, seconds))
        for attempt in itertools.count(1):
            left = deadline - time.monotonic()
            if left <= 0 or self._hear(task_id, left, deadline):
                return
            time.sleep(max(min(backoff(attempt), deadline - time.monotonic()), 0))

    def close(self) -> None:
        """Close the stream."""
        self._lines = None
        with suppress(httpx2.HTTPError):
            self._stack.close()

    def _hear(self, task_id: str, left: float, deadline: float) -> bool:
        """Whether something was announced, or the time is over; a stream that breaks off is opened again later."""
        try:
            return self._listen(task_id, left) and self._read(deadline)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
            self.close()
            return False

    def _listen(self, task_id: str, seconds: float) -> bool:
        """Open the stream, if it is not open; returns whether it is."""
        if self._lines is not None and self._silence > seconds:
            self.close()
        if self._lines is not None or seconds <= 0:
            return self._lines is not None
        self._silence = min(seconds, LONGEST_SILENCE)
        arguments = events_arguments(self._core.options, task_id, self._last_id, self._silence)
        response = self._stack.enter_context(self._http.stream(**arguments))
        self._over = response.status_code != OK and response.status_code < 500
        if response.status_code == OK:
            self._lines = response.iter_lines()
        else:
            self.close()
        return self._lines is not None

    def _read(self, deadline: float) -> bool:
        """Read until something is announced or the time is over; false when the stream ended before."""
        assert self._lines is not None
        for line in self._lines:
            match read_event_line(line):
                case ("id", value):
                    self._last_id = value
                case ("data", _):
                    return True
            if time.monotonic() >= deadline:
                return True
        self.close()
        return False
