"""Machines as network namespaces, which are connected by a bridge and whose cables can be cut."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

import psutil

T = TypeVar("T")

_NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of Linux."""
_OURS = re.compile(r"enlarger-(\d+)-\d+-\w+")
_numbers = count(1)


class NoNetworks(Exception):
    """Network namespaces cannot be created here; the message says why."""


@dataclass
class Machine:
    """A network namespace with an address."""

    name: str
    """The namespace's."""
    address: str
    port: str = ""
    """The other end of its cable, at the bridge."""
    _inside: ThreadPoolExecutor | None = field(default=None, repr=False)

    def command(self, *arguments: str) -> list[str]:
        """A command line that runs another one on this machine."""
        return ["ip", "netns", "exec", self.name, *arguments]

    def call(self, work: Callable[[], T]) -> T:
        """Call `work` in a thread whose sockets belong to this machine."""
        if self._inside is None:
            self._inside = ThreadPoolExecutor(1, initializer=_enter, initargs=(self.name,))
        return self._inside.submit(work).result()

    def close(self) -> None:
        """End the thread of `call`."""
        if self._inside is not None:
            self._inside.shutdown()


class Network:
    """Machines that reach each other. The first one is the bridge itself, which cannot be cut off."""

    def __init__(self) -> None:
        self._prefix = f"enlarger-{os.getpid()}-{next(_numbers)}"
        self.hub: Machine = self._namespace("hub")
        self.machines: list[Machine] = [self.hub]

    def open(self) -> None:
        """Create the bridge, after deleting the leftovers of tests that were killed. Raises NoNetworks."""
        for left in _ip("netns", "list").split():
            if (found := _OURS.fullmatch(left)) and not psutil.pid_exists(int(found[1])):
                _ip("netns", "delete", left)
        _ip("netns", "add", self.hub.name)
        _ip("-n", self.hub.name, "link", "set", "lo", "up")
        _ip("-n", self.hub.name, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self.hub.name, "address", "add", f"{self.hub.address}/24", "dev", "bridge")
        _ip("-n", self.hub.name, "link", "set", "bridge", "up")

    def add(self, name: str) -> Machine:
        """Add a machine and connect it to the bridge. Raises NoNetworks."""
        machine = self._namespace(name, len(self.machines))
        machine.port = f"to-{name}"
        _ip("netns", "add", machine.name)
        self.machines.append(machine)
        _ip("-n", machine.name, "link", "set", "lo", "up")
        _ip("-n", machine.name, "link", "add", "cable", "type", "veth", "peer", "name", machine.port)
        _ip("-n", machine.name, "link", "set", machine.port, "netns", self.hub.name)
        _ip("-n", machine.name, "address", "add", f"{machine.address}/24", "dev", "cable")
        _ip("-n", machine.name, "link", "set", "cable", "up")
        self.mend(machine)
        _ip("-n", self.hub.name, "link", "set", machine.port, "up")
        return machine

    def cut(self, machine: Machine) -> None:
        """Drop all packets from and to a machine. Neither side is notified: links stay up and no connection ends."""
        _ip("-n", self.hub.name, "link", "set", machine.port, "nomaster")

    def mend(self, machine: Machine) -> None:
        """Carry packets again."""
        _ip("-n", self.hub.name, "link", "set", machine.port, "master", "bridge")

    def close(self) -> None:
        """Delete all namespaces. Processes that still run in one keep it."""
        for machine in reversed(self.machines):
            machine.close()
            with suppress(NoNetworks):  # it may not have been made
                _ip("netns", "delete", machine.name)

    def _namespace(self, name: str, number: int = 0) -> Machine:
        return Machine(f"{self._prefix}-{name}", f"10.211.7.{number + 1}")


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """A network of machines with these names around a block. Raises NoNetworks."""
    made = Network()
    try:
        made.open()
        for name in names:
            made.add(name)
        yield made
    finally:
        made.close()


def _ip(*arguments: str) -> str:
    if sys.platform != "linux" or shutil.which("ip") is None:
        raise NoNetworks("there is no `ip` command, which Linux has in the package iproute2")
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworks(f"`ip {' '.join(arguments)}` fails: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _enter(name: str) -> None:
    """Move the current thread to a namespace."""
    with open(f"/run/netns/{name}") as namespace:  # noqa: PTH123 - a descriptor is needed
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), _NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "setns")
