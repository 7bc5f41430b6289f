"""A signal to stop ends every command quietly with 130, whenever it comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_every_command import ARGUMENTS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals and no fork")

_STOPPED_AT_AN_IMPORT = '''
import json, os, signal, sys

class Stop:
    """Sends this process a signal at the nth import from now."""

    def __init__(self, number, nth):
        self.number, self.left = number, nth

    def find_spec(self, name, path=None, target=None):
        self.left -= 1
        if self.left == 0:
            os.write(STOPPED, b".")
            os.kill(os.getpid(), self.number)

def ended(command, number, nth):
    """The exit status of a command that is stopped then, and what it printed on stderr."""
    printed = os.memfd_create("printed")
    if (pid := os.fork()) == 0:
        os.dup2(printed, 2)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        sys.argv = ["enlarger", *command]
        sys.meta_path.insert(0, Stop(number, nth))
        main()
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), os.pread(printed, 10_000, 0).decode()

EARLIEST, QUIET = 2, "Interrupted."
STOPPED = os.memfd_create("stopped")
commands, places, numbers = json.loads(sys.argv[1])
bad = []
for place, command in enumerate(commands):
    for nth in places:
        number = numbers[(place + nth) % len(numbers)]
        before = os.fstat(STOPPED).st_size
        code, said = ended(command, number, nth)
        killed = -number if nth <= EARLIEST and number != signal.SIGINT else 130  # by what no handler is set for yet
        if os.fstat(STOPPED).st_size > before and (code not in (130, killed) or said.strip() not in ("", QUIET)):
            bad.append([command, number, nth, code, said])
print(json.dumps([os.fstat(STOPPED).st_size, bad]))
'''


def stopped(begin: str, commands: list[list[str]], places: list[int], folder: Path) -> int:
    """Check that each command ends quietly when it is stopped at these imports; returns how often one was."""
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    ran = subprocess.run(
        [sys.executable, "-c", f"{begin}\n{_STOPPED_AT_AN_IMPORT}", json.dumps([commands, places, numbers])],
        check=True, capture_output=True, text=True, cwd=folder,
        env=os.environ | {"DATABASE_URL": "postgresql://127.0.0.1:1/nothing", "ENLARGER_DATABASE_WAIT": "0"},
    )  # fmt: skip
    count, bad = json.loads(ran.stdout)
    assert bad == []
    return int(count)


def test_while_the_commands_are_imported(tmp_path: Path) -> None:
    places = [1, 2, 20, 60, 150, 250]
    assert stopped("from enlarger.cli import main", [["models", "-q"]], places, tmp_path) == len(places)


def test_while_any_command_imports_what_it_needs(tmp_path: Path) -> None:
    commands = [[*path, *(arguments or [])] for path, arguments in ARGUMENTS.items()]
    assert stopped("from enlarger.cli.app import main", commands, [1, 30], tmp_path) > len(commands)
