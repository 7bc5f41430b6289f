"""What stands beside `input` and belongs into it is not passed over in silence; an app's own marks are."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings

_CREATE = "/api/v1/jobs/createTask"
_INPUT: dict[str, Any] = {"prompt": "a room"}
_URL = "https://example.com/a.png"


@pytest.fixture
def settings() -> Settings:
    return load_settings(sandbox=True)


async def make(api: httpx2.AsyncClient, **beside: Any) -> dict[str, Any]:
    reply: dict[str, Any] = (
        await api.post(_CREATE, json={"model": "nano-banana-pro", "input": _INPUT, **beside})
    ).json()
    return reply


@pytest.mark.parametrize("name", ["image_input", "image_urls", "image", "imageUrls"])
async def test_a_file_beside_the_input_is_refused(api: httpx2.AsyncClient, name: str) -> None:
    reply = await make(api, **{name: [_URL]})
    assert reply["code"] == 422
    assert [(one["field"], one["code"]) for one in reply["errors"]] == [(name, "beside_input")]
    assert "move it into 'input'" in reply["msg"]


@pytest.mark.parametrize(
    "beside",
    [
        {"resolution": "4K"},
        {"aspectRatio": "16:9"},
        {"num_images": 4},
        {"n": 2.0},
        {"callback_url": _URL},
        {"webhook": _URL},
    ],
)
async def test_a_wish_beside_the_input_is_warned_about(api: httpx2.AsyncClient, beside: dict[str, Any]) -> None:
    reply = await make(api, **beside)
    assert reply["code"] == 200
    assert [(one["field"], one["code"]) for one in reply["data"]["warnings"]] == [(*beside, "beside_input")]


async def test_marks_of_an_app_and_what_the_input_has_as_well_are_nobodys_business(api: httpx2.AsyncClient) -> None:
    marks = {"order": "shop-17", "photo_of_mine": _URL, "user": {"id": 5}, "n": 1, "resolution": "9K", "note": None}
    assert "warnings" not in (await make(api, prompt="another", **marks))["data"]


async def test_only_the_familys_models_are_made_by_its_older_route(api: httpx2.AsyncClient) -> None:
    body = {"prompt": "a sea", "model": "topaz/image-upscale", "image_url": _URL}
    reply = (await api.post("/api/v1/veo/generate", json=body)).json()
    assert (reply["code"], "use veo3, veo3_fast or veo3_lite" in reply["msg"]) == (422, True)
