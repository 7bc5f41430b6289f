"""Migrations and a Postgres that is not there yet, goes away in the middle, or refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic import command

from enlarger.errors import ConfigurationError, DatabaseUnavailable
from enlarger.infra.migrations import migrate, migrate_when_up
from enlarger.infra.migrations.migrate import LOCK, run_alembic
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.postgres.binaries import VERSION
from tests.databases import Databases
from tests.infra.postgres_proxy import STARTING, proxy_before
from tests.waiting import until

_DO_AT_DDL = """
    CREATE SEQUENCE tries;  -- survives what is rolled back
    CREATE FUNCTION interfere() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;
    CREATE EVENT TRIGGER interfere ON ddl_command_start WHEN TAG IN ('{}') EXECUTE FUNCTION interfere();
"""
_TABLE, _ENUM = "CREATE TABLE", "CREATE TYPE"
_DIE_TWICE = "IF nextval('tries') <= 2 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
_WAIT_FOR_TEST = "PERFORM pg_advisory_lock(1);"
_WAITS_FOR_TEST = "SELECT true FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND NOT granted"


@pytest.fixture
async def blank(databases: Databases) -> AsyncIterator[str]:
    """The URL of a database with nothing in it."""
    async with databases.blank() as url:
        yield url


async def is_migrated(databases: Databases, url: str) -> bool:
    """Whether a database has the schema that an undisturbed migration makes."""
    return await databases.describe(urlsplit(url).path[1:]) == await databases.describe(databases.template)


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def test_a_migration_is_finished_however_often_its_connection_is_cut(databases: Databases, blank: str) -> None:
    said: list[str] = []
    async with proxy_before(blank) as (proxy, url):
        proxy.cut_after = lambda number: 3 * number
        await migrate_when_up(url, seconds=600, on_wait=said.append, pause=0)
        assert proxy.connections > 40
    (sentence,) = said
    assert sentence.startswith("Waiting up to 600 s for Postgres. The database at ")
    assert await is_migrated(databases, blank)


@pytest.mark.parametrize("command", [_TABLE, _ENUM])
async def test_a_migration_whose_backend_ends_is_one_sentence_and_waited_for(
    databases: Databases, blank: str, command: str
) -> None:
    """In Alembic's part, which makes tables, and in PgQueuer's, which alone makes types."""
    await execute(blank, _DO_AT_DDL.format(_DIE_TWICE, command))
    with pytest.raises(DatabaseUnavailable) as raised:
        await migrate(blank)
    assert "cannot be reached (" in str(raised.value)
    assert "terminating connection due to administrator command)" in str(raised.value)
    assert "\n" not in str(raised.value)
    said: list[str] = []
    await migrate_when_up(blank, seconds=60, on_wait=said.append, pause=0)
    assert len(said) == 1
    await execute(blank, "DROP FUNCTION interfere CASCADE; DROP SEQUENCE tries")
    assert await is_migrated(databases, blank)


@pytest.mark.integration
async def test_a_postgres_that_restarts_in_the_middle_of_a_migration_is_waited_for(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres")
    await server.start()
    try:
        await execute(server.url, _DO_AT_DDL.format(_WAIT_FOR_TEST, _TABLE))
        holder = await asyncpg.connect(server.url)
        await holder.execute("SELECT pg_advisory_lock(1)")
        said: asyncio.Queue[str] = asyncio.Queue()
        migrating = asyncio.create_task(migrate_when_up(server.url, seconds=600, on_wait=said.put_nowait))
        await until(lambda: holder.fetchval(_WAITS_FOR_TEST))
        await server.stop()  # and with it the test's lock goes
        assert "cannot be reached" in await said.get()
        await server.start()
        await migrating
        await migrate(server.url)
        assert said.empty()
    finally:
        await server.stop()


async def test_a_postgres_that_says_that_it_is_starting_is_waited_for(database_url: str) -> None:
    said: list[str] = []
    async with proxy_before(database_url) as (proxy, url):
        proxy.refuse = lambda number: STARTING if number < 3 else None
        with pytest.raises(DatabaseUnavailable, match="the database system is starting up"):
            await migrate(url)
        await migrate_when_up(url, seconds=60, on_wait=said.append, pause=0)
        assert proxy.connections == 4
    assert len(said) == 1


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-ERR unknown command\r\n", b"R", b""])
async def test_what_is_no_postgres_is_one_sentence(database_url: str, answer: bytes) -> None:
    async with proxy_before(database_url) as (proxy, url):
        proxy.refuse = lambda _: answer
        with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
            await migrate(url, answer_seconds=2)


@pytest.mark.parametrize("messages", [1, 2, 5, 60])
async def test_a_migration_whose_server_falls_silent_does_not_hang(blank: str, messages: int) -> None:
    """No connection is closed, and nothing is answered any more; 1 is the very first message."""
    async with proxy_before(blank) as (proxy, url):
        proxy.silent_after = messages
        with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
            await migrate(url, answer_seconds=1)
        assert proxy.fell_silent.is_set()


async def test_an_interrupted_migration_does_not_wait_for_a_silent_server(blank: str) -> None:
    async with proxy_before(blank) as (proxy, url):
        proxy.silent_after = 60
        migrating = asyncio.create_task(migrate(url, answer_seconds=600))
        await proxy.fell_silent.wait()
        migrating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(migrating, 120)


async def test_a_migration_may_take_longer_than_an_answer(databases: Databases, blank: str) -> None:
    """The server is asked whether it still works on it, on another connection."""
    await execute(blank, _DO_AT_DDL.format(_WAIT_FOR_TEST, _TABLE))
    holder = await asyncpg.connect(blank)
    await holder.execute("SELECT pg_advisory_lock(1)")
    async with proxy_before(blank) as (proxy, url):

        async def asked_twice() -> bool:
            return proxy.connections > 2

        migrating = asyncio.create_task(migrate(url, answer_seconds=2))
        await until(asked_twice)
        await holder.close()
        await migrating
    await execute(blank, "DROP FUNCTION interfere CASCADE; DROP SEQUENCE tries")
    assert await is_migrated(databases, blank)


async def test_many_processes_migrate_one_database(databases: Databases, blank: str) -> None:
    await asyncio.gather(*(migrate(blank) for _ in range(5)))
    assert await is_migrated(databases, blank)


async def test_a_process_says_that_it_waits_for_another_ones_migration(database_url: str) -> None:
    other = await asyncpg.connect(database_url)
    await other.execute("SELECT pg_advisory_lock($1)", LOCK)
    said: asyncio.Queue[str] = asyncio.Queue()
    migrating = asyncio.create_task(migrate(database_url, on_wait=said.put_nowait))
    assert await said.get() == "Another process is bringing the database up to date: waiting for it."
    await other.close()
    await migrating
    assert said.empty()


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        ("ALTER ROLE clerk SET default_transaction_read_only = on", "to, not a standby"),
        ("ALTER ROLE clerk SET statement_timeout = 1", "raise the statement_timeout of its user"),
        ("SELECT", r"\(InsufficientPrivilegeError: .*\): let its user create tables"),
    ],
)
async def test_a_database_that_must_not_be_changed_is_one_sentence_and_not_waited_for(
    blank: str, obstacle: str, words: str
) -> None:
    slow = _DO_AT_DDL.format("PERFORM pg_sleep(60);", _TABLE) if "statement_timeout" in obstacle else ""
    may = "GRANT CREATE ON SCHEMA public TO clerk;" if slow else ""
    await execute(blank, f"CREATE ROLE clerk LOGIN; {slow} {may} {obstacle}")
    said: list[str] = []
    try:
        with pytest.raises(DatabaseUnavailable, match=words) as raised:
            await migrate_when_up(blank.replace("enlarger@", "clerk@"), seconds=600, on_wait=said.append)
    finally:
        await execute(blank, "DROP OWNED BY clerk; DROP ROLE clerk")
    assert "cannot be brought up to date" in str(raised.value)
    assert said == []


async def test_too_old_a_postgres_is_one_sentence(blank: str) -> None:
    async with proxy_before(blank) as (proxy, url):
        proxy.alter = lambda answer: answer.replace(b"server_version\0%d" % VERSION, b"server_version\x0014")
        with pytest.raises(ConfigurationError, match=r"Postgres 14\.\d+, and Enlarger needs version 15 or later"):
            await migrate(url)


async def test_an_error_of_ours_is_not_taken_for_a_lost_connection(blank: str) -> None:
    await execute(blank, "CREATE TABLE tasks (id text)")
    with pytest.raises(Exception, match="already exists") as raised:
        await migrate(blank)
    assert not isinstance(raised.value, (DatabaseUnavailable, ConfigurationError))


_OF_THE_VERSION_BEFORE = """
    INSERT INTO accounts (id) VALUES ('somebody');
    INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256, state)
    VALUES (repeat('1', 32), 'somebody', 'google/nano-banana', '{}', 'http://service', '', 'generating');
    INSERT INTO attempts (task_id, epoch, provider, state, reference, sent, looks, next_look_at)
    VALUES (repeat('1', 32), 1, 'kie', 'accepted', 'a', '{"prompt": "a house"}', 3, now());
    INSERT INTO provider_states (name, state) VALUES ('kie', 'out'), ('replicate', 'resting'), ('local', 'broken');
    INSERT INTO paces (name, times) VALUES ('submit to kie', ARRAY[now()]);
"""


async def test_a_database_of_the_version_before_keeps_what_is_in_it(databases: Databases, blank: str) -> None:
    connection = await asyncpg.connect(blank)
    try:
        await run_alembic(connection, lambda config: command.upgrade(config, "0013"))
        await connection.execute(_OF_THE_VERSION_BEFORE)
        await migrate(blank)
        assert await is_migrated(databases, blank)
        [row] = await connection.fetch("SELECT * FROM open_attempts")
        assert (row["sent"], row["request"], row["polls"]) == ({"prompt": "a house"}, None, 3)
        assert row["next_poll_at"] is not None
        assert [task["id"] for task in await connection.fetch("SELECT id FROM open_tasks")] == ["1" * 32]
        states = await connection.fetch("SELECT name, state FROM provider_states ORDER BY name")
        assert [tuple(state) for state in states] == [
            ("kie", "suspended"),
            ("local", "open"),
            ("replicate", "throttled"),
        ]
        assert await connection.fetchval("SELECT count(*) FROM rate_limits") == 1

        await run_alembic(connection, lambda config: command.downgrade(config, "0013"))
        assert await connection.fetchval("SELECT looks FROM attempts WHERE next_look_at IS NOT NULL") == 3
    finally:
        await connection.close()
