"""Connections to Postgres that end when the other side is gone without a word.

A cut cable, a dead machine or a firewall that forgets a connection sends nothing. By default a system finds that out
after 15 minutes if it waits for an answer, and after two hours if it does not. Until then a worker would hang, and
Postgres would keep the locks of its open transaction from everybody else.
"""

from __future__ import annotations

import socket
import sys
from typing import Any

import asyncpg

_IDLE_SECONDS = 10
"""Without a packet, before the other side is asked whether it is there."""
_ASK_SECONDS = 5
"""From one question to the next."""
_QUESTIONS = 3
"""Without an answer, until the connection is ended."""
_UNANSWERED_SECONDS = 20
"""How long the other side may take to acknowledge what was sent."""

_OPTIONS = {
    "TCP_KEEPALIVE" if sys.platform == "darwin" else "TCP_KEEPIDLE": _IDLE_SECONDS,
    "TCP_KEEPINTVL": _ASK_SECONDS,
    "TCP_KEEPCNT": _QUESTIONS,
    "TCP_USER_TIMEOUT": _UNANSWERED_SECONDS * 1000,
}
"""Options of a TCP socket; not every system has all of them."""
_SETTINGS = (
    ("tcp_keepalives_idle", _IDLE_SECONDS),
    ("tcp_keepalives_interval", _ASK_SECONDS),
    ("tcp_keepalives_count", _QUESTIONS),
    ("tcp_user_timeout", _UNANSWERED_SECONDS * 1000),
)
"""The same in Postgres, which ignores them for a Unix socket."""
_TELL_SERVER = "SELECT " + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS)


class WatchedConnection(asyncpg.Connection):
    """A connection that is lost at most 25 seconds after its server is."""

    def __init__(self, protocol: Any, transport: Any, *arguments: Any) -> None:
        super().__init__(protocol, transport, *arguments)
        watch(transport.get_extra_info("socket"))


def watch(connected: socket.socket) -> None:
    """Have the system end a TCP connection when the other side is silent; other sockets are left as they are."""
    if connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def tell_server(connection: asyncpg.Connection) -> None:
    """Have Postgres end the connection, with its transaction, when this side is silent.

    It is a statement, not a parameter of the connection, because poolers in between refuse parameters they don't know.
    """
    await connection.execute(_TELL_SERVER)
