"""Many tasks at a hosted provider at once: how often is it asked, how soon do apps know, and what if it dies?

    uv run python bench/inflight.py --tasks 300 --seconds 25
    uv run python bench/inflight.py --tasks 300 --seconds 25 --polling
    uv run python bench/inflight.py --tasks 2000 --rate 40 --seconds 60 --die --deadline 150

A whole service (`enlarger up`, its own process) stands before the stand-ins of KIE and Replicate. Tasks are made over
HTTP, each with a callback. A delay runs from the moment at which the provider has the result to the moment at which
the app's receiver has the callback, so the result is stored and checked in between. With `--polling` the service has
no public URL, and has to ask. With `--die` KIE stops answering for good when half of all tasks have ended; what it had
accepted is given up at its deadline (10 minutes for this model, or `--deadline`) and sent once more
(`ENLARGER_UNKNOWN=resubmit`) or fails (`--unknown fail`). Replicate keeps its limit of 10 submissions a second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from subprocess import Popen
from typing import Any

import httpx2
import msgspec

from enlarger.testing import ReplicateStandIn, StandIn

_MODEL = "google/nano-banana"
_KEY = "enl_bench"
_SHOW_SECONDS = 10.0


class Receiver:
    """The app: takes callbacks and notes when."""

    def __init__(self) -> None:
        self.url = ""
        self.at: dict[str, float] = {}
        self.states: dict[str, str] = {}
        self.providers: Counter[str] = Counter()

    @contextmanager
    def listening(self) -> Iterator[None]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                now = time.time()
                data = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))["data"]
                receiver.at.setdefault(data["taskId"], now)
                receiver.states[data["taskId"]] = data["state"]
                receiver.providers[(data.get("enlarger") or {}).get("provider", data.get("failCode") or "?")] += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            self.url = f"http://127.0.0.1:{server.server_port}/callback"
            try:
                yield
            finally:
                server.shutdown()


@contextmanager
def service(kie: StandIn, replicate: ReplicateStandIn, options: argparse.Namespace, folder: Path) -> Iterator[str]:
    """`enlarger up` as a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    settings = {
        "ENLARGER_DATA_DIR": str(folder / "data"),
        "ENLARGER_API_KEY": _KEY,
        "ENLARGER_ALLOW_PRIVATE": "127.0.0.1",
        "ENLARGER_LOG_LEVEL": "error",
        "KIE_API_KEY": kie.api_key,
        "ENLARGER_KIE_BASE_URL": kie.base_url,
        "ENLARGER_KIE_UPLOAD_URL": kie.upload_url,
        "ENLARGER_KIE_CONCURRENCY": "100000",
        "ENLARGER_KIE_CREATES": "1000/1",
        "ENLARGER_KIE_QUERIES": options.queries,
        "REPLICATE_API_TOKEN": replicate.api_token,
        "ENLARGER_REPLICATE_BASE_URL": replicate.base_url,
        "ENLARGER_REPLICATE_CONCURRENCY": "100000",
        "ENLARGER_UNKNOWN": options.unknown,
    }
    if options.deadline:
        settings["ENLARGER_DEADLINE"] = str(options.deadline)
    if not options.polling:
        settings["ENLARGER_PUBLIC_URL"] = url
        settings["ENLARGER_KIE_WEBHOOK_KEY"] = kie.webhook_key or ""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("ENLARGER_", "KIE_"))}
    process = Popen([sys.executable, "-m", "enlarger", "up", "--port", str(port)], env=plain | settings, cwd=folder)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx2.get(f"{url}/readyz", timeout=2).status_code == 200:
                    break
            except httpx2.HTTPError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("The service does not start.")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(60)


async def make(url: str, receiver: Receiver, options: argparse.Namespace) -> list[str]:
    """Make the tasks, `options.rate` in a second; returns their ids."""
    ids: list[str] = []
    begun = time.monotonic()
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {_KEY}"}, timeout=60) as client:
        turns = asyncio.Semaphore(16)

        async def one(number: int) -> None:
            await asyncio.sleep(max(0.0, begun + number / options.rate - time.monotonic()))
            async with turns:
                body = {"model": _MODEL, "input": {"prompt": f"{number}"}, "callBackUrl": receiver.url}
                reply = await client.post("/api/v1/jobs/createTask", json=body)
                ids.append(reply.json()["data"]["taskId"])

        await asyncio.gather(*(one(number) for number in range(options.tasks)))
    return ids


def seconds_of(prompt: str, options: argparse.Namespace) -> float:
    """What a task takes: each its own time, the same in every run."""
    return float(options.seconds * random.Random(prompt).uniform(1 - options.spread, 1 + options.spread))


