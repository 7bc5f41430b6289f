"""Workers that die where a run's plan says so. They are begun anew, as a service manager would.

    python -m tests.faults.worker orders.json

This process loads everything once and is then forked, so that a worker is back in no time.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import importlib
import inspect
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import msgspec

from enlarger.all_settings import load_settings
from enlarger.errors import DatabaseUnavailable, StorageError
from enlarger.infra.clock import machine_time
from enlarger.infra.database import open_database
from enlarger.infra.logs import set_up_logs
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.providers.kie import KieProvider
from enlarger.providers.replicate import ReplicateProvider
from enlarger.providers.setup import open_providers
from enlarger.providers.spec import Surroundings
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.deliveries import DeliveryStore
from enlarger.testing.models import read_catalogue
from enlarger.worker import Worker
from enlarger.worker.callback import CallbackSender
from enlarger.worker.report_handler import ReportHandler
from tests.faults.hurry import QUICK, open_quick_providers
from tests.faults.plan import GATHER_SECONDS, Side, number_in, plan

_MOST_AT_ONCE = 60
_TASK_ID = re.compile(r"[0-9a-f]{32}")
_BLACK = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f6173855"
    "0000000049454e44ae426082"
)
"""A PNG of one black pixel."""


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What workers are told."""

    seed: int
    settings: dict[str, Any]
    storage: Path
    work: Path
    hits: Path
    """A folder with a file for every accident that has happened."""
    control: Path
    """The socket of whoever restarts Postgres."""
    workers: int


class Over(Exception):
    """Nobody wants workers any longer."""


class Accidents:
    """Makes the accident of a run happen, once, where it is to."""

    def __init__(self, orders: Orders) -> None:
        self.seed = orders.seed
        self._orders = orders
        self._waiting = 0
        self._down = asyncio.Event()
        self._numbers: dict[str, int] = {}
        self._done: Counter[tuple[str, int]] = Counter()
        self._writer: asyncio.StreamWriter | None = None

    async def connect(self, on_end: Callable[[], None]) -> None:
        """Listen to whoever restarts Postgres; `on_end` is called when the workers are to stop. Raises Over."""
        try:
            reader, self._writer = await asyncio.open_unix_connection(self._orders.control)
        except OSError:
            raise Over from None
        self._writer.write(b"ready\n")

        async def listen() -> None:
            with contextlib.suppress(OSError):
                while await reader.readline():
                    self._down.set()
                    self._down = asyncio.Event()
            self._down.set()  # nobody will restart it any more
            on_end()

        self._listening = asyncio.create_task(listen())

    def learn(self, task_id: str, number: int | None) -> None:
        if number is not None:
            self._numbers[task_id] = number

    def of_task(self, text: object) -> int | None:
        """The run whose task is named somewhere in a text."""
        found = _TASK_ID.findall(str(text))
        return next((self._numbers[task_id] for task_id in found if task_id in self._numbers), None)

    def times(self, what: str, number: int) -> int:
        """How often this worker has done something for a run before."""
        self._done[what, number] += 1
        return self._done[what, number] - 1

    async def pass_by(self, number: int | None, spot: str, side: Side) -> None:
        """A run has come to a place. If that is where its accident happens, it goes no further, or only later."""
        if number is None:
            return
        run = plan(self.seed, number)
        if run.cell.accident == "clean" or run.spot != (spot, side) or not self._mark(number):
            return
        if run.cell.accident == "kill -9":
            await self._die()
        assert self._writer is not None
        self._writer.write(b"restart\n")
        await self._down.wait()

    def _mark(self, number: int) -> bool:
        try:
            (self._orders.hits / str(number)).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    async def _die(self) -> None:
        self._waiting += 1
        if self._waiting == 1:
            asyncio.get_running_loop().call_later(GATHER_SECONDS, _kill)
        if self._waiting >= _MOST_AT_ONCE:
            _kill()
        await asyncio.Event().wait()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


Whose = Callable[..., int | None]


def _of_attempt(attempt: Any, *_: Any, **__: Any) -> int | None:
    return number_in((attempt.request or {"input": {}})["input"].get("prompt"))


def _of_input(holder: Any, *_: Any, **__: Any) -> int | None:
    return number_in(holder.input.get("prompt"))


def _of_request(holder: Any, *_: Any, **__: Any) -> int | None:
    return number_in(holder.request.input.get("prompt"))


def _nobodys(*_: Any, **__: Any) -> None:
    return None


