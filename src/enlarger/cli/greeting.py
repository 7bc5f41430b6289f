"""The providers of a service that starts: which are on, by which setting, and why the others are off."""

from __future__ import annotations

from typing import Any

import msgspec

from enlarger.providers.routing import routing_of
from enlarger.settings import Settings

_PROVIDERS = ("kie", "replicate", "local", "sandbox")
_SANDBOX = "ENLARGER_SANDBOX or --sandbox"


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
        what = "every task gets" if list(status.on) == ["sandbox"] else "tasks that ENLARGER_ROUTES gives to it get"
        lines.append(f"  SANDBOX: {what} a made-up picture that says SANDBOX, at no cost ({_SANDBOX}).")
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
    routed = {*routing.usual, *(name for names in routing.special.values() for name in names)}
    sources = {
        "kie": settings.kie_key[0],
        "replicate": "REPLICATE_API_TOKEN",
        "local": "this machine",
        "sandbox": _SANDBOX,
    }
    off: dict[str, str] = {}
    for name in _PROVIDERS[:-1]:
        if name in settings.unconfigured:
            off[name] = str(settings.unconfigured[name])
        elif name not in routed:
            alone = routed == {"sandbox"}
            off[name] = "everything runs in the sandbox" if alone else "ENLARGER_ROUTES leaves it out"
    on = {name: sources[name] for name in _PROVIDERS if name in routed and name not in settings.unconfigured}
    return ProviderStatus(on, off, sandbox="sandbox" in routed and settings.sandbox)
