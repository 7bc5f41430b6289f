"""The three ways of uploading, and what may be uploaded, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.data_directory import DataDirectory
from enlarger.server import Service
from tests.conftest import MakePhoto
from tests.loopback_server import loopback_server
from tests.server.steps import BODY, CREATE, PNG, create, finish, record

_BASE64 = "/api/file-base64-upload"
_URL = "/api/file-url-upload"
_STREAM = "/api/file-stream-upload"
_MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isommp41" + bytes(100)
_WAV = b"RIFF\x88\0\0\0WAVEfmt " + bytes(100)


async def upload(api: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    response = await api.post(path, json={"uploadPath": "images", **body})
    reply = response.json()
    assert (response.status_code, reply["success"], reply["code"]) == (200, True, 200), reply
    data: dict[str, Any] = reply["data"]
    assert (await api.get(data["downloadUrl"])).headers["content-type"] == data["mimeType"]
    return data


async def refused(api: httpx2.AsyncClient, path: str, body: Any) -> str:
    options = {"content": body} if isinstance(body, bytes) else {"json": body}
    response = await api.post(path, **options)
    reply = response.json()
    assert (response.status_code, reply["success"], reply["code"]) == (400, False, 400), reply
    assert "data" not in reply
    return str(reply["msg"])


class Host:
    """A host of pictures on this machine."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.content, self.kind, self.status = b"", "image/png", "200 OK"
        self.asked: list[str] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1])
        head = f"HTTP/1.1 {self.status}\r\nContent-Type: {self.kind}\r\nContent-Length: {len(self.content)}\r\n\r\n"
        writer.write(head.encode() + self.content)
        await writer.drain()


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    found: list[Host] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await found[0].answer(reader, writer)

    async with loopback_server(answer) as port:
        found.append(Host(port))
        yield found[0]


@pytest.mark.parametrize("folder", [{}, {"uploadPath": ""}, {"uploadPath": " "}, {"uploadPath": "/"}])
async def test_every_route_has_a_folder_of_its_own_where_none_is_named(
    api: httpx2.AsyncClient, host: Host, small_photo: Path, folder: dict[str, str]
) -> None:
    host.content = small_photo.read_bytes()
    encoded = base64.b64encode(host.content).decode()
    for reply in (
        await api.post(_STREAM, data=folder, files={"file": ("a.jpg", host.content)}),
        await api.post(_BASE64, json={"base64Data": encoded, "fileName": "a.jpg", **folder}),
        await api.post(_URL, json={"fileUrl": f"{host.url}/a.jpg", **folder}),
    ):
        assert reply.json()["data"]["filePath"] == "uploads/a.jpg"


# As base64


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
async def test_a_picture_can_be_sent_as_base64(api: httpx2.AsyncClient, small_photo: Path, prefix: str) -> None:
    content = small_photo.read_bytes()
    value = prefix + base64.b64encode(content).decode()
    data = await upload(api, _BASE64, base64Data=value, fileName="a.jpg")
    assert (data["fileName"], data["filePath"], data["mimeType"]) == ("a.jpg", "images/a.jpg", "image/jpeg")
    assert (await api.get(data["fileUrl"])).content == content
    assert (await upload(api, _BASE64, base64Data=value))["fileName"] == "upload.jpg"
    assert (await upload(api, _BASE64, base64Data=value, fileName=5))["fileName"] == "upload.jpg"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"uploadPath": "a"}, "Missing required parameter: base64Data"),
        ({"uploadPath": "a", "base64Data": 5}, "Missing required parameter: base64Data"),
        ({"uploadPath": 5, "base64Data": "x"}, "uploadPath must be text"),
        ({"uploadPath": "a", "base64Data": "https://example.com/a.png"}, "send it to /api/file-url-upload"),
        ({"uploadPath": "a", "base64Data": "*" * 40}, "nor valid base64"),
        (
            {"uploadPath": "a", "base64Data": base64.b64encode(b"%PDF-1.7" + bytes(40)).decode()},
            "is a PDF: send a picture",
        ),
        ({"uploadPath": "a", "base64Data": "data:image/png;base64,"}, "is empty"),
        (b"{", "is not valid JSON (Input data was truncated): send an object with base64Data."),
        (b"[]", "must be a JSON object"),
        (b'{"base64Data": "\xff"}', "is not valid JSON"),
        (b'{"base64Data": ' + b"[" * 19_000, "must be a JSON object"),
        (b'{"base64Data": ' + b"[" * 100_000, "more than 20000 values"),
    ],
)
async def test_what_is_wrong_with_base64_is_a_real_400(api: httpx2.AsyncClient, body: Any, says: str) -> None:
    assert says in await refused(api, _BASE64, body)


