"""The two ends of a whole task, each in its own process: the provider that runs it, and the app that creates it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from random import Random
from time import time
from typing import Any, Generic, TypeVar

import msgspec

from bench.load import Load, content_length
from enlarger.testing import StandIn

WEBHOOK_KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_WEBHOOKS_AT_ONCE = 16
_SPREAD = 0.2
"""How much tasks' durations at the provider differ; each task takes the same time in every run."""
_CONNECTIONS = 32
_PATIENCE_SECONDS = 60.0
"""How long the app waits for the next callback before it gives up."""
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

Answer = TypeVar("Answer")


class Provider(msgspec.Struct, frozen=True):
    """Where the stand-in of KIE is, and its key."""

    base_url: str
    upload_url: str
    api_key: str


class Seen(msgspec.Struct, frozen=True):
    """What the provider saw, by the numbers in the tasks' prompts; times are Unix seconds."""

    submitted: dict[int, float]
    told: dict[int, float]
    """When the task's webhook was first sent, or its result was ready if it has none."""
    late: list[float]
    """How late its webhooks were, in seconds, sorted. Delays here are the stand-in's, not the service's."""
    submissions: int
    duplicates: int
    polls: int


class Order(msgspec.Struct, frozen=True):
    """Tells the app to create `tasks` tasks, `rate` per second or, with 0, as fast as they are accepted."""

    url: str
    request: bytes
    first: int
    tasks: int
    rate: float
    await_callbacks: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """What the app saw, by the numbers of the tasks; times are Unix seconds."""

    created: dict[int, float]
    """When createTask was sent."""
    answered: list[float]
    """The latencies of createTask, in seconds, sorted."""
    called_back: dict[int, float]
    failed: int
    """Tasks that failed, and requests that were refused."""


class Process(Generic[Answer]):
    """A process that answers one message at a time."""

    def __init__(self, pid: int, pipe: Pipe) -> None:
        self.pid = pid
        self._pipe = pipe

    def ask(self, message: object) -> Answer:
        """Send a message; returns the answer. Raises EOFError if the process has died."""
        self._pipe.send(message)
        answer: Answer = self._pipe.recv()
        return answer


@contextmanager
def provider(seconds: float) -> Iterator[tuple[Process[Seen], Provider]]:
    """Run the stand-in of KIE, whose tasks take about `seconds`. It answers any message with what it has seen."""
    with spawn(_provide, seconds) as (process, pipe):
        yield Process(process, pipe), pipe.recv()


@contextmanager
def app() -> Iterator[tuple[Process[Outcome], str]]:
    """Run the app, which executes an Order; also yields the URL of its callbacks, to which a number is appended."""
    with spawn(_order_and_wait) as (process, pipe):
        yield Process(process, pipe), pipe.recv()


@contextmanager
def spawn(work: Any, *arguments: Any) -> Iterator[tuple[int, Pipe]]:
    """Run `work(pipe, *arguments)` in a new process around a block; yields its pid and the other end of the pipe.

    The process must end when the pipe is closed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    assert process.pid is not None
    try:
        yield process.pid, ours
    finally:
        ours.close()
        process.join()


def _provide(pipe: Pipe, usual: float) -> None:
    def takes(_: str, wanted: Mapping[str, Any]) -> float:
        return stand_in_seconds(usual, str(wanted["prompt"]))

    with StandIn(
        seconds=takes,
        limits=False,
        webhook_key=WEBHOOK_KEY,
        credits=10**9,
        callback_delay=0.0,
        callbacks_at_once=_WEBHOOKS_AT_ONCE,
    ) as kie:
        pipe.send(Provider(kie.base_url, kie.upload_url, kie.api_key))
        try:
            while True:
                pipe.recv()
                pipe.send(_what_was_seen(kie, takes))
        except EOFError:
            os._exit(0)  # without waiting for open connections


def stand_in_seconds(usual: float, prompt: str) -> float:
    """A task's duration at the stand-in."""
    return usual * Random(prompt).uniform(1 - _SPREAD, 1 + _SPREAD)


def _what_was_seen(kie: StandIn, takes: Callable[[str, Mapping[str, Any]], float]) -> Seen:
    told = {delivery.task_id: delivery.at for delivery in reversed(kie.callbacks)}
    tasks = {int(task.input["prompt"], 16): task for task in reversed(kie.tasks)}
    ends = {number: task.created + takes(task.model, task.input) for number, task in tasks.items()}
    announced = {number: told[task.id] for number, task in tasks.items() if task.id in told}
    return Seen(
        submitted={number: task.created for number, task in tasks.items()},
        told=ends | announced,
        late=sorted(at - ends[number] for number, at in announced.items()),
        submissions=len(kie.tasks),
        duplicates=len(kie.duplicates),
        polls=kie.requests.counts["recordInfo"],
    )


class _Callbacks:
    """The callbacks so far."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self.failed = 0
        self.came = asyncio.Event()


class _Receiver(asyncio.Protocol):
    """Receives callbacks on one connection and answers them."""

    def __init__(self, callbacks: _Callbacks) -> None:
        self._callbacks = callbacks
        self._transport: Any = None
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head := self._received.find(b"\r\n\r\n")) >= 0:
            end = head + 4 + content_length(self._received, head)
            if len(self._received) < end:
                return
            message, self._received = bytes(self._received[:end]), self._received[end:]
            self._take(message)
            self._transport.write(_OK)

    def _take(self, message: bytes) -> None:
        number = int(message.split(b" ", 2)[1].rpartition(b"/")[2], 16)
        self._callbacks.at.setdefault(number, time())
        self._callbacks.failed += b'"success"' not in message
        self._callbacks.came.set()


def _order_and_wait(pipe: Pipe) -> None:
    asyncio.run(_live(pipe))


async def _live(pipe: Pipe) -> None:
    loop, callbacks = asyncio.get_running_loop(), _Callbacks()
    server = await loop.create_server(lambda: _Receiver(callbacks), "127.0.0.1", 0, backlog=512)
    pipe.send(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback")
    try:
        while True:
            pipe.send(await _carry_out(await asyncio.to_thread(pipe.recv), callbacks))
    except EOFError:
        server.close()


async def _carry_out(order: Order, callbacks: _Callbacks) -> Outcome:
    created: dict[int, float] = {}
    load = Load(
        order.url,
        order.request,
        connections=_CONNECTIONS,
        answered=lambda pending, _: created.__setitem__(pending.number, pending.due),
    )
    if order.rate:
        made = await load.pace(order.rate, first=order.first, requests=order.tasks)
    else:
        made = await load.saturate(first=order.first, requests=order.tasks)
    try:
        while order.await_callbacks and created.keys() - callbacks.at.keys():
            callbacks.came.clear()
            await asyncio.wait_for(callbacks.came.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        pass
    came = {number: at for number, at in callbacks.at.items() if number in created}
    return Outcome(created=created, answered=made.latencies, called_back=came, failed=made.errors + callbacks.failed)
