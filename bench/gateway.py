"""createTask and recordInfo compared with their floor: throughput, latency, and CPU per request.

    uv run python -m bench.gateway
    uv run python -m bench.gateway --seconds 10 --rounds 5

`enlarger serve` with one process and the floor (`bench/floor.py`: the same statements, and nothing else) run on the
same embedded Postgres, and a third process generates the load (`bench/load.py`). Their rounds alternate, so that a
machine that slows down affects both. First each is saturated, for `--rounds` rounds; the table shows the round with
the median rate. Then each gets 70 % of that rate, evenly spaced, for as many rounds; the table shows the median p99.
New tasks are removed after each round. The service has everything enabled: a log line for each request, metrics,
limits of bodies and connections.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from statistics import median

import asyncpg
import httpx2
import msgspec

from bench.load import NUMBER, Measured, request_bytes
from bench.processes import (
    cpu_seconds,
    free_port,
    machine,
    on_a_postgres,
    postgres_pid,
    running,
    table,
    wait_for_answer,
    wait_until,
)
from enlarger.infra.database import open_database
from enlarger.tasks.accounts import AccountStore, Caps

_KEY = "enl_bench"
_BODY = msgspec.json.encode(
    {
        "model": "google/nano-banana",
        "input": {"prompt": "A house by the sea, in the evening", "image_size": "16:9"},
        "callBackUrl": "http://127.0.0.1:9/callback",
    }
)
_SHARE = 0.7


class Server(msgspec.Struct, frozen=True):
    """One of the two servers that are compared."""

    name: str
    url: str
    pid: int


class Case(msgspec.Struct, frozen=True):
    """A request that is measured."""

    name: str
    request: bytes
    creates: bool


class Round(msgspec.Struct, frozen=True):
    """One round of load, and the CPU that each request took, in milliseconds."""

    load: Measured
    server: float
    postgres: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.load.rate


def remove_tasks(url: str) -> None:
    """Remove all tasks, and write the changes to disk now, which would otherwise slow down the next round."""

    async def remove() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("TRUNCATE pgqueuer, pgqueuer_log, events, ledger, tasks CASCADE")
        await connection.execute("CHECKPOINT")
        await connection.close()

    asyncio.run(remove())


def make_paying_key(url: str) -> str:
    """The key of an account that pays with credits and has plenty of them."""

    async def make() -> str:
        async with open_database(url) as database:
            accounts = AccountStore(database)
            await accounts.add("paying", credits=Decimal(10**8), create_limit=None, query_limit=None)
            return (await accounts.make_key("paying", name=None, caps=Caps()))[0]

    return asyncio.run(make())


def create_request(key: str, *, once: bool = False) -> bytes:
    """A createTask request; with `once` each has its own idempotency key."""
    headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": NUMBER.decode()} if once else {})
    return request_bytes("POST", "/api/v1/jobs/createTask", body=_BODY, headers=headers)


def read_request(task_id: str) -> bytes:
    """A recordInfo request."""
    target = f"/api/v1/jobs/recordInfo?taskId={task_id}"
    return request_bytes("GET", target, headers={"Authorization": f"Bearer {_KEY}"})


def make_task(service: Server) -> str:
    """Create a task; returns its id."""
    headers = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/json"}
    reply = httpx2.post(f"{service.url}/api/v1/jobs/createTask", content=_BODY, headers=headers, trust_env=False)
    return str(reply.json()["data"]["taskId"])


def end_a_task(service: Server, enlarger: Sequence[str], settings: dict[str, str], folder: Path) -> str:
    """Run a task in the sandbox with a worker; returns its id."""
    task_id = make_task(service)
    headers = {"Authorization": f"Bearer {_KEY}"}

    def ended() -> bool:
        url = f"{service.url}/api/v1/jobs/recordInfo"
        reply = httpx2.get(url, params={"taskId": task_id}, headers=headers, trust_env=False)
        return bool(reply.json()["data"]["state"] == "success")

    worker = settings | {"ENLARGER_DATA_DIR": str(folder / "worker")}
    with running([*enlarger, "worker", "--processes", "1"], folder / "worker.log", worker):
        wait_until(ended, "The end of a task")
    return task_id


class Bench:
    """Measures servers on one Postgres."""

    def __init__(self, database_url: str, folder: Path, options: argparse.Namespace) -> None:
        self._database_url = database_url
        self._folder = folder
        self._options = options

    def compare(self, case: Case, servers: Sequence[Server]) -> dict[str, tuple[Round, float]]:
        """Each server's saturated round with the median rate, and its p99 at 70 % of that rate, in seconds."""
        saturated = self._alternately(case, servers, lambda _: None)
        chosen = {
            name: sorted(rounds, key=lambda one: one.rate)[len(rounds) // 2] for name, rounds in saturated.items()
        }
        paced = self._alternately(case, servers, lambda name: chosen[name].rate * _SHARE)
        return {
            name: (one, median(paced_round.load.quantile(0.99) for paced_round in paced[name]))
            for name, one in chosen.items()
        }

    def _alternately(
        self, case: Case, servers: Sequence[Server], rate_of: Callable[[str], float | None]
    ) -> dict[str, list[Round]]:
        found: dict[str, list[Round]] = {server.name: [] for server in servers}
        for number in range(self._options.rounds + 1):
            for server in servers if number % 2 else reversed(servers):
                one = self._round(case, server, rate_of(server.name))
                if number:  # the first round is the warm-up
                    found[server.name].append(one)
        return found

    def _round(self, case: Case, server: Server, rate: float | None) -> Round:
        request = self._folder / "request"
        request.write_bytes(case.request)
        command = [sys.executable, "-m", "bench.load", server.url, str(request)]
        command += ["--connections", str(self._options.connections), "--seconds", str(self._options.seconds)]
        if rate is not None:
            command += ["--rate", str(rate)]
        postgres = postgres_pid(self._folder / "postgres")
        before = cpu_seconds([server.pid]), cpu_seconds([postgres])
        load = msgspec.json.decode(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout, type=Measured)
        after = cpu_seconds([server.pid]), cpu_seconds([postgres])
        if load.errors:
            raise SystemExit(f"{server.name}, {case.name}: {load.errors} of the requests failed.")
        if case.creates:
            remove_tasks(self._database_url)
        count = len(load.latencies)
        used = [(late - early) * 1000 / count for early, late in zip(before, after, strict=True)]
        return Round(load=load, server=used[0], postgres=used[1])


def measure(database_url: str, folder: Path, options: argparse.Namespace) -> None:
    """Start both servers, measure them, and print the results."""
    enlarger = [sys.executable, "-m", "enlarger"]
    settings = {
        "DATABASE_URL": database_url,
        "ENLARGER_STORAGE_URL": str(folder / "files"),
        "ENLARGER_API_KEY": _KEY,
        "ENLARGER_SANDBOX": "1",
        "ENLARGER_SANDBOX_SECONDS": "0.1",
        "ENLARGER_ALLOW_PRIVATE": "127.0.0.1",
    }
    with ExitStack() as stack:

        def start(name: str, command: Sequence[str], own: dict[str, str], ready: str) -> Server:
            log = folder / f"{name}.log"
            pid = stack.enter_context(running(command, log, own))
            url = f"http://127.0.0.1:{command[-1]}"
            wait_for_answer(f"{url}{ready}", pid, log)
            return Server(name, url, pid)

        ours = settings | {"ENLARGER_DATA_DIR": str(folder / "serve")}
        serve = [*enlarger, "serve", "--processes", "1", "--port", str(free_port())]
        service = start("enlarger", serve, ours, "/readyz")
        floor_command = [sys.executable, "-m", "bench.floor", database_url, str(free_port())]
        floor = start("floor", floor_command, {}, "/readyz")
        paying = make_paying_key(database_url)
        bench = Bench(database_url, folder, options)
        creating = [
            Case("createTask", create_request(_KEY), creates=True),
            Case("createTask, credits, Idempotency-Key", create_request(paying, once=True), creates=True),
        ]
        results = [(case, bench.compare(case, (service, floor))) for case in creating]
        reading = [
            Case("recordInfo, waiting", read_request(make_task(service)), creates=False),
            Case("recordInfo, ended", read_request(end_a_task(service, enlarger, settings, folder)), creates=False),
        ]
        results += [(case, bench.compare(case, (service, floor))) for case in reading]
    report(results, options)


def report(results: list[tuple[Case, dict[str, tuple[Round, float]]]], options: argparse.Namespace) -> None:
    """Print the table."""
    rows = []
    for case, found in results:
        for name, (one, p99) in found.items():
            of_floor = [one.rate / found["floor"][0].rate, p99 / found["floor"][1]]
            rows.append(
                [
                    case.name,
                    name,
                    f"{one.rate:,.0f}",
                    f"{of_floor[0]:.2f}",
                    f"{one.load.quantile(0.5) * 1000:.1f}",
                    f"{one.load.quantile(0.99) * 1000:.1f}",
                    f"{p99 * 1000:.1f}",
                    f"{of_floor[1]:.2f}",
                    f"{one.server:.2f}",
                    f"{one.postgres:.2f}",
                    f"{one.load.cpu / one.load.seconds:.0%}",
                ]
            )
    header = ["request", "server", "requests/s", "of floor", "p50 ms", "p99 ms", f"p99 ms at {_SHARE:.0%}"]
    header += ["of floor", "CPU ms", "Postgres CPU ms", "generator"]
    print(machine())
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds:g} s each\n")
    print(table(header, rows))


def main() -> None:
    """Run the benchmark on its own Postgres."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a round takes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    on_a_postgres(lambda url, folder: measure(url, folder, options))


if __name__ == "__main__":
    main()
