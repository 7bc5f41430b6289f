from __future__ import annotations

import json
import re
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from enlarger.protocol import extensions
from enlarger.protocol.records import TaskEvent, TaskRecord
from enlarger.protocol.signatures import sign_callback
from enlarger.server import Service
from enlarger.server.examples import read_examples
from tests.server.steps import finish

_TASKS = "/v1/tasks"
_BODY = {"model": "real-esrgan/fast", "input": {"image_url": "https://example.com/photo.jpg", "upscale_factor": "2"}}


@pytest.fixture
async def document(api: httpx2.AsyncClient) -> dict[str, Any]:
    described: dict[str, Any] = (await api.get("/openapi.json", headers={"Authorization": ""})).json()
    assert described == (await api.get("/docs/openapi.json")).json()
    return described


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for item in document["paths"].values() for operation in item.values()]


def test_operations_and_schemas_have_short_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert {"createTask", "recordInfo", "submitTask", "showTask", "listTasks", "cancelTask", "streamUpload"} <= set(
        names
    )
    schemas = document["components"]["schemas"]
    for name in [*names, *schemas]:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,24}", name), name
    for name, schema in schemas.items():
        assert schema.get("title", name) == name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for path in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)):
        part = document
        for name in path.split("/"):
            part = part[name]


def test_the_parameters_of_a_path_stand_in_its_order(document: dict[str, Any]) -> None:
    """Or the types generated from the description would change from process to process."""
    for path, item in document["paths"].items():
        for operation in item.values():
            names = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
            assert names == re.findall(r"{(\w+)}", path), path


def test_events_of_a_task_have_types(document: dict[str, Any]) -> None:
    stream = document["paths"]["/v1/tasks/{task_id}/events"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert stream["schema"] == {"$ref": "#/components/schemas/TaskStreamEvent"}
    schemas = document["components"]["schemas"]
    data = schemas["TaskStreamEvent"]["properties"]["data"]
    assert [one["$ref"].rpartition("/")[2] for one in data["contentSchema"]["anyOf"]] == ["TaskEvent", "LastTaskEvent"]
    assert set(schemas["TaskEvent"]["properties"]) == set(TaskEvent.__struct_encode_fields__)
    assert set(schemas["TaskRecord"]["properties"]) == set(TaskRecord.__struct_encode_fields__)


def test_files_are_binary(document: dict[str, Any]) -> None:
    file = document["paths"]["/files/{file_id}/{name}"]["get"]["responses"]["200"]["content"]
    assert all(media["schema"] == {"type": "string", "format": "binary"} for media in file.values())
    form = document["components"]["schemas"]["StreamUploadRequest"]
    assert form["properties"]["file"].items() >= {"type": "string", "format": "binary"}.items()


def test_the_callback_is_described_with_the_headers_it_has(document: dict[str, Any]) -> None:
    callback = document["webhooks"]["taskEnded"]["post"]
    assert {one["name"] for one in callback["parameters"]} == set(sign_callback("a", 1, b"{}", ["key"]))
    assert callback["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/TaskCallback")


def test_replies_name_the_headers_that_programs_read(document: dict[str, Any]) -> None:
    for operation in operations(document):
        for status, response in operation["responses"].items():
            assert {extensions.HEADER, extensions.REQUEST_ID} <= set(response["headers"])
            assert ("Retry-After" in response["headers"]) == (status in ("409", "429", "455", "503"))
    made = document["paths"][_TASKS]["post"]["responses"]["201"]["headers"]
    assert {"Location", "Idempotent-Replayed", "Preference-Applied"} <= set(made)


async def test_a_task_is_made_and_shown_with_real_statuses(api: httpx2.AsyncClient, service: Service) -> None:
    key = {"Idempotency-Key": "one"}
    made = await api.post(_TASKS, json=_BODY, headers=key)
    task_id = made.json()["data"]["taskId"]
    assert (made.status_code, made.headers["Location"]) == (201, f"{_TASKS}/{task_id}")
    again = await api.post(_TASKS, json=_BODY, headers=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.headers["Location"] == made.headers["Location"]
    await finish(service, task_id)
    whole = (await api.get(made.headers["Location"])).json()["data"]
    assert whole["record"]["state"] == "success"
    assert whole["resultUrls"] == json.loads(whole["record"]["resultJson"])["resultUrls"]
    assert len(whole["resultUrls"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (json.dumps({"model": "real-esrgan/fast", "input": {}}).encode(), 422),
        (json.dumps({"model": "real-esrgan/none", "input": {}}).encode(), 422),
    ],
)
async def test_what_is_refused_has_its_status(api: httpx2.AsyncClient, body: bytes, status: int) -> None:
    response = await api.post(_TASKS, content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (status, status)
    assert (await api.post(_TASKS, content=body, headers={"Authorization": ""})).status_code == 401


async def test_an_unknown_task_is_not_found(api: httpx2.AsyncClient) -> None:
    unknown = f"{_TASKS}/{'0' * 32}"
    requests = [
        await api.get(unknown),
        await api.get(f"{unknown}/events"),
        await api.get(f"{unknown}/deliveries"),
        await api.post(f"{unknown}/deliveries"),
        await api.post(f"{unknown}/cancel"),
    ]
    assert [(one.status_code, one.json()["code"]) for one in requests] == [(404, 422)] * len(requests)
    hosted = await api.get("/api/v1/jobs/recordInfo?taskId=nothing", headers={"X-Http-Status": "real"})
    assert (hosted.status_code, hosted.json()["code"]) == (422, 422)


def test_recorded_examples_fit_the_description(document: dict[str, Any]) -> None:
    by_name = {one["operationId"]: one for one in operations(document)}
    described = {one.operation for one in read_examples()}
    wanted = {name for name, one in by_name.items() if not one.get("deprecated") and name != "headFile"}
    assert wanted <= described
    for example in read_examples():
        media = {} if not example.operation else by_name[example.operation]["responses"][str(example.status)]
        schema = media.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None and example.json is not None:
            whole = {**schema, "components": document["components"]}
            jsonschema_rs.validator_for(whole).validate(example.json)
            titles = media["content"]["application/json"]["examples"]
            assert titles[example.title or "Example"]["value"] == example.json


def test_every_field_of_a_body_and_of_a_reply_is_described(document: dict[str, Any]) -> None:
    """But for those whose name says it all, and those whose type is described."""
    plain = {"record", "state", "object", "success", "error", "data", "code", "msg", "taskId", "event", "id"}
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert "description" in described or "$ref" in described or field in plain, (name, field)
    for operation in operations(document):
        assert operation["description"], operation["operationId"]
        assert all(one["description"] for one in operation.get("parameters", []))


def test_no_field_of_a_body_has_a_default(document: dict[str, Any]) -> None:
    """TypeScript's generator takes one with a default for one that has to be sent."""
    schemas = document["components"]["schemas"]
    bodies = [name for name in schemas if name.endswith("Request")]
    assert len(bodies) == 10
    for name in bodies:
        assert not [field for field, schema in schemas[name]["properties"].items() if "default" in schema]


def test_an_input_may_have_any_fields(document: dict[str, Any]) -> None:
    body = document["components"]["schemas"]["CreateTaskRequest"]
    assert body["properties"]["input"].items() >= {"type": "object", "additionalProperties": True}.items()
