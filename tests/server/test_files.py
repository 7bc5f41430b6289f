"""Uploads and signed links, over real HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.infra.database import Database
from enlarger.protocol.names import safe_folders
from enlarger.server import Service
from tests.conftest import MakePhoto
from tests.pictures import photo, save
from tests.server.steps import create, finish, record

_UPLOAD = "/api/file-stream-upload"


async def upload(api: httpx2.AsyncClient, path: Path, **fields: str) -> dict[str, Any]:
    form = {"uploadPath": "images/bot", **fields}
    reply = (await api.post(_UPLOAD, data=form, files={"file": (path.name, path.read_bytes())})).json()
    assert reply["code"] == 200, reply
    data: dict[str, Any] = reply["data"]
    return data


async def test_an_upload_is_answered_with_everything_clients_look_for(
    api: httpx2.AsyncClient, small_photo: Path
) -> None:
    form = {"uploadPath": "/images/bot/"}
    response = await api.post(_UPLOAD, data=form, files={"file": ("photo.jpg", small_photo.read_bytes())})
    reply = response.json()
    assert (reply["success"], reply["code"], reply["msg"]) == (True, 200, "File uploaded successfully")
    data = reply["data"]
    assert data["success"] is True
    assert (data["fileName"], data["filePath"]) == ("photo.jpg", "images/bot/photo.jpg")
    assert data["downloadUrl"] == data["fileUrl"]
    assert (data["fileSize"], data["mimeType"]) == (small_photo.stat().st_size, "image/jpeg")
    assert datetime.fromisoformat(data["uploadedAt"]).tzinfo is not None
    assert data["uploadedAt"].endswith("Z")


async def test_a_name_can_be_given_and_is_made_safe(api: httpx2.AsyncClient, small_photo: Path) -> None:
    assert (await upload(api, small_photo, fileName="ключ 钥匙.jpg"))["fileName"] == "ключ 钥匙.jpg"
    assert (await upload(api, small_photo, fileName="../../etc/passwd"))["fileName"] == "passwd.jpg"


@pytest.mark.parametrize(
    ("form", "files", "says"),
    [
        ({"uploadPath": "a"}, None, "The body is not a multipart form: send file as a form field."),
        ({"uploadPath": "a"}, {"picture": ("a.jpg", b"a")}, "Missing required parameter: file"),
        ({"uploadPath": "a"}, {"file": ("a.txt", b"hello")}, "of an unknown type"),
        ({"uploadPath": "a"}, {"file": ("a.jpg", b"")}, "empty"),
    ],
)
async def test_a_bad_upload_is_a_real_400(api: httpx2.AsyncClient, form: Any, files: Any, says: str) -> None:
    response = await api.post(_UPLOAD, data=form, files=files)
    reply = response.json()
    assert response.status_code == 400
    assert (reply["success"], reply["code"]) == (False, 400)
    assert says in reply["msg"]
    assert "data" not in reply


async def test_an_upload_needs_a_key_and_the_right_method(api: httpx2.AsyncClient) -> None:
    assert (await api.post(_UPLOAD, headers={"Authorization": ""})).status_code == 401
    assert (await api.get(_UPLOAD)).status_code == 405
    assert (await api.post(_UPLOAD, content=b"no form")).status_code == 400


async def test_a_form_in_an_unknown_charset_is_a_bad_one(api: httpx2.AsyncClient) -> None:
    head = b'--B\r\nContent-Disposition: form-data; name="uploadPath"\r\nContent-Type: text/plain; charset=nobodys'
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    response = await api.post(_UPLOAD, content=head + b"\r\n\r\na\r\n--B--\r\n", headers=headers)
    assert (response.status_code, "not a multipart form" in response.json()["msg"]) == (400, True)


async def test_a_link_gives_the_file_without_a_key(api: httpx2.AsyncClient, small_photo: Path) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    content = small_photo.read_bytes()
    async with httpx2.AsyncClient() as stranger:
        response = await stranger.get(url)
        assert response.content == content
        assert response.headers["content-type"] == "image/jpeg"
        assert response.headers["content-length"] == str(len(content))
        head = await stranger.head(url)
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(content)))


async def test_parts_of_a_file_can_be_asked_for(api: httpx2.AsyncClient, small_photo: Path) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    content = small_photo.read_bytes()
    size = len(content)
    for asked, part in (("0-9", content[:10]), ("10-", content[10:]), ("-10", content[-10:]), ("5-99999", content[5:])):
        response = await api.get(url, headers={"Range": f"bytes={asked}"})
        assert (response.status_code, response.content) == (206, part)
        assert response.headers["content-range"].endswith(f"/{size}")
    for ignored in (
        "bytes=0-1,4-5",
        "items=0-1",
        "bytes=-",
        f"bytes=0-{'9' * 5000}",
        f"bytes=-{'9' * 5000}",
        "bytes=5-2",
    ):
        assert (await api.get(url, headers={"Range": ignored})).status_code == 200
    for nowhere in (f"bytes={size}-", "bytes=-0"):
        outside = await api.get(url, headers={"Range": nowhere})
        assert (outside.status_code, outside.json()["code"]) == (416, 416)
        assert outside.headers["content-range"] == f"bytes */{size}"
    etag = (await api.head(url)).headers["etag"]
    for same, status in ((etag, 206), ('"another"', 200), ("Sat, 28 Nov 2026 12:00:00 GMT", 200)):
        assert (await api.get(url, headers={"Range": "bytes=0-9", "If-Range": same})).status_code == status


async def test_links_are_refused_for_what_they_are(
    api: httpx2.AsyncClient, service: Service, database: Database, small_photo: Path
) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    assert (await api.get(url[:-3] + "abc")).status_code == 403
    assert (await api.get(url.split("?")[0])).status_code == 403
    assert (await api.get(url.replace("expires=", "expires=" + "9" * 5000))).status_code == 403
    past = datetime.now(UTC) - timedelta(seconds=5)
    assert (await api.get(service.links.make("0" * 32, "a.jpg", past))).status_code == 410
    future = datetime.now(UTC) + timedelta(hours=1)
    assert (await api.get(service.links.make("0" * 32, "a.jpg", future))).status_code == 404
    await database.pool.execute("UPDATE files SET expires_at = now()")
    assert (await api.get(url)).status_code == 404


async def test_a_stored_file_that_vanished_is_not_found_and_no_broken_reply(
    api: httpx2.AsyncClient, service: Service, database: Database, small_photo: Path
) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    await service.storage.delete(await database.pool.fetchval("SELECT key FROM files"))
    for headers in ({}, {"Range": "bytes=5-"}):
        response = await api.get(url, headers=headers)
        assert (response.status_code, response.json()["code"]) == (404, 404)
        assert response.json()["msg"] == "This file is no longer kept."


async def test_an_uploads_link_is_an_input_and_counts_by_its_content(
    api: httpx2.AsyncClient, make_photo: MakePhoto
) -> None:
    one, same, other = make_photo("a.png"), make_photo("b.png"), make_photo("c.png", seed=9)
    replies = []
    for path in (one, same, other):
        body = {"model": "topaz/image-upscale", "input": {"image_url": (await upload(api, path))["fileUrl"]}}
        response = await api.post("/api/v1/jobs/createTask", json=body, headers={"Idempotency-Key": "k"})
        replies.append(response.json())
    assert replies[0]["data"] == replies[1]["data"]
    assert replies[2]["code"] == 422


async def test_a_link_that_no_longer_leads_anywhere_is_no_input(
    api: httpx2.AsyncClient, service: Service, database: Database, small_photo: Path
) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    await database.pool.execute("UPDATE files SET expires_at = now()")
    gone = service.links.make("0" * 32, "a.jpg", datetime.now(UTC) - timedelta(seconds=5))
    for link, says in ((url, "no longer kept"), (f"http://any{gone}", "has expired")):
        body = {"model": "topaz/image-upscale", "input": {"image_url": link}}
        reply = (await api.post("/api/v1/jobs/createTask", json=body)).json()
        assert (reply["code"], says in reply["msg"]) == (422, True)


# Removing


def id_of(url: str) -> str:
    return url.split("/files/")[1].split("/")[0]


async def test_an_upload_can_be_removed_by_its_owner(
    api: httpx2.AsyncClient, database: Database, tmp_path: Path
) -> None:
    url = (await upload(api, save(photo(48, 36), tmp_path / "a.jpg")))["downloadUrl"]
    other = (await upload(api, save(photo(48, 36, seed=2), tmp_path / "b.jpg")))["downloadUrl"]
    removed = await api.delete(f"/v1/files/{id_of(url)}")
    assert (removed.status_code, removed.json()["code"], removed.json()["data"]) == (200, 200, None)
    assert (await api.get(url)).status_code == 404
    assert (await api.get(other)).status_code == 200
    assert await database.pool.fetchval("SELECT count(*) FROM files") == 1
    assert len([path for path in (tmp_path / "storage").rglob("[!.]*") if path.is_file()]) == 1
    assert (await api.delete(f"/v1/files/{id_of(url)}")).status_code == 404


async def test_a_result_can_be_removed_and_its_tasks_record_stays(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    url = json.loads((await record(api, task_id))["resultJson"])["resultUrls"][0]
    assert (await api.delete(f"/v1/files/{id_of(url)}")).status_code == 200
    assert (await record(api, task_id))["state"] == "success"
    assert (await api.get(url)).status_code == 404


async def test_nobody_removes_what_is_not_theirs(
    api: httpx2.AsyncClient, service: Service, database: Database, small_photo: Path
) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    path = f"/v1/files/{id_of(url)}"
    await service.accounts.register_key("other", account_id="other", source="tests")
    for header, status in (("Bearer other", 404), ("Bearer wrong", 401), ("", 401)):
        reply = await api.delete(path, headers={"Authorization": header})
        assert (reply.status_code, reply.json()["code"]) == (status, status)
    # A link reads, but it does not remove: it may have been given to anybody.
    assert (await api.delete(url, headers={"Authorization": ""})).status_code == 405
    assert (await api.delete("/v1/files/" + "0" * 32)).status_code == 404
    assert (await api.get(url)).status_code == 200
    await database.pool.execute("UPDATE files SET expires_at = now()")
    assert (await api.delete(path)).status_code == 404


async def test_a_file_whose_bytes_are_gone_already_can_be_removed(
    api: httpx2.AsyncClient, service: Service, database: Database, small_photo: Path
) -> None:
    url = (await upload(api, small_photo))["downloadUrl"]
    await service.storage.delete(await database.pool.fetchval("SELECT key FROM files"))
    assert (await api.delete(f"/v1/files/{id_of(url)}")).status_code == 200


@pytest.mark.parametrize(
    ("given", "folders"),
    [
        ("/images/bot/", ["images", "bot"]),
        ("a//./b/../../..", ["a", "b"]),
        ("..\\..\\etc", ["etc"]),
        ("/../", []),
        ("a\0b/c?d=<e>#f", ["a_b", "c_d=_e__f"]),
        ("ﬁ/e\u0301", ["ﬁ", "é"]),
    ],
)
def test_the_path_of_an_upload_leads_nowhere_else(given: str, folders: list[str]) -> None:
    assert safe_folders(given) == folders


async def test_an_uploads_path_is_told_without_what_leads_elsewhere(api: httpx2.AsyncClient) -> None:
    files = {"file": ("../photo.jpg", b"\xff\xd8\xff" + bytes(40))}
    reply = await api.post("/api/file-stream-upload", data={"uploadPath": "//a/../..\\b/."}, files=files)
    assert reply.json()["data"]["filePath"] == "a/b/photo.jpg"
