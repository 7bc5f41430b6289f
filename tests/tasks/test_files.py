"""Stored files."""

from __future__ import annotations

from enlarger.infra.database import Database
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.sql import sql


async def test_what_an_account_has_stored_is_summed_up_in_an_index(database: Database) -> None:
    """Whoever stores something waits for it, and an account may have very many files."""
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")  # which is cheaper while there are few files
        statement = await connection.prepare(f"EXPLAIN {sql.sum_files.sql}")
        plan = "\n".join([row[0] for row in await statement.fetch(DEFAULT, "a file")])
    assert "Index Only Scan using files_of_account" in plan
