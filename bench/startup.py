"""How long commands take to start: a bare Python, the help, and a whole service until it answers.

`python -m bench.startup --beside ../before/.venv/bin/python` measures another installation alternately with this one.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.processes import plain_environment


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="how often each is started")
    options.add_argument("--beside", type=Path, help="the Python of another installation, such as an earlier version's")
    given = options.parse_args()
    pythons = {"this": sys.executable} | ({"other": str(given.beside)} if given.beside else {})
    took: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, python in pythons.items():
            _up(python, Path(folder) / name)  # makes the database
        for _ in range(given.rounds):
            for name, python in pythons.items():
                took.setdefault((name, "python -c pass"), []).append(_run([python, "-c", "pass"]))
                took.setdefault((name, "enlarger --help"), []).append(_run([python, "-m", "enlarger", "--help"]))
                upscale = _run([python, "-m", "enlarger", "upscale", "--help"])
                took.setdefault((name, "enlarger upscale --help"), []).append(upscale)
                took.setdefault((name, "enlarger up, until ready"), []).append(_up(python, Path(folder) / name))
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':28}{'seconds':>9}{'CPU':>7}" + ("   of the other's CPU" if given.beside else ""))
    for (name, what), times in took.items():
        wall, cpu = (statistics.median(one) for one in zip(*times, strict=True))
        other = statistics.median(cpu for _, cpu in took.get(("other", what), times))
        ratio = f"{cpu / other:8.2f}" if given.beside and name == "this" else ""
        print(f"{name + ': ' if given.beside else ''}{what:28}{wall:6.2f}{cpu:7.2f}{ratio}")


def _run(command: list[str]) -> tuple[float, float]:
    """The seconds, and seconds of CPU, until a command ends."""
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=plain_environment(), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _up(python: str, data: Path) -> tuple[float, float]:
    """The same until a service answers, without the CPU of its Postgres."""
    began = time.perf_counter()
    environment = plain_environment() | {"ENLARGER_DATA_DIR": str(data), "ENLARGER_PORT": "0"}
    command = [python, "-m", "enlarger", "up", "--sandbox"]
    with psutil.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        for line in process.stdout:
            if line.strip().startswith("API"):
                break
        seconds, times = time.perf_counter() - began, process.cpu_times()
        process.terminate()
        process.communicate()
    return seconds, times.user + times.system


if __name__ == "__main__":
    main()
