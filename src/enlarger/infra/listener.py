"""Notifications of Postgres: one connection for a whole process, and a waiter for everybody who waits for something."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import structlog

from enlarger.infra.database import CANNOT_CONNECT, Database

_RECONNECT_SECONDS = 1.0
_LOOK_SECONDS = 1.0
"""How often who waits has to look for themselves while there is no connection."""

_log = structlog.get_logger("enlarger.listener")


class Listener:
    """Sets the waiters of those who wait for a payload on one channel.

    A waiter only says that it is worth looking: it is set too often rather than too rarely, and without a connection
    waiting is short. So whoever looks first, waits, and looks again misses nothing.
    """

    def __init__(
        self, database: Database, channel: str, *, name: str | None = None, check_seconds: float = 15.0
    ) -> None:
        """`name` is what Postgres shows of the connection; without one, the channel.

        Every `check_seconds` a silent connection is asked whether it is still one.
        """
        self._database = database
        self._channel = channel
        self._name = name
        self._check_seconds = check_seconds
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self._connected = False
        self.stopping: bool = False
        """Whether those who wait are to go home."""

    @property
    def waiting(self) -> int:
        """How many waiters there are."""
        return sum(len(waiters) for waiters in self._waiters.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen around a block; a connection that is lost is made anew. At its end everybody is sent home."""
        self.stopping = False
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.stopping = True
            self._wake_all()
            listening.cancel()
            await asyncio.wait((listening,))

    @contextmanager
    def waiter(self, payload: str) -> Iterator[asyncio.Event]:
        """A waiter for a payload, around a block."""
        waiter = asyncio.Event()
        self._waiters.setdefault(payload, set()).add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[payload].discard(waiter)
            if not self._waiters[payload]:
                del self._waiters[payload]

    async def wait(self, waiter: asyncio.Event, seconds: float) -> None:
        """Return when it is worth looking again, and after `seconds` at the latest."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiter.wait(), seconds if self._connected else min(seconds, _LOOK_SECONDS))

    async def _listen(self) -> None:
        lost = False
        while not self.stopping:  # a cancellation can be lost where something else ends at the same moment
            try:
                connection = await self._database.connect(name=self._name or self._channel)
            except CANNOT_CONNECT as error:
                if not lost:
                    _log.warning("listener_cannot_connect", reason=type(error).__name__)
                lost = True
                await asyncio.sleep(_RECONNECT_SECONDS)
                continue
            if lost:
                _log.warning("listener_back")
            await self._follow(connection)
            lost = True
            _log.warning("listener_lost")

    async def _follow(self, connection: asyncpg.Connection) -> None:
        """Ring while the connection lasts."""
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            await connection.add_listener(self._channel, self._on_notification)
            self._connected = True
            self._wake_all()  # for what was told while nobody listened
            while not gone.is_set() and not self.stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), self._check_seconds)
                if not gone.is_set():
                    await connection.fetchval("SELECT 1", timeout=self._check_seconds)
        except CANNOT_CONNECT:
            pass  # gone, in another way
        finally:
            self._connected = False
            self._wake_all()  # from now on they look by themselves
            with contextlib.suppress(*CANNOT_CONNECT):
                await connection.close(timeout=2)

    def _on_notification(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        for waiter in self._waiters.get(str(payload), ()):
            waiter.set()

    def _wake_all(self) -> None:
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.set()
