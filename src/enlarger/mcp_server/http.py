"""The tools at `/mcp` of a service: streamable HTTP, by the keys of the API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
from litestar import Litestar
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request

from enlarger.client import KieApiClient
from enlarger.mcp_server.access import Access, AnyContext, Terms
from enlarger.mcp_server.messages import MOST_BODY_BYTES
from enlarger.mcp_server.server import make_server
from enlarger.settings import ServiceSettings

T = TypeVar("T")

Handle = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application, or a part of one."""

_PASSED_ON = ("x-forwarded-for", "forwarded", "accept-language")
"""Headers that say where the caller is, and in which language to answer."""


class _Caller:
    """The client of one request."""

    def __init__(self, client: KieApiClient) -> None:
        self._client = client

    async def call(self, work: Callable[[KieApiClient], Awaitable[T]]) -> T:
        return await work(self._client)


@asynccontextmanager
async def serving(
    app: Litestar, settings: ServiceSettings
) -> AsyncIterator[Callable[[Any, Any, Any], Awaitable[None]]]:
    """The tools around a block; yields what answers a request whose key has been checked.

    They call the routes of `app` with that key. Nothing is remembered from one request to the next, so any process of a
    service can answer any of them.
    """

    @asynccontextmanager
    async def open_access(context: AnyContext) -> AsyncIterator[Access]:
        request: Any = context.request_context.request
        async with _connect(app, request) as http:
            base = str(http.base_url).rstrip("/")
            own = tuple(f"{url}/files/" for url in (base, settings.public_url) if url)
            yield Access(_Caller(_make_client(http, base, request)), http, lambda url: url.startswith(own))

    server = make_server(open_access, Terms(on_this_machine=False, max_credits=settings.mcp_max_credits))
    server.streamable_http_app(
        stateless_http=True,
        max_request_body_size=MOST_BODY_BYTES,
        # `origins` has checked the Origin header. Every Host is accepted: without a key no request gets here.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with server.session_manager.run():
        yield server.session_manager.handle_request


def _make_client(http: httpx2.AsyncClient, base: str, request: Request) -> KieApiClient:
    """A client with the caller's key."""
    return KieApiClient(
        request.headers["authorization"].partition(" ")[2].strip(),
        base,
        upload_url=base,
        callback_url="",  # what the environment says of it is not the caller's
        local_files=False,  # a text from outside names no file of this machine
        max_retries=0,
        extra_headers={name: request.headers[name] for name in _PASSED_ON if name in request.headers},
        http_client=http,
    )


def _connect(app: Litestar, request: Request) -> httpx2.AsyncClient:
    """A connection to the routes of the application itself, from the address that the request came from."""
    peer = (request.client.host, request.client.port) if request.client else ("127.0.0.1", 0)
    transport = httpx2.ASGITransport(app, client=peer)  # type: ignore[arg-type]
    base = f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
    return httpx2.AsyncClient(transport=transport, base_url=base, trust_env=False)
