"""Results of hosted providers on their way to this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2

from enlarger.client.files import FileWriter
from enlarger.errors import (
    AddressRefused,
    ConfigurationError,
    ProviderSilent,
    ResultGone,
    ResultTooLarge,
    ResultUnusable,
    SourceUnavailable,
)
from enlarger.infra.safe_http import Allowed, GuardedTransport, read_host
from enlarger.protocol.content import is_packed, stream_capped
from enlarger.protocol.retry_after import read_retry_after

MOST_MEGABYTES = 500
LONGEST_WAIT = 3600.0
"""Seconds: a `Retry-After` beyond it is taken for this much."""

LEAST_SPEED = (600_000, 30.0)
"""So many bytes have to come in so many seconds, 20 kB a second: what is slower would keep others waiting for hours."""

_SECONDS = 900.0
_REDIRECTS = 3
_OK = 200
_GONE = (404, 410)
_NEVER = (400, 405, 406, 414, 431)
"""What a host says of a request that it will not answer differently later."""
_LOCATION = "location header"
"""In httpx's words for a redirect to what is no URL."""
_NEVER_SENT = (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.TooManyRedirects)


class Results:
    """Downloads what a provider made. Where it lies is public, so no key is sent along, but for what `auth` adds."""

    def __init__(
        self,
        label: str,
        allowed: Allowed,
        *,
        base_url: str,
        proxy: str | None = None,
        most_bytes: int | None = None,
        least_speed: tuple[int, float] = LEAST_SPEED,
        auth: httpx2.Auth | None = None,
    ) -> None:
        """`label` is the provider's name in errors. The host of `base_url`, which the operator named, may be private.

        Raises ConfigurationError for a proxy that is none, and for a `base_url` without a usual host.
        """
        self._label = label
        self._most_bytes = most_bytes or MOST_MEGABYTES * 1_000_000
        self._least_bytes, self._slow_seconds = least_speed
        try:
            host, _ = read_host(httpx2.URL(base_url))
        except (SourceUnavailable, httpx2.InvalidURL):
            raise ConfigurationError(
                f"The base URL of {label} names its host in an unusual way: give a name or a whole address."
            ) from None
        known = Allowed(allowed.hosts | {host}, allowed.networks)
        self._client = httpx2.AsyncClient(
            transport=GuardedTransport(known, _ThroughProxy(proxy) if proxy else None),
            auth=auth,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
            trust_env=False,
            # Packed, a few bytes could unpack to more than there is room for.
            headers={"User-Agent": "enlarger", "Accept": "*/*", "Accept-Encoding": "identity"},
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(self, url: str, target: Path) -> None:
        """Download `url` into the file `target`, which is there only once it is whole.

        Raises ResultGone when it is there no longer, ProviderSilent when it cannot be had now, ResultUnusable when that
        will not change, StorageError when the file cannot be written.
        """
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._client.stream("GET", url, timeout=httpx2.Timeout(10, read=30)) as response,
            ):
                self._check(response)
                await self._save(response, target)
        except TimeoutError:
            raise ProviderSilent(f"A result of {self._label} did not come within {_SECONDS:.0f} seconds.") from None
        except SourceUnavailable as error:
            kind = ResultUnusable if isinstance(error, AddressRefused) else ProviderSilent
            raise kind(
                f"A result of {self._label} is at a host that cannot be reached on the public internet: if that is a"
                " host of your own, name it in ENLARGER_ALLOW_PRIVATE."
            ) from None
        except _NEVER_SENT as error:
            raise ResultUnusable(
                f"A result of {self._label} is at an address that leads nowhere ({type(error).__name__})."
            ) from None
        except httpx2.HTTPError as error:
            # Without the error itself, which can hold bytes of what came.
            kind = ResultUnusable if _LOCATION in str(error) else ProviderSilent
            raise kind(f"A result of {self._label} cannot be downloaded now ({type(error).__name__}).") from None

    def _check(self, response: httpx2.Response) -> None:
        if response.status_code in _GONE:
            raise ResultGone(
                f"A result of {self._label} is there no longer (HTTP {response.status_code}).",
                code=response.status_code,
            )
        if response.status_code in _NEVER:
            raise ResultUnusable(
                f"A result of {self._label} cannot be downloaded from where it is (HTTP {response.status_code}).",
                code=response.status_code,
            )
        if response.status_code != _OK:
            raise ProviderSilent(
                f"A result of {self._label} cannot be downloaded now (HTTP {response.status_code}).",
                code=response.status_code,
                retry_after=read_retry_after(response.headers.get("retry-after"), longest=LONGEST_WAIT),
            )
        if is_packed(response.headers.get("content-encoding")):
            raise ResultUnusable(f"A result of {self._label} came packed although that was not asked for.")

    async def _save(self, response: httpx2.Response, target: Path) -> None:
        received, expected = 0, self._least_bytes
        clock = asyncio.get_running_loop().time
        try:
            with FileWriter(target) as draft:
                async with asyncio.timeout(self._slow_seconds) as slow:
                    async for chunk in stream_capped(response, self._most_bytes, self._too_large):
                        received += len(chunk)
                        draft.write(chunk)
                        if received >= expected:
                            expected = received + self._least_bytes
                            slow.reschedule(clock() + self._slow_seconds)
        except TimeoutError:
            if not slow.expired():
                raise
            speed = self._least_bytes / self._slow_seconds / 1000
            raise ProviderSilent(
                f"A result of {self._label} comes too slowly: less than {speed:.0f} kB a second."
            ) from None

    def _too_large(self) -> ResultTooLarge:
        return ResultTooLarge(
            f"A result of {self._label} is larger than the {self._most_bytes / 1e6:.0f} MB that are taken."
        )


class _ThroughProxy(httpx2.AsyncBaseTransport):
    """Sends what the gate has let through to a proxy: by the host's name, which the certificate is for."""

    def __init__(self, proxy: str) -> None:
        try:
            self._inner = httpx2.AsyncHTTPTransport(proxy=proxy)
        except (ImportError, ValueError, httpx2.InvalidURL):
            raise ConfigurationError(
                "A provider's proxy is not a proxy's URL: give one like http://user:password@host:port."
            ) from None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, which is one to an address, to the host of that address."""
        named = httpx2.Request(
            request.method,
            request.url.copy_with(host=request.extensions["sni_hostname"]),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._inner.handle_async_request(named)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()
