"""What carries tasks out: hosted services, the engine of this machine, and a sandbox."""

from enlarger.providers.base import (
    Accepted,
    HostedProvider,
    LocalOrder,
    LocalOutcome,
    LocalRunner,
    OnProgress,
    Order,
    Provider,
    Report,
    Submission,
    Traits,
    WireRequest,
    hosted,
)

__all__ = [
    "Accepted",
    "HostedProvider",
    "LocalOrder",
    "LocalOutcome",
    "LocalRunner",
    "OnProgress",
    "Order",
    "Provider",
    "Report",
    "Submission",
    "Traits",
    "WireRequest",
    "hosted",
]
