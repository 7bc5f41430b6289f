"""Sockets that clients connect to, and what is said when they cannot be had."""

from __future__ import annotations

import errno
import socket

from enlarger.errors import ConfigurationError

NAMED_BY = ("--host", "--port")
METRICS_NAMED_BY = ("ENLARGER_METRICS_HOST", "ENLARGER_METRICS_PORT")
"""The options and the settings that choose where to listen."""
WAITING_CONNECTIONS = 1024


def bind(host: str, port: int, named_by: tuple[str, str] = NAMED_BY) -> socket.socket:
    """A socket that has the port, a free one for 0, and does not listen yet.

    Raises ConfigurationError when the port is taken or the host is not this machine's; its message tells to change what
    `named_by` names.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setblocking(False)
            listener.bind(address)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise _cannot_listen(error, host, port, named_by) from None
    return listener


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
