"""Mock servers of the hosted services for tests: real HTTP on loopback, with their quirks and failures.

    with StandIn(seconds=0) as service:
        client = SyncKieApiClient(service.api_key, service.base_url, upload_url=service.upload_url)

`StandIn` is KIE, `ReplicateStandIn` is Replicate, `FalStandIn` is fal. Under pytest the fixture `kie_stand_in` is one
of KIE. The names below are loaded when they are first used, because pytest imports this package at every start.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from enlarger.renamed import current_name

if TYPE_CHECKING:
    from enlarger.testing.clock import HandClock
    from enlarger.testing.fal.request import SeenFalRequest
    from enlarger.testing.fal.stand_in import FalStandIn
    from enlarger.testing.fate import Fate
    from enlarger.testing.fault_kinds import InjectedFault
    from enlarger.testing.faults import Faults
    from enlarger.testing.new_task import FAIL_MARKER
    from enlarger.testing.recorded import Delivery, Requests, SeenRequest, SeenTask
    from enlarger.testing.replicate.prediction import SeenPrediction
    from enlarger.testing.replicate.stand_in import ReplicateStandIn
    from enlarger.testing.stand_in import StandIn

__all__ = [
    "FAIL_MARKER",
    "Delivery",
    "FalStandIn",
    "Fate",
    "Faults",
    "HandClock",
    "InjectedFault",
    "ReplicateStandIn",
    "Requests",
    "SeenFalRequest",
    "SeenPrediction",
    "SeenRequest",
    "SeenTask",
    "StandIn",
]

_HOMES = {
    "FAIL_MARKER": "new_task",
    "Delivery": "recorded",
    "FalStandIn": "fal.stand_in",
    "Fate": "fate",
    "InjectedFault": "fault_kinds",
    "Faults": "faults",
    "HandClock": "clock",
    "ReplicateStandIn": "replicate.stand_in",
    "Requests": "recorded",
    "SeenFalRequest": "fal.request",
    "SeenPrediction": "replicate.prediction",
    "SeenRequest": "recorded",
    "SeenTask": "recorded",
    "StandIn": "stand_in",
}


def __getattr__(name: str) -> Any:
    name = current_name(__name__, name, {"Fault": "InjectedFault"})
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
