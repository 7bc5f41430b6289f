"""The providers of this process, by its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from enlarger.infra.safe_http import Allowed
from enlarger.providers.base import Provider
from enlarger.settings import Settings


def open_providers(
    settings: Settings, allowed: Allowed, cache: Path, now: Callable[[], datetime]
) -> dict[str, Provider]:
    """Every provider that is set up, by its name; all are to be closed.

    `cache` is this machine's engine's; `now` the database's clock, which the times of submissions are of.
    """
    from enlarger.providers.local import LocalEngine

    def clock() -> float:
        return now().timestamp()

    providers: dict[str, Provider] = {LocalEngine.name: LocalEngine(settings, cache)}
    if "kie" not in settings.unconfigured:
        from enlarger.providers.kie import KieProvider

        providers[KieProvider.name] = KieProvider(settings, allowed, clock=clock)
    if "replicate" not in settings.unconfigured:
        from enlarger.providers.replicate import ReplicateProvider

        providers[ReplicateProvider.name] = ReplicateProvider(settings, allowed, clock=clock)
    if "sandbox" not in settings.unconfigured:
        from enlarger.providers.sandbox import SandboxProvider

        providers[SandboxProvider.name] = SandboxProvider(settings, now=now)
    return providers
