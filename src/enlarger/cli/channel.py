"""The messages between a supervisor and its processes, over a socket pair.

The first message is the process's order, as a pickle; all others are JSON lines. When the connection ends, a process
knows that its supervisor is gone, however it ended.
"""

from __future__ import annotations

import pickle
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from enlarger.cli.output import Style
from enlarger.cli.processes import Command

_SIZE = struct.Struct("!I")


class Prepared(msgspec.Struct, tag=True, frozen=True):
    """The process is ready to begin."""


class Begin(msgspec.Struct, tag=True, frozen=True):
    """The process is to accept requests and tasks from now on."""


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The process accepts them; `url` and `api_key` are the API's, if it serves the API."""

    url: str | None = None
    api_key: str | None = None


class Greet(msgspec.Struct, tag=True, frozen=True):
    """The process is to print the output of a service that is ready."""


class Greeted(msgspec.Struct, tag=True, frozen=True):
    """The process has printed it."""


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The process ends because of an EnlargerError: the name of its class, and its message."""

    kind: str
    message: str


Message = Prepared | Begin | Ready | Greet | Greeted | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is to do."""

    command: Command
    settings: dict[str, Any]
    """The values of all settings, so that a replacement has the same ones as the other processes."""
    set: set[str]
    """The names of the settings that were set explicitly."""
    style: Style
    quiet: bool
    number: int
    of: int
    database_url: str
    folder: Path
    """Where the processes' sockets for metrics are."""
    listener: int | None = None
    """The socket's file descriptor, which is the same in the new process."""
    metrics_listener: int | None = None


def write_message(message: Message) -> bytes:
    """A message as a line."""
    return msgspec.json.encode(message) + b"\n"


def read_message(line: bytes) -> Message:
    """The message of a line."""
    message: Message = msgspec.json.decode(line, type=Message)
    return message


def send_order(channel: socket.socket, order: Order) -> None:
    """Give a process its order."""
    packed = pickle.dumps(order)
    channel.sendall(_SIZE.pack(len(packed)) + packed)


def receive_order(channel: socket.socket) -> Order:
    """The order of this process. Raises EOFError when the supervisor has ended already."""
    (size,) = _SIZE.unpack(_receive(channel, _SIZE.size))
    order: Order = pickle.loads(_receive(channel, size))  # noqa: S301 - from the process that started this one
    return order


def _receive(channel: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = channel.recv(size - len(received))
        if not part:
            raise EOFError
        received += part
    return received
