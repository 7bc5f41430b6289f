"""Replicate, as it is registered."""

from __future__ import annotations

from enlarger.providers.replicate.provider import ReplicateProvider
from enlarger.providers.replicate.settings import TOKEN, ReplicateSettings
from enlarger.providers.spec import ProviderSpec
from enlarger.settings import Limits

SPEC = ProviderSpec(
    name=ReplicateProvider.name,
    title="Replicate",
    settings=ReplicateSettings,
    turned_on_by=lambda _: TOKEN,
    unconfigured=lambda settings: settings.replicate_unconfigured,
    limits=lambda settings: Limits(
        settings.replicate_concurrency, settings.replicate_creates, settings.replicate_queries
    ),
    open=lambda settings, around: ReplicateProvider(settings, around.allowed, clock=around.clock),
    webhook_headers=("webhook-",),
)
