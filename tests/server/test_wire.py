"""The jobs API on the wire: the shapes of the hosted service, over real HTTP, as existing clients use it."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2
import pytest

from enlarger.protocol.extensions import ALL, HEADER, read_extensions
from enlarger.server import Service
from tests.conftest import KEY, MakePhoto
from tests.server.steps import BODY, CREATE, RECORD, URL, create, finish, record


async def test_a_task_is_made_and_at_once_visible(api: httpx2.AsyncClient) -> None:
    response = await api.post(CREATE, json=BODY)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    reply = response.json()
    assert (reply["code"], reply["msg"], reply["message"]) == (200, "success", "success")
    task_id = reply["data"]["taskId"]
    assert reply["data"] == {"taskId": task_id, "recordId": task_id}
    assert len(task_id) == 32
    assert set(task_id) <= set("0123456789abcdef")
    pending = await record(api, task_id)
    assert list(pending)[:11] == [
        "taskId", "model", "state", "param", "resultJson", "failCode", "failMsg", "costTime", "completeTime",
        "createTime", "creditsConsumed",
    ]  # fmt: skip
    assert (pending["state"], pending["resultJson"], pending["progress"]) == ("waiting", "", 0)
    assert [pending[name] for name in ("failCode", "failMsg", "costTime", "completeTime")] == [None] * 4
    assert isinstance(pending["createTime"], int)
    assert pending["createTime"] > 1_700_000_000_000
    assert pending["updateTime"] >= pending["createTime"]
    param = json.loads(pending["param"])
    assert param["model"] == "topaz/image-upscale"
    assert json.loads(param["input"]) == {"image_url": URL, "upscale_factor": "2"}


async def test_success_has_its_result_in_the_same_instant(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    done = await record(api, task_id)
    assert done["state"] == "success"
    (url,) = json.loads(done["resultJson"])["resultUrls"]
    assert url.startswith(str(api.base_url).rstrip("/") + "/files/")
    assert url.split("?")[0].endswith(".png")
    assert isinstance(done["costTime"], int)
    assert done["completeTime"] >= done["createTime"]
    assert (done["failCode"], done["failMsg"], done["progress"]) == (None, None, 100)
    assert done["enlarger"] == {
        "provider": "local", "engine": "openvino-cpu", "width": 8, "height": 6, "seconds": 1.5,
    }  # fmt: skip
    assert await record(api, task_id) == done  # the link, too, is the same


async def test_a_failed_task_is_code_200_with_its_reason_as_text(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id, fail=True)
    failed = await record(api, task_id)
    assert (failed["state"], failed["failCode"], failed["failMsg"]) == ("fail", "422", "The picture is a GIF.")
    assert (failed["resultJson"], failed["costTime"]) == ("", 0)
    assert isinstance(failed["completeTime"], int)


async def test_dispatched_but_not_at_work_is_still_waiting_on_the_wire(
    api: httpx2.AsyncClient, service: Service
) -> None:
    task_id = await create(api)
    claim = await service.tasks.claim(task_id, "local")
    assert claim is not None
    assert (await record(api, task_id))["state"] == "waiting"
    await service.tasks.start_generating(claim)
    assert (await record(api, task_id))["state"] == "generating"


# What clients send


@pytest.mark.parametrize(
    "options",
    [
        {"content": json.dumps(BODY) + "\n"},
        {"content": json.dumps(BODY), "headers": {"Content-Type": "text/plain"}},
        {"json": {**BODY, "extra": 1, "callBackUrl": None}},
        {"json": {**BODY, "input": {**BODY["input"], "image_input": [], "upscale_factor": 2}}},  # type: ignore[dict-item]
        {"json": BODY, "headers": {"Host": "api.kie.ai", "User-Agent": ""}},
    ],
)
async def test_the_ways_in_which_clients_send_a_task_are_taken(api: httpx2.AsyncClient, options: Any) -> None:
    reply = (await api.post(CREATE, **options)).json()
    assert reply["code"] == 200, reply


async def test_a_get_may_carry_a_json_type_or_body(api: httpx2.AsyncClient) -> None:
    task_id = await create(api)
    headers = {"Content-Type": "application/json"}
    for content in (b"", b"{}"):
        reply = await api.request("GET", RECORD, params={"taskId": task_id}, headers=headers, content=content)
        assert reply.json()["code"] == 200


async def test_a_host_of_the_clients_choice_is_in_the_result_links(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    reply = await api.get(RECORD, params={"taskId": task_id}, headers={"Host": "pictures.example:9000"})
    assert json.loads(reply.json()["data"]["resultJson"])["resultUrls"][0].startswith(
        "http://pictures.example:9000/files/"
    )


@pytest.mark.parametrize("host", ["x:port", "[::1", "[::1]:99999", "http://a"])
async def test_a_host_that_is_none_is_the_requests_fault(api: httpx2.AsyncClient, host: str) -> None:
    for path in ("/v1/tasks", "/files/x/a.png"):
        response = await api.get(path, headers={"Host": host})
        assert response.status_code in (400, 403)
        assert response.json()["code"] == response.status_code
    reply = (await api.post(CREATE, json=BODY, headers={"Host": host})).json()
    assert (reply["code"], "ost header" in reply["msg"]) == (400, True)


async def test_a_callback_url_is_in_param(api: httpx2.AsyncClient) -> None:
    task_id = await create(api, {**BODY, "callBackUrl": "https://app.example/hook?x=1"})
    assert json.loads((await record(api, task_id))["param"])["callBackUrl"] == "https://app.example/hook?x=1"


async def test_what_an_app_sends_along_is_in_param(api: httpx2.AsyncClient) -> None:
    body = {
        "model": "recraft/crisp-upscale",
        "metadata": {"id": "42"},
        "input": {"image_url": URL, "prompt": "mine"},
    }
    param = json.loads((await record(api, await create(api, body)))["param"])
    assert (param["model"], param["metadata"]) == ("recraft/crisp-upscale", {"id": "42"})
    sent = json.loads(param["input"])
    assert (sent["image"], sent["prompt"]) == (URL, "mine")
    assert "image_url" not in sent


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("HEAD", "/"),
        ("GET", "/"),
        ("GET", RECORD),
        ("GET", CREATE),
        ("GET", "/nothing"),
        ("GET", "/v1/tasks/x/events"),
        ("POST", "/api/file-url-upload"),
        ("GET", "/docs"),
    ],
)
@pytest.mark.parametrize("key", [KEY, "wrong"])
async def test_every_reply_says_what_is_here_beside_the_jobs_api(
    api: httpx2.AsyncClient, method: str, path: str, key: str
) -> None:
    reply = await api.request(method, path, headers={"Authorization": f"Bearer {key}"})
    assert read_extensions(reply.headers[HEADER]) == set(ALL)


async def test_pages_of_any_origin_may_call_it(api: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    asked = await api.options(CREATE, headers={**headers, "Access-Control-Request-Headers": "authorization"})
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    reply = await api.get(RECORD, params={"taskId": "x"}, headers=headers)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    exposed = {name.strip().lower() for name in reply.headers["access-control-expose-headers"].split(",")}
    assert {HEADER.lower(), "accept-ranges", "content-range", "etag", "location", "retry-after"} <= exposed


# Inline pictures, idempotency, cancelling


@pytest.mark.parametrize("prefix", ["data:image/png;base64,", ""])
async def test_an_inline_picture_is_stored_and_its_link_stands_in_the_record(
    api: httpx2.AsyncClient, make_photo: MakePhoto, prefix: str
) -> None:
    content = make_photo("a.png").read_bytes()
    value = prefix + base64.b64encode(content).decode()
    task_id = await create(api, {"model": "recraft/crisp-upscale", "input": {"image_base64": value}})
    param = json.loads((await record(api, task_id))["param"])
    assert len(param["input"]) < 400
    assert (await api.get(json.loads(param["input"])["image"])).content == content


async def test_an_inline_picture_beyond_the_models_limit_is_refused(api: httpx2.AsyncClient) -> None:
    value = base64.b64encode(b"\xff\xd8\xff" + bytes(10_100_000)).decode()
    reply = (await api.post(CREATE, json={"model": "topaz/upscale", "input": {"image_url": value}})).json()
    assert (reply["code"], "has 10.1 MB, but this model takes 10" in reply["msg"]) == (422, True)


async def test_the_same_request_with_the_same_key_is_the_same_task(
    api: httpx2.AsyncClient, make_photo: MakePhoto
) -> None:
    photos = [base64.b64encode(make_photo("a.png", seed=seed).read_bytes()).decode() for seed in (1, 1, 2)]
    replies = [
        await api.post(
            CREATE,
            json={"model": "real-esrgan/fast", "input": {"image": photo}},
            headers={"Idempotency-Key": "order-1"},
        )
        for photo in photos
    ]
    first, again, other = (reply.json() for reply in replies)
    assert first["data"] == again["data"]
    assert ["idempotent-replayed" in reply.headers for reply in replies] == [False, True, False]
    assert (other["code"], "used before" in other["msg"]) == (422, True)
    bad = (await api.post(CREATE, json=BODY, headers={"Idempotency-Key": "x" * 256})).json()
    assert bad["code"] == 422


async def test_the_workflow_from_an_earlier_task_is_checked_when_it_is_made(
    api: httpx2.AsyncClient, service: Service
) -> None:
    source = await create(api)
    upscale = {"model": "grok/imagine-upscale", "input": {"task_id": f" {source} "}}
    assert "is still waiting" in (await api.post(CREATE, json=upscale)).json()["msg"]
    await finish(service, source)
    made = await record(api, await create(api, upscale))
    assert made["model"] == "grok-imagine/upscale"
    assert json.loads(json.loads(made["param"])["input"]) == {"task_id": source}


# The rest of the surface


async def test_something_answers_at_the_root(api: httpx2.AsyncClient) -> None:
    assert (await api.get("/")).json()["data"]["name"] == "Enlarger"


async def test_the_documentation_needs_nothing_from_elsewhere(api: httpx2.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert "http://" not in page.split("<body>")[0].replace(str(api.base_url), "")
    assert "https://" not in page.split("<body>")[0]
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "swagger-ui-standalone-preset.js"):
        assert asset in page
        assert len((await api.get(f"/docs-assets/{asset}")).content) > 10_000
    description = (await api.get("/docs/openapi.json")).json()
    paths = description["paths"]
    assert {CREATE, RECORD, "/healthz", "/readyz", "/api/v1/chat/credit", "/v1/tasks/{task_id}/cancel"} <= set(paths)
    uploads = [f"/api/file-{kind}-upload" for kind in ("stream", "base64", "url")]
    for path in (CREATE, "/api/v1/common/download-url", *uploads):
        assert "requestBody" in paths[path]["post"]
    assert {one["name"] for one in paths["/v1/tasks"]["get"]["parameters"]} == {"state", "model", "limit", "after"}
    stream = paths["/v1/tasks/{task_id}/events"]["get"]
    assert {one["name"] for one in stream["parameters"]} == {"task_id", "Last-Event-ID", "lastEventId"}
    assert "text/event-stream" in stream["responses"]["200"]["content"]
