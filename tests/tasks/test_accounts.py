"""Keys that several processes let in at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from importlib.resources import files

import pytest

from enlarger.errors import NotAuthenticated
from enlarger.infra.database import Database, open_database
from enlarger.tasks.accounts import AccountStore, hash_key, make_key

_AT_ONCE = 8
_ROUNDS = 200
"""Eight at once meet on the second index in one of 40 to 200 rounds; the last test here sees the cause itself."""
_UPSERT = re.compile(r"INSERT INTO (\w+)[^;]*?ON CONFLICT \(", re.DOTALL)
_UNIQUE_INDEXES = """
    SELECT count(*) FROM pg_index
    WHERE indrelid = $1::regclass AND indisunique
      AND NOT EXISTS (SELECT FROM pg_attribute
                      WHERE attrelid = indrelid AND attnum = ANY (indkey) AND attidentity <> '')
"""


@pytest.fixture
async def accounts(database_url: str) -> AsyncIterator[AccountStore]:
    async with open_database(database_url, connections=_AT_ONCE) as database:
        yield AccountStore(database)


async def test_a_new_key_is_let_in_by_many_at_once(accounts: AccountStore) -> None:
    await accounts.let_in("key", source="tests")  # what makes the account would wait for one another there
    for _ in range(_ROUNDS):
        key = make_key()
        await asyncio.gather(*(accounts.let_in(key, source="tests") for _ in range(_AT_ONCE)))
    assert len(await accounts.keys()) == _ROUNDS + 1


async def test_a_revoked_key_is_let_in_again_and_no_other(accounts: AccountStore) -> None:
    for key in ("first", "second"):
        await accounts.let_in(key, source="tests")
        await accounts.revoke(hash_key(key).hex()[:12])
    await accounts.let_in("first", source="tests")
    await accounts.authenticate("first")
    with pytest.raises(NotAuthenticated):
        await accounts.authenticate("second")


@pytest.mark.parametrize("package", ["enlarger.tasks", "enlarger.bot"])
async def test_no_upsert_overlooks_a_second_unique_index(database: Database, package: str) -> None:
    """`ON CONFLICT (column)` watches one index; where there is another, transactions that meet there get an error."""
    pages = [page.read_text() for page in files(package).iterdir() if page.name.endswith(".sql")]
    tables = {table for page in pages for table in _UPSERT.findall(page)}
    assert tables
    counts = {table: await database.pool.fetchval(_UNIQUE_INDEXES, table) for table in tables}
    assert counts == dict.fromkeys(tables, 1)
