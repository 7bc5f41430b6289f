"""An engine's process that does nothing by itself: `python -m tests.engines.stubs`.

It tells of progress, and of an order's end when it is told to go on.
"""

from __future__ import annotations

import sys
import threading

import msgspec

from enlarger.engines.messages import RESUME, Event, Outcome

STUB_MODULE = "tests.engines.stubs"
_OUTCOME = Outcome(
    network="stub", format="png", width=1, height=1, source_width=1, source_height=1, seconds=0.1, engine="stub"
)


def _tell(event: Event) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(event) + b"\n")
    sys.stdout.buffer.flush()


def _tick() -> None:
    while True:
        _tell(Event(fraction=0.5))
        threading.Event().wait(0.02)


if __name__ == "__main__":
    threading.Thread(target=_tick, daemon=True).start()
    for line in sys.stdin.buffer:
        if line == RESUME:
            _tell(Event(outcome=_OUTCOME))
