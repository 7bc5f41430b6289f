"""The catalogue over HTTP, and what createTask says of an input."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2
import pytest
import structlog.testing

from enlarger import KieApiClient
from tests.conftest import KEY, MakePhoto
from tests.server.steps import CREATE

_UPSCALE: str = "topaz/image-upscale"
_URL = "https://example.com/a.png"


async def data(api: httpx2.AsyncClient, path: str) -> Any:
    reply = (await api.get(path)).json()
    assert reply["code"] == 200, reply
    return reply["data"]


async def test_all_models_are_listed_in_the_hosted_shape(api: httpx2.AsyncClient) -> None:
    listed = await data(api, "/api/v1/models")
    assert listed["total"] == len(listed["models"]) == 203
    topaz = next(model for model in listed["models"] if model["model"] == "topaz/image-upscale")
    assert {name: topaz[name] for name in ("slug", "title", "provider", "taskType", "providers")} == {
        "slug": "topaz-image-upscale",
        "title": "Topaz Image Upscale",
        "provider": "topaz",
        "taskType": ["upscale"],
        "providers": ["kie", "replicate", "fal", "local"],
    }
    assert "10 credits per image (output <=2K)" in topaz["pricingDesc"]
    assert topaz["runsOn"] == ["local"]  # no other provider is set up here


async def test_a_models_schema_and_price_are_found_under_its_id_with_its_slash(api: httpx2.AsyncClient) -> None:
    schema = await data(api, "/api/v1/models/google/nano-banana-edit/schema")
    assert schema["input"]["required"] == ["image_urls", "prompt"]
    assert schema["example"]["model"] == "google/nano-banana-edit"
    price = await data(api, "/api/v1/models/nano-banana-pro/price")
    assert price["price"]["rules"][1] == {"credits": 24.0, "when": {"resolution": "4K"}}


@pytest.mark.parametrize("path", ["nothing/schema", "topaz/image-upscale/weight", "topaz/image-upscale"])
async def test_an_unknown_model_is_body_code_404(api: httpx2.AsyncClient, path: str) -> None:
    response = await api.get(f"/api/v1/models/{path}")
    assert (response.status_code, response.json()["code"]) == (200, 404)


async def test_a_quote_is_what_a_task_would_cost(api: httpx2.AsyncClient, make_photo: MakePhoto) -> None:
    body = {"model": "nano-banana-pro", "input": {"prompt": "x", "resolution": "4K"}}
    reply = (await api.post("/v1/quote", json=body)).json()
    price = {"credits": 24.0, "usd": 0.12, "exact": True, "why": None}
    assert reply["data"] == {**price, "refundOnCancel": "unpaid", "warnings": []}


@pytest.mark.parametrize(("denoise", "wrong"), [(50, False), ("50", False), (101, True), (-1, True), ("much", True)])
@pytest.mark.parametrize("model", ["auto/upscale", "span/x4", "real-esrgan/x4plus", "real-esrgan/x4plus-anime"])
async def test_denoise_is_checked_before_a_task_is_quoted_or_made(
    api: httpx2.AsyncClient, model: str, denoise: int | str, wrong: bool
) -> None:
    body = {"model": model, "input": {"image_url": _URL, "denoise": denoise}}
    for path, told in (("/v1/quote", "credits"), (CREATE, "taskId")):
        reply = (await api.post(path, json=body)).json()
        assert (reply["code"], [one["field"] for one in reply.get("errors", [])]) == (
            (422, ["denoise"]) if wrong else (200, [])
        )
        assert wrong or told in reply["data"]
        assert not wrong or re.search("'denoise'.*(100 or less|0 or more|whole number)", reply["msg"])


@pytest.mark.parametrize("locale", ["en", "ru", "zh"])
async def test_a_quote_warns_as_create_task_does(api: httpx2.AsyncClient, locale: str) -> None:
    headers = {"Accept-Language": locale}
    for beside in ({}, {"upscale_factor": "4"}, {"note": "x" * 17_000}):
        body = {"model": _UPSCALE, "input": {"image_url": _URL, "upscale_factr": "4"}, **beside}
        quoted, created = [(await api.post(path, json=body, headers=headers)).json() for path in ("/v1/quote", CREATE)]
        assert quoted["data"]["warnings"] == created["data"]["warnings"]
        assert len(quoted["data"]["warnings"]) == 1 + len(beside)
        assert "upscale_factor'" in quoted["data"]["warnings"][0]["message"]


async def test_the_clients_have_the_services_warnings_about_a_quote(api: httpx2.AsyncClient) -> None:
    wrong = {"image_url": _URL, "upscale_factr": "4"}
    async with KieApiClient(KEY, str(api.base_url).rstrip("/")) as client:
        quoted = await client.quote(_UPSCALE, wrong)
        made = await client.submit(_UPSCALE, wrong)
    assert [warning.field for warning in quoted.warnings] == ["upscale_factr"]
    assert quoted.warnings == made.warnings
    assert quoted.refund_on_cancel == "unpaid", "it is the service's"


async def test_the_document_has_the_warnings_of_a_quote(api: httpx2.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    quote = next(one for name, one in document["components"]["schemas"].items() if name.endswith("Quote"))
    assert quote["properties"]["warnings"]["items"]["$ref"].endswith("Problem")


async def test_an_uploaded_picture_is_measured_for_its_quote(api: httpx2.AsyncClient, make_photo: MakePhoto) -> None:
    files = {"file": ("a.png", make_photo("a.png", 600, 20).read_bytes())}
    uploaded = (await api.post("/api/file-stream-upload", files=files, data={"uploadPath": "x"})).json()
    for url, credits, exact in ((uploaded["data"]["downloadUrl"], 20.0, True), (_URL, 40.0, False)):
        body = {"model": "topaz/image-upscale", "input": {"image_url": url, "upscale_factor": 4}}
        quoted = (await api.post("/v1/quote", json=body)).json()["data"]
        assert (quoted["credits"], quoted["exact"]) == (credits, exact)


async def test_the_catalogue_needs_a_key(api: httpx2.AsyncClient) -> None:
    for path in ("/api/v1/models", "/api/v1/models/z-image/price"):
        assert (await api.get(path, headers={"Authorization": ""})).json()["code"] == 401
    assert (await api.post("/v1/quote", headers={"Authorization": ""})).status_code == 401


async def test_what_was_left_out_of_an_input_is_told(api: httpx2.AsyncClient) -> None:
    body = {"model": "topaz/image-upscale", "input": {"image_url": _URL, "prompt": "x"}}
    created = (await api.post(CREATE, json=body)).json()["data"]
    (warning,) = created["warnings"]
    assert (warning["field"], warning["code"]) == ("prompt", "unknown_field")
    assert "warnings" not in (await api.post(CREATE, json={**body, "input": {"image_url": _URL}})).json()["data"]


async def test_all_faults_are_told_at_once_in_the_language_that_is_asked_for(api: httpx2.AsyncClient) -> None:
    body = {"model": "google/nano-banana-edit", "input": {"prompt": "x" * 5001}}
    reply = (await api.post(CREATE, json=body, headers={"Accept-Language": "ru-RU,ru;q=0.9"})).json()
    assert reply["code"] == 422
    assert [(fault["field"], fault["code"]) for fault in reply["errors"]] == [
        ("image_urls", "required"),
        ("prompt", "too_long"),
    ]
    assert "Поле 'prompt' слишком длинное: 5001 символ (максимум 5000)" in reply["msg"]


async def test_a_model_that_nobody_here_runs_is_refused(api: httpx2.AsyncClient) -> None:
    reply = (await api.post(CREATE, json={"model": "z-image", "input": {"prompt": "x", "aspect_ratio": "1:1"}})).json()
    assert (reply["code"], "z-image cannot run here" in reply["msg"]) == (422, True)


async def test_an_accepted_task_is_logged_without_secrets(api: httpx2.AsyncClient) -> None:
    url = "https://user:secret@example.com/token/a.png?signature=secret"
    with structlog.testing.capture_logs() as lines:
        await api.post(CREATE, json={"model": "recraft/crisp-upscale", "input": {"image_url": url}})
    (line,) = [line for line in lines if line["event"] == "task_created"]
    assert (line["MODEL"], line["TYPE"], line["INPUT_KEYS"]) == ("recraft/crisp-upscale", "upscale", ["image"])
    assert line["INPUT_PREVIEW"] == {"image": "https://example.com/…"}
    assert "secret" not in json.dumps(lines)
