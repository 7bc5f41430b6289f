"""Carries out what the rules ask for, with `await`."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import time
from contextlib import aclosing, suppress
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


class AsyncDriver:
    """Runs flows over connections of its own, or over those of a client that is given."""

    def __init__(self, options: Options, given: httpx2.AsyncClient | None) -> None:
        self._arguments = client_arguments(options)
        self._given = given
        self._process = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own = None if given else new_client(self._arguments)
        self._own_streams: httpx2.AsyncClient | None = None
        self._announcements: set[Announcements] = set()

    async def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end. An interruption reaches the flow, too."""
        news = Announcements(self, core)
        try:
            step = next(flow)
            while True:
                try:
                    answer = await self._carry_out(step, core.options, news)
                except BaseException as error:  # noqa: BLE001 - every failure is the flow's to judge
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            await news.aclose()

    async def aclose(self) -> None:
        """Close the connections that are its own."""
        for client in (self._own, self._own_streams):
            if client is not None and self._is_here():
                await client.aclose()

    @property
    def http(self) -> httpx2.AsyncClient:
        """The connections; new ones in another event loop or process, where the old ones are not ours to use.

        Raises ConfigurationError where the client that was given is another process's.
        """
        if self._given is not None:
            if os.getpid() != self._process:
                raise ConfigurationError("The http_client is another process's: make a client in each process.")
            return self._given
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if self._own is None or not self._is_here():
            self._own, self._own_streams = new_client(self._arguments), None
            self._loop, self._process = asyncio.get_running_loop(), os.getpid()
        return self._own

    @property
    def streams(self) -> httpx2.AsyncClient:
        """Connections for streams of events, so that those are in nobody's way."""
        _ = self.http  # in another process or loop the streams are made anew, too
        if self._own_streams is None:
            self._own_streams = new_client(self._arguments)
        return self._own_streams

    def admit(self, announcements: Announcements) -> bool:
        """Whether one more stream may be opened; the connections of a client that is given are not ours to fill."""
        if self._given is None and len(self._announcements) < MOST_STREAMS:
            self._announcements.add(announcements)
        return announcements in self._announcements

    def dismiss(self, announcements: Announcements) -> None:
        """A stream is closed."""
        self._announcements.discard(announcements)

    def _is_here(self) -> bool:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        return self._process == os.getpid() and self._loop in (None, loop)

    async def _carry_out(self, effect: Effect, options: Options, news: Announcements) -> Any:
        match effect:
            case Send(request):
                return await self._request(**request_arguments(options, request))
            case Save():
                return await self._save(effect, options)
            case Pause(seconds, task_id):
                if task_id is not None and news.may_come():
                    await news.wait(seconds, task_id)
                else:
                    await asyncio.sleep(seconds)
            case Now():
                return time.monotonic()
            case Call(function, blocking):
                value = await asyncio.to_thread(function) if blocking else function()
                return await value if inspect.isawaitable(value) else value
        return None

    async def _request(self, **arguments: Any) -> Reply:
        http = self.http
        request = http.build_request(**arguments)
        try:
            response = await http.send(request, follow_redirects=False)
        except Exception as error:
            raise translate(error) from error
        return to_reply(response, response.content)

    async def _save(self, effect: Save, options: Options) -> Reply:
        arguments = download_arguments(options, effect)
        try:
            async with self.http.stream(**arguments, follow_redirects=True) as response:
                if effect.sink.begin(response.status_code, lower(response.headers)):
                    async for chunk in response.aiter_bytes():
                        await asyncio.to_thread(effect.sink.write, chunk)
                return to_reply(response)
        except FAILURES as error:
            raise translate(error) from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time."""

    def __init__(self, driver: AsyncDriver, core: Core) -> None:
        self._driver = driver
        self._core = core
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._last_id: str | None = None
        self._over = False

    def may_come(self) -> bool:
        """Whether the service announces anything, and a stream of it may be opened."""
        return not self._over and "events" in (self._core.extensions or ()) and self._driver.admit(self)

    async def wait(self, seconds: float, task_id: str) -> None:
        """Return after so many seconds, or earlier when something is announced."""
        gap = min(LEAST_GAP, seconds)
        await asyncio.sleep(gap)
        if self._listening is None:
            self._listening = asyncio.create_task(self._read(task_id))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - gap):
                await self._news.wait()
        self._news.clear()

    async def aclose(self) -> None:
        """Close the stream."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        self._driver.dismiss(self)

    async def _read(self, task_id: str) -> None:
        """Read until there is no more to come; a stream that breaks off is opened again. Polling goes on meanwhile."""
        for attempt in itertools.count(1):
            await self._read_once(task_id)
            if self._over:
                return
            await asyncio.sleep(backoff(attempt))

    async def _read_once(self, task_id: str) -> None:
        arguments = events_arguments(self._core.options, task_id, self._last_id, LONGEST_SILENCE)
        with suppress(*FAILURES):
            async with self._driver.streams.stream(**arguments) as response:
                self._over = response.status_code != OK and response.status_code < SERVER_ERROR
                if response.status_code == OK:
                    async with aclosing(response.aiter_lines()) as lines:  # type: ignore[type-var]
                        async for line in lines:
                            self._take(line)

    def _take(self, line: str) -> None:
        match read_event_line(line):
            case ("id", value):
                self._last_id = value
            case ("data", _):
                self._news.set()


def new_client(arguments: dict[str, Any]) -> httpx2.AsyncClient:
    """Connections. Raises ConfigurationError when the environment's proxy is none."""
    try:
        return httpx2.AsyncClient(**arguments)
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise ConfigurationError(f"The proxy of the environment (HTTPS_PROXY, ALL_PROXY) is wrong: {error}.") from error
