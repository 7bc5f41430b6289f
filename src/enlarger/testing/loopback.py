"""Requests of the stand-in's own: to this machine and nowhere else, whatever a test names."""

from __future__ import annotations

import ipaddress
from http.client import HTTPConnection
from urllib.parse import urlsplit


def connect(url: str, *, timeout: float) -> tuple[HTTPConnection, str]:
    """A connection that is opened by its first request, and the target to ask it for.

    Raises ValueError for anything but plain http to a loopback address or localhost.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise ValueError("The stand-in sends requests to http://127.0.0.1, http://[::1] and http://localhost only.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HTTPConnection(str(parts.hostname), parts.port or 80, timeout=timeout), target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
