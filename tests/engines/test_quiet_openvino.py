"""OpenVINO tells nobody anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration  # processes of its own


def test_the_engine_loads_no_telemetry() -> None:
    code = "import sys, enlarger.engines.child; print([n for n, m in sys.modules.items() if m and 'openvino_tel' in n])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
