"""Work that can be left behind when it hangs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from enlarger.infra.threads import run_abandonable

pytestmark = pytest.mark.integration  # processes of its own

_HANGS = """
import asyncio, sys
import pyvips
from enlarger.infra.threads import run_abandonable

def decode():
    print("decoding", flush=True)
    pyvips.Image.new_from_file(sys.argv[1])
    print("decoded", flush=True)

async def main():
    try:
        await run_abandonable(decode, seconds=3)
    except TimeoutError:
        print("too long", flush=True)

asyncio.run(main())
print("the end", flush=True)
"""


def test_a_decoder_that_hangs_keeps_no_process_from_ending(tmp_path: Path) -> None:
    endless = tmp_path / "endless.png"
    os.mkfifo(endless)
    writer = os.open(endless, os.O_RDWR)  # which writes nothing
    try:
        ended = subprocess.run(
            [sys.executable, "-c", _HANGS, endless], capture_output=True, text=True, timeout=120, check=False
        )
    finally:
        os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split("\n")[:-1] == ["decoding", "too long", "the end"]


async def test_what_the_work_returns_or_raises_comes_back() -> None:
    assert await run_abandonable(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await run_abandonable(lambda: 1 // 0)


@pytest.mark.parametrize("late", ["result", "error"])
async def test_what_comes_after_a_cancellation_is_left_alone(late: str) -> None:
    began, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> float:
        began.set()
        go_on.wait()
        done.set()
        return 1 / (late == "result")

    going_on = asyncio.create_task(run_abandonable(work))
    await asyncio.to_thread(began.wait)
    going_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going_on
    go_on.set()
    await asyncio.to_thread(done.wait)
