"""How many connections may be open: as many as the system allows, and of one address only a part of them."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import psutil
import structlog

from enlarger.infra.addresses import Network, read_address

_MOST_FILES = 1 << 20
"""Where the system sets no limit."""
_MOST_CONNECTIONS = 10_000
_SHARE = 4
"""One address may have a quarter of the connections; a proxy, behind which everybody is, has to be trusted for more."""
_PAUSE_SECONDS = 0.5

_log = structlog.get_logger("enlarger.server")


def raise_open_files() -> None:
    """Let this process have as many files open as the system allows it, where its own limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):  # a system may have yet another limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def most_connections() -> int:
    """How many connections may be open at a time; a stream of events keeps one, and so does a client between requests.

    Each takes one of the files that the process may have open, and the rest of it needs some as well.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, files // 2)


@asynccontextmanager
async def limit_addresses(port: int, *, trusted: Iterable[Network], most: int | None = None) -> AsyncIterator[None]:
    """Around a block, close what one address opens beyond its share of connections to `port`; the oldest ones stay.

    The HTTP server has no such limit, so the system's list of the process's own connections is looked at.
    """
    limiter = _Limiter(port, tuple(trusted), most_connections() // _SHARE if most is None else most)
    watching = asyncio.create_task(limiter.run())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


class _Limiter:
    def __init__(self, port: int, trusted: tuple[Network, ...], most: int) -> None:
        self._port, self._trusted, self._most = port, trusted, most
        self._process = psutil.Process()
        self._seen: dict[tuple[str, int], int] = {}
        """When each connection was noticed, by the address and port at its other end."""
        self._round = 0

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                if self._process.num_fds() > self._most:  # each connection is one of them
                    await asyncio.to_thread(self._look)
            except (psutil.Error, OSError) as error:
                _log.warning("connections_unknown", reason=type(error).__name__)

    def _look(self) -> None:
        self._round += 1
        by_address: dict[str, list[tuple[int, int, tuple[str, int]]]] = {}
        seen: dict[tuple[str, int], int] = {}
        for found in self._process.net_connections("tcp"):
            if found.status != psutil.CONN_ESTABLISHED or found.laddr.port != self._port or not found.raddr:
                continue
            peer = (found.raddr.ip, found.raddr.port)
            seen[peer] = self._seen.get(peer, self._round)
            by_address.setdefault(peer[0], []).append((seen[peer], found.fd, peer))
        self._seen = seen
        for address, connections in by_address.items():
            excess = sorted(connections)[self._most :]
            if excess and not any(read_address(address) in network for network in self._trusted):
                _log.warning("too_many_connections", address=address, closed=len(excess), most=self._most)
                for _, number, peer in excess:
                    _hang_up(number, peer)


def _hang_up(number: int, peer: tuple[str, int]) -> None:
    """End a connection, if the file of this number still is that one; the HTTP server then sees its end."""
    with suppress(OSError), socket.socket(fileno=os.dup(number)) as connection:
        if connection.getpeername()[:2] == peer:
            connection.shutdown(socket.SHUT_RDWR)
