"""Applications of other rooms that are served beside the API."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from litestar import Litestar
from litestar.types import ControllerRouterHandler

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A route, and what has to run while the service does; it needs an API key as every route does."""

    route: ControllerRouterHandler
    lifespan: Lifespan | None = None
