"""Run tasks: the hosted services, this machine's engine, and a sandbox."""

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
