"""Many waiting tasks: how much memory and CPU do they take, and how long does a restart take?

    uv run python -m bench.waiting --tasks 50000

`enlarger up` may have one task at a time at the provider, and that one never ends, so all others wait. They are
created over HTTP. Memory is what the service's processes share with no other process; CPU is measured for `--rest`
seconds. Then the service is killed with SIGKILL and started again. It is ready when /readyz says so, and at rest from
the first five seconds in which it uses at most a twentieth of a core more than before. A service that is not at rest
after `--most` seconds is measured all the same.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import ExitStack
from math import inf
from pathlib import Path

import msgspec

from bench.processes import cpu_seconds, machine, memory_bytes, on_a_postgres, postgres_pid, table
from bench.services import Layout, Place, Service, enlarger
from bench.stand_ins import Order, app, provider

_FOR_EVER = 10.0**6
_CALM_SECONDS = 5.0
_CALM_CPU = 0.05
"""Of a core."""


class Rest(msgspec.Struct, frozen=True):
    """A service at rest."""

    memory: int
    """Bytes."""
    cpu: float
    """Cores that the service uses."""
    postgres: float
    """Cores that the database uses."""

    def row(self, name: str) -> list[str]:
        """Its row in the table."""
        return [name, f"{self.memory / 1e6:.0f}", f"{self.cpu:.1%}", f"{self.postgres:.1%}"]


def rest(service: Service, postgres: int, seconds: float) -> Rest:
    """Measure a service at rest for so many seconds."""
    before = cpu_seconds(service.pids), cpu_seconds([postgres])
    time.sleep(seconds)
    after = cpu_seconds(service.pids), cpu_seconds([postgres])
    return Rest(memory_bytes(service.pids), (after[0] - before[0]) / seconds, (after[1] - before[1]) / seconds)


def until_steady(service: Service, calm: float, most: float) -> float:
    """Seconds until a service uses at most `calm` cores; infinite if that takes more than `most` seconds."""
    began = time.monotonic()
    while (since := time.monotonic() - began) < most:
        before = cpu_seconds(service.pids)
        time.sleep(_CALM_SECONDS)
        used = (cpu_seconds(service.pids) - before) / _CALM_SECONDS
        print(f"{since:5.0f} s: {used:.1%} of a core", file=sys.stderr)
        if used <= calm:
            return since
    return inf


def say(seconds: float) -> str:
    """After how long a service was at rest, in words."""
    return f"at rest after {seconds:.1f} s" if seconds < inf else "never at rest"


def measure(database_url: str, folder: Path, options: argparse.Namespace) -> None:
    """Fill the queue, measure, kill the service, start it again, and print the results."""
    start = enlarger(Layout(), settings={"ENLARGER_KIE_CONCURRENCY": "1", "ENLARGER_DEADLINE": "86400"})
    postgres = postgres_pid(folder / "postgres")
    with ExitStack() as stack:
        kie, where = stack.enter_context(provider(_FOR_EVER))
        client, callback_url = stack.enter_context(app())
        place = Place(database_url, folder, where, callback_url)
        with start(place) as service:
            until_steady(service, _CALM_CPU * 2, options.most)
            idle = rest(service, postgres, options.rest)
            began = time.monotonic()
            order = Order(service.url, service.request, 0, options.tasks, 0.0, await_callbacks=False)
            made = client.ask(order)
            filled = time.monotonic() - began
            settled = until_steady(service, idle.cpu + _CALM_CPU * 2, options.most)
            full = rest(service, postgres, options.rest)
            submitted = kie.ask("what did you see?").submissions
            os.kill(service.pids[0], signal.SIGKILL)
        began = time.monotonic()
        with start(place) as service:
            ready = time.monotonic() - began
            steady = ready + until_steady(service, full.cpu + _CALM_CPU, options.most)
            extra = kie.ask("what did you see?").submissions - submitted
    print(machine())
    print(f"{len(made.created)} tasks, created in {filled:.0f} s; after that {say(settled)}\n")
    print(table(("enlarger (up)", "memory MB", "CPU of a core", "Postgres"), [idle.row("idle"), full.row("waiting")]))
    print(f"\n{(full.memory - idle.memory) / 1e6:.0f} MB more than idle.")
    print(f"After SIGKILL: ready after {ready:.1f} s, {say(steady)}; {extra} extra submissions.")


def main() -> None:
    """Run the benchmark on its own Postgres."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=50_000)
    parser.add_argument("--rest", type=float, default=30.0, help="seconds for which CPU at rest is measured")
    parser.add_argument("--most", type=float, default=120.0, help="seconds to wait for a service to come to rest")
    options = parser.parse_args()
    on_a_postgres(lambda url, folder: measure(url, folder, options))


if __name__ == "__main__":
    main()
