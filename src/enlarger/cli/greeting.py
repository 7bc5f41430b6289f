"""What a service says of its providers when it starts: which are on, by which setting, and why the others are off."""

from __future__ import annotations

from enlarger.providers.routing import routing_of
from enlarger.settings import Settings

_PROVIDERS = ("kie", "replicate", "local", "sandbox")


def describe_providers(settings: Settings) -> list[str]:
    """Lines for whoever starts a service. Raises ConfigurationError for routes that cannot be read."""
    routing = routing_of(settings)
    routed = {*routing.usual, *(name for names in routing.special.values() for name in names)}
    sources = {
        "kie": settings.kie_key[0],
        "replicate": "REPLICATE_API_TOKEN",
        "local": "this machine",
        "sandbox": "ENLARGER_SANDBOX or --sandbox",
    }
    lines: list[str] = []
    if "sandbox" in routed and settings.sandbox:
        whole = routed == {"sandbox"}
        what = "every task gets" if whole else "tasks that ENLARGER_ROUTES gives to it get"
        lines.append(f"  SANDBOX: {what} a made-up picture that says SANDBOX, at no cost ({sources['sandbox']}).")
    on = [name for name in _PROVIDERS if name in routed and name not in settings.lacking]
    lines.append("  on    " + (", ".join(f"{name} ({sources[name]})" for name in on) or "no provider"))
    for name in _PROVIDERS[:-1]:
        if name in settings.lacking:
            lines.append(f"  off   {name}: {settings.lacking[name]}")
        elif name not in routed:
            why = "everything runs in the sandbox" if routed == {"sandbox"} else "ENLARGER_ROUTES leaves it out"
            lines.append(f"  off   {name}: {why}")
    return lines
