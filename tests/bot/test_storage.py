"""Conversations stand where they stood, whatever has been restarted."""

from __future__ import annotations

import asyncio

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey

from enlarger.bot.storage import PostgresStorage
from enlarger.infra.database import Database

KEY = StorageKey(bot_id=42, chat_id=1001, user_id=1001)
OTHER = StorageKey(bot_id=42, chat_id=1002, user_id=1002)


class Talk(StatesGroup):
    room = State()
    style = State()


@pytest.fixture
def storage(database: Database) -> PostgresStorage:
    return PostgresStorage(database)


async def rows(database: Database) -> int:
    return int(await database.pool.fetchval("SELECT count(*) FROM bot_state"))


async def test_a_conversation_that_has_not_begun_has_nothing(storage: PostgresStorage) -> None:
    assert await storage.get_state(KEY) is None
    assert await storage.get_data(KEY) == {}
    assert await storage.get_value(KEY, "room", "none") == "none"


async def test_states_and_data_outlive_the_process(storage: PostgresStorage, database: Database) -> None:
    await storage.set_state(KEY, Talk.room)
    await storage.set_data(KEY, {"photo": "AgAC", "sizes": [1, 2], "ё": None})
    later = PostgresStorage(database)
    assert await later.get_state(KEY) == "Talk:room"
    assert await later.get_data(KEY) == {"photo": "AgAC", "sizes": [1, 2], "ё": None}


async def test_each_conversation_has_its_own(storage: PostgresStorage) -> None:
    await storage.set_state(KEY, Talk.room)
    await storage.set_state(OTHER, "anything")
    await storage.set_data(OTHER, {"a": 1})
    assert await storage.get_state(KEY) == "Talk:room"
    assert await storage.get_data(KEY) == {}
    assert await storage.get_state(OTHER) == "anything"


async def test_changing_one_leaves_the_other(storage: PostgresStorage) -> None:
    await storage.set_data(KEY, {"a": 1})
    await storage.set_state(KEY, Talk.style)
    assert await storage.get_data(KEY) == {"a": 1}
    await storage.set_data(KEY, {"b": 2})
    assert await storage.get_state(KEY) == "Talk:style"
    assert await storage.get_data(KEY) == {"b": 2}


async def test_updates_at_the_same_time_lose_nothing(storage: PostgresStorage) -> None:
    await asyncio.gather(*(storage.update_data(KEY, {str(number): number}) for number in range(8)))
    assert await storage.get_data(KEY) == {str(number): number for number in range(8)}
    assert (await storage.update_data(KEY, {"0": "new"}))["0"] == "new"


async def test_a_conversation_that_is_over_leaves_no_row(storage: PostgresStorage, database: Database) -> None:
    context = FSMContext(storage, KEY)
    await context.set_state(Talk.room)
    await context.update_data(photo="AgAC")
    assert await rows(database) == 1
    await context.clear()
    assert await rows(database) == 0


async def test_what_nobody_has_gone_on_with_for_a_month_is_forgotten(
    storage: PostgresStorage, database: Database
) -> None:
    await storage.set_state(KEY, Talk.room)
    await storage.set_state(OTHER, Talk.room)
    await database.pool.execute(
        "UPDATE bot_state SET changed_at = now() - interval '31 days' WHERE key LIKE '%:1001:%'"
    )
    await storage.trim()
    assert await storage.get_state(KEY) is None
    assert await storage.get_state(OTHER) == "Talk:room"
