"""The Python of the documents that the project began from, as it is printed there but for the import lines."""

from __future__ import annotations

import ast
import asyncio
import logging
import textwrap
from collections.abc import Awaitable
from typing import Any

import pytest

from enlarger.testing import InjectedFault, StandIn

pytestmark = pytest.mark.kie_stand_in(seconds=0.1)

FIRST = """
    from enlarger import NanoBananaClient

    client = NanoBananaClient()

    # Генерация изображения
    result_url = await client.text_to_image(
        prompt="A modern living room with Scandinavian style",
        output_format="png",
        image_size="16:9"
    )

    print(f"Result: {result_url}")
"""

DIRECT = """
    from enlarger import NanoBananaClient

    client = NanoBananaClient(api_key="your_key")

    # Редактирование изображения
    result = await client.edit_image(
        image_urls=["https://example.com/room.jpg"],
        prompt="Modern minimalist bedroom with white walls",
        output_format="png"
    )

    print(result)
    # Output: https://tempfile.aiquickdraw.com/workers/nano/image_xxx.png
"""

_CALLBACK = """
    task_id = await client.create_generation_task(
        model="google/nano-banana-edit",
        input_data=input_data,
        callback_url="https://your-domain.com/callback"  # KIE.AI отправит результат сюда
    )
"""

_HANDLING = """
    try:
        result = await client.edit_image(**wish)
        if not result:
            # Fallback на Replicate
            result = await replicate_fallback(**wish)
    except Exception as e:
        logger.error(f"Generation failed: {e}")
        # Уведомить пользователя
"""

_LOGGING = """
    import logging

    logger = logging.getLogger(__name__)
    logger.setLevel(logging.DEBUG)  # Для отладки
"""

_RETRYING = """
    for attempt in range(3):
        result = await client.edit_image(**wish)
        if result:
            break
        await asyncio.sleep(5)
"""

_POLLING = """
    from enlarger import KieApiClient

    client = KieApiClient()
    task_id = await client.create_generation_task("google/nano-banana", {"prompt": "A room"})
    status = await client.get_task_status(task_id)
    result = await client.poll_task_result(task_id, max_polls=100, poll_interval=0.05)
"""
"""The class that the document outlines, used by the signatures that it prints."""

_WISH = {"image_urls": ["https://example.com/room.jpg"], "prompt": "Modern"}


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the documents say: by hand, in the environment."""
    monkeypatch.setenv("KIE_API_MAX_POLLS", "150")
    monkeypatch.setenv("KIE_API_POLLING_INTERVAL", "0.05")


async def execute(snippet: str, **names: Any) -> dict[str, Any]:
    """Run a snippet, in which `await` may stand anywhere; returns the names that it leaves."""
    space: dict[str, Any] = {"__name__": "snippet", "asyncio": asyncio, **names}
    code = compile(textwrap.dedent(snippet), "snippet", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    outcome: Awaitable[None] | None = eval(code, space)
    if outcome is not None:
        await outcome
    client = space.get("client")
    if client is not None and "client" not in names:
        await client.aclose()
    return space


async def test_a_picture_out_of_words(kie_stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    space = await execute(FIRST)
    assert space["result_url"].startswith("http")
    assert capsys.readouterr().out == f"Result: {space['result_url']}\n"
    [task] = kie_stand_in.tasks
    assert task.model == "google/nano-banana"
    assert task.input["image_size"] == "16:9"  # as the document has it on the wire


async def test_a_picture_changed_by_words(kie_stand_in: StandIn, capsys: pytest.CaptureFixture[str]) -> None:
    space = await execute(DIRECT.replace("your_key", kie_stand_in.api_key))
    assert capsys.readouterr().out == f"{space['result']}\n"
    [task] = kie_stand_in.tasks
    assert dict(task.input) == {
        "image_urls": ["https://example.com/room.jpg"],
        "prompt": "Modern minimalist bedroom with white walls",
        "output_format": "png",
        "image_size": "auto",
    }


async def test_a_callback_url(kie_stand_in: StandIn) -> None:
    from enlarger import NanoBananaClient

    async with NanoBananaClient() as client:
        space = await execute(_CALLBACK, client=client, input_data=_WISH)
        status = await client.get_task_status(space["task_id"])
    assert status.callback_url == "https://your-domain.com/callback"


async def test_errors_are_caught_and_logged(kie_stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    from enlarger import NanoBananaClient

    logger = (await execute(_LOGGING))["logger"]
    assert logger.level == logging.DEBUG
    async with NanoBananaClient() as client:
        space = await execute(_HANDLING, client=client, wish=_WISH, logger=logger)
        assert space["result"].startswith("http")
        kie_stand_in.fail_next("Invalid image URL", "400")
        await execute(_HANDLING, client=client, wish=_WISH, logger=logger)
    assert "Invalid image URL" in caplog.text


async def test_trying_again(kie_stand_in: StandIn) -> None:
    from enlarger import NanoBananaClient

    kie_stand_in.script("createTask", [InjectedFault.TOO_MANY])
    async with NanoBananaClient() as client:
        space = await execute(_RETRYING, client=client, wish=_WISH)
    assert space["attempt"] == 0  # the client does it by itself
    assert len(kie_stand_in.tasks) == 1


async def test_making_looking_and_polling(kie_stand_in: StandIn) -> None:
    space = await execute(_POLLING)
    assert space["status"]["state"] in ("waiting", "generating", "success")
    assert space["result"].startswith("http")
