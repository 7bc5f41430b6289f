"""Listening sockets, and the errors when they cannot be opened."""

from __future__ import annotations

import errno
import socket
import sys

from enlarger.errors import ConfigurationError

NAMED_BY = ("--host", "--port")
METRICS_NAMED_BY = ("ENLARGER_METRICS_HOST", "ENLARGER_METRICS_PORT")
"""The options and the settings that choose where to listen."""
WAITING_CONNECTIONS = 1024
_SPREADS = sys.platform == "linux"
"""Whether the system distributes connections among the sockets that share a port."""


def bind(host: str, port: int, named_by: tuple[str, str] = NAMED_BY, *, shared: bool = False) -> socket.socket:
    """A socket that is bound to the port, or to a free one for 0, and does not listen yet.

    A `shared` socket shares the port with this user's other shared sockets, and each gets some of the connections.
    Raises ConfigurationError when the port is taken or the host is not this machine's; the message names the options or
    settings in `named_by`.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if shared:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.setblocking(False)
            listener.bind(address)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise _cannot_listen(error, host, port, named_by) from None
    return listener


class SharedPort:
    """A port on which several processes listen, each with a socket of its own.

    Linux distributes connections evenly among these. Other systems would give them all to one process, so there all
    processes have the same socket, and the first one to wake up accepts the connection.
    """

    def __init__(self, host: str, port: int, named_by: tuple[str, str] = NAMED_BY) -> None:
        """Raises ConfigurationError as `bind`."""
        self._host, self._named_by = host, named_by
        self._one: socket.socket | None = bind(host, port, named_by)
        self._port: int = self._one.getsockname()[1]
        if _SPREADS:
            self.close()

    def check(self) -> None:
        """Raise ConfigurationError if another program, which may share its port as well, listens on it now."""
        if _SPREADS:
            bind(self._host, self._port, self._named_by).close()

    def take(self) -> socket.socket:
        """A socket for one process, which does not listen yet. Raises ConfigurationError."""
        if self._one is not None:
            return self._one.dup()
        return bind(self._host, self._port, self._named_by, shared=True)

    def close(self) -> None:
        """Leave the port to the processes that listen on it."""
        if self._one is not None:
            self._one.close()
            self._one = None


def listen(listener: socket.socket, named_by: tuple[str, str] = NAMED_BY) -> None:
    """Let clients connect to a socket of `bind`. Raises ConfigurationError when another one was faster."""
    try:
        listener.listen(WAITING_CONNECTIONS)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        listener.close()
        raise _cannot_listen(error, host, port, named_by) from None


def _cannot_listen(error: OSError, host: str, port: int, named_by: tuple[str, str]) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            f"The port {port} is taken by another program: stop it, or choose another port with {named_by[1]}."
        )
    return ConfigurationError(
        f"The service cannot listen on {host}:{port} ({error.strerror}): choose another {named_by[0]} or {named_by[1]}."
    )


def reachable(host: str) -> str:
    """The host by which this machine reaches itself."""
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host
