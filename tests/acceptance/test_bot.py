"""`enlarger bot` as a process, with Telegram played beside it: a conversation from the photo to the enlarged result."""

from __future__ import annotations

import io
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from PIL import Image

from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.postgres import EmbeddedPostgres
from tests.acceptance.conftest import Command, Start
from tests.acceptance.services import START_SECONDS
from tests.bot.conftest import jpeg
from tests.bot.telegram import TOKEN, Person, Telegram
from tests.waiting import until

_SECRET = TOKEN.partition(":")[2]


async def started(start: Start, telegram: Telegram, **settings: str) -> Command:
    """The bot with everything that it needs in its own process, once it listens."""
    found = {"BOT_TOKEN": TOKEN, "ENLARGER_BOT_API_URL": telegram.url, "ENLARGER_SANDBOX_SECONDS": "4"}
    command = await start("bot", "--sandbox", "--port", "0", **found, ENLARGER_LOG_LEVEL="debug", **settings)
    await until(command.says("@interior_test_bot listens"), seconds=START_SECONDS)
    return command


@asynccontextmanager
async def looking(data_dir: Path) -> AsyncIterator[asyncpg.Connection]:
    """A look into the embedded database."""
    connection = await asyncpg.connect(EmbeddedPostgres(DataDirectory(data_dir).postgres).url)
    try:
        yield connection
    finally:
        await connection.close()


async def tables(connection: asyncpg.Connection) -> dict[str, str]:
    """Everything that the database holds, by table."""
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name: str(await connection.fetch(f'SELECT t::text FROM "{name}" t')) for (name,) in names}


async def redesign(anna: Person) -> None:
    """From a photo to the moment when the redesign begins."""
    await anna.sends_photo(jpeg(640, 480))
    await anna.sees(button="Redesign")
    await anna.presses("Redesign")
    await anna.sees(button="Living room")
    await anna.presses("Living room")
    await anna.sees(button="Japandi", photo=True)
    await anna.presses("Japandi")
    await anna.sees("Japandi", button="Start", photo=True)
    await anna.presses("Start")


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("used")
async def test_a_conversation_survives_a_kill_and_tells_no_token(start: Start, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    async with Telegram() as telegram:
        anna = telegram.user(1001, "Anna")
        first = await started(start, telegram)
        await until(first.says("  SANDBOX: every task gets a made-up picture"))
        await until(first.says("  off   local: everything runs in the sandbox"))
        await anna.says("/start")
        await anna.sees("I redesign rooms")
        await redesign(anna)
        async with looking(data_dir) as database:
            await until(lambda: database.fetchval("SELECT count(*) FROM bot_jobs WHERE state = 'running'"))
            await first.end(signal.SIGKILL)
        second = await started(start, telegram)
        result = await anna.sees(button="Enlarge this", photo=True)
        await anna.presses("Enlarge this")
        await anna.sees(button="2×")
        await anna.presses("2×")
        enlarged = await anna.sees(document=True)
        await anna.presses("Again")
        await anna.sees("Working")
        await anna.says("/cancel")
        await anna.sees("Stopped.")
        async with looking(data_dir) as database:
            content = await tables(database)
            jobs: list[Any] = await database.fetch("SELECT * FROM bot_jobs ORDER BY id")
            tasks = {row["id"]: row for row in await database.fetch("SELECT * FROM tasks")}
            spent = await database.fetchval("SELECT sum(credits) FROM ledger WHERE account_id = 'telegram-1001'")
        assert await second.end(signal.SIGTERM) == 0

    (tmp_path / "transcript.txt").write_text(telegram.transcript)
    (tmp_path / "result.png").write_bytes(result.content or b"")
    (tmp_path / "enlarged.png").write_bytes(enlarged.content or b"")
    before, after = (Image.open(io.BytesIO(seen.content or b"")) for seen in (result, enlarged))
    assert (after.width, after.height) == (before.width * 2, before.height * 2)
    assert [job["state"] for job in jobs] == ["done", "done", "cancelled"]
    assert {job["task_id"] for job in jobs} == set(tasks), "one task a job"
    assert [tasks[job["task_id"]]["state"] for job in jobs] == ["success", "success", "fail"]
    assert len([message for message in telegram.messages(1001) if message.get("photo")]) == 2, "the photo, the result"
    assert spent == 40 - sum(task["credits_consumed"] for task in tasks.values())

    # The token is nowhere but on the way to Telegram.
    assert all(_SECRET in address for address in telegram.addresses)
    assert {name for name, text in content.items() if _SECRET in text} == set()
    assert "AgAC" not in content["tasks"]
    for command in (first, second):
        assert _SECRET not in command.text
    for file in data_dir.rglob("*"):
        if file.is_file() and "postgres" not in file.parts:
            assert _SECRET.encode() not in file.read_bytes(), file
    assert "api.telegram.org" not in content["tasks"] + content["attempts"]
    assert "/file/bot" not in content["tasks"] + content["attempts"]
