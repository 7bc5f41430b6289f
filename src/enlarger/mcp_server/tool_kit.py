"""What every tool does around its own work: it reaches the service, keeps the time, and explains errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from mcp.server import MCPServer
from mcp_types import CallToolResult, ToolAnnotations

from enlarger.errors import EnlargerError, ToolRefusal
from enlarger.mcp_server.access import Access, AnyContext, OpenAccess, Terms
from enlarger.mcp_server.refusals import refused

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
LOOKS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
CREATES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
"""Not idempotent by its arguments alone: only with the same idempotency key."""
CANCELS = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
WRITES = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool."""

    access: Access
    context: AnyContext
    deadline: float
    """When it has to be answered, by the event loop's clock."""


@dataclass(frozen=True, slots=True)
class ToolKit:
    """What the tools share."""

    open_access: OpenAccess
    terms: Terms

    @asynccontextmanager
    async def call(self, context: AnyContext) -> AsyncIterator[Call]:
        """A call, around the tool's work."""
        deadline = asyncio.get_running_loop().time() + self.terms.seconds
        async with self.open_access(context) as access:
            yield Call(access, context, deadline)

    def add(
        self,
        server: MCPServer[Any],
        function: Callable[..., Awaitable[CallToolResult]],
        title: str,
        annotations: ToolAnnotations,
    ) -> None:
        """Offer a function as a tool: its docstring is the description, and an EnlargerError becomes an answer."""

        @wraps(function)
        async def tool(*arguments: Any, **named: Any) -> CallToolResult:
            try:
                async with asyncio.timeout(self.terms.seconds):
                    return await function(*arguments, **named)
            except EnlargerError as error:
                return refused(error)
            except TimeoutError:
                return refused(ToolRefusal("The service did not answer in time: call the tool again later."))

        server.add_tool(tool, title=title, annotations=annotations)
