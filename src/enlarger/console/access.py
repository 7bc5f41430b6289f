"""Who uses the console: a cookie names their session, and only pages of this service may act in their name."""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_403_FORBIDDEN

from enlarger.server.access import address_of
from enlarger.server.bodies import AnyConnection, AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.requests import base_url
from enlarger.tasks.accounts import Caller
from enlarger.tasks.sessions import SESSION_SECONDS, Visitor
from enlarger.translatable import sentence

ROOT = "/console"
SESSION = "enlarger_session"
_VISITOR = "enlarger_visitor"
_READING = ("GET", "HEAD")


async def identify(connection: AnyConnection, service: Service) -> Caller:
    """Whose session the request's cookie names.

    Raises ApiKeyRejected when there is none, and HTTPException (403) for a request that another site makes.
    """
    require_own_page(connection)
    visitor = await service.sessions.find(connection.cookies.get(SESSION, ""), address_of(connection, service))
    connection.scope["state"][_VISITOR] = visitor
    return visitor.caller


def visitor_of(request: AnyRequest) -> Visitor:
    """Who has been identified."""
    visitor: Visitor = request.scope["state"][_VISITOR]
    return visitor


def require_own_page(connection: AnyConnection) -> None:
    """Raise HTTPException (403) for a request that may change something and does not come from our own pages.

    Browsers say where a request comes from in headers that pages cannot forge (Fetch Metadata, and `Origin` by RFC
    6454); what carries neither is no browser, and has no cookie that was not given to it on purpose.
    """
    if connection.scope.get("method") in _READING:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site is not None:
        own = site == "same-origin"
    else:
        own = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if not own:
        message = sentence("The request comes from a page of another site: open the console itself, and do it there.")
        raise HTTPException(message, status_code=HTTP_403_FORBIDDEN)


def session_cookie(request: AnyRequest, service: Service, token: str) -> Cookie:
    """The cookie that names a session; without a token it takes the cookie back."""
    return Cookie(
        key=SESSION,
        value=token,
        path=ROOT,
        max_age=SESSION_SECONDS if token else 0,
        httponly=True,
        samesite="strict",
        secure=base_url(request, service).startswith("https://"),
    )
