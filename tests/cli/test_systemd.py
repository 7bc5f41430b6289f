"""The unit files in `deploy/systemd`: systemd takes them, and they call commands that there are."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from enlarger.cli.app import app

_UNITS = sorted((Path(__file__).parents[2] / "deploy" / "systemd").glob("*.service"))
_PROGRAM = "/usr/local/bin/enlarger"

pytestmark = pytest.mark.integration


def test_there_are_units() -> None:
    assert [unit.name for unit in _UNITS] == ["enlarger-watch.service", "enlarger.service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", _UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_no_fault_with_a_unit(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace(_PROGRAM, sys.executable))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if unit.name in line]
    assert (done.returncode, ours) == (0, []), done.stderr


@pytest.mark.parametrize("unit", _UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_a_command_with_options_that_it_has(unit: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)  # some keys are there twice
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    program, name, *rest = parser["Service"]["ExecStart"].split()
    assert program == _PROGRAM
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= options
    assert parser["Service"]["ProtectSystem"] == "strict"
    assert parser["Service"]["DynamicUser"] == "yes"
