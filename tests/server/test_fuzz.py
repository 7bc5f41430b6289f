"""What the API's description promises holds for whatever comes: Schemathesis draws requests from it, right and wrong.

No request makes the server fail, and every answer has a status, a type and a body that the description has for it.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx2
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis import Case as AnyCase
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from enlarger.all_settings import Settings, load_settings
from enlarger.catalog import list_models
from enlarger.catalog.schema import example
from enlarger.server import Service, create_app
from tests.conftest import KEY
from tests.server.steps import BODY, PNG, create, finish

_EXAMPLES = 60
"""Requests to each operation."""
_CONFORMANCE = [status_code_conformance, content_type_conformance, response_schema_conformance]
_PICTURES = "/v1/images/"
"""Routes that answer 504 while nobody makes their pictures."""

_OURS = [model for model in list_models() if model.engine]
Operation = APIOperation[Any, Any, Any, Any]
Case = AnyCase[Any]
_DESCRIPTION = create_app(cast(Service, None)).openapi_schema.to_schema()
_OPERATIONS: list[Operation] = [
    found.ok()  # type: ignore[union-attr]
    for found in schemathesis.openapi.from_dict(_DESCRIPTION).get_all_operations()
]


@dataclass(frozen=True)
class World:
    """What there is to ask for."""

    ended: Sequence[str]
    """Tasks; streams of their events come to an end."""
    waiting: str
    file: str
    """A file's link."""

    def guide(self, case: Case, number: int) -> None:
        """Have a request ask for something that there is; `number` chooses what."""
        path, body = case.operation.path, case.body
        ids = [*self.ended, *([] if path.endswith("/events") else [self.waiting])]
        if "{task_id}" in path:
            case.path_parameters["task_id"] = ids[number % len(ids)]
        if path.endswith("/recordInfo"):
            case.query["taskId"] = ids[number % len(ids)]
        if path == "/v1/tasks":
            case.query = [{}, {"after": self.waiting}, {"state": "fail"}][number % 3]
        if path == "/api/v1/models/{path}":
            model = list_models()[number % len(list_models())].id
            case.path_parameters["path"] = model + ("/schema" if number % 2 else "/price")
        if path.startswith("/files/"):
            link = urlsplit(self.file)
            _, _, file_id, name = link.path.split("/")
            case.path_parameters = {"file_id": file_id, "name": name}
            case.query = {name: values[0] for name, values in parse_qs(link.query).items()}
            case.headers["Range"] = ["", "bytes=0-3", "bytes=-5", "bytes=99-", "bytes=5-1"][number % 5]
        if path == "/v1/files/{file_id}":  # which is there once
            case.path_parameters["file_id"] = urlsplit(self.file).path.split("/")[2]
        if path == "/v1/models/{name}":
            case.path_parameters["name"] = "gpt-image-1"
        if path.startswith(_PICTURES):
            case.headers.update(_picture_key(path))
        if isinstance(body, dict):
            body.update(self._fields(path, body, number))

    def _fields(self, path: str, body: dict[str, Any], number: int) -> dict[str, Any]:
        if path.startswith(_PICTURES):
            body.clear()
            return {"response_format": ("url", "b64_json")[number % 2], **_pictures()[path]}
        if path.endswith(("/createTask", "/quote")):
            known = _OURS if number % 2 else list_models()  # the others are refused
            model = known[number // 2 % len(known)]
            drawn = body.get("input")
            return {"model": model.id, "input": {**example(model), **(drawn if isinstance(drawn, dict) else {})}}
        there = {
            "file": PNG,
            "base64Data": base64.b64encode(PNG).decode(),
            "fileUrl": self.file,
            "url": self.file,
            "uploadPath": "a",
        }
        return {name: value for name, value in there.items() if name in body}


def _pictures() -> dict[str, dict[str, Any]]:
    """Requests for pictures by their paths."""
    return {
        "/v1/images/generations": {"prompt": "A cat"},
        "/v1/images/edits": {"prompt": "A cat", "image": PNG},
        "/v1/images/variations": {"model": "grok-imagine/image-to-image", "image": PNG},
        "/v1/images/upscale": {"image": PNG},
    }


def _picture_key(path: str) -> dict[str, str]:
    return {"Idempotency-Key": path}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """With a provider for every model, and pictures that are not waited for: nobody makes them."""
    monkeypatch.setenv("ENLARGER_SANDBOX", "1")
    monkeypatch.setenv("ENLARGER_OPENAI_WAIT", "0")
    return load_settings()


async def make_pictures(api: httpx2.AsyncClient, service: Service) -> None:
    """Have those requests' pictures made, so that the same requests are answered with them."""
    for path, fields in _pictures().items():
        files = {name: ("a.png", value) for name, value in fields.items() if isinstance(value, bytes)}
        data = {name: value for name, value in fields.items() if isinstance(value, str)}
        options: Any = {"data": data, "files": files} if files else {"json": data}
        asked = await api.post(path, headers=_picture_key(path), **options)
        assert asked.status_code == 504, asked.text
        await finish(service, asked.headers["Enlarger-Task"])


@pytest.fixture
async def world(api: httpx2.AsyncClient, service: Service) -> World:
    await make_pictures(api, service)
    body = {**BODY, "callBackUrl": "https://app.example/hook"}
    ended = [await create(api, body), await create(api, body)]
    await finish(service, ended[0])
    await finish(service, ended[1], fail=True)
    upload = await api.post("/api/file-stream-upload", data={"uploadPath": "a"}, files={"file": ("a.png", PNG)})
    return World(ended=ended, waiting=await create(api, body), file=upload.json()["data"]["downloadUrl"])


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is looked up but this machine's own address: the server is to be asked for any URL there may be."""
    look_up = socket.getaddrinfo

    def own(host: Any, *args: Any, **options: Any) -> Any:
        if host not in ("127.0.0.1", b"127.0.0.1"):
            raise socket.gaierror(socket.EAI_NONAME, "no network in tests")
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", own)


@pytest.mark.parametrize("operation", _OPERATIONS, ids=lambda operation: operation.label)
async def test_every_answer_is_as_the_description_has_it(
    api: httpx2.AsyncClient, world: World, operation: Operation
) -> None:
    statuses = await asyncio.to_thread(_ask, operation, str(api.base_url), world)
    assert statuses & {200, 201}, "no request was carried out"


def _ask(operation: Operation, url: str, world: World) -> set[int]:
    """Send requests that the description allows and such that it does not; the statuses they were answered with."""
    statuses: set[int] = set()

    @hypothesis.settings(max_examples=_EXAMPLES)
    @given(case=_requests(operation), number=st.none() | st.integers(0, 10_000))
    def ask(case: Case, number: int | None) -> None:
        if number is not None:
            world.guide(case, number)
        response = case.call_and_validate(
            base_url=url,
            session=session,
            headers={"Authorization": f"Bearer {KEY}"},
            checks=_CONFORMANCE if operation.path.startswith(_PICTURES) else [not_a_server_error, *_CONFORMANCE],
            timeout=30,
            allow_redirects=False,
        )
        assert response.status_code != 500
        statuses.add(response.status_code)

    with requests.Session() as session:
        ask()
    return statuses


def _requests(operation: Operation) -> st.SearchStrategy[Case]:
    right = operation.as_strategy(GenerationMode.POSITIVE)
    # Where nothing can be given, nothing can be wrong.
    some = (operation.path_parameters, operation.query, operation.headers, operation.body)
    return right | operation.as_strategy(GenerationMode.NEGATIVE) if any(map(len, some)) else right
