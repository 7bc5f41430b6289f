"""What is wrong with a file is told with its field's name, in the language that is asked for."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from tests.conftest import MakePhoto
from tests.server.steps import CREATE

_WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(40)
_EDIT = "google/nano-banana-edit"


@pytest.fixture
def settings() -> Settings:
    return load_settings(sandbox=True)


def data_url(content: bytes, mime_type: str = "image/png") -> str:
    return f"data:{mime_type};base64,{base64.b64encode(content).decode()}"


async def refused(api: httpx2.AsyncClient, model: str, input: dict[str, Any], locale: str) -> tuple[str, str]:
    """The field of the only fault, and the sentence."""
    body = {"model": model, "input": {"prompt": "a room", **input}}
    reply = (await api.post(CREATE, json=body, headers={"Accept-Language": locale})).json()
    assert reply["code"] == 422, reply
    (fault,) = reply["errors"]
    assert fault["message"] == reply["msg"]
    return fault["field"], reply["msg"]


@pytest.mark.parametrize(
    ("locale", "content", "says"),
    [
        ("en", b"%PDF-1.7 and so on, in a file", "The file in 'image_urls[1]' is a PDF: send a JPEG"),
        ("ru", b"<html><body>Not found, sorry", "Файл в поле 'image_urls[1]' — веб-страница, а не изображение"),
        ("zh", b"<svg xmlns='http://www.w3.org'/>", "字段 'image_urls[1]' 中的文件是SVG 或 XML 文件"),
        ("en", b"nothing that anybody knows here", "is of an unknown type"),
        ("ru", b"", "Файл в поле 'image_urls[1]' пуст (0 байт)"),
    ],
)
async def test_a_file_that_is_no_picture(
    api: httpx2.AsyncClient, make_photo: MakePhoto, locale: str, content: bytes, says: str
) -> None:
    good = data_url(make_photo("a.png").read_bytes())
    field, told = await refused(api, _EDIT, {"image_urls": [good, data_url(content)]}, locale)
    assert field == "image_urls[1]"
    assert says in told


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("en", "The file in 'video_url' is of the type audio/wav: give a video"),
        ("ru", "Файл в поле 'video_url' имеет тип audio/wav, а нужно видео"),
        ("zh", "字段 'video_url' 中的文件类型是 audio/wav：请提供视频"),
    ],
)
async def test_a_file_of_another_medium(api: httpx2.AsyncClient, locale: str, says: str) -> None:
    input = {"video_url": data_url(_WAV, "video/mp4")}
    assert await refused(api, "happyhorse/video-edit", input, locale) == ("video_url", says)


async def test_a_link_that_has_expired(api: httpx2.AsyncClient, make_photo: MakePhoto) -> None:
    files = {"file": ("a.png", make_photo("a.png").read_bytes())}
    uploaded = (await api.post("/api/file-stream-upload", files=files, data={"uploadPath": "x"})).json()["data"]
    deleted = await api.request("DELETE", f"/v1/files/{uploaded['downloadUrl'].split('/files/')[1].split('/')[0]}")
    assert deleted.json()["code"] == 200, deleted.text
    field, told = await refused(api, _EDIT, {"image_urls": [uploaded["downloadUrl"]]}, "ru")
    assert (field, told) == (
        "image_urls[0]",
        "Файл по ссылке в поле 'image_urls[0]' больше не хранится: загрузите его ещё раз",
    )


async def test_an_upload_of_no_kind_that_is_known(api: httpx2.AsyncClient) -> None:
    files, form = {"file": ("a.pdf", b"%PDF-1.7")}, {"uploadPath": "x"}
    for locale, says in (("ru", "Файл — файл PDF: отправьте изображение"), ("zh", "文件是PDF 文件：请发送图片")):
        headers = {"Accept-Language": locale}
        reply = (await api.post("/api/file-stream-upload", files=files, data=form, headers=headers)).json()
        assert reply["msg"].startswith(says)


async def test_an_unknown_model(api: httpx2.AsyncClient) -> None:
    body = {"model": "nano-bananas", "input": {"prompt": "a room"}}
    reply = (await api.post(CREATE, json=body, headers={"Accept-Language": "zh"})).json()
    assert reply["code"] == 422
    assert reply["msg"].startswith("不支持该模型名称：'nano-bananas'；您是指 google/nano-banana")
