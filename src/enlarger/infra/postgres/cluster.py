"""The life of an embedded Postgres: made, started, watched, healed, stopped.

Nothing but a Unix socket is listened on, in a folder that only its owner can enter. A server that outlived a killed
parent is taken over; a server that was itself killed is started again, and recovers from its log.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote_plus

import asyncpg
import psutil
import structlog

from enlarger.errors import PostgresError
from enlarger.infra.database import EMBEDDED_URL
from enlarger.infra.postgres.binaries import (
    VERSION,
    data_argument,
    find_account,
    find_programs,
)
from enlarger.retry import Failure, retry

_ROLE = "enlarger"
_DATABASE = "enlarger"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103
"""Bytes: what `sun_path` holds on macOS; Linux has 107."""
_LOG = "server.log"
_LOG_LIMIT = 10 << 20
_START_SECONDS = 60
_WATCH_SECONDS = 2.0
_PATIENCE = 3
"""How often a server that runs may leave a question unanswered before it is restarted."""
_ORPHANS_SECONDS = 20.0
"""How long to wait for the last backends of a killed server, which hold its shared memory."""

_log = structlog.get_logger("enlarger.postgres")


class EmbeddedPostgres:
    """One cluster, in one folder. The caller makes sure that no other process uses the folder."""

    def __init__(self, folder: Path, *, needed_free: int = 256 << 20) -> None:
        """A new cluster is made only where `needed_free` bytes are free: it takes 40 MiB, and its log up to as much
        again before it is first recycled.
        """
        self._folder = folder
        self._needed_free = needed_free
        self._account = find_account()
        self._programs = find_programs(self._account)
        self._lock = asyncio.Lock()

    @property
    def url(self) -> str:
        """How to connect: `postgresql://enlarger@/enlarger?host=<folder of the socket>`."""
        return f"{EMBEDDED_URL}{quote_plus(str(self._socket_folder()))}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Run the server around a block, and start it again should it die meanwhile; yields its URL."""
        await self.start()
        ending = asyncio.Event()
        watch = asyncio.create_task(self._watch(ending))
        try:
            yield self.url
        finally:
            ending.set()
            await watch
            await self.stop()

    async def start(self) -> None:
        """Make the cluster if need be, and start it, or take over one that runs.

        Raises PostgresError, which says what is in the way and what to do.
        """
        async with self._lock:
            await asyncio.to_thread(self._make)
            self._socket_folder()
            if await self._answers():
                _log.info("postgres_taken_over", folder=str(self._folder))
            else:
                await self._launch()
            await self._create_database()

    async def stop(self) -> None:
        """Stop the server; its clients are disconnected, and nothing committed is lost."""
        async with self._lock:
            await self._halt("fast")
            if (folder := self._socket_folder()) != self._folder:
                folder.unlink(missing_ok=True)

    # Making

    def _make(self) -> None:
        if (self._folder / "PG_VERSION").exists():
            return self._check_ours()
        if self._folder.exists() and any(self._folder.iterdir()):
            raise PostgresError(f"{self._folder} is not a Postgres cluster and not empty: choose another --data-dir.")
        free = shutil.disk_usage(self._folder.parent).free
        if free < self._needed_free:
            raise PostgresError(self._disk_full(free))
        # Made aside and then renamed, so that a cluster that is there is always whole.
        draft = Path(tempfile.mkdtemp(prefix=".postgres-", dir=self._folder.parent))
        try:
            if self._account:
                os.chown(draft, self._account.uid, self._account.gid)
            self._run_sync(
                draft,
                "initdb",
                "-U",
                _ROLE,
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--locale=C.UTF-8",
            )
            if self._folder.exists():
                self._folder.rmdir()
            draft.rename(self._folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _check_ours(self) -> None:
        version = (self._folder / "PG_VERSION").read_text().strip()
        if version != str(VERSION):
            raise PostgresError(
                f"{self._folder} was made by Postgres {version} and this version of Enlarger runs {VERSION}:"
                " use the version that made it, or choose another --data-dir."
            )
        owner, expected = self._folder.stat().st_uid, self._account.uid if self._account else os.geteuid()
        if owner != expected:
            raise PostgresError(
                f"{self._folder} belongs to another user (uid {owner}, and {expected} would run Postgres):"
                " start Enlarger as the user that made it, or choose another --data-dir."
            )

    async def _create_database(self) -> None:
        connection = await self._connect("postgres")
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", _DATABASE):
                await connection.execute(f"CREATE DATABASE {_DATABASE}")
        finally:
            await connection.close()

    # Starting and watching

    async def _launch(self) -> None:
        """Start the server; one that does not answer is stopped first, one that was killed is waited out."""
        await self._halt("immediate")
        log = self._folder / _LOG
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.unlink()
        options = "-k . -c listen_addresses='' -c unix_socket_permissions=0700 -c log_min_messages=warning"
        deadline = asyncio.get_running_loop().time() + _ORPHANS_SECONDS

        async def launch() -> None:
            await self._clear_stale(deadline)
            await self._run("pg_ctl", "start", "-w", "-t", str(_START_SECONDS), "-l", _LOG, "-o", options)

        def pauses(failure: Failure) -> float | None:
            killed_just_now = any(word in str(failure.error) for word in ("still in use", "already exists"))
            return 0.2 if killed_just_now and asyncio.get_running_loop().time() <= deadline else None

        await retry(launch, on=PostgresError, pauses=pauses)

    async def _halt(self, mode: str) -> None:
        if not self._status():
            return
        try:
            await self._run("pg_ctl", "stop", "-m", mode, "-w", "-t", str(_START_SECONDS))
        except PostgresError:
            if self._status():  # it may have died by itself meanwhile
                raise

    async def _clear_stale(self, deadline: float) -> None:
        """Remove a pid file that Postgres would take for that of a running server, although there is none.

        Its pid may belong to another program by now, or to a dead server that nobody has collected, as happens in
        containers. The file also guards the shared memory, so it goes only after the last backend has.
        """
        if self._pid() is None or self._status():
            return
        while backends := self._backends():
            if asyncio.get_running_loop().time() > deadline:
                raise PostgresError(
                    f"Processes of a killed Postgres still use {self._folder}: end {', '.join(map(str, backends))}."
                )
            await asyncio.sleep(0.1)
        (self._folder / "postmaster.pid").unlink(missing_ok=True)

    def _backends(self) -> list[int]:
        """The processes that work in the cluster's folder."""
        found = []
        for process in psutil.process_iter(["name", "status"]):
            with contextlib.suppress(psutil.Error):
                if _is_postgres(process) and process.cwd() == str(self._folder):
                    found.append(process.pid)
        return found

    async def _watch(self, ending: asyncio.Event) -> None:
        """Start the server again when it has died, until `ending` is set; never broken off in the middle of that."""
        silent = 0
        while not ending.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), _WATCH_SECONDS)
            if ending.is_set():
                return
            silent = 0 if await self._answers() else silent + 1
            if silent and (silent >= _PATIENCE or not self._status()):
                await self._restart()

    async def _restart(self) -> None:
        async with self._lock:
            _log.warning("postgres_died", folder=str(self._folder))
            try:
                await self._launch()
                _log.warning("postgres_restarted", folder=str(self._folder))
            except PostgresError as error:
                _log.error("postgres_not_restarted", reason=str(error))

    async def _answers(self) -> bool:
        """Whether the server runs and answers a query; a process that merely exists is not enough."""
        if not self._status():
            return False
        try:
            connection = await self._connect("postgres")
            try:
                return bool(await connection.fetchval("SELECT 1") == 1)
            finally:
                await connection.close(timeout=5)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            return False

    def _status(self) -> bool:
        """Whether the pid file is that of a running server."""
        pid = self._pid()
        try:
            return pid is not None and _is_postgres(psutil.Process(pid))
        except psutil.NoSuchProcess:
            return False

    def _pid(self) -> int | None:
        try:
            return int((self._folder / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    async def _connect(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(
            host=str(self._socket_folder()), user=_ROLE, database=database, timeout=10, command_timeout=10
        )

    # The socket

    def _socket_folder(self) -> Path:
        """The folder by which the socket is reached: the cluster's, or a short link to it where that is too long."""
        if len(os.fsencode(self._folder / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self._folder
        name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:12]
        link = Path(tempfile.gettempdir()) / f"enlarger-{name}"
        if len(os.fsencode(link / _SOCKET)) > _LONGEST_SOCKET_PATH:
            raise PostgresError(
                f"The path of the data directory {self._folder.parent} is too long for a socket, and so is that of"
                f" temporary files, {link.parent}: choose a shorter --data-dir, or set TMPDIR to a shorter one."
            )
        with contextlib.suppress(FileExistsError):
            link.symlink_to(self._folder)
        if link.lstat().st_uid != os.geteuid() or link.readlink() != self._folder:
            raise PostgresError(f"{link} is in the way and not ours: remove it, or choose a shorter --data-dir.")
        return link

    # Running programs

    async def _run(self, program: str, *arguments: str) -> None:
        await asyncio.to_thread(self._run_sync, self._folder, program, *arguments)

    def _run_sync(self, folder: Path, program: str, *arguments: str) -> None:
        data = data_argument(folder, self._account)
        account = self._account
        # Output goes to a file: the server that pg_ctl leaves behind would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            code = subprocess.call(
                [str(self._programs / program), *arguments, "-D", data],
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
            if code == 0:
                return
            output.seek(0)
            said = output.read().decode(errors="replace")
        raise PostgresError(self._explain(program, said + self._log_tail()))

    def _explain(self, program: str, said: str) -> str:
        if "No space left on device" in said:
            return self._disk_full(shutil.disk_usage(self._folder.parent).free)
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line] or lines
        return f"The embedded Postgres cannot run ({program}): {telling[-1] if telling else 'it gave no reason'}"

    def _disk_full(self, free: int) -> str:
        return (
            f"The disk that holds {self._folder.parent} is full ({free >> 20} MiB free, and Postgres needs"
            f" {self._needed_free >> 20}): free some space, or choose another --data-dir."
        )

    def _log_tail(self) -> str:
        try:
            return (self._folder / _LOG).read_text(errors="replace")[-2000:]
        except OSError:
            return ""


def _is_postgres(process: psutil.Process) -> bool:
    return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
