"""A limit for all that a request of the synchronous client does: the libraries have one for each step only."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

_LEAST = 0.001
"""Seconds; 0 would mean not to wait at all."""
_SLICE = 16_384


class Limit(threading.local):
    """The time, on the monotonic clock, by which the request that this thread makes has to be over."""

    end: float = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Around a request; another one may be made inside it, by a file object of the user's, say."""
        before, self.end = self.end, time.monotonic() + seconds
        try:
            yield
        finally:
            self.end = before

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.end

    def cut(self, seconds: float | None) -> float | None:
        """What is left for a step that may take `seconds`."""
        left = max(self.end - time.monotonic(), _LEAST)
        return seconds if math.isinf(left) else min(left, math.inf if seconds is None else seconds)


LIMIT = Limit()
"""One for all clients, because any number of them may be given the same connections."""


def keep_limit(client: Any) -> None:
    """Have a client's new connections, also those through proxies, keep the limit; without one they are as before.

    httpx and httpx2 have no argument for it; their pools have (`network_backend`), and keep it under this name. A
    transport of another kind stays as it is.
    """
    for transport in (client._transport, *client._mounts.values()):
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if pool is not None and backend is not None and not isinstance(backend, _Backend):
            pool._network_backend = _Backend(backend)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *arguments: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_tcp(host, port, LIMIT.cut(timeout), *arguments, **options)
        return _Stream(stream)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, *arguments: Any, **options: Any
    ) -> httpcore2.NetworkStream:
        stream = self._inner.connect_unix_socket(path, LIMIT.cut(timeout), *arguments, **options)
        return _Stream(stream)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, LIMIT.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE):
            self._inner.write(buffer[start : start + _SLICE], LIMIT.cut(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, LIMIT.cut(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
