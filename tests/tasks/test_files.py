"""What accounts have stored, and their quotas of it."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta

import pytest

from enlarger.errors import StorageQuotaReached
from enlarger.infra.database import Database
from enlarger.tasks.accounts import DEFAULT, AccountStore
from enlarger.tasks.files import FileStore, insert_file
from enlarger.tasks.records import NewFile
from enlarger.tasks.sql import sql
from tests.databases import transaction
from tests.waiting import until_it_waits


@pytest.fixture
async def files(database: Database) -> FileStore:
    await AccountStore(database).register_key("key", source="tests")
    return FileStore(database)


def upload(database: Database, size: int) -> NewFile:
    file_id = secrets.token_hex(16)
    return NewFile(
        id=file_id,
        account_id=DEFAULT,
        key=f"uploads/{file_id}.png",
        name="a.png",
        mime_type="image/png",
        size=size,
        sha256=b"",
        expires_at=database.now() + timedelta(days=1),
    )


async def test_a_quota_is_used_up_to_its_last_byte(files: FileStore, database: Database) -> None:
    await files.add(upload(database, 60), quota=100)
    with pytest.raises(StorageQuotaReached):
        await files.add(upload(database, 41), quota=100)
    last = upload(database, 40)
    await files.add(last, quota=100)
    await files.add(last, quota=100)  # doing it twice is doing it once


async def test_two_files_at_once_do_not_use_the_same_room(files: FileStore, database: Database) -> None:
    async with transaction(database) as connection:
        await connection.execute("SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE", DEFAULT)
        await insert_file(connection, upload(database, 60))
        other = asyncio.create_task(files.add(upload(database, 60), quota=100))
        await until_it_waits(database, other)
    with pytest.raises(StorageQuotaReached, match=r"has 0\.0 of 0\.0001 MB"):
        await other


_MANY_FILES = """
    INSERT INTO accounts (id) VALUES ('default'), ('somebody') ON CONFLICT DO NOTHING;
    INSERT INTO files (id, account_id, key, name, mime_type, size, sha256, expires_at)
    SELECT md5(n::text), CASE WHEN n % 100 = 0 THEN 'default' ELSE 'somebody' END, n, 'a.png', 'image/png', 1, '',
           now() + interval '1 day'
    FROM generate_series(1, 2000) AS n
"""


async def test_what_an_account_has_stored_is_summed_up_in_an_index(database: Database) -> None:
    """Whoever stores something waits for it, and an account may have very many files."""
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.execute(_MANY_FILES)
        await connection.execute("ANALYZE files")  # or the plan goes by what another test had in the table
        for other in ("seqscan", "bitmapscan"):  # which are cheaper while there are few files
            await connection.execute(f"SET LOCAL enable_{other} = off")
        statement = await connection.prepare(f"EXPLAIN {sql.sum_files.sql}")
        plan = "\n".join([row[0] for row in await statement.fetch(DEFAULT, "a file")])
    assert "Index Only Scan using files_of_account" in plan
