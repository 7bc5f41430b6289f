"""Signing in with an API key or a one-time link, and signing out."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER, HTTP_401_UNAUTHORIZED, HTTP_429_TOO_MANY_REQUESTS

from enlarger.console.access import ROOT, SESSION, require_own_page, session_cookie
from enlarger.console.rendering import render
from enlarger.errors import ApiKeyRejected, EnlargerError
from enlarger.server.access import address_of
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.translatable import sentence

SIGN_IN = f"{ROOT}/sign-in"
_TRIES = 10
_TRIES_SECONDS = 60.0
"""How often one address may try to sign in; keys have 240 random bits, so this only spares the database."""


async def sign_in_url(service: Service, url: str, key: str) -> str:
    """Return a link that opens one administrator's session, valid for an hour; `url` is the service's own."""
    return f"{service.settings.public_url or url}{SIGN_IN}#{await service.sessions.make_link(key)}"


@get(SIGN_IN, include_in_schema=False)
async def show_sign_in(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show the form. A one-time link carries its token in the URL fragment, which reaches no server and no log."""
    return _form(request, service, 200, None)


@post(SIGN_IN, include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def sign_in(request: AnyRequest, service: NamedDependency[Service]) -> Response[str] | Redirect:
    """Open a session and redirect to the page that was requested."""
    require_own_page(request)
    form = await request.form()
    key, link = (str(form.get(name) or "").strip() for name in ("key", "link"))
    address = address_of(request, service)
    wait = await service.rate_limiter.try_acquire(f"sign in {address}", _TRIES, _TRIES_SECONDS)
    if wait is not None:
        said = sentence("Too many attempts to sign in: try again in {seconds} seconds.", seconds=int(wait) + 1)
        return _form(request, service, HTTP_429_TOO_MANY_REQUESTS, said)
    try:
        token = await (service.sessions.open_by_link(link) if link else service.sessions.open(key, address))
    except ApiKeyRejected as error:
        return _form(request, service, HTTP_401_UNAUTHORIZED, error.args[0])
    to = _own_page(str(request.query_params.get("next") or ""))
    return Redirect(to, status_code=HTTP_303_SEE_OTHER, cookies=[session_cookie(request, service, token)])


@post(f"{ROOT}/sign-out", include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def sign_out(request: AnyRequest, service: NamedDependency[Service]) -> Redirect:
    """End the session."""
    await service.sessions.close(request.cookies.get(SESSION, ""))
    return Redirect(SIGN_IN, status_code=HTTP_303_SEE_OTHER, cookies=[session_cookie(request, service, "")])


def lead_to_sign_in(request: AnyRequest, _: EnlargerError) -> Redirect:
    """Redirect a visitor without a valid session to the sign-in form, which leads back afterwards."""
    asked = request.scope["path"] if request.method == "GET" else ""
    if asked and (query := request.scope["query_string"].decode("latin-1")):
        asked = f"{asked}?{query}"
    return Redirect(f"{SIGN_IN}?next={quote(asked, safe='')}" if asked else SIGN_IN, status_code=HTTP_303_SEE_OTHER)


def _form(request: AnyRequest, service: Service, status: int, problem: str | None) -> Response[str]:
    to = _own_page(str(request.query_params.get("next") or ""))
    return render(request, service, "sign_in.html", status=status, problem=problem, to=to)


def _own_page(path: str) -> str:
    """Return `path` if it is one of the console's, so that it is safe to redirect to, and its first page otherwise."""
    parts = urlsplit(path)
    own = not parts.scheme and not parts.netloc and parts.path.startswith(f"{ROOT}/") and "\\" not in path
    return path if own else f"{ROOT}/"
