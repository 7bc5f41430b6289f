"""Announces this worker to the others: that it is alive, which engine it has, and how fast that is."""

from __future__ import annotations

import asyncio
import os
import socket
import uuid
from collections import deque
from contextlib import suppress

import msgspec
import structlog

from enlarger.errors import EnlargerError, SubmissionRefused
from enlarger.infra.wait_for_any import wait_for_any
from enlarger.protocol.records import Made
from enlarger.providers import LocalRunner
from enlarger.tasks.workers import Announcement, WorkerStore

_PIXELS = 1_000_000
_PICTURES = 20
"""How many of the latest pictures the speed is computed from."""

_log = structlog.get_logger("enlarger.worker")


class AnnouncerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds."""

    round: float = 5.0
    """Between two announcements."""
    leave: float = 2.0
    """How long a worker that stops tries to remove its row."""


class Announcer:
    """Keeps a worker's row in the table of workers up to date."""

    def __init__(
        self, workers: WorkerStore, runner: LocalRunner, *, runs_engine: bool, config: AnnouncerConfig | None = None
    ) -> None:
        """`runner` is the worker's engine, which is only used if it `runs_engine`."""
        self.id: str = uuid.uuid4().hex
        self._workers = workers
        self._runner = runner
        self._runs_engine = runs_engine
        self._config = config or AnnouncerConfig()
        self._engine: tuple[str, str | None] | None = None
        self._pictures: deque[tuple[float, float]] = deque(maxlen=_PICTURES)
        """Megapixels and seconds."""
        self._changed = asyncio.Event()

    async def announce_all(self, stopping: asyncio.Event) -> None:
        """Announce this worker until `stopping` is set, and then remove its row."""
        while not stopping.is_set():
            self._changed.clear()
            await self.announce()
            await wait_for_any(stopping, self._changed, seconds=self._config.round)
        with suppress(EnlargerError, TimeoutError):
            async with asyncio.timeout(self._config.leave):
                await self._workers.remove(self.id)

    async def announce(self) -> None:
        """Announce this worker once. If that fails, it is only logged: the next round tries again."""
        engine, device = self._engine or (None, None)
        megapixels, seconds = (
            (sum(column) for column in zip(*self._pictures, strict=True)) if self._pictures else (0, 0)
        )
        try:
            announcement = Announcement(
                id=self.id,
                name=f"{socket.gethostname()}:{os.getpid()}",
                runs_engine=self._runs_engine,
                problem=await self._problem() if self._runs_engine else None,
                engine=engine,
                device=device,
                speed=megapixels / seconds if seconds else None,
            )
            await self._workers.announce(announcement)
        except EnlargerError as error:
            _log.warning("cannot_announce", reason=str(error))
        except Exception:  # noqa: BLE001 - without its row, the others would take the worker for dead
            _log.exception("cannot_announce")

    def observe(self, made: Made) -> None:
        """Include a picture in the speed, which is reset when the engine or the device changes."""
        if not (made.width and made.height and made.seconds):
            return
        engine = (made.engine, made.device)
        if engine != self._engine:
            self._engine = engine
            self._pictures.clear()
            self._changed.set()
        self._pictures.append((made.width * made.height / _PIXELS, made.seconds))

    async def _problem(self) -> str | None:
        """Why the engine cannot run; None if it can."""
        try:
            await self._runner.probe()
        except SubmissionRefused as error:
            return str(error)
        return None
