"""Console access: a cookie identifies the session, and only this service's own pages may act on its behalf."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_403_FORBIDDEN

from enlarger.errors import UnknownTask
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
    """Return the caller whose session the request's cookie identifies.

    Raises ApiKeyRejected if there is no valid session, and HTTPException (403) for a request made by another site.
    """
    require_own_page(connection)
    visitor = await service.sessions.find(connection.cookies.get(SESSION, ""), address_of(connection, service))
    connection.scope["state"][_VISITOR] = visitor
    return visitor.caller


async def identify_for_task(connection: AnyConnection, service: Service) -> Caller:
    """The same for routes about one task, where an administrator acts for the account that the task belongs to."""
    caller = await identify(connection, service)
    visitor: Visitor = connection.scope["state"][_VISITOR]
    if not visitor.admin:
        return caller
    try:
        task = await service.listings.get(connection.path_params["task_id"])
    except UnknownTask:
        return caller
    return msgspec.structs.replace(caller, account_id=task.account_id)


def visitor_of(request: AnyConnection) -> Visitor:
    """Return the visitor that `identify` found for this request."""
    visitor: Visitor = request.scope["state"][_VISITOR]
    return visitor


def visitor_if_known(request: AnyConnection) -> Visitor | None:
    """Return the visitor of a request; None if `identify` has not found any."""
    visitor: Visitor | None = request.scope["state"].get(_VISITOR)
    return visitor


def require_own_page(connection: AnyConnection) -> None:
    """Raise HTTPException (403) for a request that may change something but does not come from our own pages.

    Browsers report a request's origin in headers that pages cannot forge: Fetch Metadata, or `Origin` (RFC 6454). A
    request with neither header does not come from a browser, so no other site can have triggered it.
    """
    if connection.scope.get("method") in _READING:
        return
    site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if site is not None:
        own = site == "same-origin"
    else:
        own = origin is None or urlsplit(origin).netloc == connection.headers.get("host")
    if not own:
        message = sentence("The request came from another site: open the console and try again there.")
        raise HTTPException(message, status_code=HTTP_403_FORBIDDEN)


def session_cookie(request: AnyRequest, service: Service, token: str) -> Cookie:
    """Return the cookie that identifies a session; an empty token deletes the cookie."""
    return Cookie(
        key=SESSION,
        value=token,
        path=ROOT,
        max_age=SESSION_SECONDS if token else 0,
        httponly=True,
        samesite="strict",
        secure=base_url(request, service).startswith("https://"),
    )
