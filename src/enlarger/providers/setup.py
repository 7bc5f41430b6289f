"""The providers of this process, by its settings."""

from __future__ import annotations

from pathlib import Path

from enlarger.infra.safe_http import Allowed
from enlarger.providers.base import Provider
from enlarger.settings import Settings


def open_providers(settings: Settings, allowed: Allowed, cache: Path) -> dict[str, Provider]:
    """Every provider that is set up, by its name; `cache` is this machine's engine's, and all are to be closed."""
    from enlarger.providers.local import LocalProvider

    providers: dict[str, Provider] = {LocalProvider.name: LocalProvider(settings, cache)}
    if "kie" not in settings.lacking:
        from enlarger.providers.kie import KieProvider

        providers[KieProvider.name] = KieProvider(settings, allowed)
    if "replicate" not in settings.lacking:
        from enlarger.providers.replicate import ReplicateProvider

        providers[ReplicateProvider.name] = ReplicateProvider(settings, allowed)
    if "sandbox" not in settings.lacking:
        from enlarger.providers.sandbox import SandboxProvider

        providers[SandboxProvider.name] = SandboxProvider(settings)
    return providers