async def test_base64_beyond_the_limit_is_refused(api: httpx2.AsyncClient) -> None:
    value = base64.b64encode(b"\xff\xd8\xff" + bytes(50_000_000)).decode()
    assert "larger than 50 MB" in await refused(api, _BASE64, {"uploadPath": "a", "base64Data": value})


# By URL


async def test_a_picture_can_be_fetched_from_its_url(api: httpx2.AsyncClient, host: Host, small_photo: Path) -> None:
    host.content = small_photo.read_bytes()
    data = await upload(api, _URL, fileUrl=f" {host.url}/pictures/my%20photo.jpg?token=secret ")
    assert (data["fileName"], data["fileSize"], data["mimeType"]) == ("my photo.jpg", len(host.content), "image/jpeg")
    assert host.asked == ["/pictures/my%20photo.jpg?token=secret"]
    assert (await api.get(data["fileUrl"])).content == host.content
    for nameless in (host.url, f"{host.url}/files/token-of-an-app", f"{host.url}/.token", f"{host.url}/a%2Ftoken"):
        assert (await upload(api, _URL, fileUrl=nameless))["fileName"] == "upload.jpg"
    assert (await upload(api, _URL, fileUrl=host.url, fileName="b.jpg"))["fileName"] == "b.jpg"


async def test_our_own_links_are_read_and_not_fetched(
    api: httpx2.AsyncClient, service: Service, small_photo: Path
) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    (link,) = httpx2.Response(200, text=(await record(api, task_id))["resultJson"]).json()["resultUrls"]
    elsewhere = "https://nowhere.invalid" + link[link.index("/files/") :]
    data = await upload(api, _URL, fileUrl=elsewhere)
    assert data["fileName"] == "result.png"
    assert data["fileUrl"] != link
    past = service.links.make("0" * 32, "a.jpg", datetime.now(UTC) - timedelta(seconds=5))
    gone = service.links.make("0" * 32, "a.jpg", datetime.now(UTC) + timedelta(days=1))
    for url, says in ((past, "has expired"), (gone, "no longer kept")):
        assert says in await refused(api, _URL, {"uploadPath": "a", "fileUrl": f"http://any{url}"})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"uploadPath": "a"}, "Missing required parameter: fileUrl"),
        ({"uploadPath": "a", "fileUrl": " "}, "Missing required parameter: fileUrl"),
        ({"uploadPath": ["a"], "fileUrl": "http://a/b"}, "uploadPath must be text"),
        ({"uploadPath": "a", "fileUrl": "photo.jpg"}, "must be an http(s) URL with a host"),
        ({"uploadPath": "a", "fileUrl": "file:///etc/passwd"}, "must be an http(s) URL with a host"),
        ({"uploadPath": "a", "fileUrl": "http://[broken"}, "must be an http(s) URL with a host"),
        ({"uploadPath": "a", "fileUrl": "http://169.254.169.254/latest"}, "cannot be reached on the public internet"),
        ({"uploadPath": "a", "fileUrl": "http://10.0.0.1/a.png"}, "cannot be reached on the public internet"),
        (b"uploadPath=a", "is not valid JSON"),
    ],
)
async def test_what_is_wrong_with_a_url_is_a_real_400(api: httpx2.AsyncClient, body: Any, says: str) -> None:
    assert says in await refused(api, _URL, body)


async def test_what_a_host_answers_instead_of_a_file_is_told(api: httpx2.AsyncClient, host: Host) -> None:
    body = {"uploadPath": "a", "fileUrl": f"{host.url}/a.png?token=secret"}
    host.content = b"<html>"
    assert "a web page" in await refused(api, _URL, body)
    host.status = "404 Not Found"
    says = await refused(api, _URL, body)
    assert "answered HTTP 404" in says
    assert "secret" not in says
    host.status, host.content = "200 OK", bytes(10_000_001)
    assert "more than the 10 MB that are fetched" in await refused(api, _URL, body)


