"""Accounts of a service of several processes: the commands that make them, and limits that hold across all of it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2

from tests.acceptance.conftest import Start
from tests.acceptance.services import START_SECONDS
from tests.waiting import until

_CREATE = "/api/v1/jobs/createTask"
_CREDIT = "/api/v1/chat/credit"
_BODY = {"model": "topaz/image-upscale", "input": {"image_url": "https://example.com/a.png", "upscale_factor": "2"}}
_PRICE = 40
"""Credits: the most that it may cost, as nobody knows the picture's size."""


async def test_one_key_many_times_over_two_processes_makes_one_task_and_one_charge(
    start: Start, database_url: str, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": database_url, "ENLARGER_STORAGE_URL": tmp_path / "storage"}

    async def say(*arguments: str) -> str:
        command = await start(*arguments, "--quiet", **settings)
        assert await command.end() == 0, command.text
        return command.out[-1].strip()

    servers = [await start("serve", "--port", "0", **settings) for _ in range(2)]
    await say("accounts", "add", "shop", "--credits", "1000", "--creates", "0")
    key = await say("keys", "create", "shop")
    for server in servers:
        await until(server.says("The API answers at"), seconds=START_SECONDS)
    urls = [server.after("The API answers at").split(";")[0] for server in servers]
    headers = {"Authorization": f"Bearer {key}"}
    limits = httpx2.Limits(max_connections=60)
    async with httpx2.AsyncClient(headers=headers, timeout=120, limits=limits) as http:

        async def create(number: int, **more: str) -> dict[str, object]:
            response = await http.post(urls[number % 2] + _CREATE, json=_BODY, headers=more)
            assert response.status_code == 200
            reply: dict[str, object] = response.json()
            return reply

        once = await asyncio.gather(*(create(number, **{"Idempotency-Key": "once"}) for number in range(300)))
        assert len({str(reply["data"]) for reply in once}) == 1
        assert {reply["code"] for reply in once} == {200}
        balances = {(await http.get(url + _CREDIT)).json()["data"] for url in urls}
        assert balances == {1000 - _PRICE}

        many = await asyncio.gather(*(create(number) for number in range(150)))
        assert sum(reply["code"] == 200 for reply in many) == (1000 - _PRICE) // _PRICE
        assert {reply["code"] for reply in many} == {200, 402}
        assert (await http.get(urls[0] + _CREDIT)).json()["data"] == 0

        assert await say("accounts", "check") == "Every balance is its ledger's sum."
        assert await say("accounts", "top-up", "shop", "40") == "40"
        assert (await create(0))["code"] == 200
        key_id = (await say("keys", "list", "shop")).split()[0]
        assert await say("keys", "revoke", key_id) == key_id
        assert (await create(1))["code"] == 401
