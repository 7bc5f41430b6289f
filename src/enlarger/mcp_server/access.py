"""How a tool reaches the service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx2
from mcp.server.mcpserver import Context

from enlarger.client import KieApiClient

T = TypeVar("T")

AnyContext = Context[Any, Any]


class Caller(Protocol):
    """Whoever calls the service; a session of the command line is one."""

    async def call(self, work: Callable[[KieApiClient], Awaitable[T]]) -> T:
        """Do `work`, which must be safe to be done twice, with a client."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The service, for one call of a tool."""

    caller: Caller
    http: httpx2.AsyncClient
    """For the files of results. It carries no key."""
    can_fetch: Callable[[str], bool]
    """Whether `http` may fetch a URL."""


OpenAccess = Callable[[AnyContext], AbstractAsyncContextManager[Access]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator of the tools has decided."""

    on_this_machine: bool
    """Whether the tools may read and write this machine's files: the agent's user runs them."""
    max_credits: float | None = None
    """A task that may cost more has to be confirmed."""
    seconds: float = 45.0
    """A call is answered within this time."""