class TestLoopbackIsNotNamed:
    @pytest.fixture(params=[{}, {"public_url": "https://pictures.example"}, {"host": "0.0.0.0"}], ids=str)
    def settings(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Settings:
        monkeypatch.delenv("ENLARGER_ALLOW_PRIVATE")
        return load_settings(**request.param)

    async def test_a_service_does_not_reach_into_its_machine(self, api: httpx2.AsyncClient, host: Host) -> None:
        says = await refused(api, _URL, {"uploadPath": "a", "fileUrl": f"{host.url}/a.png"})
        assert "The host 127.0.0.1" in says
        assert "cannot be reached on the public internet" in says
        assert host.asked == []

    async def test_but_for_where_its_user_listens_while_they_do(
        self, api: httpx2.AsyncClient, host: Host, settings: Settings
    ) -> None:
        body = {"uploadPath": "a", "fileUrl": f"{host.url}/a.png"}
        place = (ip_address("127.0.0.1"), int(host.url.rpartition(":")[2]))
        host.content = PNG
        with DataDirectory(settings.data_dir).listening([place]):
            assert (await api.post(_URL, json=body)).json()["code"] == 200
        assert "cannot be reached" in await refused(api, _URL, body)
        assert len(host.asked) == 1


# What may be uploaded


@pytest.mark.parametrize(
    ("content", "name", "kind"), [(_MP4, "clip.mp4", "video/mp4"), (_WAV, "voice.wav", "audio/wav")]
)
async def test_videos_and_sounds_are_kept_as_they_are(
    api: httpx2.AsyncClient, host: Host, content: bytes, name: str, kind: str
) -> None:
    form = await api.post(_STREAM, data={"uploadPath": "a"}, files={"file": (name, content)})
    host.content, host.kind = content, kind
    encoded = f"data:{kind};base64,{base64.b64encode(content).decode()}"
    for data in (
        form.json()["data"],
        await upload(api, _BASE64, base64Data=encoded, fileName=name),
        await upload(api, _URL, fileUrl=f"{host.url}/{name}"),
    ):
        assert (data["fileName"], data["mimeType"], data["fileSize"]) == (name, kind, len(content))
        assert (await api.get(data["fileUrl"])).content == content


@pytest.mark.parametrize(
    ("suffix", "kind"), [("tif", "tiff"), ("avif", "avif"), ("bmp", "bmp"), ("gif", "gif"), ("png", "png")]
)
async def test_a_picture_of_any_format_goes_only_to_models_that_take_it(
    api: httpx2.AsyncClient, make_photo: MakePhoto, suffix: str, kind: str
) -> None:
    content = make_photo(f"a.{suffix}").read_bytes()
    stored = await upload(api, _BASE64, base64Data=base64.b64encode(content).decode())
    assert stored["mimeType"] == f"image/{kind}"
    inline = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    for url in (stored["fileUrl"], inline):
        ours = await api.post(CREATE, json={"model": "real-esrgan/fast", "input": {"image_url": url}})
        assert ours.json()["code"] == 200, ours.text
        hosted = {"model": "topaz/image-upscale", "input": {"image_url": url, "upscale_factor": "2"}}
        reply = (await api.post(CREATE, json=hosted)).json()
        if kind == "png":
            assert reply["code"] == 200
        else:
            assert reply["code"] == 422
            assert f"is a {kind}, but this model takes jpeg, png, webp" in reply["msg"]


async def test_another_type_is_refused_with_those_that_are_taken(api: httpx2.AsyncClient) -> None:
    response = await api.post(_STREAM, data={"uploadPath": "a"}, files={"file": ("a.pdf", b"%PDF-1.7 " + bytes(50))})
    assert response.json()["msg"] == (
        "The file is a PDF: send a picture (JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP, GIF), a video (MP4, MOV, WebM)"
        " or a sound (WAV, MP3, M4A, OGG)."
    )


async def test_a_video_is_no_picture_for_a_task(api: httpx2.AsyncClient) -> None:
    value = base64.b64encode(_MP4).decode()
    reply = (await api.post("/api/v1/jobs/createTask", json={**BODY, "input": {"image_url": value}})).json()
    assert reply["code"] == 422


async def test_a_file_without_a_usable_name_gets_one(api: httpx2.AsyncClient, make_photo: MakePhoto) -> None:
    files = {"file": ("photo.png", make_photo("a.png").read_bytes())}
    form = {"uploadPath": "a", "fileName": "  "}
    assert (await api.post(_STREAM, data=form, files=files)).json()["data"]["fileName"] == "photo.png"


@pytest.mark.parametrize("path", [_BASE64, _URL])
async def test_an_upload_needs_a_key_and_the_right_method(api: httpx2.AsyncClient, path: str) -> None:
    assert (await api.post(path, json={}, headers={"Authorization": ""})).status_code == 401
    assert (await api.get(path)).status_code == 405
