"""The providers that the settings of this process set up, and their limits."""

from __future__ import annotations

from enlarger.providers.base import Provider
from enlarger.providers.registry import specs
from enlarger.providers.spec import Surroundings
from enlarger.settings import Limits, ServiceSettings


def unconfigured_of(settings: ServiceSettings) -> dict[str, str]:
    """The providers that are not set up, and what to do about each."""
    reasons = {spec.name: spec.unconfigured(settings) for spec in specs()}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def limits_of(settings: ServiceSettings) -> dict[str, Limits]:
    """What may be asked of each provider, set up or not."""
    return {spec.name: spec.limits(settings) for spec in specs()}


def open_providers(settings: ServiceSettings, surroundings: Surroundings) -> dict[str, Provider]:
    """Every provider that is set up, by its name; all are to be closed. Raises ConfigurationError."""
    return {spec.name: spec.open(settings, surroundings) for spec in specs() if spec.unconfigured(settings) is None}
