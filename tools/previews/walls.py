"""Walls."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from tools.previews.paint import (
    FLOOR,
    WIDTH,
    Paint,
    all_of,
    box,
    deep,
    disc,
    inside,
    light,
    mix,
    shape,
    turned,
)

_BRICKS = ("#7A3324", "#C9745A", "#A9563E")


def _plain(p: Paint) -> str:
    return ""


def _accent(p: Paint) -> str:
    """One part of the wall in a stronger colour."""
    return box(158, 0, 168, FLOOR, mix(p.wall, p.main, 0.75)) + box(326, 0, 3, FLOOR, p.accent)


def _boards(p: Paint) -> str:
    lines = (shape(f"M{x} 112V{FLOOR}", stroke=deep(p.wall, 0.09), width=1.2) for x in range(10, WIDTH, 18))
    return box(0, 112, WIDTH, 100, deep(p.wall, 0.03)) + all_of(lines) + box(0, 108, WIDTH, 5, "#FFFFFF")


def _slats(p: Paint) -> str:
    back = box(152, 0, 186, FLOOR, deep(p.floor, 0.35))
    return back + all_of(box(x, 0, 5, FLOOR, p.floor) for x in range(153, 338, 8))


def _plaster(p: Paint) -> str:
    dice = random.Random(4)
    return all_of(
        disc(
            dice.uniform(0, WIDTH),
            dice.uniform(0, FLOOR),
            dice.uniform(25, 75),
            dice.choice((light(p.wall, 0.35), deep(p.wall, 0.16))),
            dice.uniform(12, 40),
            'opacity="0.3" filter="url(#soft)"',
        )
        for _ in range(40)
    )


def _concrete(p: Paint) -> str:
    joints = all_of(
        [shape(f"M0 {y}H{WIDTH}", stroke=deep(p.wall, 0.2), width=1.4) for y in (70, 141)]
        + [shape(f"M{x} 0V{FLOOR}", stroke=deep(p.wall, 0.2), width=1.4) for x in (152, 340)]
    )
    holes = all_of(
        disc(x + dx, y + dy, 2.2, deep(p.wall, 0.35))
        for x in (152, 340)
        for y in (0, 70, 141)
        for dx in (-14, 14)
        for dy in (16, 54)
    )
    return _plaster(p) + joints + holes


def _brick(p: Paint) -> str:
    dice = random.Random(7)
    parts = [box(0, 0, WIDTH, FLOOR, light(p.wall, 0.42))]
    for row, y in enumerate(range(0, FLOOR, 11)):
        for x in range(-26 + 13 * (row % 2), WIDTH, 26):
            parts.append(box(x, y, 24.4, 9.6, mix(p.wall, dice.choice(_BRICKS), dice.uniform(0, 0.45)), 0.8))
    return all_of(parts)


def _panels(p: Paint) -> str:
    seams = all_of(shape(f"M{x} 0V{FLOOR}", stroke=deep(p.wall, 0.14), width=1.5) for x in (150, 210, 270, 330, 390))
    glow = f'<rect x="0" y="0" width="{WIDTH}" height="34" fill="{p.accent}" opacity="0.35" filter="url(#soft)"/>'
    return seams + glow + box(0, 0, WIDTH, 5, light(p.accent, 0.6)) + box(150, 140, 250, 1.6, light(p.accent, 0.3))


def _fans(p: Paint) -> str:
    parts = []
    for row, y in enumerate(range(230, -30, -18)):
        for x in range(-18 + 18 * (row % 2), WIDTH + 36, 36):
            for radius in (18, 12.5, 7):
                fill = deep(p.wall, 0.14) if radius == 12.5 else p.wall
                parts.append(
                    shape(
                        f"M{x - radius} {y}A{radius} {radius} 0 0 1 {x + radius} {y}Z",
                        fill,
                        mix(p.accent, p.wall, 0.25),
                        0.9,
                    )
                )
    return all_of(parts)


def _mouldings(p: Paint) -> str:
    line = deep(p.wall, 0.14)
    frames = all_of(
        box(x, 22, width, 112, "none", 0, f'stroke="{line}" stroke-width="2"')
        + box(x + 4, 26, width - 8, 104, "none", 0, 'stroke="#FFFFFF" stroke-width="1.4"')
        + box(x, 150, width, 46, "none", 0, f'stroke="{line}" stroke-width="2"')
        for x, width in ((158, 164), (332, 60))
    )
    cornice = box(0, 0, WIDTH, 9, "#FFFDF6") + box(0, 9, WIDTH, 2, line)
    return cornice + frames + box(0, 140, WIDTH, 4, "#FFFDF6") + box(0, 144, WIDTH, 1.4, line)


def _flowers(p: Paint) -> str:
    parts = []
    for row, y in enumerate(range(12, FLOOR, 22)):
        for x in range(12 + 15 * (row % 2), WIDTH, 30):
            leaf = shape(f"M{x} {y + 3}q-6 5 -8 1M{x} {y + 3}q6 6 8 2", stroke=p.accent, width=1.4)
            petals = all_of(
                disc(x + 3 * math.cos(a), y + 3 * math.sin(a), 2.3, light(p.main, 0.15))
                for a in (0.3, 1.55, 2.8, 4.1, 5.3)
            )
            parts.append(leaf + petals + disc(x, y, 1.4, "#F3D98B"))
    return f'<g opacity="0.75">{all_of(parts)}</g>'


def _logs(p: Paint) -> str:
    wood = mix(p.floor, p.wall, 0.35)
    parts = [
        box(0, y, WIDTH, 26, wood, 6)
        + box(0, y + 17, WIDTH, 8, deep(wood, 0.16), 4)
        + box(0, y + 3, WIDTH, 4, light(wood, 0.2), 2)
        for y in range(18, FLOOR, 26)
    ]
    knots = all_of(disc(x, y, 4, deep(wood, 0.3), 2.4) for x, y in ((180, 40), (332, 92), (300, 144), (14, 196)))
    beam = box(0, 0, WIDTH, 17, p.dark) + all_of(box(x, 0, 20, 30, p.dark, 1) for x in (150, 340))
    return all_of(parts) + knots + beam


def _stripes(p: Paint) -> str:
    return all_of(box(0, y, WIDTH, 12, mix(p.wall, p.main, 0.22)) for y in range(4, FLOOR, 24))


def _moss(p: Paint) -> str:
    """A living wall behind the seat."""
    dice = random.Random(3)
    greens = (p.accent, light(p.accent, 0.25), deep(p.accent, 0.2), p.main, "#A9BF6A")
    tufts = all_of(
        disc(
            dice.uniform(152, 330), dice.uniform(16, 142), dice.uniform(5, 12), dice.choice(greens), dice.uniform(4, 9)
        )
        for _ in range(230)
    )
    frame = f'stroke="{p.floor}" stroke-width="6"'
    return inside("moss", box(156, 20, 170, 118, "#000"), box(156, 20, 170, 118, deep(p.accent, 0.3)) + tufts) + box(
        156, 20, 170, 118, "none", 2, frame
    )


def _leaves(p: Paint) -> str:
    dice = random.Random(11)
    parts = []
    for row in range(5):
        for column in range(9):
            x, y = column * 50 + 25 * (row % 2) - 6, row * 48 + 14
            leaf = shape(f"M{x} {y + 22}q-20 -18 0 -46q20 28 0 46Z", mix(p.main, p.wall, dice.choice((0.35, 0.55))))
            vein = shape(f"M{x} {y + 20}V{y - 16}", stroke=p.wall, width=1.2)
            parts.append(turned(dice.choice((-50, -25, 25, 50)), x, y, leaf + vein))
    return all_of(parts)


def _dots(p: Paint) -> str:
    """Loud wallpaper."""
    parts = []
    for row, y in enumerate(range(10, FLOOR + 10, 26)):
        for x in range(8 + 17 * (row % 2), WIDTH + 20, 34):
            parts.append(
                shape(f"M{x} {y - 11}L{x + 11} {y}L{x} {y + 11}L{x - 11} {y}Z", mix(p.wall, p.dark, 0.3))
                + disc(x, y, 4.5, p.accent)
                + disc(x, y, 1.8, p.wall)
            )
    return all_of(parts)


WALLS: dict[str, Callable[[Paint], str]] = {
    "accent": _accent,
    "boards": _boards,
    "brick": _brick,
    "concrete": _concrete,
    "dots": _dots,
    "fans": _fans,
    "flowers": _flowers,
    "leaves": _leaves,
    "logs": _logs,
    "moss": _moss,
    "mouldings": _mouldings,
    "panels": _panels,
    "plain": _plain,
    "plaster": _plaster,
    "slats": _slats,
    "stripes": _stripes,
    "stucco": _plaster,
}
