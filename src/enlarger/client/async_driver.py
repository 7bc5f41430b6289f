"""Carries out what the rules ask for, with `await`; on asyncio and on trio."""

from __future__ import annotations

import inspect
import itertools
import logging
import os
import time
from contextlib import aclosing
from typing import Any, TypeVar

import anyio
import anyio.abc
import anyio.lowlevel
import anyio.to_thread
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
from enlarger.client.options import Options
from enlarger.client.schedule import backoff
from enlarger.client.wire import Reply, Request, attach
from enlarger.errors import ConfigurationError, ServiceError
from enlarger.handshakes import watch_handshake

T = TypeVar("T")

_log = logging.getLogger("enlarger.client")


class AsyncDriver:
    """Runs flows over connections of its own, or over those of a client that is given."""

    awaits = True
    """Whether what is awaitable can be waited for."""

    def __init__(self, options: Options, given: httpx2.AsyncClient | None) -> None:
        check_client(given, "AsyncClient")
        self._arguments = client_arguments(options)
        self.given = given
        self._process = os.getpid()
        self._loop: object = None
        self._own = None if given else new_client(self._arguments)
        self._own_streams: httpx2.AsyncClient | None = None
        self._announcements: set[Announcements] = set()
        self._closed = False

    async def run(self, core: Core, flow: Flow[T]) -> T:
        """Run a flow of `core` to its end. An interruption reaches the flow, too."""
        _ = self.http
        failure: BaseException
        async with anyio.create_task_group() as group:
            announcements = Announcements(self, core, group)
            try:
                return await self._run(core, flow, announcements)
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as error:  # noqa: BLE001 - raised below, where the group does not wrap it
                failure = error
            finally:
                announcements.close()
        raise failure

    async def aclose(self) -> None:
        """Close the connections that are its own."""
        self._closed = True
        for client in (self._own, self._own_streams):
            if client is not None and self._is_here():
                await client.aclose()

    @property
    def http(self) -> httpx2.AsyncClient:
        """The connections; new ones in another event loop or process, where the old ones are not ours to use.

        Raises ConfigurationError when they are closed, or the client that was given is another process's.
        """
        if self._closed:
            raise closed()
        if self.given is not None:
            if os.getpid() != self._process:
                raise ConfigurationError("The http_client is another process's: make a client in each process.")
            if self.given.is_closed:
                raise closed("The http_client")
            return self.given
        if self._loop is None:
            self._loop = _current_loop()
        if self._own is None or not self._is_here():
            self._own, self._own_streams = new_client(self._arguments), None
            self._loop, self._process = _current_loop(), os.getpid()
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
        if self.given is None and len(self._announcements) < MOST_STREAMS:
            self._announcements.add(announcements)
        return announcements in self._announcements

    def dismiss(self, announcements: Announcements) -> None:
        """A stream is closed."""
        self._announcements.discard(announcements)

    def _is_here(self) -> bool:
        return self._process == os.getpid() and self._loop in (None, _current_loop())

    async def _run(self, core: Core, flow: Flow[T], announcements: Announcements) -> T:
        reply: Reply | None = None
        try:
            step = next(flow)
            while True:
                try:
                    answer = await self._carry_out(step, core.options, announcements)
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

    async def _carry_out(self, effect: Effect, options: Options, announcements: Announcements) -> Any:
        match effect:
            case Send(request, shielded):
                with anyio.CancelScope(shield=shielded):
                    return await self._request(request, options)
            case Save():
                return await self._save(effect, options)
            case Pause(seconds, task_id):
                if task_id is not None and announcements.may_come():
                    await announcements.wait(seconds, task_id)
                else:
                    await anyio.sleep(seconds)
            case Now():
                return time.monotonic()
            case Call(function, blocking):
                value = await _in_thread(function) if blocking else function()
                return await value if inspect.isawaitable(value) else value
        return None

    async def _request(self, request: Request, options: Options) -> Reply:
        http, seconds, to_answer = self.http, seconds_for(options, request), seconds_to_answer(options, request)
        try:
            with anyio.fail_after(seconds) as scope:

                def sent() -> None:
                    nonlocal seconds
                    if (end := anyio.current_time() + to_answer) < scope.deadline:
                        scope.deadline, seconds = end, to_answer

                async def note(event: str, _: object) -> None:
                    if is_sent(event):
                        sent()

                built = http.build_request(**request_arguments(options, request), extensions={"trace": note})
                response = await http.send(built, stream=True, follow_redirects=False)
                sent()  # a transport of the user's own may not have traced it
                try:
                    return to_reply(response, await _read(response))
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise too_slow(seconds) from error
        except Exception as error:
            failure = translate(error)
            if failure is None:
                raise
            raise failure from error

    async def _save(self, effect: Save, options: Options) -> Reply:
        http, seconds = self.http, options.timeout
        end = anyio.current_time() + effect.seconds
        try:
            with anyio.move_on_after(min(seconds, effect.seconds)) as scope:
                async with http.stream(**download_arguments(options, effect), follow_redirects=True) as response:
                    if effect.sink.begin(response.status_code, lower(response.headers)):
                        async for chunk in response.aiter_bytes():
                            left = scope.deadline - anyio.current_time()
                            # Whoever reads a FIFO may take as long as the whole download may.
                            scope.deadline = end
                            await _in_thread(effect.sink.write, chunk)
                            allowed = min(left + len(chunk) / LEAST_SPEED, seconds)
                            scope.deadline = min(anyio.current_time() + allowed, end)
                    return to_reply(response)
            # Not fail_after: it raises nothing if the deadline was moved after it had passed.
            raise TimeoutError
        except TimeoutError as error:
            raise too_slow(min(seconds, effect.seconds)) from error
        except Exception as error:
            failure = translate(error)
            if failure is None:
                raise
            raise failure from error


