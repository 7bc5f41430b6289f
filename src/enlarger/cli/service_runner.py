"""`enlarger up`, `serve` and `worker`: in this process, or in several with a supervisor."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from enlarger.all_settings import Settings
from enlarger.cli.output import Output
from enlarger.cli.packages import ELSEWHERE, needed_for
from enlarger.cli.processes import Command, count_processes
from enlarger.cli.service_process import STOPPING, check_wanted, make_ready, run, shared_database
from enlarger.cli.supervisor import supervise


def run_service(command: Command, settings: Settings, output: Output) -> None:
    """Run a service, or a part of one, until it is asked to stop; otherwise as `run`."""
    if count_processes(settings, command) > 1:
        run(settings, output, partial(supervise, command))
    else:
        run(settings, output, {"up": _up, "serve": _serve, "worker": _work}[command])


async def _up(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    parts, greetings = _load_parts()
    async with parts.whole_service(settings, migrate=partial(make_ready, settings, stop, output)) as running:
        check_wanted(stop)
        await greetings.greet_up(settings, running, output)
        await stop.wait()
        output.say(STOPPING)


async def _serve(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    parts, greetings = _load_parts()
    url = await shared_database(settings, "serve", stop, output)
    async with parts.api(settings, url) as running:
        check_wanted(stop)
        await greetings.greet_serve(settings, running, output)
        await stop.wait()


async def _work(settings: Settings, stop: asyncio.Event, output: Output) -> None:
    parts, greetings = _load_parts()
    url = await shared_database(settings, "worker", stop, output)
    async with parts.worker(settings, url) as metrics:
        check_wanted(stop)
        await greetings.greet_worker(settings, metrics, output)
        await stop.wait()
        output.say(STOPPING)


def _load_parts() -> tuple[Any, Any]:
    """The modules that a supervisor does not need; they take as much memory as all others."""
    with needed_for("Running a service", otherwise=ELSEWHERE):
        from enlarger.cli import ready_output, service_parts
    return service_parts, ready_output
