"""Web pages that the application serves beside the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.types import ControllerRouterHandler

_HTML = "text/html"


@dataclass(frozen=True, kw_only=True)
class Pages:
    """A set of routes that serve web pages, such as the console."""

    routes: Sequence[ControllerRouterHandler]
    public: frozenset[str]
    """The paths among them that need no sign-in, in OpenAPI notation."""
    home: str
    """The path that `/` redirects browsers to."""


def wants_page(accept: str | None) -> bool:
    """Whether an `Accept` header names `text/html`, as browsers do; API clients ask for JSON or for `*/*`."""
    return any(part.partition(";")[0].strip().lower() == _HTML for part in (accept or "").split(","))
