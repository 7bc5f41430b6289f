"""KIE, as it is registered."""

from __future__ import annotations

from enlarger.providers.kie.provider import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.providers.spec import ProviderSpec
from enlarger.settings import Limits

SPEC = ProviderSpec(
    name=KieProvider.name,
    title="KIE",
    settings=KieSettings,
    turned_on_by=lambda settings: settings.kie_key[0],
    unconfigured=lambda settings: settings.kie_unconfigured,
    limits=lambda settings: Limits(settings.kie_concurrency, settings.kie_creates, settings.kie_queries),
    open=lambda settings, around: KieProvider(settings, around.allowed, clock=around.clock),
    webhook_headers=("webhook-", "x-webhook-"),  # another Enlarger in KIE's place signs in both ways
)
