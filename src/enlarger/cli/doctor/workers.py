"""The service's workers on all machines, with their engines and speeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from enlarger.cli.doctor.finding import Finding, ok, skipped, warning
from enlarger.cli.doctor.site import NoDatabase, Site

if TYPE_CHECKING:
    from enlarger.tasks.workers import AnnouncedWorker

_MOST = 100
_RECENTLY_SECONDS = 3600.0
"""A worker that has been gone for longer is not reported."""


async def check_workers(site: Site) -> Finding:
    """Which workers are running, and can their engines run?"""
    import asyncpg

    from enlarger.tasks.workers import list_workers

    try:
        async with site.connection() as connection:
            found = await list_workers(connection, most=_MOST)
    except NoDatabase:
        return skipped("There is no database to ask.", "See the check of the database.")
    except asyncpg.UndefinedTableError:
        return skipped("The database is of an earlier version, or empty.", "See the check of the migrations.")
    return judge_workers(found)


def judge_workers(found: Sequence[AnnouncedWorker]) -> Finding:
    """Judge what workers have announced."""
    alive = [one for one in found if one.alive]
    if not alive:
        return skipped("No worker is running.", "Start one with `enlarger worker`, or start `enlarger up`.")
    text = "; ".join(map(_describe, alive)) + "."
    gone = [one.name for one in found if not one.alive and one.silent < _RECENTLY_SECONDS]
    if gone:
        text += f" Disappeared without being stopped: {', '.join(gone)}."
    if gone or any(one.problem for one in alive):
        return warning(text, "See the log of the worker, and the network of its machine.")
    return ok(text)


def _describe(worker: AnnouncedWorker) -> str:
    if not worker.runs_engine:
        return f"{worker.name} without an engine"
    if worker.problem:
        return f"{worker.name}, whose engine cannot run ({worker.problem.rstrip('.')})"
    if worker.engine is None or worker.speed is None:
        return f"{worker.name}, no picture yet"
    return f"{worker.name} with {worker.engine} on {worker.device or 'an unknown device'}, {worker.speed:.3g} MP/s"
