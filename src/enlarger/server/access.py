"""Who may call which route: every route needs a key, except those listed here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set

from litestar.handlers import BaseRouteHandler

from enlarger.errors import ApiKeyRejected
from enlarger.infra.addresses import Address
from enlarger.infra.webhook_urls import PATH as WEBHOOKS
from enlarger.server.bodies import AnyConnection
from enlarger.server.dependencies import Service
from enlarger.server.origin import client_address
from enlarger.tasks.accounts import Caller
from enlarger.translatable import sentence

PUBLIC = frozenset(
    {
        "/",
        "/healthz",
        "/readyz",
        "/openapi.json",
        "/docs",
        "/docs/{path}",
        "/docs/openapi.json",
        "/docs/oauth2-redirect.html",
        "/docs-assets/{file_path}",
        "/files/{file_id}/{name}",  # whoever has the signed link
        f"{WEBHOOKS}/{{provider}}/{{reference}}/{{signature}}",  # whoever has the signed address
    }
)
"""Routes that answer without a key, as the API's description writes them."""


AUTHENTICATE = "authenticate"
"""The key in a route's `opt` under which it has another way to authenticate than an API key."""

Authenticate = Callable[[AnyConnection, Service], Awaitable[Caller]]
"""Returns who is calling. Raises ApiKeyRejected."""


def authenticate_by(handler: BaseRouteHandler) -> Authenticate:
    """Return how a route authenticates its callers."""
    how: Authenticate = handler.opt.get(AUTHENTICATE, authenticate)
    return how


def is_public(connection: AnyConnection, public: Set[str]) -> bool:
    """Whether the request needs no key: its route is `public`, or it is an OPTIONS, which browsers send without one."""
    scope = connection.scope
    return scope["path_template"] in public or scope.get("method") == "OPTIONS"


async def authenticate(connection: AnyConnection, service: Service) -> Caller:
    """Whose key the request carries, and what they may do. Raises ApiKeyRejected."""
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise ApiKeyRejected(
            sentence("You do not have access permissions: send the header `Authorization: Bearer YOUR_API_KEY`.")
        )
    return await service.accounts.authenticate(key.strip(), address_of(connection, service))


def address_of(connection: AnyConnection, service: Service) -> Address | None:
    """Return the address that a request comes from; None if it is not known."""
    peer = connection.client.host if connection.client else None
    return client_address(peer, connection.headers, service.trusted_proxies)
