"""One listening connection for all queue managers of a process."""

from __future__ import annotations

from enlarger.infra.database import Database
from enlarger.infra.queue_listener import READ_AGAIN, QueueListener
from tests.waiting import until

_LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


async def _tell(database: Database, payload: str) -> None:
    await database.pool.execute("SELECT pg_notify('some_channel', $1)", payload)


async def test_all_callbacks_share_a_connection_which_goes_back_with_the_last(database: Database) -> None:
    listener = QueueListener(database.pool, "some_channel")
    first: list[object] = []
    second: list[object] = []
    hear_first, hear_second = first.append, second.append
    await listener.add(hear_first)
    await listener.add(hear_second)
    assert database.connections.used == 1
    assert await database.pool.fetchval(f"SELECT count(*) {_LISTENING}") == 1
    await _tell(database, "a")

    async def both_heard() -> bool:
        return first == second == ["a"]

    await until(both_heard)
    await listener.remove(hear_first)
    await _tell(database, "b")

    async def one_heard() -> bool:
        return second == ["a", "b"]

    await until(one_heard)
    assert first == ["a"]
    await listener.remove(hear_second)
    await listener.remove(hear_second)
    assert database.connections.used == 0
    assert await database.pool.fetchval("SELECT count(*) FROM pg_listening_channels()") == 0


async def test_a_lost_connection_is_replaced_for_all_who_listened_on_it(database: Database) -> None:
    listener = QueueListener(database.pool, "some_channel")
    old: list[object] = []
    new: list[object] = []
    await listener.add(old.append)
    assert await database.pool.fetchval(f"SELECT pg_terminate_backend(pid) {_LISTENING}")

    async def lost() -> bool:
        return not await database.pool.fetchval(f"SELECT count(*) {_LISTENING}")

    await until(lost)
    await listener.add(new.append)
    await _tell(database, "a")

    async def heard() -> bool:
        return new == ["a"]

    await until(heard)
    assert old == [READ_AGAIN, "a"], "what was told meanwhile is found by reading"
