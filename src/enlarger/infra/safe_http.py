"""HTTP to addresses that strangers name, without letting them reach what only this machine should.

A host is looked up once, every address it has must be public, and the connection goes to an address that was checked,
so a name that changes its answer in between gains nothing. Redirects pass through the same gate. Hosts and networks of
the operator's own are let through by `ENLARGER_ALLOW_PRIVATE`, but never a cloud's metadata.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
import socket
import ssl
from collections.abc import Callable, Sequence, Set
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self
from urllib.parse import urlsplit

import httpx2

from enlarger.errors import AddressRefused, ConfigurationError, SourceUnavailable
from enlarger.handshakes import Handshake
from enlarger.infra.addresses import LOOPBACK, Address, Network, is_closed, is_public, is_web_port, meant

_LOOK_UP_SECONDS = 10.0
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SETTING = "ENLARGER_ALLOW_PRIVATE"

Listeners = Callable[[], Set[tuple[Address, int]]]


class Allowed:
    """Which hosts may be reached although they are not public."""

    # No dataclass: the web framework looks into those, and its decoder knows no union of two kinds of network.
    def __init__(
        self, hosts: frozenset[str], networks: tuple[Network, ...], listeners: Listeners | None = None
    ) -> None:
        self.hosts = hosts
        self.networks = networks
        self.listeners = listeners

    @classmethod
    def parse(cls, entries: Sequence[str], listeners: Listeners | None = None) -> Self:
        """From host names, addresses and networks, as in ENLARGER_ALLOW_PRIVATE. Raises ConfigurationError.

        `listeners` says at which addresses and ports of this machine its user listens for callbacks now.
        """
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in entries:
            try:
                network = ip_network(entry, strict=False)
            except ValueError:
                hosts.add(name := _read_name(entry))
                closed = is_closed(name)
            else:
                networks.append(network)
                closed = is_closed(network[0]) and is_closed(network[-1])
            if closed:
                raise ConfigurationError(f"{_SETTING}: {entry!r} is where clouds keep secrets, which is never reached.")
        return cls(frozenset(hosts), tuple(networks), listeners)

    @property
    def loopback(self) -> bool:
        """Whether this machine itself may be reached."""
        return self.permits("localhost", LOOPBACK[0][1])

    def permits(self, host: str, address: Address, port: int = 443) -> bool:
        """Whether a connection to `address`, found for `host`, may be made."""
        ends = meant(address)
        if is_closed(host) or any(is_closed(end) for end in ends):
            return False
        if self._names(host, ends):
            return True
        if is_web_port(port) and all(
            is_public(end) or any(end in network for network in self.networks) for end in ends
        ):
            return True
        return self.listeners is not None and {(end, port) for end in ends} <= self.listeners()

    def _names(self, host: str, ends: tuple[Address, ...]) -> bool:
        """Whether it is named itself, and not only inside a network: then every port of it is meant."""
        own = [network[0] for network in self.networks if network.num_addresses == 1]
        return host in self.hosts or all(end in own for end in ends)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends requests on to `inner`, each to an address that was looked up and checked."""

    def __init__(self, allowed: Allowed, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._allowed = allowed
        self._inner = inner or httpx2.AsyncHTTPTransport(
            verify=_certificates(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
            # A kept connection is one to an address: the next name there would ride on the certificate of the last.
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to a checked address. Raises SourceUnavailable for hosts that are not to be reached."""
        host, port = read_host(request.url)
        *others, last = await self._look_up(host, port)
        for address in others:
            try:
                return await self._send(request, host, address)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue  # nothing was sent
        return await self._send(request, host, last)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    async def _send(self, request: httpx2.Request, host: str, address: Address) -> httpx2.Response:
        trace = Handshake(request.extensions.get("trace"))
        pinned = httpx2.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,  # with the Host that was asked for
            stream=request.stream,
            extensions={**request.extensions, "trace": trace, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def _look_up(self, host: str, port: int) -> list[Address]:
        """Of the addresses of a host the first of each kind, if every one of them may be reached."""
        try:
            async with asyncio.timeout(_LOOK_UP_SECONDS):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # the first is the timeout's, too
            found = []
        addresses = [ip_address(entry[4][0]) for entry in found]
        if not addresses or not all(self._allowed.permits(host, address, port) for address in addresses):
            raise unreachable(host, port, AddressRefused if addresses else SourceUnavailable)
        return list({address.version: address for address in reversed(addresses)}.values())[::-1]


async def is_public_url(url: str) -> bool:
    """Whether others can reach a URL, too; not those that name a host, or lead to an address, of this network.

    What cannot be looked up here may be found by others.
    """
    try:
        host, port = read_host(httpx2.URL(url))
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (httpx2.InvalidURL, SourceUnavailable):
        return False
    except (OSError, UnicodeError):  # the first is the timeout's, too
        return True
    return all(is_public(end) for entry in found for end in meant(ip_address(entry[4][0])))


def unreachable(host: str, port: int, kind: type[SourceUnavailable] = SourceUnavailable) -> SourceUnavailable:
    """One sentence for all that is wrong: who asks need not learn what names and open ports there are inside."""
    return kind(
        f"The host {host}, port {port}, cannot be reached on the public internet: check the URL, upload the file"
        f" instead, or have the operator name the host in {_SETTING}."
    )


def read_host(url: httpx2.URL) -> tuple[str, int]:
    """The host and the port that a URL leads to, the host in its one usual spelling.

    Raises AddressRefused for what programs read in different ways: numbers that are no plain IPv4 address, zones,
    escapes, and backslashes.
    """
    if url.scheme not in _PORTS:
        raise AddressRefused("The URL must start with http:// or https://.")
    port = _PORTS[url.scheme] if url.port is None else url.port
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    if b"%5C" in url.userinfo.upper() or not (0 < port <= 65_535 and _is_usual(host)):
        raise AddressRefused(
            "The URL's host is written in an unusual way: give a name, an address like 93.184.215.14 or [2606:2800::1],"
            " and perhaps a port."
        )
    return host, port


@functools.cache
def _certificates(*_: str | None) -> ssl.SSLContext:
    """The authorities that are trusted, read once: it takes a tenth of a second; and again if they are elsewhere."""
    return httpx2.create_ssl_context()


def describe(url: str) -> str:
    """A URL as it may be shown in messages and logs: its scheme and host. A path can hold a token, as Telegram's do."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return "The URL"
    return f"{parts.scheme}://{host}{port}"


def _is_usual(host: str) -> bool:
    try:
        if ":" in host:
            return "%" not in host and bool(IPv6Address(host))
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return bool(IPv4Address(host))
    except ValueError:
        return False
    return _NAME.fullmatch(host) is not None


def _read_name(entry: str) -> str:
    """The name of a host as a URL would have it."""
    try:
        if not set(entry) & set("/:@"):
            return read_host(httpx2.URL(f"http://{entry}/"))[0]
    except (httpx2.InvalidURL, SourceUnavailable):
        pass
    raise ConfigurationError(f"{_SETTING}: {entry!r} is neither a host, an address nor a network like 10.0.0.0/8.")
