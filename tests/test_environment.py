"""The suite sets what it relies on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

import enlarger
from tests.environment import USER_FOLDERS

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


def test_no_test_writes_into_the_users_home(tmp_path: Path) -> None:
    for kind in USER_FOLDERS:
        assert getattr(platformdirs, f"user_{kind}_path")("enlarger").is_relative_to(tmp_path)


def test_enlarger_asks_for_no_other_folder_of_the_users() -> None:
    source = "".join(path.read_text() for path in Path(enlarger.__file__).parent.rglob("*.py"))
    assert set(re.findall(r"platformdirs\.user_(\w+)_(?:path|dir)", source)) == set(USER_FOLDERS)
