"""fal, as it is registered."""

from __future__ import annotations

from enlarger.providers.fal.provider import FalProvider
from enlarger.providers.fal.settings import KEY, FalSettings
from enlarger.providers.spec import ProviderSpec
from enlarger.settings import Limits

SPEC = ProviderSpec(
    name=FalProvider.name,
    title="fal",
    settings=FalSettings,
    turned_on_by=lambda _: KEY,
    unconfigured=lambda settings: settings.fal_unconfigured,
    limits=lambda settings: Limits(settings.fal_concurrency, settings.fal_creates, settings.fal_queries),
    open=lambda settings, around: FalProvider(settings, around.allowed, clock=around.clock),
    webhook_headers=("x-fal-webhook-",),
)
