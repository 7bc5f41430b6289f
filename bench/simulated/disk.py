"""The disk space that a finished task takes in Postgres."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import msgspec

from bench.finished import add_finished
from bench.gateway import make_paying_key
from bench.processes import on_a_postgres
from bench.services import Layout, Place, enlarger
from bench.stand_ins import Order, app, provider

_COPIED = ("tasks", "attempts", "events", "files", "deliveries", "ledger")
_REAL = ("delivery_tries",)
_PLAIN_KEY = b"Bearer enl_bench"
_SECONDS = 0.5


class Taken(msgspec.Struct, frozen=True):
    """Bytes per task."""

    tables: dict[str, int]
    """Of each table with its indexes; from copies of a task, except for tables that are not copied."""
    log: int
    """Of the write-ahead log, from createTask to the callback."""
    rows: dict[str, tuple[float, float, float]]
    """Rows that are inserted, updated and deleted for a task."""
    autovacuums: dict[str, int]
    """How often each table was vacuumed meanwhile."""


def measure_disk(*, tasks: int, copies: int, rate: float) -> Taken:
    """Run `tasks` tasks of an account that pays, and copy one of them `copies` times."""

    def run_and_copy(url: str, folder: Path) -> Taken:
        real, log = _run(url, folder, tasks, rate)
        rows, autovacuums = asyncio.run(_activity(url, tasks + tasks // 10))
        before = asyncio.run(_bytes(url))
        asyncio.run(add_finished(url, copies))
        after = asyncio.run(_bytes(url))
        tables = {name: (after[name] - before[name]) // copies for name in _COPIED}
        tables |= {name: real[name] // tasks for name in _REAL}
        return Taken(tables=tables, log=log // tasks, rows=rows, autovacuums=autovacuums)

    return on_a_postgres(run_and_copy)


def _run(url: str, folder: Path, tasks: int, rate: float) -> tuple[dict[str, int], int]:
    """By how much the tables and the write-ahead log have grown."""
    with ExitStack() as stack:
        _, where = stack.enter_context(provider(_SECONDS))
        app_process, callback_url = stack.enter_context(app())
        service = stack.enter_context(enlarger(Layout())(Place(url, folder, where, callback_url)))
        request = service.request.replace(_PLAIN_KEY, b"Bearer " + make_paying_key(url).encode())
        app_process.ask(Order(service.url, request, 0, tasks // 10, rate))
        before, log_before = asyncio.run(_bytes(url)), asyncio.run(_log(url))
        app_process.ask(Order(service.url, request, tasks // 10, tasks, rate))
        after, log_after = asyncio.run(_bytes(url)), asyncio.run(_log(url))
        return {name: after[name] - before[name] for name in after}, log_after - log_before


async def _bytes(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT name, pg_total_relation_size(name::regclass) AS bytes FROM unnest($1::text[]) AS name",
            [*_COPIED, *_REAL],
        )
        return {row["name"]: row["bytes"] for row in rows}
    finally:
        await connection.close()


async def _log(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))
    finally:
        await connection.close()


async def _activity(url: str, tasks: int) -> tuple[dict[str, tuple[float, float, float]], dict[str, int]]:
    """What Postgres has counted since the cluster was created."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del, autovacuum_count FROM pg_stat_user_tables"
            " WHERE n_tup_ins + n_tup_upd > $1 ORDER BY relname",
            tasks // 2,
        )
    finally:
        await connection.close()
    rows = {
        row["relname"]: (row["n_tup_ins"] / tasks, row["n_tup_upd"] / tasks, row["n_tup_del"] / tasks) for row in found
    }
    return rows, {row["relname"]: row["autovacuum_count"] for row in found}
