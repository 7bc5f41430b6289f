"""Stand-ins of hosted services for tests: real HTTP on loopback, their quirks, and their bad days.

    with StandIn(seconds=0) as service:
        client = SyncKieApiClient(service.api_key, service.base_url, upload_url=service.upload_url)

`StandIn` is KIE, `ReplicateStandIn` is Replicate. Under pytest the fixture `kie_stand_in` is one of KIE.
The names below are loaded when they are first used, because pytest imports this package at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from enlarger.testing.clock import HandClock
    from enlarger.testing.fate import Fate
    from enlarger.testing.fault_kinds import Fault
    from enlarger.testing.faults import Faults
    from enlarger.testing.new_task import FAIL_MARKER
    from enlarger.testing.replicate.prediction import SeenPrediction
    from enlarger.testing.replicate.stand_in import ReplicateStandIn
    from enlarger.testing.seen import Delivery, Requests, SeenRequest, SeenTask
    from enlarger.testing.stand_in import StandIn

__all__ = [
    "FAIL_MARKER",
    "Delivery",
    "Fate",
    "Fault",
    "Faults",
    "HandClock",
    "ReplicateStandIn",
    "Requests",
    "SeenPrediction",
    "SeenRequest",
    "SeenTask",
    "StandIn",
]

_HOMES = {
    "FAIL_MARKER": "new_task",
    "Delivery": "seen",
    "Fate": "fate",
    "Fault": "fault_kinds",
    "Faults": "faults",
    "HandClock": "clock",
    "ReplicateStandIn": "replicate.stand_in",
    "Requests": "seen",
    "SeenPrediction": "replicate.prediction",
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
