"""What an application shows people beside the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from litestar.types import ControllerRouterHandler

_HTML = "text/html"


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Routes for people, such as the console's."""

    routes: Sequence[ControllerRouterHandler]
    public: frozenset[str]
    """Those of them, as the API's description writes paths, that answer whoever asks."""
    home: str
    """The path that `/` leads browsers to."""


def wants_page(accept: str | None) -> bool:
    """Whether an `Accept` header asks for a page, as browsers do; clients ask for JSON, or for anything."""
    return any(part.partition(";")[0].strip().lower() == _HTML for part in (accept or "").split(","))
