"""A stand-in of the hosted KIE service for tests: real HTTP on loopback, its quirks, and its bad days.

    with StandIn(seconds=0) as service:
        client = SyncKieApiClient(service.api_key, service.base_url, upload_url=service.upload_url)

Under pytest the fixture `kie_stand_in` is one. The names below are loaded when they are first used, because pytest
imports this package at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enlarger.testing.clock import HandClock
    from enlarger.testing.faults import Fault, Faults
    from enlarger.testing.new_task import FAIL_MARKER
    from enlarger.testing.seen import Delivery, Requests, SeenRequest, SeenTask
    from enlarger.testing.stand_in import StandIn

__all__ = [
    "FAIL_MARKER",
    "Delivery",
    "Fault",
    "Faults",
    "HandClock",
    "Requests",
    "SeenRequest",
    "SeenTask",
    "StandIn",
]

_HOMES = {
    "FAIL_MARKER": "new_task",
    "Delivery": "seen",
    "Fault": "faults",
    "Faults": "faults",
    "HandClock": "clock",
    "Requests": "seen",
    "SeenRequest": "seen",
    "SeenTask": "seen",
    "StandIn": "stand_in",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
