from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.errors import ConfigurationError, PictureTooLarge, SourceUnavailable
from enlarger.infra.safe_http import Allowed, Fetcher, describe

_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(100)
_PUBLIC = "93.184.215.14"
Handler = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name service of the test's own."""
    known = {"pictures.example": [_PUBLIC], "inside.example": ["10.1.2.3"], "mixed.example": [_PUBLIC, "127.0.0.1"]}

    async def look_up(self: object, host: str, port: int, **options: Any) -> list[Any]:
        if host not in known and not host.replace(".", "").isdigit() and ":" not in host:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known.get(host, [host])]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    return known


async def fetch(
    url: str, target: Path, handler: Handler, *, allow: tuple[str, ...] = (), max_bytes: int = 1000
) -> None:
    fetcher = Fetcher(Allowed.parse(allow), httpx2.MockTransport(handler))
    try:
        await fetcher.fetch(url, target, max_bytes=max_bytes, seconds=5)
    finally:
        await fetcher.aclose()


def picture(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, content=_PICTURE, headers={"content-type": "image/png"})


@pytest.mark.usefixtures("names")
async def test_a_picture_is_fetched_from_the_address_that_was_checked(tmp_path: Path) -> None:
    seen = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        seen.append((str(request.url), request.headers["host"], request.extensions["sni_hostname"]))
        return picture(request)

    await fetch("https://pictures.example/a.png?token=x", tmp_path / "a", handler)
    assert (tmp_path / "a").read_bytes() == _PICTURE
    assert seen == [(f"https://{_PUBLIC}/a.png?token=x", "pictures.example", "pictures.example")]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    "host",
    ["inside.example", "mixed.example", "127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0",
     "224.0.0.1", "100.64.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"],
)  # fmt: skip
async def test_what_only_this_machine_should_reach_is_not_reached(host: str, tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("was reached")

    with pytest.raises(SourceUnavailable, match=r"is not on the public internet.*ENLARGER_FETCH_ALLOW"):
        await fetch(f"http://{host}/a.png", tmp_path / "a", handler)


@pytest.mark.usefixtures("names")
async def test_a_redirect_passes_through_the_same_gate(tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(302, headers={"location": "http://169.254.169.254/latest/meta-data"})

    with pytest.raises(SourceUnavailable, match=r"169.254.169.254 is not on the public internet"):
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)


@pytest.mark.usefixtures("names")
async def test_a_relative_redirect_stays_on_its_host(tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["host"] == "pictures.example"
        return (
            picture(request) if request.url.path == "/b.png" else httpx2.Response(302, headers={"location": "/b.png"})
        )

    await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert (tmp_path / "a").read_bytes() == _PICTURE


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("allow", ["inside.example", "10.1.2.3", "10.0.0.0/8"])
async def test_hosts_of_the_operators_own_can_be_let_through(allow: str, tmp_path: Path) -> None:
    await fetch("http://inside.example/a.png", tmp_path / "a", picture, allow=(allow,))
    assert (tmp_path / "a").exists()


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx2.Response(404), "answered HTTP 404"),
        (httpx2.Response(200, text="<html>", headers={"content-type": "text/html; charset=x"}), "with text/html"),
        (httpx2.Response(200, json={}), "with application/json"),
    ],
)
async def test_what_is_no_picture_is_refused_without_the_urls_secrets(
    answer: httpx2.Response, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable, match=says) as caught:
        await fetch("http://u:p@pictures.example/bot-token/a.png?secret=1", tmp_path / "a", lambda request: answer)
    assert "http://pictures.example" in str(caught.value)
    assert "token" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "u:p" not in str(caught.value)
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("declared", [True, False])
async def test_a_picture_beyond_the_limit_is_cut_off_while_it_comes(declared: bool, tmp_path: Path) -> None:
    async def endless() -> Any:
        for _ in range(1000):
            yield bytes(100)

    def handler(request: httpx2.Request) -> httpx2.Response:
        length = {"content-length": "100000"} if declared else {}
        return httpx2.Response(200, content=endless(), headers={"content-type": "image/png", **length})

    with pytest.raises(PictureTooLarge, match=r"sends more than the 0 MB that are fetched"):
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("names")
async def test_a_host_that_dawdles_is_given_up(tmp_path: Path) -> None:
    async def slow() -> Any:
        await asyncio.Event().wait()
        yield b""

    fetcher = Fetcher(Allowed.parse(()), httpx2.MockTransport(lambda request: httpx2.Response(200, content=slow())))
    with pytest.raises(SourceUnavailable, match=r"did not send the picture within 0 seconds"):
        await fetcher.fetch("http://pictures.example/a.png", tmp_path / "a", max_bytes=10, seconds=0.01)


@pytest.mark.usefixtures("names")
async def test_a_connection_that_fails_is_an_error_without_details(tmp_path: Path) -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("token=secret")

    with pytest.raises(SourceUnavailable, match=r"could not be reached \(ConnectError\)") as caught:
        await fetch("http://pictures.example/a.png", tmp_path / "a", handler)
    assert "secret" not in str(caught.value)
    with pytest.raises(SourceUnavailable, match=r"unknown.example cannot be found"):
        await fetch("http://unknown.example/a.png", tmp_path / "a", handler)


def test_a_service_for_this_machine_alone_may_reach_it() -> None:
    import ipaddress

    allowed = Allowed.parse(()).with_loopback()
    assert allowed.permits("localhost", ipaddress.ip_address("127.0.0.1"))
    assert allowed.permits("localhost", ipaddress.ip_address("::1"))
    assert not allowed.permits("nas", ipaddress.ip_address("192.168.1.5"))


def test_a_wrong_entry_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"'10.0.0.0/99' is neither a host, an address nor a network"):
        Allowed.parse(("10.0.0.0/99",))


def test_urls_are_shown_without_what_is_secret() -> None:
    assert describe("https://u:p@host:81/a/b.png?token=x#y") == "https://host:81"
    assert describe("http://[broken") == "The URL"
