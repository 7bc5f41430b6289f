"""The sandbox, as it is registered."""

from __future__ import annotations

from enlarger.providers.sandbox.provider import SandboxProvider
from enlarger.providers.sandbox.settings import SandboxSettings
from enlarger.providers.spec import ProviderSpec

SPEC = ProviderSpec(
    name=SandboxProvider.name,
    title="the sandbox",
    settings=SandboxSettings,
    turned_on_by=lambda _: "ENLARGER_SANDBOX or --sandbox",
    unconfigured=lambda settings: settings.sandbox_unconfigured,
    open=lambda settings, around: SandboxProvider(settings, now=around.now),
    simulates=True,
)
