"""How much of a batch is done, in pixels, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_ENOUGH_SECONDS = 1.0
"""Of progress, before a speed is believed."""
_NEARLY = 0.9
"""The most that a picture counts for the estimate whose progress nobody tells."""

Stage = Literal["waiting", "working", "done", "left"]


@dataclass(slots=True, eq=False)
class Part:
    """One picture of a batch."""

    name: str
    pixels: float
    stage: Stage = "waiting"
    share: float = 0.0
    """0 to 1, as far as it was told."""
    began: float = 0.0
    ended: float = 0.0
    first: tuple[float, float] | None = None
    """When some progress was told for the first time, and how much it was."""
    last: tuple[float, float] | None = None
    cold: float | None = None
    """The share that was done when the time began to count; None if the picture was begun later."""


class Meter:
    """What is done of a batch of pictures, each of which counts by its pixels.

    A picture costs time by its pixels and some time by itself, for being loaded and fetched. How fast pixels are made
    is seen inside of pictures that tell their progress; the rest of the time went into pictures as such. Where none
    tells its progress all time is put down to pixels. What an engine needs to start is no measure of the rest, so the
    time counts from the first progress on. Pictures that failed, or that needed no work, do not count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: list[Part] = []
        self._start: float | None = None
        self._warm = False
        self._lost = 0.0
        self._last_end = 0.0
        self._left: tuple[float, float] | None = None

    def add(self, name: str, pixels: float) -> Part:
        """A picture to come."""
        part = Part(name, max(1.0, pixels))
        self._parts.append(part)
        return part

    def work(self, part: Part, share: float) -> None:
        """The picture is being worked on, and done to `share`, 0 to 1."""
        now = self._clock()
        if part.stage == "waiting":
            part.stage, part.began = "working", now
        part.share = max(part.share, min(1.0, share))
        if 0 < part.share < 1:
            part.first = part.first or (now, part.share)
            part.last = (now, part.share)
        self._estimate(now)

    def finish(self, part: Part) -> None:
        """The picture is done."""
        now = self._clock()
        part.began = part.began if part.stage == "working" else now
        part.stage, part.share, part.ended = "done", 1.0, now
        self._last_end = now
        self._estimate(now)

    def drop(self, part: Part) -> None:
        """The picture failed, or needs no work: it does not count, and neither does the time that it took."""
        now = self._clock()
        if self._working() == [part]:
            self._lost += now - max(part.began, self._last_end, self._start or 0.0)
        part.stage = "left"
        self._last_end = now
        self._estimate(now)

    @property
    def current(self) -> str | None:
        """The name of the picture that is being worked on, of several the one that began first."""
        working = self._working()
        return min(working, key=lambda part: part.began).name if working else None

    @property
    def counts(self) -> tuple[int, int]:
        """How many pictures are done, of how many."""
        counted = self._counted()
        return sum(part.stage == "done" for part in counted), len(counted)

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        total = sum(part.pixels for part in self._counted())
        return sum(part.pixels * part.share for part in self._counted()) / total if total else 1.0

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes; None as long as too little is known."""
        if self._left is None:
            return None
        left, at = self._left
        return max(0.0, left - (self._clock() - at))

    def _counted(self) -> list[Part]:
        return [part for part in self._parts if part.stage != "left"]

    def _working(self) -> list[Part]:
        return [part for part in self._parts if part.stage == "working"]

    def _estimate(self, now: float) -> None:
        counted, working = self._counted(), self._working()
        shares = self._shares(now)
        begun = [part for part in counted if part.stage != "waiting"]
        if self._start is None or (not self._warm and any(shares.values()) and all(part.share for part in working)):
            self._start, self._lost = now, 0.0
            self._warm = any(shares.values())
            for part in begun:
                part.cold = shares[part]
        seconds = now - self._start - self._lost
        pixels = sum(part.pixels * (shares[part] - (part.cold or 0.0)) for part in begun)
        if seconds < _ENOUGH_SECONDS or pixels <= 0:
            return
        pictures = sum(part.cold is None for part in begun)
        inside = self._pixel_seconds()
        per_pixel = seconds / pixels if inside is None or not pictures else min(inside, seconds / pixels)
        per_picture = (seconds - per_pixel * pixels) / pictures if pictures else 0.0
        pixels_left = sum(part.pixels for part in counted) - sum(part.pixels * shares[part] for part in begun)
        left = per_pixel * pixels_left + per_picture * (len(counted) - len(begun))
        alone = max((part.pixels * (1 - part.share) for part in working), default=0.0)
        self._left = max(left, alone * (inside or 0.0)), now

    def _shares(self, now: float) -> dict[Part, float]:
        """What is done of the pictures that were begun; of those that do not tell it, by how long others took."""
        took = [part.ended - part.began for part in self._parts if part.stage == "done"]
        usual = sum(took) / len(took) if took else 0.0
        shares = {part: part.share for part in self._parts if part.stage in ("working", "done")}
        for part in self._working():
            shares[part] = part.share or (min(_NEARLY, (now - part.began) / usual) if usual else 0.0)
        return shares

    def _pixel_seconds(self) -> float | None:
        """Seconds a pixel takes, as seen inside of pictures; None as long as too little was seen."""
        seconds = pixels = 0.0
        for part in self._parts:
            if part.first is not None and part.last is not None:
                seconds += part.last[0] - part.first[0]
                pixels += part.pixels * (part.last[1] - part.first[1])
        return seconds / pixels if seconds >= _ENOUGH_SECONDS and pixels > 0 else None
