"""Restarting the processes of a service one after the other, under load, behind a proxy: how many requests fail?

    uv run python -m bench.rolling [--rounds 3] [--clients 6]

Two `enlarger serve` and one `enlarger worker` share a Postgres and a folder; nginx (Debian's) is in front of the two.
Clients create tasks in the sandbox and read their records without a pause, each request once, while every process is
ended by SIGTERM and started anew in turn. What is counted is what clients see: answers other than 200, connections
that broke, and at the end tasks that did not succeed or were carried out twice.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from enlarger.infra.database import open_database
from enlarger.infra.postgres import EmbeddedPostgres

_KEY = "rolling"
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    upstream service {{ server 127.0.0.1:{first} max_fails=0; server 127.0.0.1:{second} max_fails=0; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://service; proxy_set_header Host $http_host; }}
    }}
}}
"""
"""A process that does not listen is passed over for this request alone (`max_fails=0`), and nothing is sent twice."""


class Fleet:
    """The processes of the service."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "ENLARGER_STORAGE_URL": str(folder / "files"),
            "ENLARGER_API_KEY": _KEY,
            "ENLARGER_SANDBOX": "1",
            "ENLARGER_SANDBOX_SECONDS": "0.5",
            "ENLARGER_TRUSTED_PROXIES": "127.0.0.1",
        }
        self._folder = folder

    async def start(self, name: str, *arguments: str) -> Process:
        """Start `enlarger ARGUMENTS`, with a data directory of its own."""
        environment = {**self._environment, "ENLARGER_DATA_DIR": str(self._folder / name)}
        with (self._folder / f"{name}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "enlarger", *arguments, env=environment, stdout=log, stderr=log
            )

    async def serve(self, name: str, port: int) -> Process:
        """Start an API process and wait until it is ready."""
        process = await self.start(name, "serve", "--port", str(port))
        async with httpx2.AsyncClient(trust_env=False) as client:
            while True:
                if process.returncode is not None:
                    raise SystemExit((self._folder / f"{name}.log").read_text())
                try:
                    if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                        return process
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.2)


async def stop(process: Process) -> None:
    """End a process as a service manager does."""
    process.terminate()
    await process.wait()


async def load(url: str, over: asyncio.Event, seen: Counter[str], tasks: list[str]) -> None:
    """Create tasks and read them until it is `over`; each request is sent once."""
    headers = {"Authorization": f"Bearer {_KEY}", "X-Http-Status": "real"}
    body = {"model": "google/nano-banana", "input": {"prompt": "A house"}}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        while not over.is_set():
            made = await ask(client.post("/api/v1/jobs/createTask", json=body), seen)
            if made is None:
                continue
            tasks.append(made["taskId"])
            for _ in range(3):
                await ask(client.get("/api/v1/jobs/recordInfo", params={"taskId": tasks[-1]}), seen)


async def ask(sending: Any, seen: Counter[str]) -> dict[str, Any] | None:
    """The data of an answer, which is counted; None if it is not one."""
    try:
        response: httpx2.Response = await sending
    except httpx2.TransportError as error:
        seen[type(error).__name__] += 1
        return None
    seen[f"HTTP {response.status_code}"] += 1
    return response.json()["data"] if response.status_code == 200 else None


async def measure(rounds: int, clients: int) -> None:
    """Run it, and print what was seen."""
    first, second, port = free_ports(3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, first=first, second=second, port=port))
        async with EmbeddedPostgres(folder / "postgres").running() as url:
            fleet = Fleet(url, folder)
            servers = {first: await fleet.serve("first", first), second: await fleet.serve("second", second)}
            worker = await fleet.start("worker", "worker")
            nginx = shutil.which("nginx") or "/usr/sbin/nginx"
            proxy = await asyncio.create_subprocess_exec(nginx, "-c", str(folder / "nginx.conf"), "-e", "stderr")
            seen: Counter[str] = Counter()
            tasks: list[str] = []
            over = asyncio.Event()
            began = time.monotonic()
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(clients):
                        group.create_task(load(f"http://127.0.0.1:{port}", over, seen, tasks))
                    for _ in range(rounds):
                        for at, label in ((first, "first"), (second, "second")):
                            await stop(servers[at])
                            servers[at] = await fleet.serve(label, at)
                        await stop(worker)
                        worker = await fleet.start("worker", "worker")
                    over.set()
                seconds = time.monotonic() - began
                states, twice = await settle(url)
            finally:
                for process in (proxy, worker, *servers.values()):
                    await stop(process)
    print(f"{2 * rounds} restarts of API processes and {rounds} of the worker in {seconds:.0f} s, {clients} clients")
    print("answers:  ", dict(seen))
    print("tasks:    ", len(tasks), "created;", dict(states), f"; carried out twice: {twice}")


async def settle(url: str) -> tuple[Counter[str], int]:
    """Wait until no task is open: how many are in each state, and how many have more than one successful attempt."""
    async with open_database(url) as database:
        while await database.pool.fetchval("SELECT count(*) FROM open_tasks"):  # noqa: ASYNC110 - other processes end them
            await asyncio.sleep(0.5)
        states = await database.pool.fetch("SELECT state, count(*) FROM tasks GROUP BY state")
        twice = await database.pool.fetchval(
            "SELECT count(*) FROM (SELECT task_id FROM attempts WHERE state = 'succeeded'"
            " GROUP BY task_id HAVING count(*) > 1) AS repeated"
        )
    return Counter({row["state"]: row["count"] for row in states}), twice


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=6)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.rounds, arguments.clients))
