"""Where this process connects to, seen where it happens: Python tells of every connect before it makes it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

Connects = list[tuple[str, int]]

_watchers: list[Connects] = []


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect" or not _watchers:
        return
    host, port = arguments[1][:2]
    for watcher in _watchers:
        watcher.append((host, port))
    if not host.startswith("127."):
        raise ConnectionRefusedError("tests do not leave this machine")


sys.addaudithook(_on_event)


@contextmanager
def watch() -> Iterator[Connects]:
    """Every connect in a block; those that would leave this machine are seen and refused."""
    connects: Connects = []
    _watchers.append(connects)
    try:
        yield connects
    finally:
        _watchers.remove(connects)


Answers = Callable[[str], list[str]]


def answer_names(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> list[str]:
    """A name service of the test's own, for all but numbers, which are read as the system does; returns what is asked.

    A name without an answer (KeyError) is not known.
    """
    asked: list[str] = []

    async def look_up(self: object, host: str, port: int, **options: Any) -> list[Any]:
        asked.append(host)
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            pass
        try:
            found = answers(host)
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look_up)
    return asked
