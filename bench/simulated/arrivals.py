"""When tasks arrive."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi, sin
from random import Random

_BURST = 50
_DAY_SWING = 0.8
PATTERNS = ("steady", "poisson", "bursts", "day")


def arrivals(pattern: str, rate: float, tasks: int, random: Random) -> Iterator[float]:
    """The times of so many tasks, in seconds from the start, `rate` a second on average.

    `bursts` are of 50 tasks at once, at even distances. `day` follows a curve from a fifth of the rate to nearly twice
    the rate, in a day that is squeezed into the run. Raises ValueError for another pattern.
    """
    match pattern:
        case "steady":
            yield from (number / rate for number in range(tasks))
        case "poisson":
            at = 0.0
            for _ in range(tasks):
                yield at
                at += random.expovariate(rate)
        case "bursts":
            yield from (number // _BURST * _BURST / rate for number in range(tasks))
        case "day":
            at, length = 0.0, tasks / rate
            for _ in range(tasks):
                yield at
                at += random.expovariate(rate * (1 + _DAY_SWING * sin(2 * pi * at / length - pi / 2)))
        case _:
            raise ValueError(f"There is no pattern {pattern!r}: choose one of {', '.join(PATTERNS)}.")
