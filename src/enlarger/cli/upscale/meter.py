"""How much of a batch is done, in pixels, and how long the rest takes."""

from __future__ import annotations

import time
from collections import deque
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
    told: float = 0.0
    """When some progress was last told; 0 before that."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How things stood at a time, to be compared with how they stand later."""

    at: float
    """Of the time in which work was done that counts."""
    clock: float
    done: float
    """Pixels of pictures that were done."""
    shares: dict[Part, float]
    """Of pictures that were being worked on."""
    inside_seconds: float
    inside_pixels: float


class Meter:
    """What is done of a batch of pictures, each of which counts by its pixels.

    A picture costs time by its pixels and some time by itself, for being loaded and fetched. How fast pixels are made
    is seen inside of pictures that tell their progress; the rest of the time went into pictures as such. Where none
    tells its progress all time is put down to pixels. The last half of the time counts, because machines get busy and
    idle, and none before the first progress, because engines start slowly. Pictures that failed, or that needed no
    work, do not count.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._parts: list[Part] = []
        self._moments: deque[Moment] = deque()
        self._start = 0.0
        self._warm = False
        self._lost = 0.0
        self._per_picture = 0.0
        self._last_end = 0.0
        self._inside_seconds = self._inside_pixels = 0.0
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
        if 0 < share < 1:
            if part.told:
                self._inside_seconds += now - part.told
                self._inside_pixels += part.pixels * max(0.0, share - part.share)
            part.told = now
        part.share = max(part.share, min(1.0, share))
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
            since = max(part.began, self._last_end)
            self._lost += now - since
            while self._moments and self._moments[-1].clock > since:
                self._moments.pop()
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
        here = self._note(now)
        then = self._moments[0]
        seconds = here.at - then.at
        before = then.done + sum(part.pixels * share for part, share in then.shares.items() if part.stage != "left")
        done = here.done + sum(part.pixels * share for part, share in here.shares.items())
        if seconds < _ENOUGH_SECONDS or done <= before:
            return
        counted = self._counted()
        waiting = sum(part.stage == "waiting" for part in counted)
        begun = sum(part.stage != "waiting" and part.began > then.clock for part in counted)
        inside = _ratio(here.inside_seconds - then.inside_seconds, here.inside_pixels - then.inside_pixels)
        overall = seconds / (done - before)
        per_pixel = overall if inside is None or not begun else min(inside, overall)
        if begun:
            self._per_picture = (seconds - per_pixel * (done - before)) / begun
        per_picture = self._per_picture  # as it was, while one picture takes all the time that is looked at
        left = per_pixel * (sum(part.pixels for part in counted) - done) + per_picture * waiting
        alone = max((part.pixels * (1 - part.share) for part in self._working()), default=0.0)
        self._left = max(left, alone * (inside or 0.0)), now

    def _note(self, now: float) -> Moment:
        """How things stand; kept for later, while what is too old to be compared with is forgotten."""
        done = [part for part in self._parts if part.stage == "done"]
        here = Moment(
            at=now - self._lost,
            clock=now,
            done=sum(part.pixels for part in done),
            shares={part: part.share or self._presume(part, now) for part in self._working()},
            inside_seconds=self._inside_seconds,
            inside_pixels=self._inside_pixels,
        )
        if not self._warm:
            # The time begins with the first progress where all that is being worked on tells some.
            self._warm = (bool(done) or bool(here.shares)) and all(part.share for part in here.shares)
            if self._warm:
                self._moments.clear()
        if not self._moments:
            self._start = here.at
        if not self._moments or here.at - self._moments[-1].at >= _ENOUGH_SECONDS:
            self._moments.append(here)
        # What nobody tells cannot be compared with what was presumed earlier.
        half = (self._start + here.at) / 2
        while self._warm and len(self._moments) > 1 and self._moments[1].at <= half:
            self._moments.popleft()
        return here

    def _presume(self, part: Part, now: float) -> float:
        """What is done of a picture where none tells its progress, by how long others took, and larger ones longer."""
        done = [other for other in self._parts if other.stage == "done"]
        took = sum(other.ended - other.began for other in done)
        if not took or any(other.told for other in self._parts):
            return 0.0
        usual = took * max(1 / len(done), part.pixels / sum(other.pixels for other in done))
        return min(_NEARLY, (now - part.began) / usual)


def _ratio(seconds: float, pixels: float) -> float | None:
    """Seconds a pixel; None as long as too little was seen."""
    return seconds / pixels if seconds >= _ENOUGH_SECONDS and pixels > 0 else None
