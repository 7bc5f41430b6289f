"""Routes from before createTask: requests and records of apps that still call them."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.catalog import get_model
from enlarger.server import Service
from enlarger.server.moved import _GONE
from tests.server.steps import URL, finish, record

_PROMPT = {"prompt": "a quiet room"}


@pytest.fixture
def settings() -> Settings:
    return load_settings(sandbox=True)


async def generate(api: httpx2.AsyncClient, family: str, body: dict[str, Any]) -> str:
    reply = (await api.post(f"/api/v1/{family}/generate", json=body)).json()
    assert reply["code"] == 200, reply
    return str(reply["data"]["taskId"])


async def info(api: httpx2.AsyncClient, family: str, task_id: str) -> dict[str, Any]:
    reply = (await api.get(f"/api/v1/{family}/record-info", params={"taskId": task_id})).json()
    assert reply["code"] == 200, reply
    data: dict[str, Any] = reply["data"]
    return data


@pytest.mark.parametrize(
    ("family", "body", "model", "input"),
    [
        ("veo", {"imageUrls": [URL], "model": "veo3", "aspectRatio": "9:16"},
         "veo3", {"image_urls": [URL], "aspect_ratio": "9:16"}),
        ("veo", {"imageUrls": [URL], "model": "veo3_lite", "generationType": "REFERENCE_2_VIDEO"},
         "veo3_lite", {"image_urls": [URL], "generation_type": "REFERENCE_2_VIDEO"}),
        ("veo", {"model": "veo3_fast", "aspect_ratio": "16:9", "enableTranslation": True}, "veo3_fast",
         {"aspect_ratio": "16:9", "enable_translation": True}),
        ("veo", {}, "veo3_fast", {"resolution": "720p"}),
        ("gpt4o-image", {"filesUrl": [URL], "size": "1:1", "nVariants": 2}, "4o-image-api",
         {"filesUrl": [URL], "size": "1:1", "nVariants": 2}),
        ("flux/kontext", {"inputImage": URL, "aspectRatio": "1:1", "model": "flux-kontext-max"}, "flux1-kontext",
         {"inputImage": URL, "aspectRatio": "1:1", "model": "flux-kontext-max"}),
    ],
)  # fmt: skip
async def test_a_request_becomes_a_task(
    api: httpx2.AsyncClient, service: Service, family: str, body: dict[str, Any], model: str, input: dict[str, Any]
) -> None:
    task_id = await generate(api, family, _PROMPT | body | {"callBackUrl": "https://example.com/done"})
    made = await record(api, task_id)
    param = json.loads(made["param"])
    assert (made["model"], param["callBackUrl"]) == (model, "https://example.com/done")
    sent = json.loads(param["input"])
    assert {name: sent.get(name) for name in _PROMPT | input} == _PROMPT | input
    pending = await info(api, family, task_id)
    assert (pending["taskId"], pending["successFlag"], pending["response"]) == (task_id, 0, None)
    assert pending["paramJson"] == made["param"]


@pytest.mark.parametrize("family", ["veo", "gpt4o-image", "flux/kontext"])
async def test_a_record_tells_how_it_ended(api: httpx2.AsyncClient, service: Service, family: str) -> None:
    body = _PROMPT | ({"size": "1:1"} if family == "gpt4o-image" else {})
    good, bad = await generate(api, family, body), await generate(api, family, body)
    await finish(service, good)
    await finish(service, bad, fail=True)

    done, failed = await info(api, family, good), await info(api, family, bad)

    assert (done["successFlag"], done["errorCode"], done["errorMessage"]) == (1, None, None)
    (url,) = done["response"].get("resultUrls") or [done["response"]["resultImageUrl"]]
    assert (await api.get(url)).status_code == 200
    assert done["completeTime"] >= done["createTime"]
    assert (failed["successFlag"], failed["errorCode"]) == (2 if family == "gpt4o-image" else 3, 422)
    assert failed["errorMessage"] == "The picture is a GIF."
    assert failed["response"] is None
    if family == "gpt4o-image":
        assert (done["status"], failed["status"], done["progress"]) == ("SUCCESS", "GENERATE_FAILED", "1.00")


async def test_what_is_wrong_is_told_as_createtask_tells_it(api: httpx2.AsyncClient) -> None:
    reply = (await api.post("/api/v1/veo/generate", json={"model": "veo3", "duration": 5})).json()
    assert reply["code"] == 422
    assert {fault["field"] for fault in reply["errors"]} == {"prompt", "duration"}
    reply = (await api.post("/api/v1/veo/generate", json=_PROMPT | {"model": "veo9"})).json()
    assert (reply["code"], "'veo9'" in reply["msg"]) == (422, True)
    assert (await api.post("/api/v1/veo/generate", content=b"[]")).json()["code"] == 400
    assert (await api.get("/api/v1/veo/record-info", params={"taskId": "no"})).json()["code"] == 422
    for method, path in (("POST", "generate"), ("GET", "record-info")):
        reply = (await api.request(method, f"/api/v1/veo/{path}", json=_PROMPT, headers={"Authorization": ""})).json()
        assert reply["code"] == 401


@pytest.mark.parametrize(
    ("method", "path", "family", "model"),
    [
        ("POST", "/api/v1/runway/generate", "Runway", "runway"),
        ("GET", "/api/v1/runway/record-detail", "Runway", "runway"),
        ("POST", "/api/v1/aleph/generate", "Runway Aleph", "runway/gen4-aleph"),
        ("POST", "/api/v1/generate", "Suno", "ai-music-api/generate"),
        ("GET", "/api/v1/generate/record-info", "Suno", "ai-music-api/generate"),
        ("POST", "/api/v1/generate/extend", "Suno", "ai-music-api/extend"),
        ("GET", "/api/v1/veo/get-1080p-video", "Veo", "veo/get-1080p-video"),
        ("POST", "/api/v1/omni/character/create", "Gemini Omni", "gemini-omni-video"),
        ("POST", "/api/v1/gpt4o-image/download-url", "4o Image", "4o-image-api"),
    ],
)
async def test_other_routes_name_the_family_and_the_model(
    api: httpx2.AsyncClient, method: str, path: str, family: str, model: str
) -> None:
    response = await api.request(method, path, json=_PROMPT)
    reply = response.json()
    assert (response.status_code, reply["code"]) == (404, 404)
    assert f"of {family} is not served here: make a task with the model '{model}' at POST" in reply["msg"]


def test_every_model_that_is_named_is_there() -> None:
    assert all(get_model(model).id == model for _, _, model in _GONE)


async def test_a_path_that_was_never_a_route_is_still_nothing(api: httpx2.AsyncClient) -> None:
    assert "There is nothing at" in (await api.get("/api/v1/generated")).json()["msg"]


@pytest.mark.parametrize("family", ["veo", "gpt4o-image", "flux/kontext"])
async def test_who_has_no_key_is_told_so_before_anything_else(api: httpx2.AsyncClient, family: str) -> None:
    reply = await api.post(f"/api/v1/{family}/generate", content=b"nonsense", headers={"Authorization": ""})
    assert reply.json()["code"] == 401
