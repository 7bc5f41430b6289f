"""The stand-ins of KIE and Replicate in their own process, with faults that come and go."""

from __future__ import annotations

import asyncio
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from random import Random
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from bench.soak.relay import Relay
from bench.stand_ins import WEBHOOK_KEY, spawn
from enlarger.testing import Fate, InjectedFault, ReplicateStandIn, StandIn

_WEBHOOKS_AT_ONCE = 8
_SLOW_SECONDS = 4.0
_DOLLARS_A_CREDIT = 0.005
_SHORTEST, _LONGEST = 2.0, 8.0
"""Seconds that a task takes at a provider."""
_UNCLEAR = (InjectedFault.SERVER_ERROR, InjectedFault.ERROR_AFTER, InjectedFault.CUT_AFTER)
_DOWNLOADS = (InjectedFault.MISSING_FILE, InjectedFault.HALF_FILE, InjectedFault.CUT_MIDDLE, InjectedFault.BAD_GATEWAY)
_NUMBER = re.compile(r"room (\d+)")

Trouble = Literal["none", "down", "slow", "throttles", "fails"]


class Addresses(msgspec.Struct, frozen=True):
    """The addresses of the stand-ins, and their keys."""

    kie_url: str
    kie_upload_url: str
    kie_key: str
    replicate_url: str
    replicate_token: str


class Order(msgspec.Struct, frozen=True):
    """Gives a provider this trouble from now on."""

    provider: str
    trouble: Trouble


class Made(msgspec.Struct, frozen=True):
    """A provider's task for a submission."""

    provider: str
    id: str
    number: int
    """The number of our task, from its prompt."""
    state: Literal["running", "success", "fail"]
    created: float
    dollars: float
    """What it charges when it succeeds."""


class Books(msgspec.Struct, frozen=True):
    """What the providers have recorded."""

    made: list[Made]
    duplicates: int
    """How many submissions had the same model and input as an earlier one at the same provider."""


class Providers:
    """The process of the stand-ins."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self.addresses: Addresses = pipe.recv()

    def trouble(self, provider: str, trouble: Trouble) -> None:
        """Give a provider this trouble, and no other."""
        self._pipe.send(Order(provider, trouble))
        self._pipe.recv()

    def books(self) -> Books:
        """What the providers have recorded so far."""
        self._pipe.send(None)
        books: Books = self._pipe.recv()
        return books


def prompt_of(number: int) -> str:
    """The unique prompt of a task."""
    return f"room {number}, with a window"


def number_of(input: Mapping[str, Any]) -> int:
    """The number of the task with this input; -1 if it is no task's."""
    found = _NUMBER.match(str(input.get("prompt")))
    return int(found[1]) if found else -1


@contextmanager
def providers(seed: int) -> Iterator[Providers]:
    """Run the stand-ins around a block."""
    with spawn(_run, seed) as (_, pipe):
        yield Providers(pipe)


class _Fates:
    """Decides what happens to submissions: occasional faults at all times, more while there is trouble."""

    def __init__(self, seed: int, provider: str) -> None:
        self.trouble: Trouble = "none"
        self._seed = seed
        self._provider = provider
        self._asked: Counter[int] = Counter()

    def __call__(self, _: str, input: Mapping[str, Any]) -> Fate:
        number = number_of(input)
        self._asked[number] += 1
        chance = Random(f"{self._seed} {self._provider} {number} {self._asked[number]}")
        fate = _usual(chance)
        if self.trouble == "throttles" and chance.random() < 0.7:
            return Fate(submit=InjectedFault.TOO_MANY)
        if self.trouble == "fails" and chance.random() < 0.8:
            if chance.random() < 0.3:
                return msgspec.structs.replace(fate, failure="Internal error")
            return msgspec.structs.replace(fate, submit=chance.choice(_UNCLEAR))
        return fate

    def seconds(self, _: str, input: Mapping[str, Any]) -> float:
        return Random(f"{self._seed} seconds {number_of(input)}").uniform(_SHORTEST, _LONGEST)


def _usual(chance: Random) -> Fate:
    """What happens to a submission while there is no trouble."""
    return Fate(
        submit=chance.choice(_UNCLEAR) if chance.random() < 0.01 else None,
        polls=(InjectedFault.SERVER_ERROR,) if chance.random() < 0.02 else (),
        downloads=(chance.choice(_DOWNLOADS),) if chance.random() < 0.03 else (),
        late=20.0 if chance.random() < 0.01 else 0.0,
        failure="Internal error" if chance.random() < 0.02 else None,
        callbacks=chance.choice(((), (0.0, 0.1), (5.0,))) if chance.random() < 0.05 else (0.0,),
    )


def _run(pipe: Pipe, seed: int) -> None:
    fates = {name: _Fates(seed, name) for name in ("kie", "replicate")}
    with (
        StandIn(
            seconds=fates["kie"].seconds,
            fate=fates["kie"],
            limits=False,
            webhook_key=WEBHOOK_KEY,
            credits=10**9,
            callback_delay=1.0,
            callbacks_at_once=_WEBHOOKS_AT_ONCE,
        ) as kie,
        ReplicateStandIn(
            seconds=fates["replicate"].seconds,
            fate=fates["replicate"],
            limits=False,
            tell_webhooks=True,
            callback_delay=1.0,
        ) as replicate,
    ):
        try:
            asyncio.run(_serve(pipe, kie, replicate, fates))
        except EOFError:
            os._exit(0)  # without waiting for open connections


async def _serve(pipe: Pipe, kie: StandIn, replicate: ReplicateStandIn, fates: Mapping[str, _Fates]) -> None:
    relays = {"kie": Relay(_port(kie.base_url)), "replicate": Relay(_port(replicate.base_url))}
    for relay in relays.values():
        await relay.open()
    kie_url, replicate_url = relays["kie"].url, f"{relays['replicate'].url}/v1"
    pipe.send(Addresses(kie_url, kie.upload_url, kie.api_key, replicate_url, replicate.api_token))
    while True:
        message = await asyncio.to_thread(pipe.recv)
        if not isinstance(message, Order):
            pipe.send(_books(kie, replicate))
            continue
        fates[message.provider].trouble = message.trouble
        relay = relays[message.provider]
        relay.delay = _SLOW_SECONDS if message.trouble == "slow" else 0.0
        if message.trouble == "down":
            relay.close()
        else:
            await relay.open()
        pipe.send(True)


def _port(url: str) -> Callable[[], list[int]]:
    port = urlsplit(url).port
    assert port is not None
    return lambda: [port]


def _books(kie: StandIn, replicate: ReplicateStandIn) -> Books:
    made = [
        Made(
            provider="kie",
            id=task.id,
            number=number_of(task.input),
            state=task.state if task.state in ("success", "fail") else "running",
            created=task.created,
            dollars=task.price * _DOLLARS_A_CREDIT,
        )
        for task in kie.tasks
    ]
    states: dict[str, Literal["running", "success"]] = {
        "starting": "running", "processing": "running", "succeeded": "success",
    }  # fmt: skip
    made += [
        Made("replicate", one.id, number_of(one.input), states.get(one.status, "fail"), one.created, one.price)
        for one in replicate.predictions
    ]
    return Books(made, len(kie.duplicates) + len(replicate.duplicates))
