"""A whole service in front of two stand-ins, with workers that are killed and a Postgres that is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from enlarger.all_settings import load_settings
from enlarger.errors import DatabaseUnavailable
from enlarger.infra.database import Connection, Database, open_database
from enlarger.infra.migrations import migrate
from enlarger.infra.storage import Storage
from enlarger.server import Service, create_app
from enlarger.server import serve as listen
from enlarger.tasks.accounts import Caps
from enlarger.testing import StandIn
from enlarger.testing.replicate.stand_in import ReplicateStandIn
from tests.faults.evidence import Evidence, Trial
from tests.faults.judge import judge
from tests.faults.plan import DEADLINE, TAKES, Plan, World, number_in, plan
from tests.faults.queries import BUSY, HISTORY, LEFT
from tests.faults.surroundings import App, Fates, Postgres
from tests.faults.worker import Orders
from tests.ports import free_port

MODEL = "google/nano-banana"
ACCOUNT = "faults"
_CREDITS = Decimal(1_000_000)
_BUSY_AT_ONCE = 400
_ROUND_SECONDS = 0.4
_PACE_SECONDS = 0.1
_SAMPLES = 4
"""Records that are looked at in a round."""
_SILENT_SECONDS = 120.0
"""When nothing has changed for so long, nothing will."""


class Run:
    """The runs of one world, from the first createTask to the verdict."""

    def __init__(self, world: World, plans: Sequence[Plan], *, seed: int, begin_seconds: float, log: str) -> None:
        self._world = world
        self._plans = {one.number: one for one in plans}
        self._seed = seed
        self._begin_seconds = begin_seconds
        self._log = log
        self._ids: dict[int, str] = {}
        self._samples: list[str] = []
        self._sampled = 0
        self._kills = 0
        self._fates = Fates(seed)
        self._looked_at = 0, 0
        self._to_cancel: set[int] = set()

    async def __call__(self, folder: Path) -> Trial:
        began = time.monotonic()
        async with AsyncExitStack() as stack:
            self.kie = stack.enter_context(
                StandIn(
                    webhook_key=_KEY if self._world.signed else None,
                    credits=1e9,
                    seconds=TAKES,
                    limits=False,
                    fate=self._fates.of("kie"),
                    callback_delay=0.05,
                )
            )
            self.replicate = stack.enter_context(
                ReplicateStandIn(seconds=TAKES, limits=False, fate=self._fates.of("replicate"), tell_webhooks=True)
            )
            self.app = stack.enter_context(App(self._seed))
            postgres = Postgres(folder / "postgres")
            url = await stack.enter_async_context(postgres.running())
            await migrate(url)
            self.database = await stack.enter_async_context(open_database(url))
            await self._do(HISTORY)
            port = free_port()
            settings = self._settings(url, port)
            storage = Storage(str(folder / "files"))
            service = await Service.open(load_settings(**settings), self.database, storage)
            await service.accounts.add(ACCOUNT, credits=_CREDITS, create_limit=None, query_limit=None)
            key, _ = await service.accounts.make_key(ACCOUNT, name=None, caps=Caps())
            base_url = await stack.enter_async_context(listen(create_app(service), host="127.0.0.1", port=port))
            self.client = await stack.enter_async_context(
                httpx2.AsyncClient(base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
            )
            orders = self._orders(folder, settings)
            creating = asyncio.create_task(self._create_all())
            try:
                over = await self._see_to_the_end(creating, orders, postgres)
            finally:
                creating.cancel()
                await asyncio.wait((creating,))
            if creating.done() and not creating.cancelled() and (error := creating.exception()) is not None:
                raise error
            evidence = await self._gather()
            evidence.folder = folder / "files"
            evidence.over = over
            evidence.restarts = postgres.restarts
            evidence.seconds = time.monotonic() - began
            evidence.kills = self._kills
            evidence.hits = {int(path.name) for path in (folder / "hits").iterdir()}
            evidence.differences = [str(one) for one in await service.ledger.check()]
        return judge(evidence)

    def _settings(self, url: str, port: int) -> dict[str, Any]:
        return {
            "database_url": url,
            "port": port,
            "public_url": f"http://127.0.0.1:{port}" if self._world.webhooks else None,
            "allow_private": "127.0.0.1",
            "kie_api_key": self.kie.api_key,
            "kie_base_url": self.kie.base_url,
            "kie_upload_url": self.kie.upload_url,
            "kie_webhook_key": _KEY if self._world.signed else None,
            "replicate_api_token": self.replicate.api_token,
            "replicate_base_url": self.replicate.base_url,
            **dict.fromkeys(("kie_concurrency", "replicate_concurrency"), 100_000),
            **dict.fromkeys(("kie_creates", "kie_queries", "replicate_creates", "replicate_queries"), "100000/1"),
            "routes": "kie,replicate",
            "unknown": self._world.unknown,
            "deadline": DEADLINE,
            "patience": 3600,
            "worker_lease": 1,
        }

    def _orders(self, folder: Path, settings: dict[str, Any]) -> Orders:
        orders = Orders(
            seed=self._seed,
            settings=settings,
            storage=folder / "files",
            work=folder / "work",
            hits=folder / "hits",
            control=folder / "control",
            workers=self._world.workers,
        )
        orders.work.mkdir()
        orders.hits.mkdir()
        return orders

    async def _see_to_the_end(self, creating: asyncio.Task[None], orders: Orders, postgres: Postgres) -> bool:
        """Have workers work until all has ended as it should, or never will; says which.

        What they are at when they stop counts as well: a look at what nobody waits for may find something to collect.
        """
        while True:
            async with self._workers(orders, postgres):
                over = await self._follow(creating)
            if not over or not self._left(await self._row(LEFT)):
                return over

    @asynccontextmanager
    async def _workers(self, orders: Orders, postgres: Postgres) -> AsyncIterator[None]:
        path = orders.work / "orders.json"
        path.write_bytes(msgspec.json.encode(orders, enc_hook=str))
        paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "FAULTS_LOG": self._log}
        before = postgres.incarnations
        async with AsyncExitStack() as control:
            await control.enter_async_context(postgres.control(orders.control))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.worker",
                str(path),
                cwd=orders.work,
                env=environment,
                start_new_session=True,
            )
            try:
                await asyncio.wait_for(postgres.ready.wait(), _SILENT_SECONDS)
                yield
                await control.aclose()
                await asyncio.wait_for(process.wait(), _SILENT_SECONDS)
            except BaseException:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        self._kills += postgres.incarnations - before - orders.workers

    # Making tasks, and what apps and strangers do meanwhile

    async def _create_all(self) -> None:
        """Make a task for every run, so many at a time; those left after `begin_seconds` are dropped."""
        waiting = list(self._plans)
        until = time.monotonic() + self._begin_seconds
        while waiting:
            if time.monotonic() > until:
                for number in waiting:
                    del self._plans[number]
                return
            row = await self._row(BUSY)
            some = waiting[: max(0, min(_BUSY_AT_ONCE - row["busy"], 50))]
            del waiting[: len(some)]
            await asyncio.gather(*(self._create(number) for number in some))
            await asyncio.sleep(_PACE_SECONDS)

    async def _create(self, number: int) -> None:
        """Make a run's task; with its key that is safe to do until it is answered."""
        body = {
            "model": MODEL,
            "input": {"prompt": self._plans[number].prompt},
            "callBackUrl": self.app.url(number),
        }
        while number not in self._ids:
            with contextlib.suppress(httpx2.HTTPError):
                response = await self.client.post(
                    "/api/v1/jobs/createTask", json=body, headers={"Idempotency-Key": f"{self._seed}-{number}"}
                )
                answer = response.json()
                if answer["code"] == 200:
                    self._ids[number] = answer["data"]["taskId"]
                elif answer["code"] not in (409, 500, 503):
                    raise AssertionError(f"createTask was refused: {answer}")
            if number not in self._ids:
                await asyncio.sleep(_ROUND_SECONDS)

    async def _follow(self, creating: asyncio.Task[None]) -> bool:
        """Look on until nothing changes any more; whether all has ended as it should."""
        last: object = None
        silent_since = time.monotonic()
        while True:
            await self._meddle()
            await self._sample()
            row = await self._row(LEFT)
            now = time.monotonic()
            left = self._left(row)
            if creating.done() and (creating.exception() is not None or not left):
                return not left
            state = (len(self._ids), tuple(row.values()))
            if state != last:
                last, silent_since = state, now
            if now - silent_since > _SILENT_SECONDS:
                return False
            await asyncio.sleep(_ROUND_SECONDS)

    def _left(self, row: Any) -> int:
        """How much is still to come: not what a provider never tells the end of."""
        books = self._books()
        left = int(row["open"]) + int(row["owed"])
        for line in row["attempts"]:
            _, _, provider_task_id, reported, abandoned = line.split(" ")
            if abandoned != "true" or reported == "true":
                left += 1
            elif (run := books.get(provider_task_id)) is not None:  # not of an id that a stranger made up
                left += not (run.mishap.mute or run.mishap.fate.late == math.inf)
        return left or (self._announcements_to_come() if row["attempts"] else 0)

    def _books(self) -> dict[str, Plan]:
        """The run that each of the providers' tasks is of."""
        seen = [(task.id, task.input) for task in self.kie.tasks]
        seen += [(one.id, one.input) for one in self.replicate.predictions]
        return {provider_task_id: self._run(input) for provider_task_id, input in seen}

    def _announcements_to_come(self) -> bool:
        """Whether some provider has something to announce yet: late ones come after the deadline."""
        delays = [max(one.mishap.fate.callbacks, default=0.0) for one in self._plans.values()]
        last = max((task.created for task in self.kie.tasks), default=0.0)
        last = max([last, *(one.created for one in self.replicate.predictions)])
        return self._world.webhooks and time.time() < last + TAKES + max(delays, default=0.0) + 2.0

    def _run(self, input: Mapping[str, Any]) -> Plan:
        number = number_in(input.get("prompt"))
        assert number is not None, "nobody else asks the stand-ins"
        return self._plans[number]

    async def _meddle(self) -> None:
        """Apps call tasks off that a provider has, and strangers announce nonsense."""
        kie, replicate = self.kie.tasks, self.replicate.predictions
        seen = [(task.input, task.callback_url) for task in kie[self._looked_at[0] :]]
        seen += [(one.input, one.webhook) for one in replicate[self._looked_at[1] :]]
        self._looked_at = len(kie), len(replicate)
        for input, webhook in seen:
            run = self._run(input)
            if run.mishap.cancelled:
                self._to_cancel.add(run.number)
            if run.mishap.garbage and webhook:
                other = await self._anybodys("replicate" if "/replicate/" in webhook else "kie")
                record = {"taskId": other, "state": "success", "resultJson": "{}"}
                await self._try("POST", webhook, json={"code": 200, "msg": "", "data": record, "id": other})
        for number in self._to_cancel & self._ids.keys():
            if await self._try("POST", f"/v1/tasks/{self._ids[number]}/cancel") is not None:
                self._to_cancel.discard(number)

    async def _anybodys(self, provider: str) -> str:
        """A provider's id that is known to be some run's, or one that is nobody's."""
        rows = await self._rows(
            "SELECT provider_task_id FROM attempts WHERE provider = $1 AND provider_task_id IS NOT NULL LIMIT 1",
            provider,
        )
        return str(rows[0]["provider_task_id"]) if rows else "madeup"

    async def _sample(self) -> None:
        """Look at some tasks whose fate is unknown as their apps do."""
        rows = await self._rows(
            "SELECT attempts.task_id, error FROM attempts JOIN tasks ON tasks.id = task_id"
            " WHERE attempts.state = 'unknown' AND abandoned_at IS NULL AND tasks.state NOT IN ('success', 'fail')"
            " ORDER BY random() LIMIT $1",
            _SAMPLES,
        )
        for row in rows:
            answer = await self._try("GET", f"/api/v1/jobs/recordInfo?taskId={row['task_id']}")
            if answer is None or answer["code"] != 200:
                continue
            self._sampled += 1
            state = answer["data"]["state"]
            if state not in ("generating", "success", "fail") or not row["error"]:
                self._samples.append(f"{row['task_id']} is unknown and reads {state}, {row['error']!r}")

    async def _try(self, method: str, url: str, **arguments: Any) -> dict[str, Any] | None:
        with contextlib.suppress(httpx2.HTTPError):
            answer: dict[str, Any] = (await self.client.request(method, url, **arguments)).json()
            return answer
        return None

    # Reading the books

    async def _gather(self) -> Evidence:
        tables = {
            name: [dict(row) for row in await self._rows(f"SELECT * FROM {name}")]
            for name in ("tasks", "attempts", "files", "deliveries", "spending", "seen_attempts")
        }
        tables["events"] = [dict(row) for row in await self._rows("SELECT * FROM events ORDER BY id")]
        tables["ledger"] = [dict(row) for row in await self._rows("SELECT * FROM ledger ORDER BY id")]
        return Evidence(
            world=self._world,
            plans=self._plans,
            ids=self._ids,
            tables=tables,
            kie=self.kie.tasks,
            replicate=self.replicate.predictions,
            told=self.app.told,
            samples=self._samples,
            sampled=self._sampled,
        )

    async def _rows(self, statement: str, *values: object) -> list[Any]:
        async def work(connection: Connection) -> list[Any]:
            return list(await connection.fetch(statement, *values))

        while True:
            with contextlib.suppress(DatabaseUnavailable):  # it comes back, however long that takes here
                return await self.database.read(work)

    async def _row(self, statement: str) -> Any:
        return (await self._rows(statement))[0]

    async def _do(self, statement: str) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(statement)

        await self.database.run(work)

    database: Database


_KEY = "whsec_ZmF1bHRzLXdlYmhvb2stc2VjcmV0"


def try_world(
    world: World, numbers: Sequence[int], *, seed: int, begin_seconds: float = math.inf, log: str = "critical"
) -> Trial:
    """Make and judge these runs in a world; those that cannot begin within `begin_seconds` are left out."""
    plans = [plan(seed, number) for number in numbers]
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o755)  # Postgres may run as another user
    try:
        return asyncio.run(Run(world, plans, seed=seed, begin_seconds=begin_seconds, log=log)(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
