"""Many waits at once against a service that has bad days: is every task resolved, and is none made twice?

    uv run python bench/waits.py --minutes 10 --waits 200
    uv run python bench/waits.py --minutes 10 --waits 200 --idempotent

The stand-in of the hosted service keeps its limits (20 createTask in 10 s, 10 recordInfo in a second) and lets a share
of all requests go wrong in every way it knows. It counts what was made. With `--idempotent` it says that it honours
Idempotency-Key, as an Enlarger service does; without, a task whose fate nobody knows is not sent again: the app learns
its id from its callback.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from enlarger import KieApiClient
from enlarger.client.webhooks import read_unverified
from enlarger.errors import EnlargerError, ServiceError, SubmissionUnknown
from enlarger.testing import Faults, InjectedFault, StandIn

_MODEL = "google/nano-banana"
_READ_FAULTS = tuple(fault for fault in InjectedFault if fault is not InjectedFault.FORBIDDEN)
_CREATE_FAULTS = (
    InjectedFault.TOO_MANY, InjectedFault.MAINTENANCE, InjectedFault.CUT_BEFORE, InjectedFault.CUT_AFTER,
    InjectedFault.CUT_MIDDLE, InjectedFault.BAD_GATEWAY,
    InjectedFault.NO_DATA, InjectedFault.SERVER_ERROR,
)  # fmt: skip


class Callbacks:
    """Takes the callbacks of submissions, each at an address of its own, and tells the task's id."""

    def __init__(self) -> None:
        self.url = ""
        self._ids: dict[str, str] = {}

    def find(self, number: int) -> str | None:
        return self._ids.get(f"/{number}")

    @contextmanager
    def listening(self) -> Iterator[None]:
        ids = self._ids

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                ids[urlsplit(self.path).path] = read_unverified(body).task.task_id
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            thread = Thread(target=server.serve_forever, args=(0.2,))
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()


async def one(client: KieApiClient, number: int, callbacks: Callbacks, ends_at: float, tally: Counter[str]) -> None:
    """Make a task and wait for it; count what became of it."""
    wanted = {"prompt": f"room {number}"}
    try:
        try:
            handle = await client.submit(_MODEL, wanted, callback_url=f"{callbacks.url}/{number}")
        except SubmissionUnknown:
            tally["fate unknown at first"] += 1
            while (task_id := callbacks.find(number)) is None and time.monotonic() < ends_at:  # noqa: ASYNC110
                await asyncio.sleep(1)
            if task_id is None:
                tally["fate unknown, and no callback came"] += 1
                return
            handle = client.task(task_id, model=_MODEL)
        except ServiceError as error:
            tally[f"refused: {type(error).__name__}"] += 1
            return
        result = await handle.result(deadline=max(ends_at - time.monotonic(), 60))
        tally["resolved"] += bool(result.url)
    except EnlargerError as error:
        tally[f"lost: {error}"] += 1


async def run(waits: int, seconds: float, idempotent: bool, seed: int, rate: float) -> None:
    chance = random.Random(seed)
    lengths = [chance.uniform(0.05, 0.85) * seconds for _ in range(waits)]
    faults = [
        Faults(rate=rate, kinds=_CREATE_FAULTS, routes=("createTask",), seed=seed),
        Faults(rate=rate, kinds=_READ_FAULTS, routes=("recordInfo",), seed=seed + 1, slow_seconds=3),
    ]
    callbacks = Callbacks()
    tally: Counter[str] = Counter()
    with (
        callbacks.listening(),
        StandIn(
            seconds=lambda _, wanted: lengths[int(str(wanted["prompt"]).split()[1])],
            visible_after=2.0,
            faults=faults,
            extensions=("idempotency-key",) if idempotent else (),
        ) as service,
    ):
        began = time.monotonic()
        async with KieApiClient(service.api_key, service.base_url, timeout=10, max_retries=8) as client:
            ends_at = began + seconds * 1.2
            await asyncio.gather(*(one(client, number, callbacks, ends_at, tally) for number in range(waits)))
        took = time.monotonic() - began
        made, doubles = service.tasks, service.duplicates
        counts = service.requests.counts
    print(f"{waits} waits in {took:.0f} s, {'with' if idempotent else 'without'} idempotency at the service")
    for name, count in sorted(tally.items()):
        print(f"  {count:4} {name}")
    print(f"  {len(made):4} tasks were made, {len(doubles)} of them twice; {service.charged:g} credits charged")
    print(f"  {counts['createTask']:4} createTask, {counts['recordInfo']} recordInfo in {took:.0f} s")
    prompts = {str(task.input["prompt"]) for task in made}
    assert len(prompts) == len(made), "a task was made twice"
    assert tally["resolved"] == len(made), "a task that was made was not resolved"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--waits", type=int, default=200)
    parser.add_argument("--rate", type=float, default=0.15, help="the share of requests that go wrong")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--idempotent", action="store_true")
    given = parser.parse_args()
    asyncio.run(run(given.waits, given.minutes * 60, given.idempotent, given.seed, given.rate))
