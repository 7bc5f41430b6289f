"""What is refused on the wire, in what words and with which status, and what is not told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.infra.database import Database
from enlarger.server import Service
from tests.conftest import KEY
from tests.server.steps import BODY, CREATE, RECORD, URL


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"{bad", 400, "not valid JSON"),
        (b"", 400, "not valid JSON"),
        (b"[1]", 400, "must be a JSON object"),
        (b"null", 400, "must be a JSON object"),
        ({}, 422, "'model' is required"),
        ({"model": 5, "input": {}}, 422, "'model' is required and must be text"),
        ({"model": "nope", "input": {}}, 422, "not supported"),
        ({"model": "topaz/image-upscale"}, 422, "'input' must be an object"),
        ({"model": "topaz/image-upscale", "input": "x"}, 422, "'input' must be an object"),
        ({"model": "topaz/image-upscale", "input": {}}, 422, "'image_url' is required"),
        (
            {"model": "topaz/image-upscale", "input": {"image_url": "http://[broken"}},
            422,
            "neither a whole http(s) URL",
        ),
        (
            {"model": "topaz/image-upscale", "input": {"image_url": "photo.jpg"}},
            422,
            "neither a whole http(s) URL nor a file",
        ),
        (
            {"model": "topaz/image-upscale", "input": {"image_url": "data:image/png;base64,R0lGODlh"}},
            422,
            "is a gif, but this model takes",
        ),
        ({"model": "topaz/image-upscale", "input": {"image_url": "data:image/png;base64,"}}, 422, "empty"),
        ({**BODY, "callBackUrl": "nowhere"}, 422, "'callBackUrl' must be an http(s) URL"),
        ({**BODY, "callBackUrl": 5}, 422, "'callBackUrl' must be text"),
        ({"model": "grok/imagine-upscale", "input": {"task_id": "x" * 101}}, 422, "too long"),
        ({"model": "grok/imagine-upscale", "input": {"task_id": "x"}}, 422, "does not exist on this account"),
    ],
)
async def test_what_is_wrong_with_a_task_is_said_in_one_sentence(
    api: httpx2.AsyncClient, body: Any, code: int, says: str
) -> None:
    response = await api.post(CREATE, **({"content": body} if isinstance(body, bytes) else {"json": body}))
    reply = response.json()
    assert response.status_code == 200
    assert (reply["code"], reply["data"]) == (code, None)
    assert says in reply["msg"]
    assert reply["msg"] == reply["message"]


@pytest.mark.parametrize("key", [None, "Bearer", "Bearer wrong", "Basic abc", KEY])
async def test_without_a_valid_key_nothing_is_told(api: httpx2.AsyncClient, key: str | None) -> None:
    headers = {"Authorization": key} if key else {"Authorization": ""}
    for request in (api.get(RECORD, params={"taskId": "x"}, headers=headers), api.post(CREATE, headers=headers)):
        response = await request
        reply = response.json()
        assert (response.status_code, reply["code"]) == (200, 401)
        assert "data" not in reply
        assert "You do not have access permissions" in reply["msg"]


async def test_an_unknown_task_and_anothers_task_look_the_same(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    await service.accounts.register_key("other", account_id="other", source="tests")
    theirs = (await api.post(CREATE, json=BODY, headers={"Authorization": "Bearer other"})).json()["data"]["taskId"]
    for task_id in (theirs, "0" * 32, "x"):
        response = await api.get(RECORD, params={"taskId": task_id})
        reply = response.json()
        assert reply == {"code": 422, "msg": "recordInfo is null", "message": "recordInfo is null", "data": None}
    upscale = {"model": "grok-imagine/upscale", "input": {"task_id": theirs}}
    assert "does not exist on this account" in (await api.post(CREATE, json=upscale)).json()["msg"]


async def test_statuses_are_real_when_they_are_asked_for(api: httpx2.AsyncClient) -> None:
    headers = {"X-Http-Status": "real"}
    assert (await api.get(RECORD, params={"taskId": "x"}, headers=headers)).status_code == 422
    assert (await api.post(CREATE, content=b"{", headers=headers)).status_code == 400
    assert (await api.get(CREATE, headers=headers)).status_code == 405
    assert (await api.get(RECORD, headers={**headers, "Authorization": ""})).status_code == 401


class TestRealStatuses:
    @pytest.fixture
    def settings(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        return load_settings(http_status="real")

    async def test_a_setting_makes_them_real_for_everybody(self, api: httpx2.AsyncClient) -> None:
        response = await api.get(RECORD, params={"taskId": "x"})
        assert (response.status_code, response.json()["code"]) == (422, 422)
        assert (await api.post(CREATE, json=BODY)).status_code == 200


@pytest.mark.parametrize("levels", [31, 500, 19_000])
async def test_endless_nesting_is_refused(api: httpx2.AsyncClient, levels: int) -> None:
    body = b'{"model": "m", "input": {}, "x": ' + b"[" * levels + b"]" * levels + b"}"
    reply = (await api.post(CREATE, content=body)).json()
    assert (reply["code"], "nested more than 30 levels" in reply["msg"]) == (400, True)


async def test_a_nul_character_is_refused_wherever_it_is(api: httpx2.AsyncClient) -> None:
    for body in (
        {"model": "topaz/image-upscale", "input": {"image_url": f"{URL}\0"}},
        {**BODY, "metadata": [{"a\0": 1}]},
    ):
        reply = (await api.post(CREATE, json=body)).json()
        assert (reply["code"], "NUL character" in reply["msg"]) == (400, True)
    for path in (f"{RECORD}?taskId=%00", f"{RECORD}?taskId={'x' * 5000}"):
        assert (await api.get(path)).json()["msg"] == "recordInfo is null"
    assert (await api.post("/v1/tasks/%00/cancel")).json()["msg"] == "recordInfo is null"


async def test_a_missing_task_id_and_a_wrong_method_are_named(api: httpx2.AsyncClient) -> None:
    reply = (await api.get(RECORD)).json()
    assert (reply["code"], "'taskId' is required" in reply["msg"]) == (422, True)
    response = await api.get(CREATE)
    assert (response.status_code, response.json()["code"]) == (200, 405)


@pytest.mark.parametrize("path", ["/api/v1/jobs/getResult", "/api/v1/nothing", "/nothing"])
async def test_an_unknown_path_is_a_real_404_in_both_shapes(api: httpx2.AsyncClient, path: str) -> None:
    response = await api.get(path)
    reply = response.json()
    assert response.status_code == 404
    assert (reply["status"], reply["error"], reply["path"]) == (404, "Not Found", path)
    assert (reply["code"], reply["data"], reply["msg"]) == (404, None, reply["message"])


async def answer_to(api: httpx2.AsyncClient, path: str, *rest: str) -> Any:
    """The answer to a POST that no client would send; `rest` are the lines after those that every request has."""
    reader, writer = await asyncio.open_connection(api.base_url.host, api.base_url.port)
    lines = (f"POST {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {KEY}", *rest, "")
    writer.write("\r\n".join(lines).encode())
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 120)
    writer.close()
    return json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("path", [CREATE, "/api/file-stream-upload", "/api/file-base64-upload"])
async def test_a_body_beyond_all_limits_is_refused(api: httpx2.AsyncClient, path: str) -> None:
    """Before it is sent: the server answers when it has seen how long it is going to be."""
    kind = "Content-Type: multipart/form-data; boundary=B"
    assert (await answer_to(api, path, kind, "Content-Length: 80000000", ""))["code"] == 413


@pytest.mark.parametrize("path", [CREATE, "/v1/quote", "/api/file-stream-upload", "/api/file-base64-upload"])
async def test_a_body_that_breaks_off_is_the_clients_fault(api: httpx2.AsyncClient, path: str) -> None:
    kind = "Content-Type: multipart/form-data; boundary=B"
    reply = await answer_to(api, path, kind, "Transfer-Encoding: chunked", "", "no length", "x")
    assert (reply["code"], "body" in reply["msg"]) == (400, True)


async def test_a_body_that_is_no_utf8_is_no_json(api: httpx2.AsyncClient) -> None:
    reply = (await api.post(CREATE, content=b'{"model": "\xff"}')).json()
    assert (reply["code"], "not valid JSON" in reply["msg"]) == (400, True)


async def test_a_fault_of_ours_tells_nothing_but_that(
    api: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("enlarger.tasks.store.TaskStore.get", broken)
    response = await api.get(RECORD, params={"taskId": "x"})
    assert (response.status_code, response.json()["code"]) == (200, 500)
    assert "secret" not in response.text
