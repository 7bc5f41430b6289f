"""A whole soak: the service and its surroundings, the faults, and the audit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import msgspec

from bench.processes import plain_environment
from bench.soak.app import App
from bench.soak.audit import audit_leftovers, audit_over_http, audit_sums, count, rowless
from bench.soak.evidence import LEFT, Evidence, gather
from bench.soak.fleet import Disk, Fleet, Postgres
from bench.soak.meter import Flatness, Meter
from bench.soak.plan import RECEIVERS, Fault, Sizes, plan
from bench.soak.providers import Providers, Trouble, providers
from bench.soak.receivers import Book, Receiver
from bench.soak.relay import Relay
from bench.soak.task_audit import audit_task
from bench.stand_ins import WEBHOOK_KEY
from enlarger.protocol.signatures import make_key

_DEADLINE = 90.0
"""Seconds until a submission without a known end is given up."""
_START_SECONDS = 120.0
_SHOW_SECONDS = 10.0
_SLOW_SECONDS = 5.0
"""How long a slow receiver takes to answer."""
_STUCK_SECONDS = 180.0
"""If nothing has changed for so long after the last fault, the soak is stuck."""
_CREDITS_A_TASK = 4
_KEY = make_key(b"soak callbacks")
_TROUBLES: dict[str, Trouble] = {
    "provider down": "down", "provider slow": "slow", "provider throttles": "throttles", "provider fails": "fails",
}  # fmt: skip
_ACCIDENTS = ("kill worker", "kill serve", "freeze worker", "restart postgres", "storage away")


class Options(msgspec.Struct, frozen=True):
    """The options of a soak."""

    minutes: float
    rate: float
    serve: int
    worker: int
    seed: int
    lease: float
    gap: tuple[float, float]

    @property
    def seconds(self) -> float:
        """For how long tasks are created."""
        return self.minutes * 60


class Verdict(msgspec.Struct, frozen=True):
    """The result of the audit."""

    violations: list[str]
    counts: dict[str, int]
    flatness: list[Flatness]
    faults: list[str]
    settled_after: float | None
    """Seconds after the last fault and the last task; None if something never ended."""


class Soak:
    """One run."""

    def __init__(self, options: Options, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._began = 0.0
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._log: list[str] = []
        self._book = Book()
        self._redelivered = 0

    async def run(self) -> Verdict:
        """Run the soak. At the end everything is stopped, and the folder is kept."""
        options = self._options
        async with AsyncExitStack() as stack:
            self._providers = stack.enter_context(providers(options.seed))
            self._postgres = Postgres(self._folder / "postgres")
            url = await stack.enter_async_context(self._postgres.running())
            self._disk = Disk(self._folder / "files")
            front = Relay(lambda: self._fleet.ports())  # noqa: PLW0108 - there is no fleet yet
            await front.open()
            stack.callback(front.close)
            self._receivers = [Receiver(number, _KEY, self._book) for number in range(RECEIVERS)]
            for receiver in self._receivers:
                await receiver.open()
                stack.callback(receiver.close)
            homes = self._folder / "processes"
            homes.mkdir()
            settings = self._settings(url, front.url, self._providers)
            self._fleet = Fleet(homes, settings, serve=options.serve, worker=options.worker)
            async with self._fleet.running():
                app = App(front.url, {}, self._receivers, options.seed)
                await self._wait_for(app)
                app.keys.update(await asyncio.to_thread(self._make_accounts, settings))
                meter = Meter(self._fleet, url)
                async with _background(meter.run(), app.look(), self._show(app, meter)):
                    await self._go_wrong_and_create(app)
                    flatness = meter.flatness()
                    settled_after = await self._settle(url, app)
                books = await asyncio.to_thread(self._providers.books)
                evidence = await gather(url, app.wanted, self._book.told, books)
                self._say("auditing")
                violations = [fault async for fault in audit_over_http(evidence, app)]
                await app.client.aclose()
            violations += self._audit(evidence, app, homes, flatness, settled_after)
        return Verdict(violations, self._count(evidence, app), flatness, self._log, settled_after)

    # Before

    def _settings(self, database_url: str, public_url: str, outside: Providers) -> dict[str, str]:
        where, rate = outside.addresses, self._options.rate
        return {
            "DATABASE_URL": database_url,
            "ENLARGER_STORAGE_URL": str(self._disk.folder),
            "ENLARGER_API_KEY": "enl_soak",
            "ENLARGER_PUBLIC_URL": public_url,
            "ENLARGER_TRUSTED_PROXIES": "127.0.0.1",
            "ENLARGER_ALLOW_PRIVATE": "127.0.0.1",
            "ENLARGER_WEBHOOK_KEY": _KEY,
            "ENLARGER_WORKER_LEASE": f"{self._options.lease:g}",
            "ENLARGER_DEADLINE": f"{_DEADLINE:g}",
            "ENLARGER_ROUTES": "kie,replicate",
            "KIE_API_KEY": where.kie_key,
            "ENLARGER_KIE_BASE_URL": where.kie_url,
            "ENLARGER_KIE_UPLOAD_URL": where.kie_upload_url,
            "ENLARGER_KIE_WEBHOOK_KEY": WEBHOOK_KEY,
            "ENLARGER_KIE_CONCURRENCY": f"{max(10, rate * 10):.0f}",
            "ENLARGER_KIE_CREATES": f"{max(10, rate * 12):.0f}/10",
            "ENLARGER_KIE_QUERIES": "100/1",
            "REPLICATE_API_TOKEN": where.replicate_token,
            "ENLARGER_REPLICATE_BASE_URL": where.replicate_url,
            "ENLARGER_REPLICATE_CONCURRENCY": f"{max(10, rate * 10):.0f}",
            "ENLARGER_REPLICATE_CREATES": f"{max(10, rate * 12):.0f}/10",
        }

    async def _wait_for(self, app: App) -> None:
        for port in self._fleet.ports():
            deadline = time.monotonic() + _START_SECONDS
            while not await _is_ready(app.client, f"http://127.0.0.1:{port}/readyz"):
                if time.monotonic() > deadline or self._fleet.ended:
                    raise SystemExit(f"The service did not start: see {self._folder}.")
                await asyncio.sleep(0.5)

    def _make_accounts(self, settings: dict[str, str]) -> dict[str, str]:
        """Create accounts, one with too small a balance and one with a rate limit, and a budget; returns the keys."""
        tasks, rate = self._options.rate * self._options.seconds, self._options.rate
        plenty = f"{_CREDITS_A_TASK * tasks + 1000:.0f}"
        short = f"{_CREDITS_A_TASK * tasks * 0.2 * 0.7:.0f}"
        half = f"{max(5, rate * 10 * 0.3 * 1.5):.0f}"
        home = {"ENLARGER_DATA_DIR": str(self._folder / "commands")}

        def enlarger(*arguments: str) -> Any:
            command = [sys.executable, "-m", "enlarger", *arguments, "--json"]
            done = subprocess.run(command, env=plain_environment() | settings | home, capture_output=True, check=False)
            if done.returncode:
                raise SystemExit(f"enlarger {' '.join(arguments)}: {done.stderr.decode()[-2000:]}")
            return msgspec.json.decode(done.stdout)

        enlarger("accounts", "add", "shop", "--credits", plenty, "--creates", "0", "--queries", "0")
        enlarger("accounts", "add", "studio", "--credits", plenty, "--creates", half, "--queries", "0", "--weight", "2")
        enlarger("accounts", "add", "trial", "--credits", short, "--creates", "0", "--queries", "0")
        enlarger("budgets", "set", "provider", "replicate", "--day", f"{max(0.2, 0.039 * tasks * 0.4):.2f}")
        return {name: enlarger("keys", "create", name)["key"] for name in ("shop", "studio", "trial")}

    # Meanwhile

    async def _go_wrong_and_create(self, app: App) -> None:
        options = self._options
        faults = plan(options.seed, Sizes(options.seconds, options.serve, options.worker, options.lease, options.gap))
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(app.create(options.rate, options.seconds))
            for fault in faults:
                group.create_task(self._happen(fault))

    async def _happen(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        async with self._locks[
            fault.kind.partition(" ")[0], fault.target
        ]:  # faults of the same target follow each other
            self._say(str(fault))
            self._log.append(f"{time.monotonic() - self._began:6.1f} s  {fault}")
            await self._act(fault)

    async def _act(self, fault: Fault) -> None:
        match fault.kind:
            case "kill worker" | "kill serve":
                self._fleet.kill(fault.target, fault.seconds)
            case "freeze worker":
                self._fleet.freeze(fault.target)
                await asyncio.sleep(fault.seconds)
                self._fleet.thaw(fault.target)
            case "restart postgres":
                await self._postgres.restart(fault.seconds)
            case "storage away":
                self._disk.take_away()
                await asyncio.sleep(fault.seconds)
                self._disk.give_back()
            case "receiver dead":
                self._receivers[int(fault.target)].close()
                await asyncio.sleep(fault.seconds)
                await self._receivers[int(fault.target)].open()
            case "receiver slow":
                self._receivers[int(fault.target)].delay = _SLOW_SECONDS
                await asyncio.sleep(fault.seconds)
                self._receivers[int(fault.target)].delay = 0.0
            case kind:
                self._providers.trouble(fault.target, _TROUBLES[kind])
                await asyncio.sleep(fault.seconds)
                self._providers.trouble(fault.target, "none")

    async def _show(self, app: App, meter: Meter) -> None:
        while True:
            await asyncio.sleep(_SHOW_SECONDS)
            made = sum(bool(one.ids) for one in app.wanted.values())
            state = ", ".join(f"{name} {value}" for name, value in meter.state.items())
            self._say(f"{len(app.wanted)} wanted, {made} made, {len(self._book.told)} told; {state}")

    def _say(self, text: str) -> None:
        since = time.monotonic() - self._began if self._began else 0.0
        print(f"{time.strftime('%H:%M:%S')} {since:6.0f} s  {text}", flush=True)

    # Afterwards

    async def _settle(self, url: str, app: App) -> float | None:
        """Wait until everything has ended; None if it never does. Missed callbacks are sent again at the end."""
        self._say("all faults are over and all tasks are created: settling")
        began = changed = time.monotonic()
        last: object = None
        connection = await asyncpg.connect(url)
        try:
            while True:
                (row,) = map(dict, await connection.fetch(LEFT))
                if not any(row.values()):
                    return time.monotonic() - began
                if row["owed"] and not row["due"] and not row["open"] and not row["attempts"]:
                    await self._send_again(connection, app)
                if row != last:
                    last, changed = row, time.monotonic()
                elif time.monotonic() - changed > _STUCK_SECONDS:
                    self._say(f"stuck: {row}")
                    return None
                await asyncio.sleep(1.0)
        finally:
            await connection.close()

    async def _send_again(self, connection: asyncpg.Connection, app: App) -> None:
        """Send callbacks now that would only be tried again in minutes or hours, as an operator can."""
        accounts = {one.id: one.account for one in app.wanted.values()}
        for row in await connection.fetch("SELECT task_id FROM deliveries WHERE state = 'pending'"):
            self._redelivered += 1
            await app.ask("POST", f"/v1/tasks/{row['task_id']}/deliveries", accounts[row["task_id"]])

    def _audit(
        self, evidence: Evidence, app: App, homes: Path, flatness: list[Flatness], settled_after: float | None
    ) -> list[str]:
        accidents = sum(any(kind in line for kind in _ACCIDENTS) for line in self._log)
        violations = [*app.wrong, *self._fleet.ended]
        violations += [f"a callback is not surely the service's: {one}" for one in self._book.wrong]
        violations += audit_sums(evidence)
        violations += audit_leftovers(evidence, self._disk.folder, homes, accidents)
        violations += [f"not flat: {one}" for one in flatness if not one.flat]
        if settled_after is None:
            violations.append("not everything has ended")
        for case in evidence.cases:
            case.faults += audit_task(case, _DEADLINE)
            if case.faults:
                violations += [f"task {case.wanted.number} ({case.wanted.id}): {fault}" for fault in case.faults]
        self.bad = [case for case in evidence.cases if case.faults]
        return violations

    def _count(self, evidence: Evidence, app: App) -> dict[str, int]:
        return {
            "tasks wanted": len(app.wanted),
            **count(evidence),
            "submissions with the input of an earlier one": evidence.books.duplicates,
            "files in the storage without a row": rowless(evidence, self._disk.folder),
            "callbacks sent by hand": self._redelivered,
            **{f"answers {name}": number for name, number in app.answers.most_common()},
        }


async def _is_ready(client: httpx2.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == 200
    except httpx2.HTTPError:
        return False


@asynccontextmanager
async def _background(*work: Any) -> AsyncIterator[None]:
    """Run coroutines during a block; their errors are raised at its end."""
    doing = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for one in doing:
            one.cancel()
        await asyncio.wait(doing)
    for one in doing:
        if not one.cancelled():
            one.result()
