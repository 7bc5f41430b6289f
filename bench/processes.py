"""Processes that benchmarks start, their CPU and memory, and the machine that they run on."""

from __future__ import annotations

import asyncio
import os
import platform
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import TypeVar

import httpx2
import psutil

from enlarger.infra.postgres import EmbeddedPostgres

_START_SECONDS = 120.0
_OURS = ("ENLARGER_", "KIE_", "REPLICATE_", "FAL_", "DATABASE_URL", "BOT_TOKEN")
"""Prefixes of settings. The caller's settings must not affect what is measured."""

T = TypeVar("T")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def plain_environment() -> dict[str, str]:
    """The caller's environment without its settings for the service, and with bytecode caches.

    Without these every process would compile all modules again.
    """
    left_out = (*_OURS, "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def on_a_postgres(work: Callable[[str, Path], T]) -> T:
    """Call `work` with the URL of an embedded Postgres and the folder that contains its cluster, `postgres`.

    Both are removed afterwards.
    """

    async def run(folder: Path) -> T:
        async with EmbeddedPostgres(folder / "postgres").running() as url:
            return await asyncio.to_thread(work, url, folder)

    with tempfile.TemporaryDirectory(prefix="enlarger-bench-") as folder:
        return asyncio.run(run(Path(folder)))


@contextmanager
def running(command: Sequence[str], log: Path, settings: Mapping[str, str]) -> Iterator[int]:
    """Run a process around a block, with its output in `log`; yields its pid. It is stopped by SIGTERM."""
    with log.open("ab") as file:
        process = Popen(command, env=plain_environment() | dict(settings), stdin=DEVNULL, stdout=file, stderr=file)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(120)


def wait_until(condition: Callable[[], T | None], what: str, *, seconds: float = _START_SECONDS) -> T:
    """Wait until `condition` returns something true, and return that. Exits when it does not in time."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not happen within {seconds:.0f} s.")
        time.sleep(0.02)
    return found


def wait_for_answer(url: str, pid: int, log: Path) -> None:
    """Wait until `url` answers with 200. Exits if the process ends before that."""

    def answers() -> bool:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            raise SystemExit(f"{url} did not start:\n{log.read_text()[-3000:]}")
        try:
            return httpx2.get(url, timeout=5, trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False

    wait_until(answers, url)


def cpu_seconds(pids: Sequence[int]) -> float:
    """The CPU that these processes and their descendants have used, including those that have ended."""
    total = 0.0
    for process in _tree(pids):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def memory_bytes(pids: Sequence[int]) -> int:
    """The memory of these processes and their descendants that no other process shares."""
    return sum(process.memory_full_info().uss for process in _tree(pids))


def postgres_pid(folder: Path) -> int:
    """The pid of a cluster's postmaster, the parent of all its processes."""
    return int((folder / "postmaster.pid").read_text().split("\n", 1)[0])


def machine() -> str:
    """The machine in one line."""
    lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    facts = {name.strip(): value.strip() for name, _, value in lines}
    marks = ", ".join(f"{name} {facts[name]}" for name in ("cpu family", "model") if name in facts)
    return (
        f"{facts.get('model name', platform.machine())} ({marks or 'no family'}), {os.cpu_count()} cores,"
        f" {psutil.virtual_memory().total / 2**30:.0f} GiB; Linux {platform.release().split('-')[0]},"
        f" Python {platform.python_version()}"
    )


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def _tree(pids: Sequence[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        process = psutil.Process(pid)
        yield from (process, *process.children(recursive=True))
