"""OpenVINO without its telemetry.

On import it would tell Google Analytics about this machine, from a process that it forks off a thread. Such a fork can
hang for ever, and holds the engine's pipes then, so that nobody sees the engine's end. Without the package that does it
OpenVINO uses a stand-in of its own that does nothing.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # the way to say that it cannot be imported

import openvino as ov  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

__all__ = ["ops", "ov"]
