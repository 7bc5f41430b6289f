"""The engine of this machine, at work on small pictures."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from enlarger.catalog import get_model
from enlarger.engines.messages import Order as EngineOrder
from enlarger.engines.messages import Outcome
from enlarger.engines.process import EngineProcess, OnProgress
from enlarger.protocol.webhook import Webhook
from enlarger.providers import Order
from enlarger.providers.local import LocalProvider
from enlarger.settings import load_settings
from tests.pictures import photo, save
from tests.providers.rig import Fact, Situation

_POSSIBLE: frozenset[Situation] = frozenset({"succeed", "fail", "forget", "expire", "unfit"})


class CountingEngine:
    """Counts the orders that reach the engine, and those that it has carried out."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine = engine
        self.asked = 0
        self.taken: tuple[str, ...] = ()

    async def run(self, order: EngineOrder, on_progress: OnProgress) -> Outcome:
        self.asked += 1
        outcome = await self._engine.run(order, on_progress)
        self.taken = (*self.taken, Path(order.target).parent.name)
        return outcome

    async def close(self) -> None:
        await self._engine.close()


class LocalRig:
    """The provider, and a folder for its pictures."""

    cannot: frozenset[Situation] = frozenset(get_args(Situation)) - _POSSIBLE
    tells: frozenset[Fact] = frozenset({"cost", "seconds"})
    seconds = 0.0

    def __init__(self, folder: Path) -> None:
        self.secrets = (str(folder),)
        self._folder = folder
        self._numbers = itertools.count()
        self._time = datetime(2026, 11, 21, tzinfo=UTC)
        self._fail = False
        self.provider = LocalProvider(load_settings(), folder / "cache")
        self._engine = CountingEngine(self.provider._engine)
        self.provider._engine = self._engine  # type: ignore[assignment]

    @property
    def taken(self) -> tuple[str, ...]:
        return self._engine.taken

    @property
    def asked(self) -> int:
        return self._engine.asked

    def let(self, situation: Situation) -> None:
        self._fail = situation == "fail"
        if situation == "expire":
            for result in self._folder.glob("task-*/result"):
                result.unlink()

    def order(self, *, picture_url: str | None = None) -> Order:
        number = next(self._numbers)
        workspace = self._folder / f"task-{number}"
        workspace.mkdir()
        picture = save(photo(16, 12, seed=number), workspace / "source.png")
        if self._fail:
            picture.write_bytes(b"")
            self._fail = False
        return Order(
            task_id=f"task-{number}",
            model=get_model("real-esrgan/fast"),
            input={"image_url": "https://example.com/photo.png", "upscale_factor": "2"},
            picture=picture,
            workspace=workspace,
        )

    def now(self) -> datetime:
        return self._time

    def advance(self, seconds: float) -> None:
        self._time += timedelta(seconds=seconds)

    def read_upload(self, url: str) -> bytes:
        raise NotImplementedError

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        raise NotImplementedError


@asynccontextmanager
async def open_rig(folder: Path) -> AsyncIterator[LocalRig]:
    """The rig, with all that the engine writes in a folder of its own."""
    place = folder / "local"
    place.mkdir()
    rig = LocalRig(place)
    yield rig
    await rig.provider.close()
