"""The gate to the network: what strangers name is reached only if it is public, as seen at the socket."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import trustme

from enlarger.errors import ConfigurationError, SourceUnavailable
from enlarger.infra.addresses import is_web_port
from enlarger.infra.fetch import Fetcher
from enlarger.infra.safe_http import Allowed, GuardedTransport, describe
from tests.infra.sockets import answer_names, watch
from tests.infra.vectors import ADDRESSES, DENIED, PUBLIC
from tests.loopback_server import loopback_server

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
_PICTURE = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(_PNG) + _PNG
Reply = Callable[[bytes], bytes]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return answer_names(monkeypatch, ADDRESSES.__getitem__)


async def fetch(url: str, target: Path, *, allowed: Allowed) -> None:
    async with Fetcher(allowed) as fetcher:
        await fetcher.fetch(url, target, max_bytes=1000, seconds=5)


@asynccontextmanager
async def serving(
    reply: Reply, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on loopback; yields its port and the heads of the requests, one list entry a connection."""
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(b"")
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            heads[-1] += head
            writer.write(reply(head))
            await writer.drain()

    async with loopback_server(answer, host=host, tls=tls) as port:
        yield port, heads


def path_of(head: bytes) -> str:
    return head.split(b" ", 2)[1].decode()


# What is denied


def test_the_corpus_is_large_and_says_why() -> None:
    assert len({url for url, _ in DENIED}) == len(DENIED) >= 150
    assert all(why for _, why in DENIED)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("url", "why"), DENIED, ids=lambda text: ascii(text)[:60])
