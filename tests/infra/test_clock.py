"""One clock decides: the database's, whatever this machine's says, and however that is set meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from enlarger.infra.clock import DatabaseClock, machine_time
from enlarger.infra.database import Database

SECOND = timedelta(seconds=1)
MINUTES = timedelta(minutes=10)


async def read(clock: DatabaseClock, database: Database) -> None:
    async with database.pool.acquire() as connection:
        await clock.read(connection)


@pytest.mark.parametrize("ahead", [-MINUTES, MINUTES])
async def test_a_machine_whose_clock_is_wrong_goes_by_the_databases(database: Database, ahead: timedelta) -> None:
    clock = DatabaseClock(lambda: machine_time() + ahead)
    with capture_logs() as logs:
        await read(clock, database)
        await read(clock, database)
    told: datetime = await database.pool.fetchval("SELECT clock_timestamp()")
    assert abs(clock.now() - told) < 5 * SECOND
    assert abs(clock.skew - ahead) < 5 * SECOND
    assert clock.is_fresh
    assert [(line["event"], round(line["seconds"], -1)) for line in logs] == [("clock_skew", ahead.total_seconds())]


async def test_a_clock_that_is_set_meanwhile_changes_nothing_and_is_told_of(database: Database) -> None:
    ahead = timedelta(0)
    clock = DatabaseClock(lambda: machine_time() + ahead)
    with capture_logs() as logs:
        await read(clock, database)
        before, ahead = clock.now(), timedelta(days=-400)
        assert timedelta(0) <= clock.now() - before < 5 * SECOND
        await read(clock, database)
        ahead = timedelta(0)
        await read(clock, database)
    days = [round(line["seconds"] / 86_400) for line in logs if line["event"] == "clock_skew"]
    assert days == [-400, 0]


def test_before_there_is_a_database_the_machines_clock_counts() -> None:
    then = datetime(2026, 1, 1, tzinfo=UTC)
    assert DatabaseClock(lambda: then).now() == then


async def test_whoever_uses_the_database_keeps_its_time(database: Database) -> None:
    async def work(_: object) -> None:
        assert database.clock.is_fresh

    for use in (database.run, database.read):
        database.clock = DatabaseClock(lambda: machine_time() + MINUTES)
        await use(work)
        assert abs(database.now() - machine_time()) < MINUTES / 2
