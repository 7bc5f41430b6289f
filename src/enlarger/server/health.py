"""Is the service alive, and can it do its work?"""

from __future__ import annotations

import math

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from enlarger._version import __version__
from enlarger.protocol.records import Wire
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.openapi import unavailable
from enlarger.server.pages import wants_page
from enlarger.server.readiness import OK, READINESS_SECONDS
from enlarger.server.replies import Reply, success

_UNAVAILABLE = 503


class Who(Wire, frozen=True):
    """What a service says of itself."""

    name: str
    version: str
    docs: str


@get("/", summary="Show the name and version", tags=["Service"], response_description="Its name.")
async def root(request: AnyRequest) -> Reply[Who] | Redirect:
    """A browser, which asks for `text/html`, is redirected to the console."""
    home = request.app.state.home
    if home and wants_page(request.headers.get("accept")):
        return Redirect(home, status_code=HTTP_303_SEE_OTHER)
    return success(Who(name="Enlarger", version=__version__, docs="/docs"))


@get("/healthz", summary="Is the process alive?", tags=["Service"])
async def healthz() -> dict[str, str]:
    """200 as long as the process answers."""
    return {"status": "ok"}


@get("/readyz", summary="Is the service ready?", tags=["Service"], responses=unavailable(dict[str, str]))
async def readyz(service: NamedDependency[Service]) -> Response[dict[str, str]]:
    """503 while the database or the storage does not answer. They are checked every few seconds."""
    checks = await service.readiness.checks()
    ready = all(value == OK for value in checks.values())
    return Response(
        {"status": OK if ready else "unavailable", **checks},
        status_code=200 if ready else _UNAVAILABLE,
        headers={} if ready else {"Retry-After": str(math.ceil(READINESS_SECONDS))},
    )