async def test_nothing_is_connected_to_that_is_denied(url: str, why: str, tmp_path: Path) -> None:
    with watch() as connects:
        with pytest.raises(SourceUnavailable):
            await fetch(url, tmp_path / "a", allowed=Allowed.parse(()))
        client = httpx2.AsyncClient(transport=GuardedTransport(Allowed.parse(())), trust_env=False)
        with pytest.raises((SourceUnavailable, httpx2.InvalidURL, httpx2.UnsupportedProtocol)):
            await client.post(url, content=b"{}")
    assert connects == [], why
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("names")
async def test_no_redirect_leads_to_what_is_denied(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server is one that the operator has named; what has no host of its own leads back to it."""
    monkeypatch.setitem(ADDRESSES, "redirects.example", ["127.0.0.2"])
    tried = [(url, why) for url, why in DENIED if url.isprintable() and url.startswith(("http", "f", "g", "d", "u"))]
    assert len(tried) > 150
    locations = dict(enumerate(url for url, _ in tried))

    def redirect(head: bytes) -> bytes:
        location = locations[int(path_of(head).strip("/"))]
        return f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode()

    async with serving(redirect, host="127.0.0.2") as (port, heads):
        for number, (_, why) in enumerate(tried):
            with watch() as connects, pytest.raises(SourceUnavailable):
                await fetch(
                    f"http://redirects.example:{port}/{number}",
                    tmp_path / "a",
                    allowed=Allowed.parse(("redirects.example",)),
                )
            assert connects[0] == ("127.0.0.2", port)
            assert {host for host, _ in connects} == {"127.0.0.2"}, why
    assert all(b"Host: redirects.example" in head for head in heads)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("hops", "reached"), [(3, True), (4, False)])
async def test_three_redirects_are_followed_and_each_is_looked_at(
    hops: int, reached: bool, monkeypatch: pytest.MonkeyPatch, names: list[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(ADDRESSES, "redirects.example", ["127.0.0.1"])

    def redirect(head: bytes) -> bytes:
        left = int(path_of(head).strip("/"))
        if not left:
            return _PICTURE
        return b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /%d\r\n\r\n" % (left - 1)

    async with serving(redirect) as (port, heads):
        url, allowed = f"http://redirects.example:{port}/{hops}", Allowed.parse(("redirects.example",))
        if reached:
            await fetch(url, tmp_path / "a", allowed=allowed)
            assert (tmp_path / "a").read_bytes() == _PNG
        else:
            with pytest.raises(SourceUnavailable, match="TooManyRedirects"):
                await fetch(url, tmp_path / "a", allowed=allowed)
    assert len(heads) == 4
    assert len(names) == 4


# What is public


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("url", "address"), PUBLIC, ids=lambda text: ascii(text)[:60])
async def test_what_is_public_is_connected_to_at_the_address_that_was_checked(
    url: str, address: tuple[str, int], tmp_path: Path
) -> None:
    with watch() as connects, pytest.raises(SourceUnavailable, match="cannot be reached"):
        await fetch(url, tmp_path / "a", allowed=Allowed.parse(()))
    assert connects == [address]


@pytest.mark.usefixtures("names")
async def test_a_name_with_both_kinds_of_address_is_tried_at_the_first_of_each(tmp_path: Path) -> None:
    with watch() as connects, pytest.raises(SourceUnavailable, match="cannot be reached"):
        await fetch("http://both.example/a.png", tmp_path / "a", allowed=Allowed.parse(()))
    assert connects == [("2606:2800:220:1::14", 80), ("93.184.215.14", 80)]


# Names that change their answers


async def test_a_name_that_rebinds_is_looked_up_once_and_connected_to_where_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = itertools.cycle([["93.184.215.14"], ["127.0.0.1"]])
    asked = answer_names(monkeypatch, lambda _: next(answers))
    with watch() as connects:
        for _ in range(10):
            with pytest.raises(SourceUnavailable, match="cannot be reached"):
                await fetch("http://rebinds.example/a.png", tmp_path / "a", allowed=Allowed.parse(()))
    assert connects == [("93.184.215.14", 80)] * 5
    assert asked == ["rebinds.example"] * 10


async def test_no_connection_is_kept_for_a_name_that_rebinds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server keeps its connections open; the second request is checked anew all the same."""
    answers = iter([["127.0.0.1"], ["127.0.0.1"], ["10.1.2.3"]])
    answer_names(monkeypatch, lambda _: next(answers))
    async with serving(lambda head: _PICTURE) as (port, heads):
        fetcher = Fetcher(Allowed.parse(("127.0.0.1",)))
        url = f"http://rebinds.example:{port}/a.png"
        with watch() as connects:
            for _ in range(2):
                await fetcher.fetch(url, tmp_path / "a", max_bytes=1000, seconds=5)
            with pytest.raises(SourceUnavailable, match="cannot be reached"):
                await fetcher.fetch(url, tmp_path / "b", max_bytes=1000, seconds=5)
        await fetcher.aclose()
    assert connects == [("127.0.0.1", port)] * 2
    assert len(heads) == 2
    assert all(f"Host: rebinds.example:{port}".encode() in head for head in heads)


async def test_a_certificate_is_asked_for_by_name_and_serves_no_other_name_at_its_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("one.example").configure_cert(server)
    asked_for: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    answer_names(monkeypatch, lambda _: ["127.0.0.1"])
    async with serving(lambda head: _PICTURE, tls=server) as (port, _):
        fetcher = Fetcher(Allowed.parse(("127.0.0.1",)))
        await fetcher.fetch(f"https://one.example:{port}/a.png", tmp_path / "a", max_bytes=1000, seconds=5)
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            await fetcher.fetch(f"https://two.example:{port}/a.png", tmp_path / "b", max_bytes=1000, seconds=5)
        await fetcher.aclose()
    assert asked_for == ["one.example", "two.example"]


# What the operator lets through


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("allow", ["inside.example", "INSIDE.example.", "10.1.2.3", "10.0.0.0/8", "10.1.2.3/8"])
async def test_hosts_of_the_operators_own_can_be_let_through(allow: str, tmp_path: Path) -> None:
    with watch() as connects, pytest.raises(SourceUnavailable, match="cannot be reached"):
        await fetch("http://inside.example/a.png", tmp_path / "a", allowed=Allowed.parse((allow,)))
    assert connects == [("10.1.2.3", 80)]


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("allow", "reached"), [("inside.example", 1), ("10.1.2.3", 1), ("10.0.0.0/8", 0)])
async def test_every_port_is_open_where_the_host_itself_is_named(allow: str, reached: int, tmp_path: Path) -> None:
    with watch() as connects, pytest.raises(SourceUnavailable):
        await fetch("http://inside.example:5984/a.png", tmp_path / "a", allowed=Allowed.parse((allow,)))
    assert len(connects) == reached


