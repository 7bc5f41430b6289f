"""Each part of a service as a process, started while Postgres is not up, or going."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from enlarger.infra.postgres import EmbeddedPostgres
from tests.acceptance.conftest import Start
from tests.acceptance.services import START_SECONDS
from tests.bot.telegram import TOKEN, Telegram
from tests.waiting import until

_WAITS = "Waiting up to 120 s for Postgres. The embedded database "
_READY = {
    "up": "recordInfo?taskId",
    "serve": "The API answers",
    "worker": "The worker is waiting for tasks",
    "bot": "@interior_test_bot listens",
}


@pytest.fixture
async def absent(tmp_path: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A Postgres that has been made, and does not run."""
    server = EmbeddedPostgres(tmp_path / "postgres")
    await server.start()
    await server.stop()
    yield server
    await server.stop()


def settings(server: EmbeddedPostgres, tmp_path: Path, name: str) -> dict[str, str]:
    return {
        "DATABASE_URL": server.url,
        "ENLARGER_DATABASE_WAIT": "120",
        "ENLARGER_STORAGE_URL": str(tmp_path / "shared"),
        "ENLARGER_DATA_DIR": str(tmp_path / name),
        "ENLARGER_PORT": "0",
    }


async def test_every_part_of_a_service_waits_for_its_postgres(
    start: Start, absent: EmbeddedPostgres, tmp_path: Path
) -> None:
    async with Telegram() as telegram:
        bot = {"BOT_TOKEN": TOKEN, "ENLARGER_BOT_API_URL": telegram.url}
        bot["ENLARGER_PUBLIC_URL"] = "http://127.0.0.1:1"
        commands = {
            name: await start(name, **settings(absent, tmp_path, name), **(bot if name == "bot" else {}))
            for name in _READY
        }
        interrupted = await start("serve", **settings(absent, tmp_path, "interrupted"))
        for command in (*commands.values(), interrupted):
            await until(command.says(_WAITS), seconds=START_SECONDS)
        assert await interrupted.end(signal.SIGTERM) == 130, interrupted.text
        await absent.start()
        for name, command in commands.items():
            await until(command.says(_READY[name]), seconds=START_SECONDS)
        for command in commands.values():
            assert await command.end(signal.SIGTERM) == 0, command.text
        for command in (*commands.values(), interrupted):
            assert "Traceback" not in command.text
            assert sum(_WAITS in line for line in command.out) == 1, "said once"


async def test_a_postgres_that_restarts_in_the_first_migration_is_waited_for(
    start: Start, absent: EmbeddedPostgres, tmp_path: Path
) -> None:
    await absent.start()
    holder = await asyncpg.connect(absent.url)
    await holder.execute(
        """
        CREATE FUNCTION wait() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_lock(1); END $$;
        CREATE EVENT TRIGGER wait ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION wait();
        SELECT pg_advisory_lock(1)
        """
    )
    command = await start("serve", **settings(absent, tmp_path, "data"))
    in_the_middle = "SELECT true FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND NOT granted"
    await until(lambda: holder.fetchval(in_the_middle), seconds=START_SECONDS)
    await absent.stop()  # and with it the test's lock goes
    await until(command.says(_WAITS), seconds=START_SECONDS)
    await absent.start()
    await until(command.says(_READY["serve"]), seconds=START_SECONDS)
    assert await command.end(signal.SIGTERM) == 0, command.text
    assert "Traceback" not in command.text


async def test_a_postgres_that_does_not_come_is_one_sentence(
    start: Start, absent: EmbeddedPostgres, tmp_path: Path
) -> None:
    command = await start("worker", **settings(absent, tmp_path, "data") | {"ENLARGER_DATABASE_WAIT": "0.1"})
    assert await command.end() == 1
    (sentence,) = command.err
    assert "cannot be reached" in sentence
