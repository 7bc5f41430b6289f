"""Shares what is known of the providers' health with the other workers, and looks after those that are not well."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

import msgspec
import structlog

from enlarger.errors import EnlargerError, ProviderError
from enlarger.infra.wait_for_any import wait_for_any
from enlarger.providers.router import Router
from enlarger.tasks.provider_states import ProviderStates

_LONGEST_REASON = 500
"""Characters."""

_log = structlog.get_logger("enlarger.worker")


class HealthMonitorConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The pauses of a health monitor, in seconds."""

    round: float = 2.0
    """From one round to the next."""
    probe: float = 25.0
    """The longest that a provider may think about a question that costs nothing."""


class HealthMonitor:
    """A round every two seconds, and at once when this worker has learnt something; any number of workers may do this.

    Of all workers one at a time asks a provider whose circuit is open, or that is suspended, whether it is well. If so,
    a suspended one gets tasks again; one whose circuit was open gets a single task of this worker's, whose end decides.
    """

    def __init__(self, router: Router, states: ProviderStates, config: HealthMonitorConfig | None = None) -> None:
        self._config = config or HealthMonitorConfig()
        self._router = router
        self._states = states
        self._seen: dict[str, datetime] = {}
        self._probes: dict[str, asyncio.Task[None]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Watch until `stopping` is set."""
        try:
            while not stopping.is_set():
                await self.once()
                await wait_for_any(stopping, self._router.changed, seconds=self._config.round)
        finally:
            await self._end_probes()
            with contextlib.suppress(EnlargerError, TimeoutError):
                async with asyncio.timeout(self._config.round):
                    await self._tell()

    async def once(self) -> None:
        """One round; what cannot be done now is done in another."""
        try:
            await self._tell()
            await self._learn()
            await self._ask()
        except EnlargerError as error:
            _log.warning("watch_failed", reason=str(error))
        except Exception:  # noqa: BLE001 - its end would leave what it is sending unanswered
            _log.exception("watch_failed")

    async def wait_for_probes(self) -> None:
        """Until the questions that are under way are answered, and what they came to is told."""
        await asyncio.gather(*self._probes.values())
        await self._tell()

    async def _tell(self) -> None:
        """Write what this worker has learnt."""
        self._router.changed.clear()
        for name, health in self._router.health.items():
            if not health.unannounced:
                continue
            health.unannounced = False
            state, reason = health.state, (health.reason or "")[:_LONGEST_REASON] or None
            try:
                at = await self._states.write(name, state, reason, health.seconds)
            except EnlargerError:
                health.unannounced = True
                raise
            if at is not None:
                self._seen[name] = at
                tell = _log.info if state in ("ok", "throttled") else _log.warning
                tell("provider_state", provider=name, state=state, reason=reason)

    async def _learn(self) -> None:
        """Take over what other workers have written."""
        for known in await self._states.all():
            health = self._router.health.get(known.name)
            if health is None or health.unannounced or self._seen.get(known.name) == known.updated_at:
                continue
            health.adopt(known.state, known.reason, known.seconds)
            self._seen[known.name] = known.updated_at

    async def _ask(self) -> None:
        """Begin to ask those that are not well, where it is due and no other worker does it."""
        for name, health in self._router.health.items():
            if health.state not in ("open", "suspended") or name in self._probes:
                continue
            seconds = await self._states.claim_probe(name)
            if seconds is not None:
                self._begin(name, self._probe(name, seconds))

    def _begin(self, name: str, probe: Coroutine[Any, Any, None]) -> None:
        """In the background, for the other providers' sake."""
        task = self._probes[name] = asyncio.create_task(probe)
        task.add_done_callback(lambda _: self._probes.pop(name, None))

    async def _probe(self, name: str, seconds: float) -> None:
        health = self._router.health[name]
        try:
            async with asyncio.timeout(self._config.probe):
                await self._router.providers[name].probe()
        except (ProviderError, TimeoutError) as error:
            reason = str(error) or "it does not answer"
            _log.info("provider_not_well", provider=name, reason=reason, next_seconds=round(seconds))
            return
        except Exception:  # noqa: BLE001 - one provider's mistake must not end the rounds
            _log.exception("probe_failed", provider=name)
            return
        if health.state == "open":
            health.allow_trial(seconds)
            _log.info("provider_is_tried", provider=name)
        elif health.state == "suspended":
            health.recover()

    async def _end_probes(self) -> None:
        probes = list(self._probes.values())
        for probe in probes:
            probe.cancel()
        await asyncio.gather(*probes, return_exceptions=True)
