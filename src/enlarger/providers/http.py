"""What providers that speak HTTP with JSON have in common: their client, and how an answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec

from enlarger._version import __version__
from enlarger.client.http import NEVER_SENT as _NEVER_SENT
from enlarger.client.options import is_loopback
from enlarger.errors import ConfigurationError
from enlarger.handshakes import watch_handshake
from enlarger.protocol.retry_after import read_retry_after
from enlarger.providers.results import LONGEST_WAIT

CONNECT_SECONDS = 10.0
NEVER_SENT = (*_NEVER_SENT, httpx2.PoolTimeout, httpx2.InvalidURL)
"""What a request that surely did not leave fails with."""
FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, TimeoutError)
"""What a request without an answer fails with, whether it left or not."""


def make_client(base_url: str, proxy: str | None, *, setting: str, headers: Mapping[str, str]) -> httpx2.AsyncClient:
    """A client for a provider's API. Raises ConfigurationError, which names `setting`, for a proxy that is none."""
    try:
        return httpx2.AsyncClient(
            proxy=proxy,
            follow_redirects=False,
            # A proxy of the environment's is for the world outside, not for a service on this machine.
            trust_env=not is_loopback(base_url),
            limits=httpx2.Limits(max_connections=200, max_keepalive_connections=20),
            event_hooks={"request": [watch_handshake]},
            headers={"Accept": "application/json", "User-Agent": f"enlarger/{__version__}", **headers},
        )
    except (ImportError, ValueError, httpx2.InvalidURL):
        raise ConfigurationError(
            f"{setting} is not a proxy's URL: give one like http://user:password@host:port."
        ) from None


def read_base_url(value: str, *, setting: str, example: str) -> str:
    """An API's URL without a slash at its end. Raises ConfigurationError, which names `setting`, where it is none."""
    try:
        url = httpx2.URL(value.strip())
        usable = url.scheme in ("http", "https") and bool(url.host) and not url.query
    except httpx2.InvalidURL:
        usable = False
    if not usable:
        raise ConfigurationError(f"{setting} must be a URL like {example}.")
    return value.strip().rstrip("/")


def timeout(seconds: float) -> httpx2.Timeout:
    """So long for each step of a request, and less for the connection."""
    return httpx2.Timeout(seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)


def read_object(response: httpx2.Response) -> dict[str, Any]:
    """The answer's body; empty where that is not a JSON object."""
    return read_json(response.content)


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object; empty where it is none."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def retry_after(response: httpx2.Response) -> float | None:
    """The seconds after which it wants to be asked again."""
    return read_retry_after(response.headers.get("retry-after"), longest=LONGEST_WAIT)
