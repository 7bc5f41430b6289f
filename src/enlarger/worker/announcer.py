"""Tells the other processes of this worker: that it is alive, and what its engine is and how fast."""

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
from enlarger.providers import LocalOrder, LocalOutcome, LocalRunner
from enlarger.providers.base import OnProgress
from enlarger.tasks.workers import Announcement, WorkerStore

_PIXELS = 1_000_000
_PICTURES = 20
"""The latest, of which the speed is measured."""

_log = structlog.get_logger("enlarger.worker")


class AnnouncerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses of an announcer, in seconds."""

    round: float = 5.0
    """From one announcement to the next."""
    leave: float = 2.0
    """How long a worker that stops tries to say so."""


class Announcer(LocalRunner):
    """A worker's row among the workers, and its engine, whose pictures it times."""

    def __init__(
        self, workers: WorkerStore, runner: LocalRunner, *, runs_engine: bool, config: AnnouncerConfig | None = None
    ) -> None:
        self.id: str = uuid.uuid4().hex
        self.name: str = runner.name
        self._workers = workers
        self._runner = runner
        self._runs_engine = runs_engine
        self._config = config or AnnouncerConfig()
        self._engine: tuple[str, str | None] | None = None
        self._pictures: deque[tuple[float, float]] = deque(maxlen=_PICTURES)
        """Megapixels and seconds."""
        self._changed = asyncio.Event()

    async def announce_all(self, stopping: asyncio.Event) -> None:
        """Announce this worker until `stopping` is set, and then that it has gone."""
        while not stopping.is_set():
            self._changed.clear()
            await self.announce()
            await wait_for_any(stopping, self._changed, seconds=self._config.round)
        with suppress(EnlargerError, TimeoutError):
            async with asyncio.timeout(self._config.leave):
                await self._workers.remove(self.id)

    async def announce(self) -> None:
        """Announce this worker once; what cannot be told now is told in another round."""
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
        except Exception:  # noqa: BLE001 - its end would leave the worker unknown
            _log.exception("cannot_announce")

    async def run(self, order: LocalOrder, on_progress: OnProgress) -> LocalOutcome:
        """As the engine does; what it takes counts for its speed."""
        outcome = await self._runner.run(order, on_progress)
        self.observe(outcome.made)
        return outcome

    def observe(self, made: Made) -> None:
        """Count a picture for the speed; another engine or device begins anew."""
        if not (made.width and made.height and made.seconds):
            return
        engine = (made.engine, made.device)
        if engine != self._engine:
            self._engine = engine
            self._pictures.clear()
            self._changed.set()
        self._pictures.append((made.width * made.height / _PIXELS, made.seconds))

    async def expected_seconds(self, order: LocalOrder) -> float:
        """As the engine."""
        return await self._runner.expected_seconds(order)

    async def probe(self) -> None:
        """As the engine."""
        await self._runner.probe()

    async def _problem(self) -> str | None:
        """Why the engine cannot run."""
        try:
            await self._runner.probe()
        except SubmissionRefused as error:
            return str(error)
        return None
