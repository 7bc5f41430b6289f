"""Runs work on untrusted files in separate, limited processes, which may crash, hang or run out of memory.

They print their answers as JSON.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TypeVar

import msgspec

from enlarger.engines.resources import limit_memory
from enlarger.errors import EngineUnavailable

_MEMORY = 3 << 30
Answer = TypeVar("Answer", bound=msgspec.Struct)


def ask(module: str, *arguments: str, answer: type[Answer], seconds: float, doing: str) -> Answer:
    """Run `python -m module arguments…` and return the last answer that it prints.

    Raises EngineUnavailable if it takes longer than `seconds` or ends without an answer; the message continues a
    sentence after "cannot be used:". `doing` is what the process does, for that message.
    """
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"{doing} took longer than {seconds:g} seconds") from None
    printed = done.stdout.splitlines() or [b""]
    try:
        return msgspec.json.decode(printed[-1], type=answer)
    except msgspec.MsgspecError:
        raise EngineUnavailable(how_it_ended(done.returncode, done.stderr)) from None


def begin(seconds: float) -> Callable[[msgspec.Struct], None]:
    """Limit this process to 3 GiB and twice `seconds`; returns a function that prints an answer. The last counts."""
    faulthandler.dump_traceback_later(2 * seconds, exit=True)  # the one that started it may be gone
    stdout = os.dup(1)
    os.dup2(2, 1)  # libraries print to stdout
    limit_memory(_MEMORY)

    def tell(answer: msgspec.Struct) -> None:
        os.write(stdout, msgspec.json.encode(answer) + b"\n")

    return tell


def how_it_ended(code: int, stderr: bytes) -> str:
    """A few words on a process that ended by itself, without what it should have said."""
    if code < 0:
        return f"it crashed ({signal.Signals(-code).name})"
    last = stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"it crashed ({last[0] if last else f'exit code {code}'})"
