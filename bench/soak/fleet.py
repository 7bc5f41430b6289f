"""The processes of the service, which are restarted when they end; its Postgres; and its storage."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, Popen

import psutil

from bench.processes import free_port, plain_environment, postgres_pid
from enlarger.infra.postgres import EmbeddedPostgres

_LOOK_SECONDS = 0.25
_STOP_SECONDS = 120
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class Member:
    """A process and its replacements."""

    def __init__(self, name: str, arguments: list[str], port: int = 0) -> None:
        self.name = name
        self.arguments = arguments
        self.port = port
        self.process: Popen[bytes] | None = None
        self.started_at = 0.0
        self.starts_after = 0.0
        """By `time.monotonic()`: it is not restarted earlier."""
        self.killed = False
        self.frozen = False

    @property
    def pid(self) -> int | None:
        """Of the running process; None if there is none."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None


class Fleet:
    """Several `enlarger serve` and `enlarger worker`."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *, serve: int, worker: int) -> None:
        self.folder = folder
        self.members: dict[str, Member] = {}
        self.ended: list[str] = []
        """Processes that ended without being killed."""
        self._settings = settings
        for number in range(serve):
            port = free_port()
            arguments = ["serve", "--processes", "1", "--port", str(port)]
            self.members[f"serve-{number}"] = Member(f"serve-{number}", arguments, port)
        for number in range(worker):
            self.members[f"worker-{number}"] = Member(f"worker-{number}", ["worker", "--processes", "1"])

    def ports(self) -> list[int]:
        """The ports of the API's processes."""
        return [member.port for member in self.members.values() if member.port]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep all processes running around a block; at its end they are stopped by SIGTERM."""
        managing = asyncio.create_task(self._manage())
        try:
            yield
        finally:
            managing.cancel()
            await asyncio.wait((managing,))
            await asyncio.to_thread(self._stop)
        if not managing.cancelled():
            managing.result()

    def kill(self, name: str, seconds: float) -> None:
        """Kill a process with SIGKILL; it is restarted after so many seconds."""
        member = self.members[name]
        member.killed, member.frozen = True, False
        member.starts_after = time.monotonic() + seconds
        if member.pid is not None:
            os.kill(member.pid, signal.SIGKILL)

    def freeze(self, name: str) -> None:
        """Stop a process with SIGSTOP."""
        member = self.members[name]
        if member.pid is not None:
            member.frozen = True
            os.kill(member.pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Continue a frozen process."""
        member = self.members[name]
        if member.frozen and member.pid is not None:
            os.kill(member.pid, signal.SIGCONT)
        member.frozen = False

    async def _manage(self) -> None:
        while True:
            for member in self.members.values():
                if member.pid is None and time.monotonic() >= member.starts_after:
                    self._start(member)
            await asyncio.sleep(_LOOK_SECONDS)

    def _start(self, member: Member) -> None:
        if member.process is not None and not member.killed:
            lived = time.monotonic() - member.started_at
            self.ended.append(f"{member.name} ended by itself after {lived:.0f} s with {member.process.returncode}")
            member.starts_after = time.monotonic() + 2.0
            member.process = None
            return
        home = self.folder / member.name
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        own = {"ENLARGER_DATA_DIR": str(home / "data"), "TMPDIR": str(home / "tmp")}
        with (self.folder / f"{member.name}.log").open("ab") as log:
            member.process = Popen(
                [sys.executable, "-m", "enlarger", *member.arguments],
                env=plain_environment() | dict(self._settings) | own,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
            )
        member.killed, member.started_at = False, time.monotonic()

    def _stop(self) -> None:
        for member in self.members.values():
            self.thaw(member.name)
            if member.process is not None:
                member.process.terminate()
        for member in self.members.values():
            if member.process is not None:
                member.process.wait(_STOP_SECONDS)
                if member.process.returncode not in (0, -signal.SIGKILL):
                    self.ended.append(f"{member.name} ended with {member.process.returncode} when it was stopped")


class Postgres:
    """A Postgres cluster that can be restarted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = EmbeddedPostgres(folder)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Run it around a block; yields its URL."""
        await self._server.start()
        try:
            yield self._server.url
        finally:
            await self._server.stop()

    async def restart(self, seconds: float) -> None:
        """Shut it down immediately, as in a crash, and start it again after so many seconds."""
        with suppress(psutil.NoSuchProcess):
            server = psutil.Process(postgres_pid(self._folder))
            server.send_signal(signal.SIGQUIT)
            while server.is_running() and server.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.02)
        await asyncio.sleep(seconds)
        await self._server.start()


class Disk:
    """The folder in which the service stores files. It can be taken away: then a file is in its place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.away = False
        self._other = folder.with_name(f"{folder.name}.away")
        folder.mkdir()
        self._other.touch()

    def take_away(self) -> None:
        """Make reading and writing fail from now on."""
        if not self.away:
            self._exchange()

    def give_back(self) -> None:
        """Put the folder back with its files."""
        if self.away:
            self._exchange()

    def _exchange(self) -> None:
        """Exchange both in one step; in between, a writer would create the folder."""
        libc = ctypes.CDLL(None, use_errno=True)
        paths = os.fsencode(self.folder), os.fsencode(self._other)
        if libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE):
            raise OSError(ctypes.get_errno(), "the storage's folder cannot be exchanged")
        self.away = not self.away