def ends(kie: StandIn, replicate: ReplicateStandIn, options: argparse.Namespace) -> dict[str, float]:
    """When each prompt's result was there, or was announced where it is, by the stand-ins' books.

    The stand-in announces one after the other; what it owes others is not the service's delay.
    """
    told = {delivery.task_id: delivery.at for delivery in reversed(kie.callbacks)}
    found: dict[str, float] = {}
    for task in kie.tasks:
        prompt = task.input["prompt"]
        if task.state == "success":
            found[prompt] = told.get(task.id, task.created + seconds_of(prompt, options))
    for one in replicate.predictions:
        prompt = str(one.input["prompt"])
        if one.status == "succeeded":
            found.setdefault(prompt, one.created + seconds_of(prompt, options))
    return found


def main() -> None:
    """Run it, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=25.0, help="what a task takes at the provider")
    parser.add_argument("--spread", type=float, default=0.2, help="how much tasks differ in that")
    parser.add_argument("--rate", type=float, default=10.0, help="createTask in a second")
    parser.add_argument("--queries", default="100/1", help="ENLARGER_KIE_QUERIES; the hosted service allows 10/1")
    parser.add_argument("--polling", action="store_true", help="without webhooks")
    parser.add_argument("--die", action="store_true", help="KIE dies when half of the tasks have ended")
    parser.add_argument("--unknown", choices=("fail", "resubmit"), default="resubmit")
    parser.add_argument("--deadline", type=float, help="ENLARGER_DEADLINE")
    options = parser.parse_args()
    receiver = Receiver()

    def takes(_: str, input: Mapping[str, Any]) -> float:
        return seconds_of(str(input["prompt"]), options)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="enlarger-bench-")))
        stack.enter_context(receiver.listening())
        key = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        kie = stack.enter_context(
            StandIn(seconds=takes, limits=False, webhook_key=key, credits=10**9, callback_delay=0.0)
        )
        replicate = stack.enter_context(ReplicateStandIn(seconds=takes))
        url = stack.enter_context(service(kie, replicate, options, folder))
        begun = time.monotonic()
        making = threading.Thread(target=lambda: ids.extend(asyncio.run(make(url, receiver, options))))
        ids: list[str] = []
        making.start()
        died_at = None
        shown = begun
        while making.is_alive() or len(receiver.at) < len(ids):
            time.sleep(0.2)
            if time.monotonic() - shown >= _SHOW_SECONDS:
                shown = time.monotonic()
                print(f"{shown - begun:5.0f} s: {len(receiver.at)} of {options.tasks} ended", file=sys.stderr)
            if options.die and died_at is None and len(receiver.at) >= options.tasks / 2:
                held = sum(task.state not in ("success", "fail") for task in kie.tasks)
                kie.go_down()
                died_at = time.time()
                print(f"KIE died after {time.monotonic() - begun:.0f} s with {held} tasks in its hands.", flush=True)
        took = time.monotonic() - begun
        report(receiver, kie, replicate, options, ids, took, url, died_at)


def report(
    receiver: Receiver,
    kie: StandIn,
    replicate: ReplicateStandIn,
    options: argparse.Namespace,
    ids: list[str],
    took: float,
    url: str,
    died_at: float | None,
) -> None:
    """Print the figures; delays are those from before KIE's death."""
    done = ends(kie, replicate, options)
    prompts = {}
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {_KEY}"}, timeout=60) as client:
        for task_id in ids:
            param = client.get("/api/v1/jobs/recordInfo", params={"taskId": task_id}).json()["data"]["param"]
            prompts[task_id] = msgspec.json.decode(msgspec.json.decode(param)["input"])["prompt"]
    delays = sorted(
        receiver.at[task_id] - done[prompts[task_id]]
        for task_id in ids
        if receiver.states[task_id] == "success"
        and prompts[task_id] in done
        and (died_at is None or receiver.at[task_id] < died_at)
    )
    print(f"{len(ids)} tasks in {took:.0f} s: {dict(Counter(receiver.states.values()))}, by {dict(receiver.providers)}")
    kept = len(kie.tasks) or 1
    print(f"KIE: {len(kie.tasks)} tasks, {kie.requests.counts['recordInfo'] / kept:.2f} looks a task,", end=" ")
    print(f"made twice: {len(kie.duplicates)}; Replicate: {len(replicate.predictions)} predictions")
    if delays:
        p95 = quantiles(delays, n=20)[-1]
        print(f"result to callback: median {median(delays):.2f} s, p95 {p95:.2f} s, longest {delays[-1]:.2f} s")


if __name__ == "__main__":
    main()
