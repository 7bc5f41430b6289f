"""The routing of this process."""

from __future__ import annotations

from enlarger.catalog.routing import Routing, read_routing
from enlarger.settings import Settings


def routing_of(settings: Settings) -> Routing:
    """Who runs what, by the settings. Raises ConfigurationError."""
    return read_routing(settings.routes, sandbox=settings.sandbox, unconfigured=settings.unconfigured)
