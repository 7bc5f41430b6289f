"""A picture inside a request is stored only when its task may be made, and an account has only so much stored."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT, Caps
from tests.conftest import MakePhoto
from tests.server.steps import BODY, CREATE

_ACCOUNT = "shop"


def kept(tmp_path: Path) -> list[Path]:
    """The files in the storage."""
    return [path for path in (tmp_path / "storage" / "uploads").rglob("*") if path.is_file()]


class CountingStorage(Storage):
    """A storage that knows how often something was stored, also what is gone again."""

    puts = 0

    async def put(self, key: str, source: bytes | Path | AsyncIterator[bytes], *, mime_type: str | None = None) -> None:
        self.puts += key.startswith("uploads/")
        await super().put(key, source, mime_type=mime_type)


@pytest.fixture
def storage(tmp_path: Path) -> CountingStorage:
    return CountingStorage(str(tmp_path / "storage"))


@pytest.fixture
def body(make_photo: MakePhoto) -> dict[str, Any]:
    picture = base64.b64encode(make_photo("a.png").read_bytes()).decode()
    return {"model": "topaz/image-upscale", "input": {"image_url": picture, "upscale_factor": "2"}}


async def new_key(service: Service, *, balance: Decimal, rate: int | None = None, cap: Decimal | None = None) -> str:
    await service.accounts.add(_ACCOUNT, credits=balance, create_limit=rate, query_limit=None)
    key, _ = await service.accounts.make_key(_ACCOUNT, name=None, caps=Caps(total=cap))
    return key


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"balance": Decimal(1)}, 402),
        ({"balance": Decimal(1000), "rate": 1}, 429),
        ({"balance": Decimal(1000), "cap": Decimal(1)}, 433),
    ],
)
async def test_what_may_not_be_made_stores_nothing(
    api: httpx2.AsyncClient,
    service: Service,
    storage: CountingStorage,
    body: dict[str, Any],
    limits: dict[str, Any],
    code: int,
) -> None:
    headers = {"Authorization": f"Bearer {await new_key(service, **limits)}"}
    if code == 429:
        assert (await api.post(CREATE, json=BODY, headers=headers)).json()["code"] == 200
    assert (await api.post(CREATE, json=body, headers=headers)).json()["code"] == code
    assert storage.puts == 0


async def test_what_may_be_made_stores_its_picture_once(
    api: httpx2.AsyncClient, service: Service, tmp_path: Path, body: dict[str, Any]
) -> None:
    key = await new_key(service, balance=Decimal(1000), rate=1)
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
    first, again = [(await api.post(CREATE, json=body, headers=headers)).json() for _ in range(2)]
    assert first["data"]["taskId"] == again["data"]["taskId"]
    assert len(kept(tmp_path)) == 1
    headers["Idempotency-Key"] = "another"
    assert (await api.post(CREATE, json=body, headers=headers)).json()["code"] == 429
    assert len(kept(tmp_path)) == 1


async def test_a_form_that_is_not_multipart_is_refused_unread(api: httpx2.AsyncClient) -> None:
    reply = await api.post("/api/file-stream-upload", data={"uploadPath": "a", "file": "x" * 1000})
    assert (reply.status_code, "not a multipart form" in reply.json()["msg"]) == (400, True)


class TestQuota:
    @pytest.fixture
    def settings(self) -> Settings:
        return load_settings(account_storage_mb=0.02)

    async def test_an_account_stores_no_more_than_its_quota(
        self, api: httpx2.AsyncClient, tmp_path: Path, body: dict[str, Any]
    ) -> None:
        large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(15_000)).decode()
        upload = {"uploadPath": "a", "base64Data": large}
        first = (await api.post("/api/file-base64-upload", json=upload)).json()["data"]
        refused = await api.post("/api/file-base64-upload", json=upload)
        assert (refused.status_code, "0.0 of 0.02 MB" in refused.json()["msg"]) == (413, True)
        body["input"]["image_url"] = large
        assert (await api.post(CREATE, json=body)).json()["code"] == 413
        assert len(kept(tmp_path)) == 1
        await api.delete(f"/v1/files/{first['fileUrl'].split('/')[-2]}")
        assert (await api.post(CREATE, json=body)).json()["code"] == 200


class TestObjects:
    @pytest.fixture
    def settings(self) -> Settings:
        return load_settings(sandbox=True)

    async def test_files_in_the_objects_of_a_list_are_kept_as_others_are(
        self, api: httpx2.AsyncClient, service: Service, storage: CountingStorage, make_photo: MakePhoto
    ) -> None:
        picture = base64.b64encode(make_photo("a.png").read_bytes()).decode()
        element = {"name": "dog", "element_input_urls": [picture, "https://example.com/b.png"]}
        wanted = {"prompt": "a dog", "kling_elements": [element]}
        answer = await api.post(CREATE, json={"model": "kling-3.0/video", "input": wanted})
        task = await service.tasks.get(DEFAULT, answer.json()["data"]["taskId"])
        kept_url, other = task.input["kling_elements"][0]["element_input_urls"]
        assert "/files/" in kept_url
        assert other == "https://example.com/b.png"
        assert storage.puts == 1
        broken = {
            **wanted,
            "kling_elements": [element | {"element_input_urls": [kept_url, "data:image/png;base64,JVBERi0xLjQ="]}],
        }
        answer = await api.post(CREATE, json={"model": "kling-3.0/video", "input": broken})
        assert "'kling_elements[0].element_input_urls[1]'" in answer.json()["msg"]
