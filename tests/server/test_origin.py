"""From where a request comes, behind every kind of reverse proxy: what a key bound to addresses makes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.addresses import read_network
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT, Caps

_ALLOWED = ("203.0.113.0/24", "::ffff:198.51.100.7", "2001:db8:1::/48")
_PROXIES = "127.0.0.1,10.0.0.0/8,2001:db8:ffff::1"
_XFF, _FORWARDED = "X-Forwarded-For", "Forwarded"

_FROM_INSIDE: list[tuple[str, Sequence[str]]] = [
    (_XFF, ["203.0.113.7"]),
    (_XFF, ["203.0.113.7, 10.1.2.3"]),
    (_XFF, ["192.0.2.1, 203.0.113.7"]),  # whoever wrote the first
    (_XFF, ["192.0.2.1", "203.0.113.7"]),  # HAProxy adds a line
    (_XFF, ["192.0.2.1, 203.0.113.7", "10.1.2.3", "10.9.9.9"]),
    (_XFF, ["203.0.113.7", ""]),
    (_XFF, ["nonsense", "203.0.113.7"]),
    (_XFF, ["203.0.113.7:4711"]),  # Azure's Application Gateway
    (_XFF, ["203.0.113.7 ,10.1.2.3:80"]),
    (_XFF, ["2001:db8:1::7"]),
    (_XFF, ["[2001:db8:1::7]"]),
    (_XFF, ["[2001:db8:1::7]:4711, [2001:db8:ffff::1]:80"]),
    (_XFF, ["::ffff:203.0.113.7"]),
    (_XFF, ["[::ffff:203.0.113.7]:4711, ::ffff:10.1.2.3"]),
    (_XFF, ["198.51.100.7"]),  # the key names it in its mapped form
    (_FORWARDED, ["for=203.0.113.7"]),
    (_FORWARDED, ['For="203.0.113.7:4711";proto=https;by=10.0.0.1']),
    (_FORWARDED, ["for=203.0.113.7:4711"]),  # the grammar wants quotes, not every proxy gives them
    (_FORWARDED, ['for="[2001:db8:1::7]:4711"']),
    (_FORWARDED, ['proto=http; for="[2001:db8:1::7]" , for=10.1.2.3;']),
    (_FORWARDED, ['for="\\203.0.113.7:_port"']),
    (_FORWARDED, ["for=192.0.2.1", "for=203.0.113.7", 'for="[2001:db8:ffff::1]"']),
    (_FORWARDED, ['for="192.0.2.1', "for=203.0.113.7"]),  # the stranger's line is broken, the proxy's is not
    (_FORWARDED, ['host="a,b;for=192.0.2.1";for=203.0.113.7']),
    (_FORWARDED, ["for=unknown, for=203.0.113.7"]),
]
_NOT_FROM_INSIDE: list[tuple[str, Sequence[str]]] = [
    (_XFF, ["203.0.113.7, 192.0.2.1"]),
    (_XFF, ["203.0.113.7", "192.0.2.1"]),  # HAProxy adds a line
    (_XFF, ["203.0.113.7", "192.0.2.1", "10.1.2.3"]),
    (_XFF, ["203.0.113.7, 192.0.2.1:80"]),
    (_XFF, ["203.0.113.7, unknown"]),
    (_XFF, ["203.0.113.7, unknown, 10.1.2.3"]),
    (_XFF, ["203.0.113.7, [2001:db8:1::7"]),
    (_XFF, ["10.1.2.3"]),
    (_XFF, ["nonsense"]),
    (_XFF, [""]),
    (_FORWARDED, ["for=203.0.113.7, for=192.0.2.1"]),
    (_FORWARDED, ["for=203.0.113.7", "for=192.0.2.1"]),
    (_FORWARDED, ["for=203.0.113.7, for=_hidden"]),
    (_FORWARDED, ["for=203.0.113.7, for=unknown;proto=https, for=10.1.2.3"]),
    (_FORWARDED, ["for=203.0.113.7, by=10.1.2.3;proto=https"]),  # says not for whom
    (_FORWARDED, ["for=203.0.113.7;for=192.0.2.1"]),  # the grammar forbids a second one
    (_FORWARDED, ["for=203.0.113.7, for=192.0.2.1;"]),
    (_FORWARDED, ["for=203.0.113.7", 'for="192.0.2.1']),
    # A stranger's open quote may not swallow what the proxy adds behind it.
    (_FORWARDED, ['for=203.0.113.7;x=", for=192.0.2.1']),
    (_FORWARDED, ['for=203.0.113.7;x=", for="[2001:db8:2::1]"']),
    (_FORWARDED, ["203.0.113.7"]),
]


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ENLARGER_TRUSTED_PROXIES", _PROXIES)
    return load_settings()


@pytest.fixture
async def key(service: Service) -> str:
    """One that only `_ALLOWED` may use."""
    networks = [read_network(text) for text in _ALLOWED]
    made, _ = await service.accounts.make_key(DEFAULT, name=None, caps=Caps(), allow=networks)
    return made


async def _code(api: httpx2.AsyncClient, key: str, *lines: tuple[str, str]) -> int:
    """The body code that a request gets which has these header lines, sent as they are."""
    place = urlsplit(str(api.base_url))
    headers = [("Host", place.netloc), ("Authorization", f"Bearer {key}"), *lines, ("Connection", "close")]
    request = "GET /api/v1/chat/credit HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    writer.write(f"{request}\r\n".encode())
    reply = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    return int(json.loads(reply.partition(b"\r\n\r\n")[2])["code"])


async def test_the_rightmost_hop_that_is_no_trusted_proxy_is_the_client(api: httpx2.AsyncClient, key: str) -> None:
    for hops, code in ((_FROM_INSIDE, 200), (_NOT_FROM_INSIDE, 401)):
        for name, lines in hops:
            assert await _code(api, key, *((name, line) for line in lines)) == code, (name, lines)


async def test_two_headers_count_only_if_they_agree(api: httpx2.AsyncClient, key: str) -> None:
    """A proxy writes one of them, and passes on what a stranger wrote in the other."""
    for forwarded, x_forwarded_for, code in (
        ("for=203.0.113.7", "203.0.113.7", 200),
        ('for="[::ffff:203.0.113.7]:80"', "192.0.2.1, 203.0.113.7", 200),
        ("for=203.0.113.7", "192.0.2.1", 401),
        ("for=192.0.2.1", "203.0.113.7", 401),
        ("for=203.0.113.7", "203.0.113.8", 401),
        ("nonsense", "203.0.113.7", 401),
    ):
        for lines in (
            [(_FORWARDED, forwarded), (_XFF, x_forwarded_for)],
            [(_XFF, x_forwarded_for), (_FORWARDED, forwarded)],
        ):
            assert await _code(api, key, *lines) == code, lines


class TestWithoutATrustedProxy:
    @pytest.fixture
    def settings(self) -> Settings:
        return load_settings()

    async def test_nobody_vouches_for_what_a_header_says(self, api: httpx2.AsyncClient, key: str) -> None:
        for name, lines in _FROM_INSIDE:
            assert await _code(api, key, *((name, line) for line in lines)) == 401, (name, lines)
