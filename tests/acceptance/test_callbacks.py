"""Callbacks of a whole service: to the usual address, signed, told of, and sent again."""

from __future__ import annotations

import json
from typing import Any

import pytest
import standardwebhooks

from enlarger import KieApiClient, webhooks
from tests.acceptance.conftest import Start
from tests.acceptance.services import START_SECONDS
from tests.cli.loopback import Got, Reply, serving
from tests.waiting import until


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("used")
async def test_a_callback_is_signed_told_of_and_sent_again(start: Start) -> None:
    got: list[Got] = []

    def take(request: Got) -> Reply:
        got.append(request)
        return 500 if len(got) == 1 else 200, {}, b""

    async def document(*arguments: str) -> Any:
        command = await start(*arguments, "--json")
        assert await command.end() == 0, command.text
        return json.loads("".join(command.out))

    with serving(take) as url:
        service = await start("up", "--port", "0", KIE_CALLBACK_URL=f"{url}/hook?token=secret")
        await until(service.says("recordInfo?taskId"), seconds=START_SECONDS)
        picture = next(part.strip("'") for part in service.text.split('"image_url": "')[1:]).split('"')[0]
        task_id = (
            await document(
                "run", "real-esrgan/fast", "-i", f"image_url={picture}", "-i", "upscale_factor=1", "--no-wait"
            )
        )["taskId"]

        async def announced_twice() -> bool:
            return len(got) == 2

        await until(announced_twice, seconds=120)
        (key,) = (await document("webhooks", "key"))["keys"]
        for request in got:
            assert request.path == "/hook?token=secret"
            callback = webhooks.unwrap(request.body, request.headers, key=key)
            assert (callback.verified, callback.task.task_id, callback.task.succeeded) == ("body", task_id, True)
            standardwebhooks.Webhook(key).verify(request.body, request.headers)

        async def delivered() -> bool:
            return (await client.deliveries(task_id)).state == "delivered"

        async with KieApiClient(api_key=service.after("key   "), base_url=service.after("API   ")) as client:
            await until(delivered)
        told = await document("deliveries", task_id)
        assert (told["to"], [one["answer"] for one in told["tries"]]) == (url, ["500", "200"])

        (again,) = await document("resend", task_id)
        assert again["state"] == "pending"

        async def announced_again() -> bool:
            return len(got) == 3

        await until(announced_again)
        ids = {value for request in got for name, value in request.headers.items() if name.lower() == "webhook-id"}
        assert ids == {f"msg_{task_id}"}
        said = await start("deliveries", task_id)
        assert await said.end() == 0
        assert any(line.startswith("attempt 2") and line.rstrip().endswith("s") for line in said.out), said.text
    assert "secret" not in service.text
