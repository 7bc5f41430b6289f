"""Pictures by the OpenAI images API, asked for with the unmodified `openai` package over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import json

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types import ImagesResponse

from enlarger.infra.database import Database
from enlarger.server import Service
from tests.conftest import MakePhoto
from tests.server.openai.conftest import Run
from tests.server.steps import PNG
from tests.waiting import until


def contents(response: ImagesResponse) -> list[bytes]:
    assert response.data is not None
    return [base64.b64decode(picture.b64_json or "") for picture in response.data]


async def inputs(database: Database) -> list[dict[str, object]]:
    rows = await database.pool.fetch("SELECT model, input FROM tasks ORDER BY created_at, id")
    return [{"model": row["model"], **row["input"]} for row in rows]


async def test_a_picture_comes_inside_the_answer(client: AsyncOpenAI, while_working: Run, database: Database) -> None:
    asking = client.images.generate(model="gpt-image-1", prompt="A cat", size="1536x1024", quality="auto")
    response = await while_working(asking)
    assert contents(response) == [PNG]
    assert (response.size, response.output_format) == ("8x6", "png")
    [input] = await inputs(database)
    assert (input["model"], input["prompt"], input["aspect_ratio"]) == ("google/nano-banana", "A cat", "3:2")


async def test_a_picture_comes_by_its_link(client: AsyncOpenAI, api: httpx2.AsyncClient, while_working: Run) -> None:
    response = await while_working(client.images.generate(model="dall-e-3", prompt="A cat"))
    [picture] = response.data
    assert picture.b64_json is None
    assert (await api.get(picture.url)).content == PNG


async def test_what_is_asked_for_counts_before_the_names_habit(client: AsyncOpenAI, while_working: Run) -> None:
    inline = await while_working(client.images.generate(model="dall-e-3", prompt="A cat", response_format="b64_json"))
    assert contents(inline) == [PNG]
    linked = await while_working(client.images.generate(model="gpt-image-1", prompt="A cat", response_format="url"))
    assert linked.data[0].url


async def test_the_synchronous_client_gets_the_same(sync_client: OpenAI, while_working: Run) -> None:
    asking = asyncio.to_thread(sync_client.images.generate, model="gpt-image-1", prompt="A cat")
    assert contents(await while_working(asking)) == [PNG]


async def test_several_pictures_are_several_tasks(client: AsyncOpenAI, while_working: Run) -> None:
    asking = client.images.with_raw_response.generate(model="gpt-image-1", prompt="A cat", n=3)
    raw = await while_working(asking, tasks=3)
    assert contents(raw.parse()) == [PNG] * 3
    assert len(set(raw.headers["enlarger-task"].split(", "))) == 3


async def test_a_model_that_makes_two_at_a_time_is_asked_half_as_often(
    client: AsyncOpenAI, while_working: Run, database: Database
) -> None:
    await while_working(client.images.generate(model="grok-imagine/text-to-image", prompt="A cat", n=3), tasks=2)
    assert len(await inputs(database)) == 2


async def test_one_file_is_edited(
    client: AsyncOpenAI, while_working: Run, make_photo: MakePhoto, database: Database, api: httpx2.AsyncClient
) -> None:
    photo = make_photo("a.png")
    response = await while_working(client.images.edit(model="gpt-image-1", image=photo, prompt="At night"))
    assert contents(response) == [PNG]
    [input] = await inputs(database)
    assert (input["model"], input["aspect_ratio"]) == ("google/nano-banana-edit", "auto")
    links = input["image_urls"]
    assert isinstance(links, list)
    assert (await api.get(links[0])).content == photo.read_bytes()


async def test_several_files_are_edited_together(
    client: AsyncOpenAI, while_working: Run, make_photo: MakePhoto, database: Database, api: httpx2.AsyncClient
) -> None:
    photos = [make_photo("a.png", seed=1), make_photo("b.jpg", seed=2)]
    await while_working(client.images.edit(model="gpt-image-1", image=photos, prompt="At night", n=2), tasks=2)
    first, second = await inputs(database)
    assert first == second
    links = first["image_urls"]
    assert isinstance(links, list)
    assert [(await api.get(link)).content for link in links] == [photo.read_bytes() for photo in photos]
    assert await database.pool.fetchval("SELECT count(*) FROM files WHERE task_id IS NULL AND name LIKE 'inline%'") == 2


async def test_pictures_may_be_named_by_their_urls(
    api: httpx2.AsyncClient, while_working: Run, database: Database
) -> None:
    body = {"prompt": "At night", "images": [{"image_url": "https://example.com/a.png"}, "https://example.com/b.png"]}
    response = await while_working(api.post("/v1/images/edits", json=body))
    assert response.status_code == 200
    assert (await inputs(database))[0]["image_urls"] == ["https://example.com/a.png", "https://example.com/b.png"]


async def test_a_mask_goes_to_a_model_that_takes_one(
    client: AsyncOpenAI, api: httpx2.AsyncClient, while_working: Run, make_photo: MakePhoto, database: Database
) -> None:
    photo, mask = make_photo("a.png"), make_photo("mask.png", seed=3)
    await while_working(client.images.edit(model="ideogram/v3-edit", image=photo, mask=mask, prompt="A lamp"))
    [input] = await inputs(database)
    assert (await api.get(str(input["image_url"]))).content == photo.read_bytes()
    assert (await api.get(str(input["mask_url"]))).content == mask.read_bytes()


async def test_a_variation_needs_a_model_that_makes_them(
    client: AsyncOpenAI, while_working: Run, make_photo: MakePhoto, database: Database
) -> None:
    with pytest.deprecated_call():
        asking = client.images.create_variation(model="grok-imagine/image-to-image", image=make_photo("a.png"))
    assert (await while_working(asking)).data[0].url
    assert "prompt" not in (await inputs(database))[0]


async def test_a_picture_is_enlarged(
    api: httpx2.AsyncClient, while_working: Run, make_photo: MakePhoto, database: Database
) -> None:
    files = {"image": ("a.png", make_photo("a.png").read_bytes())}
    asking = api.post("/v1/images/upscale", data={"upscale_factor": "2", "n": "1"}, files=files)
    response = await while_working(asking)
    assert response.json()["data"][0]["url"]
    [input] = await inputs(database)
    assert (input["model"], input["upscale_factor"]) == ("auto/upscale", 2)
    body = {"image": "https://example.com/a.png", "model": "topaz/image-upscale", "upscale_factor": 4}
    await while_working(api.post("/v1/images/upscale", json=body))
    assert (await inputs(database))[1]["upscale_factor"] == "4"


async def test_a_field_of_the_models_own_is_passed_on(
    client: AsyncOpenAI, while_working: Run, database: Database
) -> None:
    more = {"resolution": "2K"}
    await while_working(client.images.generate(model="nano-banana-pro", prompt="A cat", extra_body=more, user="u-7"))
    [input] = await inputs(database)
    assert input["resolution"] == "2K"
    assert json.loads(await database.pool.fetchval("SELECT param FROM tasks"))["user"] == "u-7"


async def test_a_stream_ends_with_the_picture(client: AsyncOpenAI, while_working: Run, make_photo: MakePhoto) -> None:
    async def events(**options: object) -> list[tuple[str, bytes]]:
        if "image" in options:
            stream = await client.images.edit(prompt="A cat", stream=True, **options)  # type: ignore[call-overload]
        else:
            stream = await client.images.generate(prompt="A cat", stream=True, partial_images=2)
        return [(event.type, base64.b64decode(event.b64_json)) async for event in stream]

    assert await while_working(events()) == [("image_generation.completed", PNG)]
    assert await while_working(events(image=make_photo("a.png"))) == [("image_edit.completed", PNG)]


async def test_a_stream_says_that_it_is_still_there(
    api: httpx2.AsyncClient, service: Service, while_working: Run
) -> None:
    object.__setattr__(service, "heartbeat", 0.02)
    body = {"prompt": "A cat", "stream": True}
    lines: list[str] = []

    async def follow() -> None:
        async with api.stream("POST", "/v1/images/generations", json=body) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            async for line in response.aiter_lines():
                lines.append(line)  # noqa: PERF401 - they are looked at as they come

    async def quiet() -> bool:
        return ": still here" in lines

    following = asyncio.create_task(follow())
    await until(quiet)
    await while_working(following)
    assert "event: image_generation.completed" in lines


async def test_the_answer_is_as_long_as_it_says(api: httpx2.AsyncClient, while_working: Run) -> None:
    response = await while_working(api.post("/v1/images/generations", json={"prompt": "A cat", "n": 2}), tasks=2)
    assert int(response.headers["content-length"]) == len(response.content)


async def test_models_are_listed_by_the_names_that_requests_have(client: AsyncOpenAI) -> None:
    listed = [model.id async for model in client.models.list()]
    assert {"gpt-image-1", "dall-e-3", "google/nano-banana", "auto/upscale"} <= set(listed)
    assert "veo3" not in listed
    assert (await client.models.retrieve("google/nano-banana")).owned_by == "google"
    assert (await client.models.retrieve("gpt-image-1")).object == "model"