def infest(accidents: Accidents) -> None:
    """Put accidents, and what goes wrong in our own storage, on the way of every task."""

    def watch(
        owner: type, name: str, spot: str, whose: Whose, result: Callable[[Any], list[int | None]] | None = None
    ) -> None:
        original: Callable[..., Awaitable[Any]] = getattr(owner, name)
        assert inspect.iscoroutinefunction(original), f"{owner.__name__}.{name} is not what it was"

        @functools.wraps(original)
        async def watched(self: Any, *arguments: Any, **named: Any) -> Any:
            number = whose(*arguments, **named)
            await accidents.pass_by(number, spot, "before")
            work = asyncio.ensure_future(original(self, *arguments, **named))
            try:
                if spot == "submit":
                    await asyncio.sleep(0)
                    await asyncio.wait((work,), timeout=0.02)
                    await accidents.pass_by(number, spot, "during")
                answer = await work
            except asyncio.CancelledError:
                work.cancel()
                raise
            except Exception:
                await accidents.pass_by(number, spot, "after")
                raise
            for one in result(answer) if result is not None else [number]:
                await accidents.pass_by(one, spot, "after")
            return answer

        setattr(owner, name, watched)

    def of_due(answer: Any) -> list[int | None]:
        return [_of_attempt(due.attempt) for due in answer[0]]

    def of_collect(answer: Any) -> list[int | None]:
        if answer is None:
            return []
        attempt, task = answer
        number = _of_attempt(attempt)
        accidents.learn(task.id, number)
        return [number]

    def of_send(task: Any) -> int | None:
        accidents.learn(task.id, number := _of_input(task))
        return number

    watch(AttemptStore, "begin", "begin", _of_input)
    watch(AttemptStore, "to_collect", "collect", _nobodys, of_collect)
    watch(AttemptStore, "due", "due", _nobodys, of_due)
    watch(AttemptStore, "polled", "polled", _of_attempt)
    for name in ("accepted", "unknown", "refused"):
        watch(AttemptStore, name, "outcome", _of_attempt)
    for name in ("succeeded", "failed"):
        watch(AttemptStore, name, "report", _of_attempt)
    for name in ("collected", "failed", "abandon", "give_up"):
        watch(AttemptStore, name, "end", _of_input if name == "give_up" else _of_attempt)
    watch(ReportHandler, "take", "news", lambda _provider, attempt, *_, **__: _of_attempt(attempt))
    for provider in (KieProvider, ReplicateProvider):
        watch(provider, "submit", "submit", _of_request)
        watch(provider, "poll", "look", _of_request)
        watch(provider, "find", "look", _of_request)
        _blacken(provider, accidents)
        watch(provider, "fetch", "fetch", lambda _output, target: accidents.of_task(target))
    _spoil_storage(accidents)
    watch(Storage, "put", "store", lambda key, *_, **__: accidents.of_task(key))
    watch(CallbackSender, "send", "tell", of_send)
    watch(DeliveryStore, "note", "told", lambda task_id, *_, **__: accidents.of_task(task_id))


def _blacken(provider: type, accidents: Accidents) -> None:
    original = provider.fetch  # type: ignore[attr-defined]

    async def fetch(self: Any, output: str, target: Path) -> None:
        await original(self, output, target)
        number = accidents.of_task(target)
        if number is not None and accidents.times("fetched", number) < plan(accidents.seed, number).mishap.black:
            target.write_bytes(_BLACK)

    provider.fetch = fetch  # type: ignore[attr-defined]


def _spoil_storage(accidents: Accidents) -> None:
    original = Storage.put

    async def put(
        self: Storage, key: str, source: bytes | Path | AsyncIterator[bytes], *, mime_type: str | None = None
    ) -> None:
        number = accidents.of_task(key)
        storage = plan(accidents.seed, number).mishap.storage if number is not None else ""
        fails = bool(storage) and number is not None and accidents.times("stored", number) < 2
        if storage != "down" or not fails:
            await original(self, key, source, mime_type=mime_type)
        if fails:
            raise StorageError("The file cannot be stored: the disk is not there.")

    Storage.put = put  # type: ignore[method-assign]


async def work(orders: Orders) -> None:
    """Be a worker until the harness ends."""
    settings = load_settings(**orders.settings)
    assert settings.database_url is not None
    accidents = Accidents(orders)
    infest(accidents)
    work_folder = Path(tempfile.mkdtemp(dir=orders.work))
    async with open_database(settings.database_url.get_secret_value()) as database:
        worker = Worker(
            database,
            Storage(str(orders.storage)),
            settings,
            allowed=Allowed.parse(settings.allow_private),
            work=work_folder,
            cache=orders.work,
            config=QUICK,
            providers=open_quick_providers,
        )
        await accidents.connect(worker.stop)
        await worker.run()


def be_worker(orders: Orders) -> None:
    """The forked process's part."""
    set_up_logs(os.environ.get("FAULTS_LOG", "error"))
    asyncio.run(work(orders))


def _load() -> None:
    """Everything that workers would load one by one, once."""
    surroundings = Surroundings(allowed=Allowed.parse(()), cache=Path(), now=machine_time)
    open_providers(load_settings(), surroundings)
    # Nothing here is encrypted, and certificates take a worker long to read.
    httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)
    for trust_env in (True, False):
        httpx2.AsyncClient(trust_env=trust_env)
    importlib.import_module("anyio._backends._asyncio")
    read_catalogue()


def main() -> None:
    """Keep so many workers alive until one ends by itself, which they do when the harness does."""
    orders = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Orders, dec_hook=lambda kind, text: kind(text))
    _load()
    alive: set[int] = set()
    harness = os.getppid()
    while os.getppid() == harness:  # it may have been stopped from outside
        while len(alive) < orders.workers:
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    be_worker(orders)
                    code = 0
                except Over:
                    code = 0
                except DatabaseUnavailable:
                    time.sleep(0.4)  # it is being restarted
                except Exception as error:  # noqa: BLE001 - Postgres may be away, or the harness gone
                    print(f"A worker ended: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
                    time.sleep(0.1)
                finally:
                    os._exit(code)
            alive.add(pid)
        pid, status = os.wait()
        alive.discard(pid)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            break
    for pid in alive:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
