"""What the OpenAI images API refuses: in OpenAI's shape, with the classes of errors that its own package has."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import httpx2
import openai
import pytest
from openai import APIStatusError, AsyncOpenAI

from enlarger.infra.database import Database
from enlarger.server import Service
from enlarger.tasks.accounts import Caps
from tests.conftest import KEY, MakePhoto
from tests.server.openai.conftest import Run

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"prompt": ""}, "prompt"),
    ({"n": 11}, "n"),
    ({"size": "large"}, "size"),
    ({"quality": "high"}, "quality"),
    ({"quality": "superb"}, "quality"),
    ({"background": "transparent"}, "background"),
    ({"output_format": "webp"}, "output_format"),
    ({"output_compression": 50}, "output_compression"),
    ({"style": "natural"}, "style"),
    ({"moderation": "low"}, "moderation"),
    ({"stream": True, "response_format": "url"}, "response_format"),
    ({"extra_body": {"sede": 7}}, "sede"),
    ({"extra_body": {"image": "https://example.com/a.png"}}, "image"),
    ({"model": "veo3"}, "model"),
    ({"model": "qwen/image-to-image", "size": "1536x1024"}, "size"),
]


async def test_what_a_model_cannot_do_is_refused_by_the_fields_name(client: AsyncOpenAI, database: Database) -> None:
    for fields, param in REFUSED:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.images.generate(**{"prompt": "A cat", **fields})
        assert (caught.value.param, caught.value.type) == (param, "invalid_request_error"), fields
        assert param in caught.value.message, fields
        assert caught.value.response.headers["enlarger-task"] == "not-made"
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 0


async def test_what_asks_for_nothing_is_taken(client: AsyncOpenAI, while_working: Run) -> None:
    usual: dict[str, Any] = {"quality": "standard", "style": "vivid", "background": "auto", "moderation": "auto"}
    usual |= {"output_compression": 100, "safety_identifier": "s", "user": "u", "size": "auto"}
    response = await while_working(client.images.generate(prompt="A cat", **usual))
    assert len(response.data) == 1
    square: Any = {"model": "grok-imagine/image-to-image", "image": "https://example.com/a.png", "size": "1024x1024"}
    assert (await while_working(client.post("/images/edits", cast_to=object, body={"prompt": "x", **square})))["data"]


@pytest.mark.parametrize("model", ["no-such-model", "gpt-image-77"])
async def test_an_unknown_model_is_not_found(client: AsyncOpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        await client.images.generate(model=model, prompt="A cat")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        await client.models.retrieve(model)


async def test_a_variation_of_a_model_that_makes_none_is_refused(client: AsyncOpenAI, make_photo: MakePhoto) -> None:
    with pytest.deprecated_call(), pytest.raises(openai.BadRequestError, match="/v1/images/edits"):
        await client.images.create_variation(image=make_photo("a.png"))


async def test_an_edit_without_a_picture_is_refused(api: httpx2.AsyncClient) -> None:
    for options in ({"json": {"prompt": "x"}}, {"data": {"prompt": "x"}, "files": {"other": ("a", b"x")}}):
        response = await api.post("/v1/images/edits", **options)
        assert (response.status_code, response.json()["error"]["param"]) == (400, "image")


async def test_a_file_that_is_no_picture_is_refused(client: AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        await client.images.edit(model="gpt-image-1", image=("a.png", b"no picture" * 9), prompt="x")
    assert caught.value.param == "image"


async def test_a_mask_for_a_model_without_one_is_refused(client: AsyncOpenAI, make_photo: MakePhoto) -> None:
    photo = make_photo("a.png")
    with pytest.raises(openai.BadRequestError) as caught:
        await client.images.edit(model="gpt-image-1", image=photo, mask=photo, prompt="x")
    assert caught.value.param == "mask"


async def test_a_wrong_key_is_an_authentication_error(client: AsyncOpenAI) -> None:
    stranger = client.with_options(api_key="wrong")
    for asking in (stranger.images.generate(prompt="A cat"), stranger.models.retrieve("gpt-image-1")):
        with pytest.raises(openai.AuthenticationError) as caught:
            await asking
        assert caught.value.code == "invalid_api_key"


async def test_too_little_credit_is_a_lack_of_quota(client: AsyncOpenAI, service: Service, database: Database) -> None:
    await service.accounts.add("shop", credits=Decimal(5), create_limit=None, query_limit=None)
    key, _ = await service.accounts.make_key("shop", name=None, caps=Caps())
    with pytest.raises(openai.RateLimitError) as caught:  # two pictures cost 8
        await client.with_options(api_key=key).images.generate(model="dall-e-3", prompt="A cat", n=2)
    assert caught.value.code == "insufficient_quota"
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 0, "all pictures are paid for, or none"
    assert await service.ledger.balance("shop") == 5


async def test_paused_tasks_say_when_to_ask_again(client: AsyncOpenAI, service: Service) -> None:
    await service.maintenance.begin(seconds=60)
    with pytest.raises(openai.InternalServerError) as caught:
        await client.images.generate(prompt="A cat")
    assert (caught.value.status_code, caught.value.code) == (503, "maintenance")
    assert int(caught.value.response.headers["retry-after"]) > 0


async def test_a_failed_task_is_an_error_that_is_not_tried_again(client: AsyncOpenAI, while_working: Run) -> None:
    retrying = client.with_options(max_retries=2)
    with pytest.raises(APIStatusError) as caught:
        await while_working(retrying.images.generate(prompt="A cat"), fail=True)
    assert "The picture is a GIF." in caught.value.message
    assert caught.value.body["task_ids"] == [caught.value.response.headers["enlarger-task"]]  # type: ignore[index]


async def test_a_failure_is_the_last_event_of_a_stream(client: AsyncOpenAI, while_working: Run) -> None:
    async def follow() -> None:
        async for _ in await client.images.generate(prompt="A cat", stream=True):
            pass

    with pytest.raises(openai.APIError, match="The picture is a GIF"):
        await while_working(follow(), fail=True)


async def test_a_body_beyond_the_limit_is_too_large(api: httpx2.AsyncClient) -> None:
    lines = ["POST /v1/images/generations HTTP/1.1", "Host: service", f"Authorization: Bearer {KEY}"]
    lines += ["Connection: close", f"Content-Length: {10**9}", "", ""]
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    writer.write("\r\n".join(lines).encode())
    answer = (await asyncio.wait_for(reader.read(), 60)).decode()
    writer.close()
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code":"request_too_large"' in answer


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/images/nothing", "/v1"])
async def test_other_paths_of_openai_are_unknown(api: httpx2.AsyncClient, path: str) -> None:
    response = await api.post(path, json={})
    assert response.status_code in (404, 405)
    if path != "/v1":
        assert response.json()["error"]["code"] in ("unknown_url", "method_not_allowed")


async def test_a_method_that_a_path_does_not_have_is_refused_in_the_same_shape(api: httpx2.AsyncClient) -> None:
    response = await api.get("/v1/images/generations")
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"


async def test_our_own_paths_keep_their_shape(api: httpx2.AsyncClient) -> None:
    assert (await api.get(f"/v1/tasks/{'0' * 32}")).json()["code"] == 422
    assert (await api.get("/v1/tasks/a/b/c")).json()["code"] == 404
