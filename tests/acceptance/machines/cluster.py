"""A Postgres, an API and workers, each on a machine of its own in a network of namespaces."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import psutil

from enlarger.infra.data_directory import DataDirectory
from enlarger.infra.database import CANNOT_CONNECT, open_database
from enlarger.infra.postgres import EmbeddedPostgres
from enlarger.infra.postgres.binaries import data_argument, find_account, find_programs
from enlarger.tasks.accounts import AccountStore, Caps, make_key
from tests import data_directories
from tests.acceptance.conftest import Command, Start
from tests.acceptance.machines.network import Machine, Network
from tests.acceptance.services import START_SECONDS
from tests.waiting import until

_KEY = make_key()
LEASE = 6
"""Seconds."""
_API_PORT = 8686
_ENGINE = "enlarger.engines.child"
_PERIOD, _SHARE = 2.0, 0.01
"""Seconds of which a slow engine has a share of the CPU."""


@dataclass
class Cluster:
    """The parts of a service on several machines, and what the test sees without the network between them."""

    network: Network
    front: Machine
    """Where the API runs."""
    server: asyncpg.Connection
    """To Postgres, by its socket."""
    start: Start
    settings: dict[str, str]
    folder: Path
    used: Path
    """A data directory to copy, with the networks compiled."""
    workers: list[Command] = field(default_factory=list)

    async def start_worker(self, machine: Machine, **settings: str) -> Command:
        """A worker on a machine."""
        data = self.folder / machine.name
        data_directories.copy(self.used, data)
        settings = {**self.settings, "ENLARGER_DATA_DIR": str(data), **settings}
        command = await self.start("worker", "--processes", "1", prefix=machine.command(), **settings)
        self.workers.append(command)
        await until(command.says("The worker is waiting for tasks"), seconds=START_SECONDS)
        return command

    async def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Ask the API, from its own machine."""

        def work() -> httpx2.Response:
            headers = {"Authorization": f"Bearer {_KEY}"}
            url = f"http://127.0.0.1:{_API_PORT}{path}"
            return httpx2.request(method, url, headers=headers, timeout=120, trust_env=False, **options)

        return await asyncio.to_thread(self.front.call, work)

    async def upload(self, picture: Path) -> str:
        files = {"file": (picture.name, picture.read_bytes())}
        reply = await self.ask("POST", "/api/file-stream-upload", data={"uploadPath": "a"}, files=files)
        return str(reply.json()["data"]["downloadUrl"])

    async def create(self, model: str, picture: str) -> str:
        """A task for the engine, on the picture at a URL; returns its id."""
        body = {"model": model, "input": {"image_url": picture, "upscale_factor": "2"}}
        reply = (await self.ask("POST", "/api/v1/jobs/createTask", json=body)).json()
        assert reply["code"] == 200, reply
        return str(reply["data"]["taskId"])

    async def attempts(self, task: str) -> list[str]:
        """The states of a task's attempts, the oldest first."""
        rows = await self.server.fetch("SELECT state FROM attempts WHERE task_id = $1 ORDER BY id", task)
        return [row["state"] for row in rows]

    def at_work(self, task: str) -> Callable[[], Any]:
        """Whether a task is with an engine."""

        async def generating() -> bool:
            return bool(await self.server.fetchval("SELECT state = 'generating' FROM tasks WHERE id = $1", task))

        return generating

    def ended(self, tasks: list[str]) -> Callable[[], Any]:
        """Whether tasks have succeeded; none may fail."""

        async def over() -> bool:
            rows = await self.server.fetch("SELECT state, fail_message FROM tasks WHERE id = ANY($1)", tasks)
            assert not any(row["state"] == "fail" for row in rows), rows
            return {row["state"] for row in rows} == {"success"}

        return over


@contextmanager
def slowed(worker: Command) -> Iterator[None]:
    """Limit the CPU of a worker's engine to a hundredth in a block, as cpulimit does; the worker itself goes on."""
    found = engines(worker)
    assert found
    over = threading.Event()

    def limit() -> None:
        with suppress(psutil.NoSuchProcess):
            while not over.wait(_PERIOD * _SHARE):
                for engine in found:
                    engine.suspend()
                over.wait(_PERIOD * (1 - _SHARE))
                for engine in found:
                    engine.resume()

    limiting = threading.Thread(target=limit)
    limiting.start()
    try:
        yield
    finally:
        over.set()
        limiting.join()


def engines(worker: Command) -> list[psutil.Process]:
    """The processes of a worker's engine: none before its first task."""
    below = psutil.Process(worker.process.pid).children(recursive=True)
    return [one for one in below if any(_ENGINE in word for word in one.cmdline())]


def said(worker: Command, event: str) -> list[dict[str, Any]]:
    """The lines with an event in a worker's log."""
    lines = (json.loads(line) for line in worker.err if line.startswith("{"))
    return [line for line in lines if line["event"] == event]


def carried_out(worker: Command, tasks: Sequence[str]) -> Callable[[], Awaitable[bool]]:
    """Whether a worker has carried out these tasks, and no others."""

    async def all_of_them() -> bool:
        return Counter(line["task_id"] for line in said(worker, "task_succeeded")) == Counter(tasks)

    return all_of_them


@asynccontextmanager
async def cluster(network: Network, front: Machine, start: Start, used: Path, folder: Path) -> AsyncIterator[Cluster]:
    """A Postgres on the hub and the API on `front`, around a block."""
    async with _postgres(network.hub, used, folder / "hub") as socket:
        await _open_account(socket)
        server = await asyncpg.connect(socket)
        settings = {
            "DATABASE_URL": f"postgresql://enlarger@{network.hub.address}/enlarger",
            "ENLARGER_STORAGE_URL": str(folder / "shared"),
            "ENLARGER_WORKER_LEASE": str(LEASE),
        }
        serve = ("serve", "--port", str(_API_PORT), "--processes", "1")
        command = await start(*serve, prefix=front.command(), **settings, ENLARGER_DATA_DIR=str(folder / "front"))
        await until(command.says("The API answers"), seconds=START_SECONDS)
        running = Cluster(network, front, server, start, settings, folder, used)
        try:
            yield running
        finally:
            for worker in running.workers:
                await worker.end(signal.SIGTERM)
                sys.stderr.write(worker.text)  # shown with a failure
            await command.end(signal.SIGTERM)
            await server.close()


async def _open_account(url: str) -> None:
    """An account that pays for its tasks."""
    async with open_database(url) as database:
        accounts = AccountStore(database)
        await accounts.add("shop", credits=Decimal(1000), create_limit=None, query_limit=None)
        await accounts.make_key("shop", name=None, caps=Caps(), key=_KEY)


@asynccontextmanager
async def _postgres(hub: Machine, used: Path, folder: Path) -> AsyncIterator[str]:
    """A Postgres that listens in the network, around a block; yields the URL of its socket."""
    data_directories.copy(used, folder)
    place = DataDirectory(folder).postgres
    with (place / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {hub.address}/24 trust\n")
    account = find_account()
    as_account = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"] if account else []
    program = str(find_programs(account) / "postgres")
    command = hub.command(*as_account, program, "-D", data_argument(place, account), "-k", ".", "-h", hub.address)
    url = EmbeddedPostgres(place).url
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
    try:

        async def answers() -> bool:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                await (await asyncpg.connect(url)).close()
            except CANNOT_CONNECT:
                return False
            return True

        await until(answers, seconds=START_SECONDS)
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # do not wait for clients
        await asyncio.to_thread(process.wait)
        await EmbeddedPostgres(place).stop()  # removes a link to its socket
