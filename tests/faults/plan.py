"""What is to happen to each run: a cell of the matrix, and the details that its seed decides."""

from __future__ import annotations

import functools
import math
import random
import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from enlarger.testing import Fate, InjectedFault
from enlarger.testing.exchange import Refused

DEADLINE = 25.0
"""Seconds after which the worker gives a submission up; enough for a slow machine that has much else to do."""
TAKES = 0.3
"""Seconds that a provider takes for a task."""
GATHER_SECONDS = 10.0
"""An accident waits so long for other runs to come to the place where they are to be hit as well."""
_AFTER_THE_DEADLINE = DEADLINE + 3.0
_LONG = 8.0
"""Seconds of an answer that a worker does not wait for."""
_ALWAYS = 200

Boundary = Literal["submit", "poll", "callback", "collect", "finish"]
Accident = Literal["clean", "kill -9", "postgres"]
Place = Literal["kie", "replicate", "both"]
Side = Literal["before", "during", "after"]
ACCIDENTS: tuple[Accident, ...] = ("clean", "kill -9", "postgres")


class Mishap(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, beside accidents."""

    fate: Fate = Fate()
    """What a provider does."""
    refused: int | None = None
    """The code with which a provider refuses a submission."""
    times: int = 1
    """How many submissions to a provider it happens to; those after them go well."""
    place: Place | None = None
    """Where it happens, when that is not left to chance."""
    storage: Literal["", "down", "answer lost"] = ""
    """What happens to the first files that are to be stored."""
    black: int = 0
    """How many of the first downloads are a black picture."""
    unwell: bool = False
    """Whether the app answers its first callback with an error."""
    cancelled: bool = False
    """Whether the app calls the task off while the provider has it."""
    garbage: bool = False
    """Whether somebody else announces nonsense at the webhook's address."""
    spoilt: bool = False
    """Whether no file that a provider has made can ever be had."""
    mute: bool = False
    """Whether a provider never tells what became of the task."""


def _submit(fault: InjectedFault, **others: Any) -> Mishap:
    return Mishap(fate=Fate(submit=fault, **others))


def _poll(fault: InjectedFault, times: int = 2, **others: Any) -> Mishap:
    """Without an announcement the provider has to be asked."""
    return Mishap(fate=Fate(polls=(fault,) * times, callbacks=(), **others))


def _download(fault: InjectedFault, times: int = 1) -> Mishap:
    return Mishap(fate=Fate(downloads=(fault,) * times), spoilt=times == _ALWAYS)


_NSFW = "Your prompt was flagged as NSFW by the content policy."

MISHAPS: Mapping[Boundary, Mapping[str, Mishap]] = {
    "submit": {
        "nothing": Mishap(),
        "cut before it is read": _submit(InjectedFault.CUT_BEFORE),
        "answer lost": _submit(InjectedFault.CUT_AFTER),
        "half an answer": _submit(InjectedFault.CUT_MIDDLE),
        "answer without an id": _submit(InjectedFault.NO_DATA),
        "500 after accepting": _submit(InjectedFault.ERROR_AFTER),
        "500, not accepted": _submit(InjectedFault.SERVER_ERROR),
        "502 of a gateway": _submit(InjectedFault.BAD_GATEWAY),
        "late answer": _submit(InjectedFault.SLOW, slow_seconds=0.5),
        "answer too late": _submit(InjectedFault.SLOW, slow_seconds=_LONG),
        "answer lost, never announced": _submit(InjectedFault.CUT_AFTER, callbacks=()),
        "429": Mishap(fate=Fate(submit=InjectedFault.TOO_MANY)),
        "402": Mishap(refused=402),
        "403 page": Mishap(fate=Fate(submit=InjectedFault.FORBIDDEN)),
        "maintenance": Mishap(fate=Fate(submit=InjectedFault.MAINTENANCE)),
        "refused by both": Mishap(refused=422, times=_ALWAYS, place="both"),
    },
    "poll": {
        "connection cut": _poll(InjectedFault.CUT_AFTER),
        "half an answer": _poll(InjectedFault.CUT_MIDDLE),
        "502 of a gateway": _poll(InjectedFault.BAD_GATEWAY),
        "500": _poll(InjectedFault.SERVER_ERROR),
        "429": _poll(InjectedFault.TOO_MANY),
        "no data": _poll(InjectedFault.NO_DATA),
        "not known": _poll(InjectedFault.NULL_RECORD, times=4),
        "success without a result": _poll(InjectedFault.EMPTY_RESULT),
        "late answer": _poll(InjectedFault.SLOW, times=1, slow_seconds=1.0),
        "never answers": msgspec.structs.replace(_poll(InjectedFault.CUT_BEFORE, times=_ALWAYS), mute=True),
        "silent until the deadline, then not": Mishap(fate=Fate(late=_AFTER_THE_DEADLINE, callbacks=())),
        "task never ends": Mishap(fate=Fate(late=math.inf)),
        "provider fails": Mishap(fate=Fate(failure="Internal error, please try again later.", callbacks=())),
        "provider fails, by the input": Mishap(fate=Fate(failure=_NSFW, callbacks=()), times=_ALWAYS),
    },
    "callback": {
        "twice": Mishap(fate=Fate(callbacks=(0.0, 0.1))),
        "five times, late": Mishap(fate=Fate(callbacks=(0.0, 0.0, 0.2, 1.0, 2.0))),
        "late": Mishap(fate=Fate(callbacks=(1.5,))),
        "never": Mishap(fate=Fate(callbacks=())),
        "before the answer": Mishap(fate=Fate(announced_first=True)),
        "before an answer that is lost": _submit(InjectedFault.CUT_AFTER, announced_first=True),
        "answer lost, twice": _submit(InjectedFault.CUT_AFTER, callbacks=(0.0, 0.1)),
        "answer lost, after the deadline": _submit(InjectedFault.CUT_AFTER, callbacks=(_AFTER_THE_DEADLINE,)),
        "failure, twice": Mishap(fate=Fate(failure="Internal error.", callbacks=(0.0, 0.1))),
        "nonsense": Mishap(garbage=True),
        "nonsense, answer lost": Mishap(fate=Fate(submit=InjectedFault.CUT_AFTER, callbacks=(0.5,)), garbage=True),
    },
    "collect": {
        "404 once": _download(InjectedFault.MISSING_FILE),
        "404 for ever": _download(InjectedFault.MISSING_FILE, _ALWAYS),
        "truncated once": _download(InjectedFault.HALF_FILE),
        "truncated for ever": _download(InjectedFault.HALF_FILE, _ALWAYS),
        "empty once": _download(InjectedFault.EMPTY_FILE),
        "empty for ever": _download(InjectedFault.EMPTY_FILE, _ALWAYS),
        "black once": Mishap(black=1),
        "black for ever": Mishap(black=_ALWAYS, spoilt=True),
        "connection cut": _download(InjectedFault.CUT_MIDDLE, 2),
        "502 of a gateway": _download(InjectedFault.BAD_GATEWAY, 2),
        "late answer": Mishap(fate=Fate(downloads=(InjectedFault.SLOW,), slow_seconds=1.0)),
        "storage down": Mishap(storage="down"),
        "storage's answer lost": Mishap(storage="answer lost"),
    },
    "finish": {
        "nothing": Mishap(),
        "app is unwell": Mishap(unwell=True),
        "app cancels": Mishap(fate=Fate(late=1.0), cancelled=True),
        "app cancels, answer lost": Mishap(fate=Fate(submit=InjectedFault.CUT_AFTER, late=1.0), cancelled=True),
    },
}

SPOTS: Mapping[Boundary, tuple[tuple[str, Side], ...]] = {
    "submit": (
        ("begin", "before"), ("begin", "after"), ("submit", "before"), ("submit", "during"), ("submit", "after"),
        ("outcome", "before"), ("outcome", "after"),
    ),
    "poll": (("due", "after"), ("look", "before"), ("look", "after"), ("polled", "before"), ("polled", "after")),
    "callback": (("news", "before"), ("news", "after"), ("report", "before"), ("report", "after")),
    "collect": (
        ("collect", "after"), ("fetch", "before"), ("fetch", "after"), ("store", "before"), ("store", "after"),
    ),
    "finish": (
        ("end", "before"), ("end", "after"), ("tell", "before"), ("tell", "after"), ("told", "before"),
        ("told", "after"),
    ),
}  # fmt: skip
"""Where a worker can be when the accident happens: `tests.faults.worker` says what is called there."""


class Cell(msgspec.Struct, frozen=True):
    """One of the matrix."""

    boundary: Boundary
    mishap: str
    accident: Accident


CELLS = tuple(
    Cell(boundary, mishap, accident) for boundary, some in MISHAPS.items() for mishap in some for accident in ACCIDENTS
)


class World(msgspec.Struct, frozen=True):
    """The settings that a run is made under."""

    number: int
    webhooks: bool
    """Whether providers can announce anything."""
    unknown: Literal["fail", "resubmit"]
    signed: bool
    """Whether KIE signs its announcements."""
    workers: int

    @property
    def name(self) -> str:
        told = f"{'signed' if self.signed else 'unsigned'} webhooks" if self.webhooks else "no webhooks"
        return f"{told}, ENLARGER_UNKNOWN={self.unknown}"


WORLDS = (
    World(0, webhooks=True, unknown="fail", signed=False, workers=2),
    World(1, webhooks=False, unknown="fail", signed=False, workers=1),
    World(2, webhooks=True, unknown="resubmit", signed=True, workers=1),
    World(3, webhooks=False, unknown="resubmit", signed=False, workers=2),
)


class Plan(msgspec.Struct, frozen=True):
    """One run."""

    number: int
    seed: int
    cell: Cell
    place: Place
    spot: tuple[str, Side]

    @property
    def mishap(self) -> Mishap:
        return MISHAPS[self.cell.boundary][self.cell.mishap]

    @property
    def prompt(self) -> str:
        """What is asked for: it is how everybody knows the run again."""
        return f"run {self.number} of seed {self.seed}"

    def fate(self, provider: str, earlier: int) -> Fate:
        """What a provider does with a submission of the run, after so many others. Raises Refused."""
        mishap = self.mishap
        if self.place not in (provider, "both"):
            if self.place == "replicate":
                raise Refused(422, "This model is not for you.")
            return Fate()
        if earlier >= mishap.times:
            return Fate()
        if mishap.refused is not None:
            raise Refused(mishap.refused, "No.")
        return mishap.fate


@functools.cache
def _cells(seed: int) -> list[Cell]:
    return random.Random(f"{seed} cells").sample(CELLS, len(CELLS))


@functools.cache
def plan(seed: int, number: int) -> Plan:
    """The run of this number: every cell comes once before any comes again."""
    cell = _cells(seed)[number % len(CELLS)]
    dice = random.Random(f"{seed} {number}")
    place: Place = dice.choices(("kie", "replicate", "both"), (55, 30, 15))[0]
    return Plan(
        number=number,
        seed=seed,
        cell=cell,
        place=MISHAPS[cell.boundary][cell.mishap].place or place,
        spot=dice.choice(SPOTS[cell.boundary]),
    )


def world_of(number: int) -> World:
    """The world in which a run is made, where all are to be tried: every cell comes into each of them."""
    return WORLDS[(number + number // len(CELLS)) % len(WORLDS)]


_PROMPT = re.compile(r"run (\d+) of seed (\d+)")


def number_in(prompt: object) -> int | None:
    """The number of the run that a prompt is of."""
    match = _PROMPT.fullmatch(str(prompt))
    return int(match[1]) if match else None
