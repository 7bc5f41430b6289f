"""Fills the tables with finished tasks: copies of a real one with all its rows."""

from __future__ import annotations

import asyncpg

_BATCH = 50_000
_DAYS = 90
_TABLES = {
    "tasks": {"id": "copies.id", "idempotency_key": "NULL", "created_at": "copies.at", "updated_at": "copies.at",
              "completed_at": "copies.at", "answered_by": "copies.at"},
    "attempts": {"id": "DEFAULT", "task_id": "copies.id", "reference": "copies.id", "provider_task_id": "copies.id",
                 "started_at": "copies.at", "accepted_at": "copies.at", "finished_at": "copies.at",
                 "ended_at": "copies.at", "deadline_at": "copies.at"},
    "events": {"id": "DEFAULT", "task_id": "copies.id", "at": "copies.at"},
    "files": {"id": "copies.id", "task_id": "copies.id", "key": "copies.id", "created_at": "copies.at",
              "expires_at": "now() + interval '30 days'", "attempt_id": "NULL"},
    "deliveries": {"task_id": "copies.id", "created_at": "copies.at", "updated_at": "copies.at"},
    "ledger": {"id": "DEFAULT", "task_id": "copies.id", "at": "copies.at"},
}  # fmt: skip
"""The columns of copies that differ from the original."""


async def add_finished(url: str, count: int) -> None:
    """Copy a successful task `count` times, with times spread over the last months."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # without triggers
        original = await connection.fetchval("SELECT id FROM tasks WHERE state = 'success' LIMIT 1")
        for first in range(0, count, _BATCH):
            async with connection.transaction():
                for name, changed in _TABLES.items():
                    statement = await _copy_statement(connection, name, changed)
                    await connection.execute(statement, original, first, min(count, first + _BATCH) - 1, count)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _copy_statement(connection: asyncpg.Connection, name: str, changed: dict[str, str]) -> str:
    """The statement that copies a table's rows of the task $1, for the copies from $2 to $3 of $4."""
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
        " AND is_generated = 'NEVER'",
        name,
    )
    columns = [row["column_name"] for row in rows if changed.get(row["column_name"]) != "DEFAULT"]
    values = ", ".join(changed.get(column, f"original.{column}") for column in columns)
    key = "id" if name == "tasks" else "task_id"
    return (
        f"INSERT INTO {name} ({', '.join(columns)}) SELECT {values} FROM {name} AS original,"  # noqa: S608
        " (SELECT md5($1 || number) AS id,"
        f" now() - interval '{_DAYS} days' * (1 - number / $4::float8) - interval '1 hour' AS at"
        f" FROM generate_series($2::int, $3::int) AS number) AS copies WHERE original.{key} = $1"
    )
