"""The database: whether it can be reached, its schema, its clock."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from enlarger.cli.doctor.finding import Finding, failed, ok, skipped, warning
from enlarger.cli.doctor.site import NoDatabase, Site

if TYPE_CHECKING:
    import asyncpg

SECONDS = 90.0
"""An embedded Postgres that was killed takes a while to recover."""
_ROUNDS = 5
_SLOW_SECONDS = 0.02
_SKEW = timedelta(seconds=2)
_ENLARGER_UP = "`enlarger up` starts a service and makes it."


async def check_database(site: Site) -> Finding:
    """Does it answer, how fast, and is it new enough?"""
    from enlarger.infra.database import cannot_reach, hide_password
    from enlarger.infra.migrations import OLDEST_POSTGRES

    try:
        url = await site.database_url()
    except NoDatabase:
        return skipped("There is no embedded database yet.", _ENLARGER_UP)
    try:
        async with site.connection() as connection:
            version = connection.get_server_version()
            latency = await _measure_latency(connection)
    except NoDatabase as error:
        raise cannot_reach(url, error.reason or error) from error
    embedded = site.settings.database_url is None
    place = "embedded" if embedded else hide_password(url)
    found = f"Postgres {version.major}.{version.minor} ({place}) answers in {latency * 1000:.1f} ms."
    if version.major < OLDEST_POSTGRES:
        return failed(found, f"Name a Postgres of version {OLDEST_POSTGRES} or later in DATABASE_URL.")
    if latency > _SLOW_SECONDS:
        return warning(found, "Every task takes dozens of queries: run the service nearer to its database.")
    return ok(found)


async def _measure_latency(connection: asyncpg.Connection) -> float:
    """How long the database takes to answer, in seconds."""
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        await connection.fetchval("SELECT 1")
        times.append(time.perf_counter() - began)
    return statistics.median(times)


async def check_migrations(site: Site) -> Finding:
    """Has the database the schema of this version?"""
    from enlarger.infra.migrations import newest_revision, revision_of

    async with site.connection() as connection:
        found = await revision_of(connection)
    return judge_revision(found, newest_revision())


def judge_revision(found: str | None, newest: str) -> Finding:
    """Judge the revision of a database's schema; None is none at all."""
    if found is None:
        return ok("The database is empty; the first service makes its tables.")
    if found == newest:
        return ok(f"The schema is up to date ({found}).")
    if found < newest:
        return warning(
            f"The schema is at {found}, and this version of Enlarger has {newest}.",
            "Start a service of this version: it brings the database up to date. Stop those of the older one first.",
        )
    return failed(
        f"The schema is at {found}, and this version of Enlarger knows {newest} at most.",
        "Upgrade Enlarger here: a newer version has been at work on this database.",
    )


async def check_clock(site: Site) -> Finding:
    """How far is this machine's clock from the database's?"""
    from enlarger.infra.clock import DatabaseClock

    async with site.connection() as connection:
        clock = DatabaseClock()
        await clock.read(connection)
    return judge_skew(clock.skew, "the database's")


def judge_skew(skew: timedelta, whose: str, tolerance: timedelta = _SKEW) -> Finding:
    """Judge how far this machine's clock is ahead of another one."""
    seconds = skew.total_seconds()
    if abs(skew) < tolerance:
        return ok(f"This machine's clock and {whose} differ by less than {tolerance.total_seconds():g} seconds.")
    return warning(
        f"This machine's clock is {abs(seconds):.1f} seconds {'ahead of' if seconds > 0 else 'behind'} {whose}.",
        "Set both by NTP: `timedatectl set-ntp true`.",
    )
