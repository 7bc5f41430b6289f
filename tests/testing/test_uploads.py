"""The stand-in's upload host: three ways to leave a file, real HTTP statuses for what is wrong."""

from __future__ import annotations

import base64
import random
from typing import Any

import httpx2
import pytest

from enlarger.testing import HandClock, StandIn
from enlarger.testing.pictures import draw_picture
from enlarger.testing.uploads import StoredFile, Uploads
from tests.testing.caller import Caller, calling

_PICTURE = draw_picture("uploads")


def upload(caller: Caller, way: str, **options: Any) -> httpx2.Response:
    return caller.http.post(f"{caller.service.upload_url}/api/file-{way}-upload", **options)


def test_a_form_is_kept_byte_for_byte() -> None:
    content = b"\r\n--\x85\\u0041" + random.Random(1).randbytes(100_000) + b"\r\r\n"
    with calling(StandIn(clock=HandClock(1_777_539_187.838))) as caller:
        files = {"file": ("скетч.jpg", content, "image/jpeg")}
        response = upload(caller, "stream", files=files, data={"uploadPath": "/images/тест/"})
        reply = response.json()
        fetched = httpx2.get(reply["data"]["downloadUrl"])
        upload_url = caller.service.upload_url
    assert response.status_code == 200
    url = reply["data"]["downloadUrl"]
    assert url.startswith(f"{upload_url}/kieai/")
    assert reply == {
        "success": True,
        "code": 200,
        "msg": "File uploaded successfully",
        "data": {
            "success": True,
            "fileName": "скетч.jpg",
            "filePath": "kieai/136592/images/тест/скетч.jpg",
            "downloadUrl": url,
            "fileSize": len(content),
            "mimeType": "image/jpeg",
            "uploadedAt": "2026-04-30T08:53:07.838Z",
        },
    }
    assert (fetched.content, fetched.headers["content-type"]) == (content, "image/jpeg")


def test_a_form_may_name_the_file_and_come_in_chunks() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="fileName"\r\n\r\nb.png\r\n'
        b'--x\r\nContent-Disposition: form-data; name="uploadPath"\r\n\r\nimages\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    )
    parts = [body, _PICTURE, b"\r\n--x--\r\n"]
    with calling(StandIn()) as caller:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        data = upload(caller, "stream", content=iter(parts), headers=headers).json()["data"]
        assert (data["fileName"], data["fileSize"]) == ("b.png", len(_PICTURE))
        assert httpx2.get(data["downloadUrl"]).content == _PICTURE


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_base64_is_taken_raw_and_as_a_data_url(prefix: str) -> None:
    body = {"base64Data": prefix + base64.b64encode(_PICTURE).decode(), "uploadPath": "images"}
    with calling(StandIn()) as caller:
        data = upload(caller, "base64", json=body).json()["data"]
        assert (data["fileName"][-4:], data["mimeType"]) == (".png", "image/png")
        assert httpx2.get(data["downloadUrl"]).content == _PICTURE


def test_a_url_is_fetched_where_it_is_the_stand_ins_own() -> None:
    with calling(StandIn(seconds=0)) as caller:
        (url,) = caller.result_urls(caller.create())
        body = {"fileUrl": url, "uploadPath": "images", "fileName": "room.png"}
        data = upload(caller, "url", json=body).json()["data"]
        assert data["filePath"] == "kieai/136592/images/room.png"
        assert httpx2.get(data["downloadUrl"]).content == httpx2.get(url).content


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.com/a.png", "only"),
        ("http://10.0.0.1/a.png", "only"),
        ("http://127.0.0.1:1/a.png", "no answer"),
        ("{results_url}/results/none-0.png", "HTTP 404"),
    ],
)
def test_a_url_that_gives_no_file_is_an_error(url: str, why: str) -> None:
    with calling(StandIn()) as caller:
        url = url.format(results_url=caller.service.results_url)
        response = upload(caller, "url", json={"fileUrl": url, "uploadPath": "images"})
    assert (response.status_code, response.json()["code"], response.json()["success"]) == (500, 500, False)
    assert why in response.json()["msg"]


def test_what_is_missing_is_a_real_400() -> None:
    with calling(StandIn()) as caller:
        response = upload(caller, "base64", json={"base64Data": "QUJD"})
        assert response.status_code == 400
        assert response.json() == {"success": False, "code": 400, "msg": "Missing required parameter: uploadPath"}
        assert upload(caller, "base64", json={"uploadPath": "a"}).json()["msg"].endswith("base64Data")
        assert upload(caller, "base64", json={"base64Data": "!", "uploadPath": "a"}).status_code == 400
        assert upload(caller, "stream", content=b"nothing").status_code == 400
        assert upload(caller, "stream", data={"uploadPath": "a"}, files={"other": b""}).json()["msg"].endswith("file")
        assert upload(caller, "url", content=b"[").status_code == 400


def test_a_wrong_key_and_a_wrong_method_are_real_statuses() -> None:
    with calling(StandIn()) as caller:
        assert upload(caller, "base64", json={}, headers={"Authorization": "Bearer wrong"}).status_code == 401
        response = caller.http.get(f"{caller.service.upload_url}/api/file-base64-upload")
        assert (response.status_code, response.json()["success"]) == (405, False)


def test_the_api_is_not_on_the_upload_host() -> None:
    with calling(StandIn()) as caller:
        assert caller.http.get(f"{caller.service.upload_url}/api/v1/chat/credit").status_code == 404


def test_an_upload_is_kept_for_three_days() -> None:
    clock = HandClock()
    with calling(StandIn(clock=clock)) as caller:
        body = {"base64Data": base64.b64encode(_PICTURE).decode(), "uploadPath": "images"}
        url = upload(caller, "base64", json=body).json()["data"]["downloadUrl"]
        clock.advance(3 * 86_400 - 1)
        assert httpx2.get(url).status_code == 200
        clock.advance(1)
        assert httpx2.get(url).status_code == 404


def test_uploads_do_not_grow_without_end() -> None:
    uploads = Uploads(HandClock(0), kept_bytes=250)
    for name in ("a", "b", "b", "c"):
        uploads.put(name, StoredFile(bytes(100), "image/png", 0))
    assert [name for name in "abc" if uploads.get(name)] == ["b", "c"]
