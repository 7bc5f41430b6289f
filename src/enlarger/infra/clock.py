"""The database's clock, read by every process: times are written by it, and so it alone says whether they are over.

Between two readings it is continued by the machine's own ticks, which nobody sets: a machine whose clock is wrong, or
is set meanwhile, decides as all others do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

_FRESH_SECONDS = 60.0
_NOTABLE = timedelta(seconds=2)
"""A skew from which on it is logged, and the change of one from which on it is logged again."""

_log = structlog.get_logger("enlarger.database")


def _ticks() -> float:
    """Seconds, those of a machine that was suspended included where the system counts them."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def machine_time() -> datetime:
    """The time by this machine's clock, which decides nothing where there is a database."""
    return datetime.now(UTC)


class DatabaseClock:
    """What time it is for the database."""

    def __init__(self, machine: Callable[[], datetime] = machine_time) -> None:
        """`machine` is this machine's clock, whose skew is measured."""
        self._machine = machine
        self._read_at: float | None = None
        self._time = datetime.min.replace(tzinfo=UTC)
        self._said = timedelta(0)
        self.skew: timedelta = timedelta(0)
        """How far this machine's clock was ahead of the database's when that was read."""

    def now(self) -> datetime:
        """The database's time; this machine's, as long as that was never read."""
        if self._read_at is None:
            return self._machine()
        return self._time + timedelta(seconds=_ticks() - self._read_at)

    @property
    def is_fresh(self) -> bool:
        """Whether it was read less than a minute ago."""
        return self._read_at is not None and _ticks() - self._read_at < _FRESH_SECONDS

    async def read(self, connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy) -> None:
        """Ask the database, and log the skew of this machine's clock where it is one."""
        began = _ticks()
        told: datetime = await connection.fetchval("SELECT clock_timestamp()")
        ended = _ticks()
        self._read_at, self._time = (began + ended) / 2, told
        self.skew = self._machine() - self.now()
        if abs(self.skew - self._said) >= _NOTABLE:
            self._said = self.skew
            _log.warning("clock_skew", seconds=round(self.skew.total_seconds(), 1))
