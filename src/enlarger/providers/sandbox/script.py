"""What becomes of a task in the sandbox: it follows from the seed, the task's id and words in its input alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

COMMAND = re.compile(r"\[sandbox (?P<word>fail|refuse|slow)(?: (?P<seconds>\d{1,5}))?\]", re.IGNORECASE)
_SLOW_SECONDS = 30


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a task."""

    refused: bool
    failure: str | None
    """Why it fails, if it does."""
    seconds: float
    """What it takes."""


def decide(task_id: str, input: Mapping[str, Any], *, seed: int, failures: float, seconds: float) -> Fate:
    """The fate of a task: `failures` is the share of tasks that fail, `seconds` what one takes."""
    words: dict[str, str | None] = {}
    for text in texts(input):
        words |= {match["word"].lower(): match["seconds"] for match in COMMAND.finditer(text)}
    failure = None
    if "fail" in words:
        failure = "The sandbox has failed this task, as its prompt asks for."
    elif draw(seed, "failure", task_id) < failures:
        failure = "The sandbox has failed this task, as it does with a share of them (ENLARGER_SANDBOX_FAILURES)."
    if "slow" in words:
        seconds = float(words["slow"] or _SLOW_SECONDS)
    return Fate(refused="refuse" in words, failure=failure, seconds=seconds)


def draw(seed: int, *words: str) -> float:
    """A number from 0 up to 1, the same for the same words."""
    digest = hashlib.sha256("\n".join((str(seed), *words)).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)


def texts(value: Any) -> Iterator[str]:
    """The texts in an input, however deep; files inside it are none."""
    if isinstance(value, str):
        if not value.startswith("data:"):
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
