from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from enlarger.errors import ConfigurationError, DatabaseUnavailable
from enlarger.infra.database import Connection, Database, hide_password, open_database
from enlarger.infra.migrations import migrate, migrate_when_up
from enlarger.infra.postgres import EmbeddedPostgres
from tests.waiting import until


async def test_work_is_done_again_when_its_connection_is_cut(database: Database) -> None:
    await database.pool.execute("CREATE TABLE done (id int PRIMARY KEY)")
    tries = []

    async def work(connection: Connection) -> None:
        tries.append(1)
        await connection.execute("INSERT INTO done VALUES (1)")
        if len(tries) == 1:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            await database.pool.fetchval("SELECT pg_terminate_backend($1)", pid)
            await connection.execute("SELECT 1")

    await database.run(work)
    assert len(tries) == 2
    assert await database.pool.fetchval("SELECT count(*) FROM done") == 1


async def test_other_errors_are_not_tried_again(database: Database) -> None:
    tries = []

    async def work(connection: Connection) -> None:
        tries.append(1)
        await connection.execute("SELECT 1/0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.run(work)
    assert len(tries) == 1


async def test_an_absent_database_is_an_error_that_hides_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/none"
    with pytest.raises(DatabaseUnavailable, match=r"user:\*\*\*@127.0.0.1:1/none cannot be reached") as caught:
        async with open_database(url):
            pass
    assert "secret" not in str(caught.value)
    with pytest.raises(DatabaseUnavailable, match="check DATABASE_URL"):
        await migrate(url)


async def test_patience_with_a_database_that_is_away_ends(database: Database, database_url: str) -> None:
    impatient = Database(database.pool, database_url, write_seconds=0.0)

    async def work(connection: Connection) -> None:
        raise asyncpg.ConnectionDoesNotExistError("gone")

    with pytest.raises(DatabaseUnavailable, match="try again in a moment"):
        await impatient.read(work)


async def test_who_reads_while_postgres_is_known_to_be_away_does_not_wait_as_well(database: Database) -> None:
    hurried = database.for_requests(read_seconds=0.3)
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        raise asyncpg.ConnectionDoesNotExistError("gone")

    async def fail() -> int:
        """How often a read tries before it gives up."""
        before = tries
        with pytest.raises(DatabaseUnavailable):
            await hurried.read(work)
        return tries - before

    assert await fail() > 1
    while await fail() > 1:  # a slow connection counts for who waits for it, not for those that come later
        pass
    assert [await fail() for _ in range(3)] == [1, 1, 1]


async def test_json_goes_in_and_out(database: Database) -> None:
    value = {"text": "ü", "list": [1, 2.5, None]}
    assert await database.pool.fetchval("SELECT $1::jsonb", value) == value


async def test_asynchronous_commits_are_in_a_separate_pool(database: Database) -> None:
    async with database.async_commit_pool(connections=2) as pool:
        assert await pool.fetchval("SHOW synchronous_commit") == "off"
        assert await pool.fetchval("SELECT $1::jsonb", {"a": None}) == {"a": None}
        source = "SELECT source FROM pg_settings WHERE name = 'synchronous_commit'"
        assert await pool.fetchval(source) == "session"
        assert await database.pool.fetchval(source) != "session"


async def test_migrating_twice_changes_nothing_and_a_newer_schema_is_refused(database_url: str) -> None:
    await migrate(database_url)
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(ConfigurationError, match="made by a newer version of Enlarger"):
        await migrate(database_url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://a:secret@c/d", "postgresql://a:***@c/d"),
        ("postgresql://a@c/d", "postgresql://a@c/d"),
        ("postgresql://c/d?host=/tmp", "postgresql://c/d?host=/tmp"),
        ("postgresql://a:secret@secret/?secret@c:5/d", "postgresql://a:***@c:5/d"),
        ("postgresql://c/d?user=a&Password=secret&x=1", "postgresql://c/d?user=a&Password=***&x=1"),
        ("postgresql://c/d?sslpassword=secret", "postgresql://c/d?sslpassword=***"),
        ("postgresql://c/d?password=secret@secret", "postgresql://:***@***"),
        ("password=secret", "***"),
    ],
)
def test_passwords_are_hidden(url: str, shown: str) -> None:
    assert hide_password(url) == shown


@pytest.mark.parametrize("password", ["p/secret", "secret#x", "[secret", "secret"])
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(password: str) -> None:
    for url in (f"postgresql://a:{password}@127.0.0.1:1/d", f"postgresql://127.0.0.1:1/d?password={password}"):
        with pytest.raises(DatabaseUnavailable) as raised:
            await migrate(url)
        assert "cannot be reached" in str(raised.value)
        assert "secret" not in str(raised.value)


@pytest.mark.integration
async def test_a_database_that_is_still_coming_up_is_waited_for(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    await server.start()
    url = server.url
    await server.stop()
    said: list[str] = []

    async def waits() -> bool:
        return bool(said)

    waiting = asyncio.create_task(migrate_when_up(url, seconds=60, on_wait=said.append))
    await until(waits, seconds=20)
    await server.start()
    try:
        await waiting
    finally:
        await server.stop()
    assert len(said) == 1


async def test_a_wait_for_a_database_ends_and_what_waiting_cannot_mend_is_not_waited_for(database_url: str) -> None:
    said: list[str] = []
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        await migrate_when_up("postgresql://127.0.0.1:1/none", seconds=0.6, on_wait=said.append)
    assert len(said) == 1
    for url in (urlsplit(database_url)._replace(path="/of_nobody").geturl(), "postgresql://[/"):
        with pytest.raises(DatabaseUnavailable):
            await migrate_when_up(url, seconds=600, on_wait=said.append)
    assert len(said) == 1


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.CannotConnectNowError, OSError]
)
async def test_what_the_same_work_may_not_meet_again_is_tried_again(database: Database, error: type[Exception]) -> None:
    tries = []

    async def work(connection: Connection) -> int:
        tries.append(await connection.fetchval("SELECT 1"))
        if len(tries) < 3:
            raise error("met somebody else")
        return 7

    assert await database.run(work) == 7
    assert await database.read(work) == 7
    assert len(tries) == 4


async def test_of_two_that_wait_for_one_another_both_are_done(database: Database) -> None:
    await database.pool.execute("INSERT INTO secrets (name, value) VALUES ('a', ''), ('b', '')")
    met = asyncio.Barrier(2)
    first_tries = {"ab", "ba"}

    async def change(order: str) -> None:
        async def work(connection: Connection) -> None:
            for name in order:
                await connection.execute("UPDATE secrets SET value = value || '+' WHERE name = $1", name)
                if order in first_tries:
                    first_tries.discard(order)
                    await met.wait()

        await database.run(work)

    await asyncio.gather(change("ab"), change("ba"))
    assert await database.pool.fetchval("SELECT array_agg(value) FROM secrets") == [b"++", b"++"]


async def test_a_connection_whose_making_is_cancelled_is_closed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[asyncpg.Connection] = []
    reached = asyncio.Event()

    async def stall(connection: asyncpg.Connection) -> None:
        made.append(connection)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("enlarger.infra.database.tell_server", stall)
    making = asyncio.create_task(database.connect(name="cancelled"))
    await reached.wait()
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert made[0].is_closed()
