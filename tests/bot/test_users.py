"""Each user of the bot has an account with credits, and a key that nobody has to keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from enlarger.bot.jobs import JobResult, JobStore
from enlarger.bot.users import BotUser, UserStore
from enlarger.client import KieApiClient
from enlarger.errors import InvalidInput
from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.ledger import Ledger
from tests.bot.conftest import ANNA, BERT, SECRET
from tests.bot.test_jobs import action


@pytest.fixture
async def client() -> AsyncIterator[KieApiClient]:
    async with KieApiClient("enl_none", "http://127.0.0.1:9") as opened:
        yield opened


@pytest.fixture
def users(database: Database, client: KieApiClient) -> UserStore:
    return UserStore(database, client, credits=Decimal(40), secret=SECRET)


async def test_the_first_message_makes_an_account_with_credits(users: UserStore, database: Database) -> None:
    anna = await users.get(ANNA)
    assert (anna.user_id, anna.account_id) == (1001, "telegram-1001")
    assert (anna.language, anna.quality, anna.subscribed, anna.blocked) == ("ru", "standard", False, False)
    assert await users.balance(anna) == 40
    assert not await Ledger(database).check()
    assert await users.get(ANNA) == anna


async def test_many_first_messages_at_once_make_one_account(users: UserStore, database: Database) -> None:
    found = await asyncio.gather(*(users.get(ANNA) for _ in range(6)))
    assert len({user.created_at for user in found}) == 1
    (account,) = await AccountStore(database).all()
    assert account.balance == 40
    assert account.keys == 1


async def test_a_first_message_that_was_cut_off_is_made_up_for(users: UserStore, database: Database) -> None:
    await AccountStore(database).add("telegram-1001", credits=Decimal(40), create_limit=None, query_limit=None)
    anna = await users.get(ANNA)
    assert await users.balance(anna) == 40


async def test_the_key_is_derived_and_lets_into_the_own_account_alone(users: UserStore, database: Database) -> None:
    anna, bert = await users.get(ANNA), await users.get(BERT)
    keys = [users.client(user).options.api_key for user in (anna, bert)]
    assert keys[0] != keys[1]
    assert users.client(anna).options.api_key == keys[0]
    callers = [await AccountStore(database).authenticate(key) for key in keys]
    assert [caller.account_id for caller in callers] == ["telegram-1001", "telegram-1002"]
    for table in ("accounts", "api_keys", "bot_users"):
        for row in await database.pool.fetch(f"SELECT * FROM {table}"):
            assert keys[0] not in str(dict(row))


async def test_without_a_limit_there_is_no_balance(database: Database, client: KieApiClient) -> None:
    users = UserStore(database, client, credits=None, secret=SECRET)
    anna = await users.get(ANNA)
    assert await users.balance(anna) is None
    with pytest.raises(InvalidInput, match="with a balance"):
        await users.top_up(anna.user_id, Decimal(5))


async def test_a_language_that_is_not_ours_is_english(users: UserStore) -> None:
    assert (await users.get(BERT)).language == "en"


async def test_what_is_set_is_kept(users: UserStore) -> None:
    anna = await users.get(ANNA)
    await users.set_language(anna, "zh")
    await users.set_quality(anna, "4K")
    changed = await users.set_subscribed(anna, True)
    assert (changed.language, changed.quality, changed.subscribed) == ("zh", "4K", True)
    assert await users.get(ANNA) == changed == await users.find(1001)


async def test_who_has_blocked_the_bot_gets_no_news_until_they_write(users: UserStore) -> None:
    for who in (ANNA, BERT):
        await users.set_subscribed(await users.get(who), True)
    await users.set_blocked(1001)

    async def subscribers() -> list[int]:
        return [user.user_id async for user in users.subscribers()]

    assert await subscribers() == [1002]
    assert (await users.get(ANNA)).blocked is False
    assert await subscribers() == [1001, 1002]


async def test_an_admin_tops_up(users: UserStore) -> None:
    anna = await users.get(ANNA)
    assert await users.top_up(1001, Decimal(60)) == 100
    assert await users.balance(anna) == 100
    with pytest.raises(InvalidInput, match="9 has written"):
        await users.top_up(9, Decimal(60))


async def test_numbers_for_admins(users: UserStore, database: Database) -> None:
    people: list[BotUser] = [await users.get(ANNA), await users.get(BERT)]
    await users.set_subscribed(people[0], True)
    await users.set_blocked(1002)
    jobs = JobStore(database)
    for number in range(3):
        added = await jobs.add(1001, 1001, action(), [str(number)], at_once=9)
        assert added is not None
        if number == 0:
            await jobs.end(added[0], "done", result=JobResult(credits=Decimal("4.5")))
        if number == 1:
            await jobs.end(added[0], "failed", error="It did not work.")
    stats = await users.stats()
    assert (stats.users, stats.users_today, stats.active_today) == (2, 2, 1)
    assert (stats.subscribed, stats.blocked) == (1, 1)
    assert (stats.jobs, stats.jobs_today, stats.jobs_open, stats.jobs_failed_today) == (3, 3, 1, 1)
    assert stats.credits_today == Decimal("4.5")
