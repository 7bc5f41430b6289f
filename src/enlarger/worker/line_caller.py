"""Calls tasks that wait for a hosted provider, when the provider may have more tasks or is unavailable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

import msgspec
import structlog

from enlarger.providers import LocalRunner
from enlarger.providers.router import Router
from enlarger.settings import Limits
from enlarger.tasks.provider_lines import ProviderLines

_log = structlog.get_logger("enlarger.worker")


class LineConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How often a provider's line is checked, in seconds."""

    waiting: float = 0.25
    """While tasks wait in it."""
    idle: float = 5.0
    """While this worker knows of no waiting tasks; other workers call their own."""


class LineCaller:
    """Calls waiting tasks; any number of workers may do this at once."""

    def __init__(
        self, lines: ProviderLines, router: Router, limits: Mapping[str, Limits], config: LineConfig | None = None
    ) -> None:
        """`limits` includes providers that are no longer set up, for which tasks may still wait."""
        self._lines = lines
        self._router = router
        self._limits = {
            name: one for name, one in limits.items() if not isinstance(router.providers.get(name), LocalRunner)
        }
        self._config = config or LineConfig()
        self._joined = {name: asyncio.Event() for name in self._limits}

    def notify(self, provider: str) -> None:
        """Note that a task of this worker waits for a provider."""
        self._joined[provider].set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Call until `stopping` is set."""
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(self._follow(name)) for name in self._limits]
            await stopping.wait()
            for one in following:
                one.cancel()

    async def call(self, provider: str) -> bool:
        """Call the tasks that may start now; returns whether tasks may still wait."""
        health = self._router.health.get(provider)
        if health is None or health.unavailability() is not None:
            return await self._lines.call_all(provider)
        return await self._lines.call(provider, self._limits[provider])

    async def _follow(self, provider: str) -> None:
        joined = self._joined[provider]
        while True:
            joined.clear()
            waiting = True
            try:
                waiting = await self.call(provider)
            except Exception as error:  # noqa: BLE001 - a worker does not end because it could not call
                _log.warning("cannot_call", provider=provider, reason=f"{type(error).__name__}: {error}")
            if waiting:
                await asyncio.sleep(self._config.waiting)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(joined.wait(), self._config.idle)
