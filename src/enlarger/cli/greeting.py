"""The providers of a service that starts: which are on, by which setting, and why the others are off."""

from __future__ import annotations

from typing import Any

import msgspec

from enlarger.all_settings import Settings
from enlarger.providers.registry import specs
from enlarger.providers.routing import routing_of


class ProviderStatus(msgspec.Struct, frozen=True):
    """Which providers are on, by which setting; which are off, and why."""

    on: dict[str, str]
    off: dict[str, str]
    sandbox: bool
    """Whether some tasks get made-up pictures."""


def describe_providers(settings: Settings) -> list[str]:
    """The lines about providers, and models that are switched off, that a starting service prints.

    Raises ConfigurationError for invalid routes.
    """
    status = provider_status(settings)
    lines: list[str] = []
    if status.sandbox:
        source = ", ".join(status.on[spec.name] for spec in specs() if spec.simulates and spec.name in status.on)
        what = "every task gets" if len(status.on) == 1 else "tasks that ENLARGER_ROUTES gives to it get"
        lines.append(f"  SANDBOX: {what} a made-up picture that says SANDBOX, at no cost ({source}).")
    on = ", ".join(f"{name} ({source})" for name, source in status.on.items())
    lines.append("  on    " + (on or "no provider"))
    lines += [f"  off   {name}: {reason}" for name, reason in status.off.items()]
    if settings.models_off:
        lines.append(f"  off   models: {', '.join(settings.models_off)} (ENLARGER_MODELS_OFF)")
    return lines


def offered(settings: Settings) -> dict[str, Any]:
    """The same as data."""
    return {"providers": provider_status(settings), "modelsOff": settings.models_off}


def provider_status(settings: Settings) -> ProviderStatus:
    """How the providers stand by the settings. Raises ConfigurationError for routes that cannot be read."""
    routing = routing_of(settings)
    on: dict[str, str] = {}
    off: dict[str, str] = {}
    for spec in specs():
        reason = routing.unconfigured.get(spec.name) or routing.unused(spec.name)
        if reason is None:
            on[spec.name] = spec.turned_on_by(settings)
        elif not spec.simulates or spec.name not in routing.unconfigured:
            off[spec.name] = str(reason)
    return ProviderStatus(on, off, sandbox=any(spec.simulates and spec.name in on for spec in specs()))
