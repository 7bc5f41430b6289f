"""A worker's two lanes: a small picture need not wait for the end of a large one, and accounts take turns in both."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import httpx2
import pytest

from enlarger.infra.database import open_database
from enlarger.tasks.accounts import AccountStore
from tests.acceptance.conftest import Start
from tests.acceptance.services import START_SECONDS
from tests.acceptance.test_service import at_work, create, ended, record, upload
from tests.conftest import MakePhoto
from tests.waiting import until

_MODEL = "real-esrgan/fast"
_BEGUN = (
    "SELECT account_id FROM attempts JOIN tasks ON tasks.id = task_id WHERE account_id <> 'default' ORDER BY started_at"
)


@pytest.mark.usefixtures("used")
async def test_a_small_picture_is_made_while_a_large_one_is_and_large_ones_take_turns(
    start: Start, database_url: str, make_photo: MakePhoto, tmp_path: Path
) -> None:
    async with open_database(database_url, connections=2) as database:
        for account in "ab":
            await AccountStore(database).register_key(f"key-{account}", account_id=account, source="tests")
    settings = {
        "DATABASE_URL": database_url,
        "ENLARGER_STORAGE_URL": str(tmp_path / "files"),
        "ENLARGER_API_KEY": "my-key",
    }
    command = await start("up", "--port", "0", **settings)
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    url = command.after("API   ")
    connection = await asyncpg.connect(database_url)

    def client_of(key: str) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120)

    async with client_of("my-key") as client, client_of("key-a") as first, client_of("key-b") as second:
        picture = await upload(client, make_photo("large.png", 2000, 2000))
        large = await create(client, _MODEL, image_url=picture)
        await until(at_work(client, large))
        for one in (first, second):
            picture = await upload(one, make_photo("middle.png", 400, 400))
            for _ in range(2):
                await create(one, _MODEL, image_url=picture)

        async def all_found_to_be_long() -> bool:
            query = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'engine_long' AND status = 'queued'"
            return bool(await connection.fetchval(query) == 4)

        await until(all_found_to_be_long)
        picture = await upload(client, make_photo("small.png", 48, 36))
        for _ in range(2):
            small = await ended(client, await create(client, _MODEL, image_url=picture))
            assert small["state"] == "success"
            assert (await record(client, large))["state"] == "generating"
        await client.post(f"/v1/tasks/{large}/cancel")

        async def three_have_begun() -> bool:
            return len(await connection.fetch(_BEGUN)) == 3

        await until(three_have_begun, seconds=480)
        assert [row["account_id"] for row in await connection.fetch(_BEGUN)] in (["a", "b", "a"], ["b", "a", "b"])
    await connection.close()