class Announcements:
    """A stream of one task's events, as far as the service has such; where there is none, just the time."""

    def __init__(self, driver: AsyncDriver, core: Core, group: anyio.abc.TaskGroup) -> None:
        self._driver = driver
        self._reader = EventReader(core)
        self._group = group
        self._something = anyio.Event()
        self._listening = False

    def may_come(self) -> bool:
        """Whether the service announces anything, and a stream of it may be opened."""
        return self._reader.may_come() and self._driver.admit(self)

    async def wait(self, seconds: float, task_id: str) -> None:
        """Return after so many seconds, or earlier when something is announced."""
        gap = min(LEAST_GAP, seconds)
        await anyio.sleep(gap)
        if not self._listening:
            self._listening = True
            self._group.start_soon(self._read, task_id)
        with anyio.move_on_after(seconds - gap):
            await self._something.wait()
        self._something = anyio.Event()

    def close(self) -> None:
        """Close the stream."""
        self._group.cancel_scope.cancel()
        self._driver.dismiss(self)

    async def _read(self, task_id: str) -> None:
        """Read until there is no more to come; a stream that breaks off is opened again. Polling goes on meanwhile."""
        for attempt in itertools.count(1):
            try:
                await self._read_once(task_id)
            except Exception as error:  # noqa: BLE001 - polling stays the authority
                _log.debug("A stream of events broke off: %s", type(error).__name__)
            if self._reader.over:
                return
            await anyio.sleep(backoff(attempt))

    async def _read_once(self, task_id: str) -> None:
        async with self._driver.streams.stream(**self._reader.arguments(task_id)) as response:
            if self._reader.begin(response.status_code):
                async with aclosing(response.aiter_lines()) as lines:  # type: ignore[type-var]
                    async for line in lines:
                        if self._reader.take(line):
                            self._something.set()


async def _in_thread(function: Any, *arguments: Any) -> Any:
    return await anyio.to_thread.run_sync(function, *arguments, abandon_on_cancel=True)


async def _read(response: httpx2.Response) -> bytes | None:
    """The whole body; None for one that is too long."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MOST_REPLY_BYTES:
            return None
    return bytes(body)


def _current_loop() -> object:
    try:
        return anyio.lowlevel.current_token()
    except RuntimeError:  # there is none
        return None


def new_client(arguments: dict[str, Any]) -> httpx2.AsyncClient:
    """Connections. Raises ConfigurationError when the environment's proxy is none."""
    try:
        return httpx2.AsyncClient(event_hooks={"request": [watch_handshake]}, **arguments)
    except (ImportError, ValueError, httpx2.InvalidURL) as error:
        raise ConfigurationError(f"The proxy of the environment (HTTPS_PROXY, ALL_PROXY) is wrong: {error}.") from error
