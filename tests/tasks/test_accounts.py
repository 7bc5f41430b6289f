"""Keys that several processes let in at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from importlib.resources import files
from ipaddress import ip_address, ip_network

import pytest

from enlarger.errors import ApiKeyRejected, InvalidInput, RequestLimitReached
from enlarger.infra.addresses import read_address
from enlarger.infra.database import Database, open_database
from enlarger.tasks.accounts import AccountStore, Caps, hash_key, make_key
from enlarger.tasks.ledger import Ledger, reserve
from tests.databases import transaction
from tests.waiting import until_it_waits

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
    await accounts.register_key("key", source="tests")  # what makes the account would wait for one another there
    for _ in range(_ROUNDS):
        key = make_key()
        await asyncio.gather(*(accounts.register_key(key, source="tests") for _ in range(_AT_ONCE)))
    assert len(await accounts.keys()) == _ROUNDS + 1


async def test_a_revoked_key_is_let_in_again_and_no_other(accounts: AccountStore) -> None:
    for key in ("first", "second"):
        await accounts.register_key(key, source="tests")
        await accounts.revoke(hash_key(key).hex()[:12])
    await accounts.register_key("first", source="tests")
    await accounts.authenticate("first")
    with pytest.raises(ApiKeyRejected):
        await accounts.authenticate("second")


@pytest.mark.parametrize("keep_old", [False, True])
async def test_a_rotated_key_may_do_and_has_spent_what_the_old_one_may_and_has(
    accounts: AccountStore, database: Database, keep_old: bool
) -> None:
    await accounts.add("shop", credits=Decimal(100), create_limit=None, query_limit=None)
    caps = Caps(hour=Decimal(5), day=Decimal(50), total=Decimal(500))
    old, old_id = await accounts.make_key("shop", name="website", caps=caps, allow=[ip_network("10.0.0.0/8")])
    await database.pool.fetchval(
        "UPDATE api_keys SET hour = now(), hour_spent = 1, day = now(), day_spent = 2, total_spent = 3 WHERE id = $1",
        old_id,
    )
    new, new_id = await accounts.rotate(old_id, keep_old=keep_old)
    rows = await database.pool.fetch("SELECT * FROM api_keys WHERE account_id = 'shop' ORDER BY created_at")
    differ = {name for name, value in rows[0].items() if rows[1][name] != value}
    assert differ <= {"sha256", "id", "last4", "created_at", "revoked_at"}
    assert rows[1]["id"] == new_id
    here = ip_address("10.1.2.3")
    assert (await accounts.authenticate(new, here)).account_id == "shop"
    if keep_old:
        await accounts.authenticate(old, here)
    else:
        with pytest.raises(ApiKeyRejected):
            await accounts.authenticate(old, here)


@pytest.mark.parametrize("keep_old", [False, True])
async def test_a_key_that_is_revoked_meanwhile_is_not_rotated(
    accounts: AccountStore, database: Database, keep_old: bool
) -> None:
    await accounts.add("shop", credits=None, create_limit=None, query_limit=None)
    _, key_id = await accounts.make_key("shop", name=None, caps=Caps())
    async with transaction(database) as connection:
        await connection.execute("UPDATE api_keys SET revoked_at = now() WHERE id = $1", key_id)
        rotating = asyncio.create_task(accounts.rotate(key_id, keep_old=keep_old))
        await until_it_waits(database, rotating)
    with pytest.raises(InvalidInput, match="is revoked"):
        await rotating
    assert [key.id for key in await accounts.keys("shop")] == [key_id]


async def test_only_a_valid_key_that_a_command_made_is_rotated(accounts: AccountStore) -> None:
    await accounts.register_key("set", account_id="shop", source="embedded")
    _, revoked = await accounts.make_key("shop", name=None, caps=Caps())
    await accounts.revoke(revoked)
    for key_id, words in (
        ("0" * 12, "keys list"),
        (revoked, "keys create shop"),
        (hash_key("set").hex()[:12], "ENLARGER_API_KEY"),
    ):
        with pytest.raises(InvalidInput, match=words):
            await accounts.rotate(key_id, keep_old=False)
    assert len(await accounts.keys()) == 2


@pytest.mark.parametrize("package", ["enlarger.tasks", "enlarger.bot"])
async def test_no_upsert_overlooks_a_second_unique_index(database: Database, package: str) -> None:
    """`ON CONFLICT (column)` watches one index; where there is another, transactions that meet there get an error."""
    pages = [page.read_text() for page in files(package).iterdir() if page.name.endswith(".sql")]
    tables = {table for page in pages for table in _UPSERT.findall(page)}
    assert tables
    counts = {table: await database.pool.fetchval(_UNIQUE_INDEXES, table) for table in tables}
    assert counts == dict.fromkeys(tables, 1)


async def test_the_keys_of_other_accounts_and_sources_stay_when_a_key_is_replaced(accounts: AccountStore) -> None:
    await accounts.register_key("old", source="embedded", only=True)
    await accounts.register_key("of another source", source="made")
    await accounts.register_key("of another account", account_id="other", source="embedded")
    await accounts.register_key("new", source="embedded", only=True)
    for key in ("of another source", "of another account", "new"):
        await accounts.authenticate(key)
    with pytest.raises(ApiKeyRejected):
        await accounts.authenticate("old")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("::ffff:a01:203", True),
        ("2001:db8::5", True),
        ("10.2.0.1", False),
        ("::ffff:10.2.0.1", False),
        ("::10.1.2.3", False),
        ("2001:db9::5", False),
    ],
)
def test_an_ipv4_address_is_the_same_in_both_spellings(address: str, inside: bool) -> None:
    networks = ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")
    assert any(read_address(address) in network for network in networks) is inside


async def test_each_account_and_each_key_has_a_pace_of_its_own(accounts: AccountStore, database: Database) -> None:
    ledger, callers = Ledger(database), {}
    for account in ("one", "other"):
        await accounts.add(account, credits=None, create_limit=1, query_limit=1)
        for number in (1, 2):
            key, _ = await accounts.make_key(account, name=None, caps=Caps())
            callers[account, number] = await accounts.authenticate(key)
    for caller in callers.values():  # asking: each key for itself
        await ledger.admit_query(caller)
        with pytest.raises(RequestLimitReached):
            await ledger.admit_query(caller)
    for (_, number), caller in callers.items():  # making: all keys of an account together
        async with transaction(database) as connection:
            if number == 1:
                await reserve(connection, caller, "0" * 32, Decimal(0), free=True)
            else:
                with pytest.raises(RequestLimitReached):
                    await reserve(connection, caller, "0" * 32, Decimal(0), free=True)
