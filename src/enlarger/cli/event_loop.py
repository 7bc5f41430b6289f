"""The event loop of a service's processes: uvloop, where it is available."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.platform != "win32":
    import uvloop

    class _Loop(uvloop.Loop):
        """Looks hosts up in the executor: a few names without an answer would block uvloop's four threads."""

        async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
            """Look a host up in a thread of the loop's executor, as asyncio does."""
            return await self.run_in_executor(None, lambda: socket.getaddrinfo(host, port, **options))


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A new event loop."""
    return asyncio.new_event_loop() if sys.platform == "win32" else _Loop()
