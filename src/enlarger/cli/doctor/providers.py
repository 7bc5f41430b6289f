"""The providers: whether each is set up, reachable and accepts our key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from enlarger.cli.doctor.finding import Finding, ok, skipped
from enlarger.cli.doctor.site import Site
from enlarger.errors import ConfigurationError

SECONDS = 35.0


def check_provider(name: str) -> Callable[[Site], Awaitable[Finding]]:
    """The check of the provider of this name in the registry."""

    async def check(site: Site) -> Finding:
        from enlarger.infra.clock import machine_time
        from enlarger.infra.safe_http import Allowed
        from enlarger.providers.registry import spec_of
        from enlarger.providers.spec import Surroundings

        spec, settings = spec_of(name), site.settings
        if why := spec.unconfigured(settings):
            found, _, remedy = str(why).partition(", ")
            return skipped(f"{found[:1].upper()}{found[1:]}.", f"{remedy[:1].upper()}{remedy[1:]}." if remedy else why)
        around = Surroundings(allowed=Allowed.parse(settings.allow_private), cache=site.cache, now=machine_time)
        provider = spec.open(settings, around)
        try:
            await provider.probe()  # the error says what is wrong
        finally:
            await provider.close()
        return ok(f"It accepts tasks{_unused(site, name)}.")

    return check


def _unused(site: Site, name: str) -> str:
    """Why a provider gets none all the same."""
    from enlarger.providers.routing import routing_of

    try:
        why = routing_of(site.settings).unused(name)
    except ConfigurationError:
        return ""  # ENLARGER_ROUTES is wrong, which the check of the settings tells
    return f", but gets none: {why}" if why else ""
