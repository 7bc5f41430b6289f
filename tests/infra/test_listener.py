from __future__ import annotations

import asyncio
import time

import pytest

from enlarger.infra.database import Database
from enlarger.infra.listener import Listener
from tests.waiting import until

_PEERS = "FROM pg_stat_activity WHERE application_name = 'some_channel' AND datname = current_database()"


def connected(listener: Listener) -> object:
    return listener._connected


@pytest.fixture
def listener(database: Database) -> Listener:
    return Listener(database, "some_channel")


async def until_connected(listener: Listener) -> None:
    async def is_connected() -> object:
        return connected(listener)

    await until(is_connected)


async def test_a_bell_rings_for_its_own_payload(listener: Listener, database: Database) -> None:
    async with listener.running():
        await until_connected(listener)
        with listener.waiter("one") as one, listener.waiter("one") as too, listener.waiter("other") as other:
            await database.pool.execute("SELECT pg_notify('some_channel', 'one')")
            await listener.wait(one, 30)
            assert (one.is_set(), too.is_set(), other.is_set()) == (True, True, False)
        assert listener.waiting == 0


async def test_waiting_ends_after_a_time(listener: Listener) -> None:
    async with listener.running():
        await until_connected(listener)
        with listener.waiter("one") as waiter:
            await listener.wait(waiter, 0.01)
            assert not waiter.is_set()


async def test_a_connection_that_is_cut_rings_everybody_and_is_made_anew(
    listener: Listener, database: Database
) -> None:
    async with listener.running():
        await until_connected(listener)
        with listener.waiter("one") as waiter:
            assert await database.pool.fetchval(f"SELECT count(pg_terminate_backend(pid)) {_PEERS}") == 1
            await listener.wait(waiter, 30)
            assert waiter.is_set()
            await until_connected(listener)
            waiter.clear()
            await database.pool.execute("SELECT pg_notify('some_channel', 'one')")
            await listener.wait(waiter, 30)
            assert waiter.is_set()
        assert await database.pool.fetchval(f"SELECT count(*) {_PEERS}") == 1


async def test_a_silent_connection_is_asked_whether_it_is_one(database: Database) -> None:
    listener = Listener(database, "some_channel", check_seconds=0.01)
    async with listener.running():
        await until_connected(listener)

        async def asked() -> bool:
            return bool(await database.pool.fetchval(f"SELECT query {_PEERS}") == "SELECT 1")

        await until(asked)
        assert connected(listener)


async def test_without_a_connection_waiting_is_short(listener: Listener) -> None:
    began = time.monotonic()
    with listener.waiter("one") as waiter:
        await listener.wait(waiter, 60)
    assert time.monotonic() - began < 30


async def test_at_the_end_everybody_is_sent_home_and_the_connection_is_gone(
    listener: Listener, database: Database
) -> None:
    for _ in range(2):  # it can be run again
        with listener.waiter("one") as waiter:
            async with listener.running():
                await until_connected(listener)
                assert not listener.stopping
                waiter.clear()
            assert (waiter.is_set(), listener.stopping) == (True, True)

        async def gone() -> bool:
            return not await database.pool.fetchval(f"SELECT count(*) {_PEERS}")

        await until(gone)
    assert len(asyncio.all_tasks()) <= 2
