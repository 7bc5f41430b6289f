"""What surrounds the workers: providers whose fates are planned, apps, and a Postgres that is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil

from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.testing import Fate
from enlarger.testing.exchange import Answer, Request, json_answer
from enlarger.testing.listener import Listener
from tests.faults.plan import GATHER_SECONDS, number_in, plan

_ADDRESSES = 8
_RESTART_SECONDS = 100.0
"""One that takes longer has hung, and every run that waits for it with it."""


class Fates:
    """What the stand-ins do, as the plans have it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._submissions: Counter[tuple[str, int]] = Counter()

    def of(self, provider: str) -> Callable[[str, Mapping[str, Any]], Fate]:
        def fate(_model: str, input: Mapping[str, Any]) -> Fate:
            number = number_in(input.get("prompt"))
            if number is None:
                return Fate()
            with self._lock:
                earlier = self._submissions[provider, number]
                self._submissions[provider, number] += 1
            return plan(self._seed, number).fate(provider, earlier)

        return fate


class App:
    """Takes callbacks, one address a run; some it answers with an error at first."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self.told: defaultdict[int, list[str]] = defaultdict(list)
        """The states that each run's app was told."""
        self._listeners = [Listener(self._answer) for _ in range(_ADDRESSES)]

    def __enter__(self) -> App:
        for listener in self._listeners:
            listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        for listener in self._listeners:
            listener.close()

    def url(self, number: int) -> str:
        """A run's address; there are several hosts, for an app that hangs keeps no other one waiting."""
        return f"{self._listeners[number % _ADDRESSES].url}/{number}"

    def _answer(self, request: Request) -> Answer:
        number = int(request.path.rpartition("/")[2])
        try:
            state = msgspec.json.decode(request.body)["data"]["state"]
        except msgspec.DecodeError:  # its worker was killed while it was sending
            return json_answer(400, {})
        with self._lock:
            self.told[number].append(state)
            first = len(self.told[number]) == 1
        return json_answer(500 if first and plan(self._seed, number).mishap.unwell else 200, {})


class Postgres:
    """An embedded Postgres that is restarted when workers ask for that."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = EmbeddedPostgres(folder)
        self._asked = asyncio.Event()
        self._workers: set[asyncio.StreamWriter] = set()
        self.ready = asyncio.Event()
        """Set once there is a worker."""
        self.restarts = 0
        self.incarnations = 0
        """How many workers there have been."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        await self._server.start()
        restarting = asyncio.create_task(self._restart_when_asked())
        try:
            yield self._server.url
        finally:
            restarting.cancel()
            await asyncio.wait((restarting,))
            await self._server.stop()
        if not restarting.cancelled():
            restarting.result()  # it ended by an error, and from then on workers waited for a Postgres in vain

    @asynccontextmanager
    async def control(self, path: Path) -> AsyncIterator[None]:
        """Take workers' wishes; at the end of the block they stop."""
        self.ready.clear()
        server = await asyncio.start_unix_server(self._hear, path)
        try:
            yield
        finally:
            server.close()
            for writer in self._workers:
                writer.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._workers.add(writer)
        self.incarnations += 1
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                (self._asked if line == b"restart\n" else self.ready).set()
        self._workers.discard(writer)
        writer.close()

    async def _restart_when_asked(self) -> None:
        while True:
            await self._asked.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._asked.clear()
            async with asyncio.timeout(_RESTART_SECONDS):
                await self._restart()

    async def _restart(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):  # it can end between any two looks at it
            server = psutil.Process(int((self._folder / "postmaster.pid").read_text().split("\n", 1)[0]))
            server.send_signal(signal.SIGQUIT)  # an immediate shutdown
            while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:
                await asyncio.sleep(0.01)
        self.restarts += 1
        for writer in self._workers:
            with contextlib.suppress(OSError):
                writer.write(b"down\n")
        await self._server.start()
