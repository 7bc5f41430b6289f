"""What the API does while its storage is away."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx2
import pytest
from obstore.exceptions import GenericError

from enlarger.infra.storage import Storage
from enlarger.server import Service
from tests.conftest import MakePhoto
from tests.server.steps import BODY, CREATE, RECORD, create

FULL = "Unable to copy data to file: No space left on device (os error 28)"


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """One that is asked anew each time."""
    return Storage(str(tmp_path / "storage"), good_seconds=0, bad_seconds=0)


async def full(*_: Any, **__: Any) -> None:
    raise GenericError(FULL)


def requests(picture: bytes) -> dict[str, dict[str, Any]]:
    """Everything that brings work or files."""
    inline = {"model": "topaz/image-upscale", "input": {"image_base64": base64.b64encode(picture).decode()}}
    return {
        "a task": {"url": CREATE, "json": BODY},
        "a task that waits": {"url": CREATE, "json": BODY, "headers": {"Prefer": "wait=5"}},
        "a task with a picture": {"url": CREATE, "json": inline},
        "a stream": {
            "url": "/api/file-stream-upload",
            "files": {"file": ("a.png", picture)},
            "data": {"uploadPath": "a"},
        },
        "base64": {
            "url": "/api/file-base64-upload",
            "json": {"uploadPath": "a", "base64Data": base64.b64encode(picture).decode()},
        },
    }


async def test_what_cannot_be_stored_is_not_accepted(
    api: httpx2.AsyncClient, service: Service, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await create(api)
    for name, request in requests(make_photo("a.png").read_bytes()).items():
        with monkeypatch.context() as patched:
            patched.setattr("obstore.put_async", full)
            reply = await api.post(**request)
            real = await api.post(**{**request, "headers": {"X-Http-Status": "real"}})
            assert (await api.get(RECORD, params={"taskId": known})).json()["code"] == 200
        assert (reply.json()["code"], reply.headers["retry-after"], real.status_code) == (503, "30", 503), name
        assert "the disk of the storage is full" in reply.json()["msg"], name
        assert await service.database.pool.fetchval("SELECT count(*) FROM tasks") == 1, name
        assert await service.database.pool.fetchval("SELECT count(*) FROM files") == 0, name
    for name, request in requests(make_photo("a.png").read_bytes()).items():
        assert (await api.post(**request)).json()["code"] == 200, name


async def test_a_stored_file_that_cannot_be_read_now_is_no_missing_one(
    api: httpx2.AsyncClient, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = requests(make_photo("a.png").read_bytes())["base64"]
    link = (await api.post(**upload)).json()["data"]["downloadUrl"]
    with monkeypatch.context() as patched:
        patched.setattr("obstore.get_async", full)
        reply = await api.get(link)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "30")
    assert (await api.get(link)).status_code == 200
