"""Detects connections to Postgres whose other side no longer responds, and ends them.

A cut cable, a dead machine or a firewall that drops a connection sends no packet. By default Linux notices this after
15 minutes while data is unacknowledged, and after two hours on an idle connection. Until then a worker would hang, and
Postgres would hold the locks of the worker's open transaction.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import asyncpg

_IDLE_SECONDS = 10
"""Time without a packet before the first keepalive probe."""
_PROBE_SECONDS = 5
"""Time between two probes."""
_PROBES = 3
"""Unanswered probes after which the connection is ended."""
_UNACKNOWLEDGED_SECONDS = 20
"""How long sent data may remain unacknowledged."""

_OPTIONS = {
    "TCP_KEEPALIVE" if sys.platform == "darwin" else "TCP_KEEPIDLE": _IDLE_SECONDS,
    "TCP_KEEPINTVL": _PROBE_SECONDS,
    "TCP_KEEPCNT": _PROBES,
    "TCP_USER_TIMEOUT": _UNACKNOWLEDGED_SECONDS * 1000,
}
"""TCP socket options; not every system has all of them."""
_SETTINGS = (
    ("tcp_keepalives_idle", _IDLE_SECONDS),
    ("tcp_keepalives_interval", _PROBE_SECONDS),
    ("tcp_keepalives_count", _PROBES),
    ("tcp_user_timeout", _UNACKNOWLEDGED_SECONDS * 1000),
)
"""The corresponding settings of Postgres, which ignores them for Unix sockets."""
_TELL_SERVER = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS)


class WatchedConnection(asyncpg.Connection):
    """A connection that ends at most 25 seconds after its server stops responding."""

    def __init__(self, protocol: Any, transport: Any, *arguments: Any) -> None:
        super().__init__(protocol, transport, *arguments)
        watch(transport.get_extra_info("socket"))


def watch(connected: socket.socket) -> None:
    """Have the system end a TCP connection when the other side does not respond. Other sockets are left unchanged."""
    if connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def tell_server(connection: asyncpg.Connection) -> None:
    """Have Postgres end the connection and roll back its transaction when this side does not respond.

    This is a statement rather than startup parameters, because poolers such as PgBouncer reject unknown parameters.
    """
    await connection.execute(_TELL_SERVER)
