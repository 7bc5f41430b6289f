"""Real runs, for comparison with the simulation and as the source of its costs."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec
import psutil

from bench.processes import cpu_seconds, on_a_postgres, postgres_pid
from bench.services import Layout, Place, enlarger
from bench.simulated.results import Seen
from bench.stand_ins import Order, app, provider

_IDLE_SECONDS = 5.0
_SAMPLES_A_SECOND = 200
_STEPS = {
    "deliver": ("worker/deliver.py", "worker/callback.py", "tasks/deliveries.py"),
    "collect": ("worker/collect.py", "worker/result_files.py", "tasks/collecting.py", "tasks/endings.py"),
    "dispatch": ("worker/dispatch.py", "tasks/submissions.py"),
    "webhook and poll": ("worker/poll.py", "worker/report_handler.py", "tasks/polls.py", "server/webhooks"),
    "create": ("server/new_task.py", "tasks/store.py", "server/jobs"),
    "other requests": ("enlarger/server/", "litestar/"),
    "queue": ("infra/queue.py", "pgqueuer/"),
}
"""Files that assign a stack sample to a step; the first match counts."""


class Setting(msgspec.Struct, frozen=True):
    """A small run: so many tasks, `rate` a second, at a provider that takes about `seconds` for each."""

    name: str
    rate: float
    tasks: int
    seconds: float
    concurrency: int = 1_000_000
    """How many tasks the provider has at a time at most."""
    warm_up: int = 40
    """How many tasks before those that are measured."""


class Run(msgspec.Struct, frozen=True):
    """The results of a run. Milliseconds are CPU per task, without what the service uses at rest."""

    seen: Seen
    service_ms: float
    postgres_ms: float
    provider_ms: float
    app_ms: float
    idle_service: float
    """Cores that the service's process uses at rest."""
    idle_postgres: float
    cores: int
    background: float
    """Cores that everything else on the machine took."""
    samples: dict[str, int] = {}


def run(setting: Setting, *, profile: bool = False) -> Run:
    """Run a setting with `enlarger up` and its own Postgres."""
    return on_a_postgres(partial(_run, setting, profile))


def _run(setting: Setting, profile: bool, url: str, folder: Path) -> Run:
    with ExitStack() as stack:
        provider_process, where = stack.enter_context(provider(setting.seconds))
        app_process, callback_url = stack.enter_context(app())
        start = enlarger(Layout(), settings={"ENLARGER_KIE_CONCURRENCY": str(setting.concurrency)})
        service = stack.enter_context(start(Place(url, folder, where, callback_url)))
        groups = (service.pids, [postgres_pid(folder / "postgres")], [provider_process.pid], [app_process.pid])

        def costs() -> list[float]:
            return [time.time(), *map(cpu_seconds, groups), _busy_seconds()]

        app_process.ask(Order(service.url, service.request, 0, setting.warm_up, setting.rate))
        resting = costs()
        time.sleep(_IDLE_SECONDS)
        before = costs()
        profiler = stack.enter_context(_profiler(service.pids[0], folder, setting)) if profile else None
        outcome = app_process.ask(Order(service.url, service.request, setting.warm_up, setting.tasks, setting.rate))
        after = costs()
        if profiler is not None:
            profiler.wait()
        seen = provider_process.ask("what did you see?")
        idle = [(late - early) / (before[0] - resting[0]) for early, late in zip(resting, before, strict=True)]
        seconds = after[0] - before[0]
        used = [
            (late - early - rest * seconds) * 1000 / setting.tasks
            for early, late, rest in zip(before, after, idle, strict=True)
        ]
        background = (after[5] - before[5] - sum(after[1:5]) + sum(before[1:5])) / seconds
        numbers = sorted(outcome.called_back)
        return Run(
            seen=Seen(
                created=[outcome.created[number] for number in numbers],
                submitted=[seen.submitted[number] for number in numbers],
                told=[seen.told[number] for number in numbers],
                called_back=[outcome.called_back[number] for number in numbers],
                answered=outcome.answered,
            ),
            service_ms=used[1],
            postgres_ms=used[2],
            provider_ms=used[3],
            app_ms=used[4],
            idle_service=idle[1],
            idle_postgres=idle[2],
            cores=os.cpu_count() or 1,
            background=max(0.0, background),
            samples=_samples(folder / "samples") if profile else {},
        )


def _profiler(pid: int, folder: Path, setting: Setting) -> subprocess.Popen[bytes]:
    """py-spy, which samples the stack of the service's process while it works."""
    command = ["py-spy", "record", "--pid", str(pid), "--rate", str(_SAMPLES_A_SECOND), "--format", "raw"]
    command += ["--duration", str(round(setting.tasks / setting.rate)), "--full-filenames", "--output"]
    return subprocess.Popen([*command, str(folder / "samples")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _samples(path: Path) -> dict[str, int]:
    """How many samples belong to each step."""
    found: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        step = next((step for step, files in _STEPS.items() if any(file in stack for file in files)), "event loop")
        found[step] += int(count)
    return dict(found.most_common())


def _busy_seconds() -> float:
    """The CPU that the whole machine has used, without niced processes."""
    times = psutil.cpu_times()
    return float(times.user + times.system + times.irq + times.softirq)
