"""The engine of this machine, as it is registered."""

from __future__ import annotations

from enlarger.providers.local.provider import LocalEngine
from enlarger.providers.local.settings import LocalSettings
from enlarger.providers.spec import ProviderSpec

SPEC = ProviderSpec(
    name=LocalEngine.name,
    title="this machine's engine",
    settings=LocalSettings,
    turned_on_by=lambda _: "this machine",
    open=lambda settings, around: LocalEngine(settings, around.cache),
    tasks=frozenset({"upscale", "remove-background"}),
)