_METADATA = [
    "http://169.254.169.254/", "http://169.254.170.2/", "http://100.100.100.200/", "http://192.0.0.192/",
    "http://168.63.129.16/", "http://[fd00:ec2::254]/", "http://[::ffff:169.254.169.254]/",
    "http://[::a9fe:a9fe]/", "http://[64:ff9b::a9fe:a9fe]/", "http://[64:ff9b:1::a9fe:a9fe]/",
    "http://[64:ff9b:1:a9fe:a9:fe00::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:a9fe:a9fe::1]/",
    "http://[2001::5601:5601]/", "http://[2606:2800::5efe:a9fe:a9fe]/", "http://[::ffff:0:a9fe:a9fe]/",
    "http://[fe80::a9fe:a9fe]/", "http://metadata.google.internal/", "http://metadata.google.internal./",
    "http://nat64.example/", "http://alias.example/",
]  # fmt: skip


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("url", _METADATA)
async def test_metadata_is_never_reached_whatever_is_let_through(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(ADDRESSES, "alias.example", ["168.63.129.16"])
    allowed = Allowed.parse(("0.0.0.0/0", "::/0", "nat64.example", "alias.example"))
    with watch() as connects:
        with pytest.raises(SourceUnavailable):
            await fetch(url, tmp_path / "a", allowed=allowed)
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            await fetch("http://10.9.9.9/", tmp_path / "a", allowed=allowed)
    assert connects == [("10.9.9.9", 80)]


@pytest.mark.parametrize(
    "entry", ["169.254.169.254", "169.254.0.0/16", "fd00:ec2::254", "168.63.129.16", "metadata.google.internal."]
)
def test_metadata_cannot_be_let_through_by_name(entry: str) -> None:
    with pytest.raises(ConfigurationError, match=r"ENLARGER_ALLOW_PRIVATE: .* never reached"):
        Allowed.parse((entry,))


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "http://nas", "nas:80", "127.1", "0x7f.1", "a b", "["])
def test_a_wrong_entry_is_named(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="is neither a host, an address nor a network") as caught:
        Allowed.parse((entry,))
    assert repr(entry) in str(caught.value)


def test_this_machine_may_be_reached_if_it_is_named() -> None:
    allowed = Allowed.parse(("127.0.0.0/8", "::1"))
    assert allowed.loopback
    assert allowed.permits("localhost", ipaddress.ip_address("127.0.0.1"), 8000)
    assert allowed.permits("localhost", ipaddress.ip_address("::1"), 8000)
    assert not allowed.permits("localhost", ipaddress.ip_address("127.0.0.1"), 5432)
    assert not allowed.permits("nas", ipaddress.ip_address("192.168.1.5"), 8000)


def test_this_machine_is_closed_but_for_where_its_user_listens() -> None:
    here = ipaddress.ip_address("127.0.0.1")
    assert not Allowed.parse(()).permits("localhost", here, 8000)
    allowed = Allowed.parse((), lambda: {(here, 8000)})
    assert not allowed.loopback
    assert allowed.permits("localhost", here, 8000)
    assert allowed.permits("mapped.example", ipaddress.ip_address("::ffff:127.0.0.1"), 8000)
    assert not allowed.permits("localhost", here, 8001)
    assert not allowed.permits("localhost", ipaddress.ip_address("::1"), 8000)
    metadata = ipaddress.ip_address("169.254.169.254")
    assert not Allowed.parse((), lambda: {(metadata, 80)}).permits("any", metadata, 80)


# What is said


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("host", ["inside.example", "mixed.example", "nowhere.example", "127.0.0.1"])
async def test_who_asks_does_not_learn_which_names_there_are_inside(host: str, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        await fetch(f"http://{host}/a.png", tmp_path / "a", allowed=Allowed.parse(()))
    assert str(caught.value) == (
        f"The host {host}, port 80, cannot be reached on the public internet: check the URL, upload the file instead,"
        " or have the operator name the host in ENLARGER_ALLOW_PRIVATE."
    )


def test_urls_are_shown_without_what_is_secret() -> None:
    assert describe("https://u:p@host:81/a/b.png?token=x#y") == "https://host:81"
    assert describe("http://[broken") == "The URL"


def test_the_ports_of_web_servers_are_the_usual_ones_and_the_free_ones() -> None:
    usual = {port for port in range(1, 1025) if is_web_port(port)}
    assert usual == {80, 443, 1024}
    assert [is_web_port(port) for port in (0, 65_535, 65_536, 5432)] == [False, True, False, False]
