"""Closes connections whose TLS handshake was cancelled.

The HTTP library closes a connection whose handshake fails or takes too long, but not one whose request is cancelled, as
`asyncio.timeout` does. Such a socket stays open until the garbage collector finds it, so a host that accepts
connections and never speaks TLS could hold any number of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]
_SECURING = ("start_tls", "setup_socks5_connection")


class Handshake:
    """The `trace` extension of a request: it is called at each step on the way to a connection."""

    def __init__(self, earlier: Trace | None = None) -> None:
        """`earlier` is the trace that the request has already; it is called as well."""
        self._earlier = earlier
        self._stream: Any = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the connection; close it when it was not made secure."""
        step, _, outcome = event.partition(".")[2].partition(".")
        if step in ("connect_tcp", *_SECURING) and outcome == "complete":
            self._stream = info["return_value"]
        elif step in _SECURING and outcome == "failed":
            await self._stream.aclose()
        if self._earlier is not None:
            await self._earlier(event, info)


async def watch_handshake(request: httpx2.Request) -> None:
    """A hook for the requests of an asynchronous client, which looks after their connections."""
    request.extensions["trace"] = Handshake(request.extensions.get("trace"))
