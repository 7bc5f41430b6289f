"""The sandbox, on a clock that is moved by hand: nothing else can happen to it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

from enlarger.catalog import get_model
from enlarger.protocol.webhook import Webhook
from enlarger.providers import Accepted, Order
from enlarger.providers.sandbox import SandboxProvider
from enlarger.providers.sandbox.settings import SandboxSettings
from enlarger.settings import read_settings
from tests.providers.rig import Fact, Situation, make_order

PROMPT = "a prompt that is nobody's business"
SECONDS = 2.0

_POSSIBLE: frozenset[Situation] = frozenset({"succeed", "fail", "run", "refuse"})
_WORDS: dict[Situation, str] = {"fail": " [sandbox fail]", "refuse": " [sandbox refuse]"}


class CountingSandbox(SandboxProvider):
    """Counts what arrives, and what is taken."""

    asked = 0

    async def submit(self, order: Order) -> Accepted:
        self.asked += 1
        outcome = await super().submit(order)
        self.taken = (*self.taken, outcome.provider_task_id)
        return outcome

    taken: tuple[str, ...] = ()


class SandboxRig:
    """The provider, and the words for what shall happen."""

    cannot: frozenset[Situation] = frozenset(get_args(Situation)) - _POSSIBLE
    tells: frozenset[Fact] = frozenset({"cost", "seconds", "ended_at"})
    secrets = (PROMPT,)
    seconds = SECONDS

    def __init__(self) -> None:
        self._time = datetime(2026, 11, 21, tzinfo=UTC)
        self._numbers = itertools.count()
        self._words = ""
        self.provider = CountingSandbox(read_settings(SandboxSettings, sandbox_seconds=SECONDS), now=self.now)

    @property
    def taken(self) -> tuple[str, ...]:
        return self.provider.taken

    @property
    def asked(self) -> int:
        return self.provider.asked

    def let(self, situation: Situation) -> None:
        self._words = _WORDS.get(situation, "")

    def order(self, *, picture_url: str | None = None) -> Order:
        number = next(self._numbers)
        input = {"prompt": f"{PROMPT}, {number}{self._words}", "aspect_ratio": "1:1"}
        self._words = ""
        return make_order(self.provider, f"task-{number}", get_model("google/nano-banana"), input)

    def now(self) -> datetime:
        return self._time

    def advance(self, seconds: float) -> None:
        self._time += timedelta(seconds=seconds)

    def read_upload(self, url: str) -> bytes:
        raise NotImplementedError

    def webhook(self, provider_task_id: str, *, signed: bool = True) -> Webhook:
        raise NotImplementedError


@asynccontextmanager
async def open_rig(folder: Path) -> AsyncIterator[SandboxRig]:
    """The rig; it needs no folder."""
    rig = SandboxRig()
    yield rig
    await rig.provider.close()
