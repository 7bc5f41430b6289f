"""The suite sets what it relies on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration  # processes of its own

_SCRIPT = """
import signal, subprocess, sys
import tests.conftest
child = [sys.executable, "-c", "import signal; print(*(signal.getsignal(n) is signal.SIG_IGN for n in (1, 2, 3, 15)))"]
print(subprocess.run(child, capture_output=True, text=True, check=True).stdout)
"""


def test_children_heed_the_signals_that_a_background_job_ignores() -> None:
    command = ["sh", "-c", 'trap \'\' HUP INT QUIT; exec "$0" -c "$1"', sys.executable, _SCRIPT]
    root = Path(__file__).parent.parent
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout
    assert shown.split() == ["False"] * 4
