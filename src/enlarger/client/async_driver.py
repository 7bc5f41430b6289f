"""Carries out what the rules ask for, with `await`."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import time
from contextlib import aclosing, suppress
from typing import Any, TypeVar

import httpx2

from enlarger.client.core import Core
from enlarger.client.effects import Call, Effect, Flow, Now, Pause, Save, Send
from enlarger.client.files import Draft
from enlarger.client.http import (
    LEAST_GAP,
    LONGEST_SILENCE,
    MOST_STREAMS,
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


class AsyncDriver:
    """Runs flows over an httpx2.AsyncClient."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http
        self._streams: set[Announcements] = set()

    async def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end."""
        news = Announcements(self.http, core, self._streams)
        try:
            step = next(flow)
            while True:
                try:
                    answer = await self._carry_out(step, core.options, news)
                except Exception as error:  # noqa: BLE001 - every failure is the flow's to judge
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            flow.close()
            await news.aclose()

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
        try:
            response = await self.http.request(**arguments)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise translate(error) from error
        return to_reply(response, response.content)

    async def _save(self, effect: Save, options: Options) -> Reply:
        arguments = download_arguments(options, effect.url)
        try:
            async with self.http.stream(**arguments) as response:
                if response.status_code == OK:
                    with Draft(effect.path) as draft:
                        async for chunk in response.aiter_bytes():
                            draft.write(chunk)
                return to_reply(response)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise translate(error) from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time."""

    def __init__(self, http: httpx2.AsyncClient, core: Core, open_streams: set[Announcements]) -> None:
        self._http = http
        self._core = core
        self._open_streams = open_streams
        self._news = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._last_id: str | None = None
        self._over = False

    def may_come(self) -> bool:
        """Whether the service announces anything."""
        return not self._over and "events" in (self._core.extensions or ())

    async def wait(self, seconds: float, task_id: str) -> None:
        """Return after so many seconds, or earlier when something is announced."""
        gap = min(LEAST_GAP, seconds)
        await asyncio.sleep(gap)
        self._listen(task_id)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - gap):
                await self._news.wait()
        self._news.clear()

    async def aclose(self) -> None:
        """Close the stream."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        self._open_streams.discard(self)

    def _listen(self, task_id: str) -> None:
        """Open the stream, if it is not open, may be open, and has something to say."""
        if self._listening is not None and not self._listening.done():
            return
        if self not in self._open_streams and len(self._open_streams) >= MOST_STREAMS:
            return
        self._open_streams.add(self)
        self._listening = asyncio.create_task(self._read(task_id))

    async def _read(self, task_id: str) -> None:
        """Read until there is no more to come; a stream that breaks off is opened again. Polling goes on meanwhile."""
        for attempt in itertools.count(1):
            await self._read_once(task_id)
            if self._over:
                return
            await asyncio.sleep(backoff(attempt))

    async def _read_once(self, task_id: str) -> None:
        arguments = events_arguments(self._core.options, task_id, self._last_id, LONGEST_SILENCE)
        with suppress(httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
            async with self._http.stream(**arguments) as response:
                self._over = response.status_code != OK and response.status_code < 500
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
