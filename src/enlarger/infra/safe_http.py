"""HTTP to addresses that strangers name, without letting them reach what only this machine should.

A host is looked up once, every address it has must be public, and the connection goes to the address that was
checked, so a name that changes its answer in between gains nothing. Redirects pass through the same gate. Hosts and
networks of the operator's own are let through by `ENLARGER_FETCH_ALLOW`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import httpx2

from enlarger.errors import ConfigurationError, PictureTooLarge, SourceUnavailable

FETCH_SECONDS = 30.0
FETCH_MEGABYTES = 10.0
"""The most that is fetched; uploads may be larger where a model takes more."""

_REDIRECTS = 5
_USER_AGENT = "enlarger"

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are the IPv4 address that a gateway connects to."""
_LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Allowed:
    """Which hosts may be reached although they are not public."""

    # No dataclass: the web framework looks into those, and its decoder knows no union of two kinds of network.
    def __init__(self, hosts: frozenset[str], networks: tuple[Network, ...]) -> None:
        self.hosts = hosts
        self.networks = networks

    @classmethod
    def parse(cls, entries: Sequence[str]) -> Self:
        """From host names, addresses and networks, as in ENLARGER_FETCH_ALLOW."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                if "/" in entry or ":" in entry:
                    raise ConfigurationError(
                        f"ENLARGER_FETCH_ALLOW: {entry!r} is neither a host, an address nor a network like 10.0.0.0/8."
                    ) from None
                hosts.add(entry.lower())
        return cls(frozenset(hosts), tuple(networks))

    def with_loopback(self) -> Self:
        """Also this machine itself, for a service that only this machine can reach."""
        return type(self)(self.hosts, (*self.networks, *_LOOPBACK))

    def permits(self, host: str, address: Address) -> bool:
        """Whether a connection to `address`, found for `host`, may be made."""
        if host.lower() in self.hosts:
            return True
        return all(
            any(real in network for network in self.networks) or (real.is_global and not real.is_multicast)
            for real in _meant(address)
        )


def _meant(address: Address) -> list[Address]:
    """The addresses that a connection to `address` may end at: an IPv6 one can carry an IPv4 one inside."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    carried = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        carried.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [address, *(inner for inner in carried if inner is not None)]


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends requests on to `inner`, each to an address that was looked up and checked."""

    def __init__(self, allowed: Allowed, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._allowed = allowed
        self._inner = inner or httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to a checked address. Raises SourceUnavailable for hosts that are not to be reached."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = await self._look_up(host, port)
        pinned = httpx2.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,  # with the Host that was asked for
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    async def _look_up(self, host: str, port: int) -> Address:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise SourceUnavailable(f"The host {host} cannot be found: check the picture's URL.") from None
        addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
        for address in addresses:
            if not self._allowed.permits(host, address):
                raise SourceUnavailable(
                    f"The host {host} is not on the public internet, so pictures are not fetched from it:"
                    " upload the picture instead, or have the operator name the host in ENLARGER_FETCH_ALLOW."
                )
        return addresses[0]


class Fetcher:
    """Downloads pictures, and other inputs of models, by URL into files."""

    def __init__(self, allowed: Allowed, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(allowed, transport),
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
            headers={"User-Agent": _USER_AGENT, "Accept": "image/*, video/*, audio/*"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, url: str, target: Path, *, max_bytes: int, seconds: float) -> None:
        """Download `url` into the file `target`, which is not there when this fails.

        Raises SourceUnavailable when nothing usable is to be had, PictureTooLarge beyond `max_bytes`.
        """
        place = f"The picture's host, {describe(url)},"
        try:
            async with asyncio.timeout(seconds), self._get(url) as response:
                self._check(response, place, max_bytes)
                received = 0
                with target.open("wb") as file:
                    async for chunk in response.aiter_bytes():
                        received += len(chunk)
                        if received > max_bytes:
                            raise _too_large(place, max_bytes)
                        file.write(chunk)
        except TimeoutError:
            target.unlink(missing_ok=True)
            raise SourceUnavailable(f"{place} did not send the picture within {seconds:.0f} seconds.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            target.unlink(missing_ok=True)
            raise SourceUnavailable(
                f"{place} could not be reached ({type(error).__name__}): check that the URL is public and works."
            ) from error
        except BaseException:
            target.unlink(missing_ok=True)
            raise

    @asynccontextmanager
    async def _get(self, url: str) -> AsyncIterator[httpx2.Response]:
        async with self._client.stream("GET", url, timeout=httpx2.Timeout(10, read=30)) as response:
            yield response

    @staticmethod
    def _check(response: httpx2.Response, place: str, max_bytes: int) -> None:
        if response.status_code != 200:
            raise SourceUnavailable(
                f"{place} answered HTTP {response.status_code} instead of the picture:"
                " check that the URL is public and has not expired."
            )
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind.startswith("text/") or kind in ("application/json", "application/xml"):
            raise SourceUnavailable(f"{place} answered with {kind} instead of a picture: give the picture's own URL.")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > max_bytes:
            raise _too_large(place, max_bytes)


def describe(url: str) -> str:
    """A URL as it may be shown in messages and logs: its scheme and host. A path can hold a token, as Telegram's do."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    except ValueError:
        return "The URL"
    return f"{parts.scheme}://{host}{port}"


def _too_large(place: str, max_bytes: int) -> PictureTooLarge:
    return PictureTooLarge(
        f"{place} sends more than the {max_bytes / 1e6:.0f} MB that are fetched: send a smaller picture,"
        " or upload it where the model takes more."
    )
