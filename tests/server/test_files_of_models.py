"""Every file field of every model, with a file given in every way."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.catalog import Model, build_input, list_models
from enlarger.catalog.schema import example
from enlarger.engines.media import empty_video
from enlarger.server import Service
from enlarger.testing.pictures import draw_picture
from tests.server.steps import CREATE

_SOUND = b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)
_FILES = {
    "image": ("image/png", draw_picture("any")),
    "video": ("video/mp4", empty_video()),
    "audio": ("audio/wav", _SOUND),
}
_FIELDS = [
    (model, form, name)
    for model in list_models()
    for form in range(len(model.all_forms()))
    for name, field in model.all_forms()[form].items()
    if field.media is not None
]


@pytest.fixture
def settings() -> Settings:
    return load_settings(sandbox=True)


async def upload(api: httpx2.AsyncClient, sort: str) -> str:
    kind, content = _FILES[sort]
    encoded = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    reply = await api.post("/api/file-base64-upload", json={"base64Data": encoded, "uploadPath": "a"})
    return str(reply.json()["data"]["fileUrl"])


def filled(model: Model, form: int, name: str, url: str, urls: dict[str, str]) -> dict[str, Any]:
    """An example of an input, with files of ours for its other fields and `url` in the field `name`."""
    fields = model.all_forms()[form]
    input = {key: value for key, value in example(model).items() if key in fields and key not in fields[name].not_with}
    if (companions := fields[name].only_with) and input.keys().isdisjoint(companions):
        input[companions[0]] = None  # a file, too
    for key, field in fields.items():
        if field.media is not None and (key in input or key == name):
            value = url if key == name else urls[field.media]
            input[key] = [value] * max(1, field.min_items or 1) if field.type == "array" else value
    return input


async def test_no_way_to_give_a_file_is_a_fault_of_the_service(api: httpx2.AsyncClient) -> None:
    urls = {sort: await upload(api, sort) for sort in _FILES}
    accepted = 0
    for model, form, name in _FIELDS:
        media = model.all_forms()[form][name].media
        assert media is not None
        kind, content = _FILES[media]
        other = next(url for one, url in urls.items() if one != media)
        inline = f"data:{kind};base64,{base64.b64encode(content).decode()}"
        for url in (urls[media], inline, "https://example.com/file", other):
            body = {"model": model.id, "input": filled(model, form, name, url, urls)}
            reply = (await api.post(CREATE, json=body)).json()
            assert reply["code"] in (200, 422), (model.id, name, url[:30], reply)
            if url == other and reply["code"] == 200:
                assert any(warning["field"] == name for warning in reply["data"]["warnings"]), (model.id, name)
            accepted += reply["code"] == 200
    assert accepted > 1.5 * len(_FIELDS)  # of three; the rest lacks what the example does not have


async def test_an_upload_above_a_models_limit_is_refused_and_one_of_just_that_size_is_not(
    api: httpx2.AsyncClient, service: Service
) -> None:
    """The rows of uploads are given other sizes, for what has 10 to 100 MB is not sent in a test."""
    urls, other_urls = [{sort: await upload(api, sort) for sort in _FILES} for _ in range(2)]
    limited = 0
    for model, form, name in _FIELDS:
        field = model.all_forms()[form][name]
        if field.max_mb is None or field.media is None:
            continue
        if build_input(model, filled(model, form, name, urls[field.media], other_urls)).faults:
            continue  # it is taken with certain values of other fields alone
        limited += 1
        found = []
        url, limit = urls[field.media], int(field.max_mb * 1_000_000)
        for size in (limit, limit + 1):
            await service.database.pool.execute("UPDATE files SET size = $1 WHERE position(id in $2) > 0", size, url)
            body = {"model": model.id, "input": filled(model, form, name, url, other_urls)}
            reply = (await api.post(CREATE, json=body)).json()
            found.append(
                [error["code"] for error in reply.get("errors", []) if error["field"].partition("[")[0] == name]
            )
        assert found == [[], ["file_too_large"]], (model.id, name)
    assert limited > 50
