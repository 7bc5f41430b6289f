"""Floors."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

from tools.previews.paint import (
    FLOOR,
    HEIGHT,
    WIDTH,
    Paint,
    all_of,
    box,
    deep,
    disc,
    inside,
    light,
    line_on,
    mix,
    shape,
)

_CEMENT = "#B9B4AA"


def _rows(count: int, power: float = 1.5) -> list[float]:
    """Where lines across the floor are, nearer ones further apart."""
    return [FLOOR + (HEIGHT - FLOOR) * (step / count) ** power for step in range(count + 1)]


def _rays(count: int) -> list[tuple[float, float]]:
    """Where lines into the room begin and end."""
    return [(WIDTH / 2 + k * 26, WIDTH / 2 + k * 48) for k in range(-count, count + 1)]


def _planks(p: Paint) -> str:
    dice = random.Random(5)
    rows = _rows(7)
    parts = []
    for y, below in itertools.pairwise(rows):
        x = -dice.uniform(0, 80)
        while x < WIDTH:
            length = dice.uniform(70, 130)
            parts.append(
                box(
                    x,
                    y,
                    length,
                    below - y,
                    mix(p.floor, dice.choice(("#FFFFFF", "#000000")), dice.uniform(0, 0.08)),
                    more=f'stroke="{deep(p.floor, 0.22)}" stroke-width="0.8"',
                )
            )
            x += length
    return all_of(parts)


def _herringbone(p: Paint) -> str:
    rows = _rows(7, 1.4)
    parts = []
    for number, (y, below) in enumerate(itertools.pairwise(rows)):
        step = (below - y) * 1.9
        for k in range(-2, int(WIDTH / step) + 3):
            x = k * step
            fill = light(p.floor, 0.1) if (k + number) % 2 else deep(p.floor, 0.1)
            slope = step * 0.5 if number % 2 else -step * 0.5
            parts.append(
                shape(
                    f"M{x:.1f} {y:.1f}h{step:.1f}l{slope:.1f} {below - y:.1f}h{-step:.1f}Z",
                    fill,
                    deep(p.floor, 0.28),
                    0.7,
                )
            )
    return all_of(parts)


def _tiles(first: str, second: str, joint: str) -> str:
    rows = _rows(5, 1.35)
    parts = [box(0, FLOOR, WIDTH, HEIGHT - FLOOR, first)]
    rays = _rays(9)

    def at(ray: tuple[float, float], y: float) -> float:
        return ray[0] + (ray[1] - ray[0]) * (y - FLOOR) / (HEIGHT - FLOOR)

    for number, (y, below) in enumerate(itertools.pairwise(rows)):
        for k, (left, right) in enumerate(itertools.pairwise(rays)):
            fill = first if (k + number) % 2 else second
            parts.append(
                shape(
                    f"M{at(left, y):.1f} {y:.1f}L{at(right, y):.1f} {y:.1f}L{at(right, below):.1f} {below:.1f}"
                    f"L{at(left, below):.1f} {below:.1f}Z",
                    fill,
                    joint,
                    0.8,
                )
            )
    return all_of(parts)


def _checker(p: Paint) -> str:
    return _tiles(p.floor, p.dark, deep(p.floor, 0.3))


def _terracotta(p: Paint) -> str:
    return _tiles(p.floor, light(p.floor, 0.13), light(p.floor, 0.45))


def _stone(p: Paint) -> str:
    return _tiles(p.floor, mix(p.floor, p.wall, 0.4), deep(p.floor, 0.15))


def _tatami(p: Paint) -> str:
    straw = mix(p.floor, p.wall, 0.35)
    return (
        _tiles(straw, light(straw, 0.06), straw)
        + all_of(
            shape(f"M{a:g} {FLOOR}L{b:g} {HEIGHT}", stroke=deep(p.accent, 0.25), width=2.5) for a, b in _rays(6)[::3]
        )
        + shape(f"M0 250H{WIDTH}", stroke=deep(p.accent, 0.25), width=2.5)
    )


def _resin(p: Paint) -> str:
    return box(0, FLOOR, WIDTH, 88, light(p.floor, 0.25), more='opacity="0.5"')


def _cement(p: Paint) -> str:
    dice = random.Random(9)
    blots = all_of(
        disc(
            dice.uniform(0, WIDTH),
            dice.uniform(FLOOR, HEIGHT),
            dice.uniform(20, 60),
            dice.choice((_CEMENT, deep(p.floor, 0.3))),
            dice.uniform(4, 12),
            'opacity="0.3" filter="url(#soft)"',
        )
        for _ in range(26)
    )
    return inside("cement", box(0, FLOOR, WIDTH, 88, "#000"), blots)


def _gloss(p: Paint) -> str:
    shine = shape("M20 212L-20 300H60L76 212ZM170 212L150 300H190L196 212Z", "#FFFFFF", more='opacity="0.22"')
    edge = box(0, FLOOR, WIDTH, 2.5, light(p.accent, 0.3))
    return _tiles(p.floor, light(p.floor, 0.05), deep(p.floor, 0.12)) + shine + edge


FLOORS: dict[str, Callable[[Paint], str]] = {
    "cement": _cement,
    "checker": _checker,
    "gloss": _gloss,
    "herringbone": _herringbone,
    "planks": _planks,
    "resin": _resin,
    "stone": _stone,
    "tatami": _tatami,
    "terracotta": _terracotta,
}


def skirting(p: Paint) -> str:
    """The board between wall and floor."""
    return box(0, FLOOR - 6, WIDTH, 6, light(p.wall, 0.45)) + box(0, FLOOR, WIDTH, 1, line_on(p.floor, 0.35))
