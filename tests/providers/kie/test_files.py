"""Fetching results and uploading inputs."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path

import msgspec
import pytest

from enlarger.errors import FileMissing, ProviderError, ProviderSilent, ResultGone, ResultUnusable
from enlarger.infra.safe_http import Allowed
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, file, page, success
from enlarger.testing.pictures import draw_picture
from tests.loopback_server import loopback_server
from tests.providers.kie.answers import CREATED, Answering, scripted
from tests.providers.kie_rig import KieRig


async def test_a_result_is_fetched_without_the_key(answering: Answering, tmp_path: Path) -> None:
    # The host of the base URL is the operator's own choice, at any port.
    provider, _ = answering(CREATED)
    picture = draw_picture("a")
    with scripted(Answer(status=302, headers={"Location": "/2.png"}), file(picture, "image/png")) as host:
        await provider.fetch(f"{host.listener.url}/1.png?token=x", tmp_path / "result")

    assert (tmp_path / "result").read_bytes() == picture
    assert [request.path for request in host.requests] == ["/1.png", "/2.png"]
    assert "key-of-the-account" not in repr(host.requests)


async def test_a_redirect_leads_to_no_private_host(answering: Answering, tmp_path: Path) -> None:
    provider, requests = answering(Answer(status=302, headers={"Location": "http://10.0.0.1/secret"}))

    with pytest.raises(ResultUnusable, match="ENLARGER_ALLOW_PRIVATE"):
        await provider.fetch(f"{provider._core.options.base_url}/1.png", tmp_path / "result")

    assert len(requests) == 1


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/1.png", "http://169.254.169.254/latest", "http://[::1]/1.png", "file:///etc/passwd", "nonsense",
     "http://", "http://2130706433/1.png", "ftp://example.com/1", "http://a b/", "http://x:99999/"],
)  # fmt: skip
async def test_a_result_at_no_public_address_is_not_fetched(rig: KieRig, url: str, tmp_path: Path) -> None:
    with pytest.raises(ResultUnusable) as raised:
        await rig.provider.fetch(url, tmp_path / "result")

    assert "169.254" not in str(raised.value)
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (page(HTTPStatus.NOT_FOUND), ResultGone, 404),
        (page(HTTPStatus.GONE), ResultGone, 410),
        (page(HTTPStatus.FORBIDDEN), ProviderSilent, 403),
        (page(HTTPStatus.BAD_GATEWAY), ProviderSilent, 502),
        (Answer(status=206, body=b"part"), ProviderSilent, 206),
        (Answer(headers={"Content-Encoding": "gzip"}, body=b"packed"), ResultUnusable, 500),
        (msgspec.structs.replace(file(b"0123456789", "image/png"), sent="half"), ProviderSilent, 500),
    ],
)
async def test_a_download_that_fails_says_whether_it_is_worth_another_try(
    answering: Answering,
    tmp_path: Path,
    answer: Answer,
    error: type[ProviderError],
    code: int,
) -> None:
    provider, _ = answering(answer)

    with pytest.raises(error) as raised:
        await provider.fetch(f"{provider._core.options.base_url}/1.png?token=x", tmp_path / "result")

    assert raised.value.code == code
    assert "token" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir() if "result" in path.name] == []


async def test_with_a_proxy_results_come_through_it(tmp_path: Path) -> None:
    with scripted(file(b"picture", "image/png")) as proxy:
        provider = behind(proxy.listener.url)
        await provider.fetch("http://localhost:9/1.png", tmp_path / "result")
        with pytest.raises(ResultUnusable):
            await provider.fetch("http://10.0.0.1/1.png", tmp_path / "other")
        await provider.close()

    [request] = proxy.requests
    assert request.headers["host"] == "localhost:9"
    assert (tmp_path / "result").read_bytes() == b"picture"


async def test_a_proxy_is_asked_for_a_host_by_its_name(tmp_path: Path) -> None:
    lines = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).splitlines()[0])
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with loopback_server(refuse) as port:
        provider = behind(f"http://127.0.0.1:{port}")
        with pytest.raises(ProviderSilent):
            await provider.fetch("https://localhost/1.png", tmp_path / "result")
        await provider.close()

    assert lines == [b"CONNECT localhost:443 HTTP/1.1"]


def behind(proxy: str) -> KieProvider:
    """A provider whose KIE, on this machine, is asked through a proxy."""
    settings = read_settings(KieSettings, kie_api_key="key", kie_base_url="http://localhost:9", kie_proxy=proxy)
    return KieProvider(settings, Allowed.parse(()))


async def test_a_file_that_is_gone_is_no_silence(rig: KieRig, tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        await rig.provider.upload(tmp_path / "no-such-file", name="a.png", mime_type="image/png")


@pytest.mark.parametrize(
    "fault",
    [
        InjectedFault.CUT_AFTER,
        InjectedFault.BAD_GATEWAY,
        InjectedFault.FORBIDDEN,
        InjectedFault.TOO_MANY,
        InjectedFault.NO_DATA,
    ],
)
async def test_an_upload_that_fails_can_be_made_later(rig: KieRig, fault: InjectedFault, small_photo: Path) -> None:
    rig.service.script("upload", [fault])

    with pytest.raises(ProviderSilent):
        await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")

    assert rig.service.requests.counts["upload"] == 1
    assert await rig.provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")


async def test_uploads_of_another_service_go_to_it(answering: Answering, small_photo: Path) -> None:
    provider, requests = answering(success({"downloadUrl": "https://example.com/photo.jpg"}))

    url = await provider.upload(small_photo, name="photo.jpg", mime_type="image/jpeg")

    assert url == "https://example.com/photo.jpg"
    assert [request.path for request in requests] == ["/api/file-stream-upload"]
