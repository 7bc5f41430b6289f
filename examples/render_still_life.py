#!/usr/bin/env python3
"""Render ``still-life.jpg``, the example picture of this repository.

An enamel mug with a beech twig, a book, an alarm clock, dice, coins and a ruler on a woven cloth, in the sun
of a window. All of it is computed here, so the picture is the project's own. It takes three to five minutes:

    python examples/render_still_life.py [-o PATH] [--width 480]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from still_life import things
from still_life.film import develop
from still_life.path_tracer import Array, Camera, Daylight, Scene, mix, render, smooth, turn, unit, vec

SEED = 1958
OVERSAMPLING = 2  # The scene is rendered at this many times the width, then reduced.
CAMERA = Camera(eye=vec(1.2, 22, 41), target=vec(0.2, 5, 2), width=26, aperture=0.46)
DAYLIGHT = Daylight(
    to_sun=unit(vec(-0.70, 0.56, 0.50)),
    sun=vec(6.0, 4.75, 3.25),
    sun_radius=0.018,
    window=vec(-62, 44, 26),
    across=unit(vec(0.42, 0, 1)) * 34,
    upward=vec(0, 36, 0),
    sky=vec(1.75, 1.95, 2.2),
)
FLAT = [  # Circles in which the cloth lies flat, under the things: x, z and radius.
    (-5, 0.6, 4.2),
    (0, -2, 5),
    (5, -2.4, 6.5),
    (9, -3, 5),
    (1, 7.6, 2.5),
    (4.5, 7.6, 3),
    (-9, 8.2, 1.3),
    (-6.5, 7.4, 1.3),
    (-4, 6.7, 1.3),
]
FOLDS = [  # Where it is folded: x, z, direction in degrees, height, width and length.
    (-12, 4.4, -24, 1.2, 1.1, 6),
    (-7, 10.8, -10, 1.0, 1.0, 7),
    (-14, 1.0, -40, 1.3, 1.2, 6),
    (-13, -5, 30, 1.2, 1.4, 7),
    (9.0, 9.5, -55, 0.6, 0.8, 4),
    (1, 10.6, 14, 0.7, 0.8, 4),
]
STEMS = vec(-10.4, 11.6, 0.2), vec(-4.6, 14.4, -2.2), vec(-0.9, 12.6, 0.9)  # Where they end.


def room(d: Array) -> Array:
    """The light of the room: ahead a wall with a patch of sun on it, far out of focus."""
    around = mix((0.10, 0.085, 0.07), (0.30, 0.27, 0.23), smooth(-0.6, 0.3, d[:, 1]))
    ahead = np.maximum(-d[:, 2], 0.05)
    x, y = d[:, 0] / ahead, d[:, 1] / ahead
    wall = mix((0.135, 0.15, 0.135), (0.235, 0.24, 0.20), smooth(0.45, -0.45, x + 0.6 * y))
    slant = x + 0.5 * y
    bars = smooth(0.01, 0.11, np.abs(slant * 9 % 1 - 0.5))
    sun = smooth(-0.02, 0.04, slant) * smooth(0.22, 0.15, slant) * bars
    wall = mix(wall, (0.62, 0.50, 0.33), sun * 0.7)
    wall = mix(wall, (0.055, 0.042, 0.034), smooth(-0.30, -0.33, y))
    return np.where(d[:, 2:] < -0.4, wall, around)


def still_life(rng: np.random.Generator) -> Scene:
    """Put the things on the table."""
    growth = np.random.default_rng(7)
    twig = [things.sprig(growth, vec(-4.4, 1.1, -0.2), tip) for tip in STEMS]
    solids = [
        things.table(rng, FLAT, FOLDS),
        things.mug(vec(-5.0, 0.15, 0.6), turn(8)),
        things.book(rng, vec(4.6, 0.15, -2.2), turn(-14)),
        things.clock(rng, vec(4.9, 2.5, -2.0), turn(-10, -6)),
        things.die(vec(0.7, 1.02, 7.3), turn(32), (0.72, 0.67, 0.56), (0.02, 0.02, 0.02)),
        things.die(vec(2.9, 1.02, 6.2), turn(-12, 90), (0.50, 0.03, 0.025), (0.75, 0.70, 0.6)),
        things.coin(rng, vec(5.2, 0.25, 7.9), turn(15), vec(0.88, 0.60, 0.36)),
        things.coin(rng, vec(6.9, 0.42, 6.9), turn(-30, 6), vec(0.80, 0.76, 0.68)),
        things.ruler(rng, vec(-10.2, 0.42, 8.4), turn(16)),
        *(solid for stem in twig for solid in stem),
    ]
    return Scene(solids, DAYLIGHT, room, ambient=0.16)


def main() -> None:
    """Render, develop and save the picture."""
    parser = argparse.ArgumentParser(description="Render the example picture.")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("still-life.jpg"))
    parser.add_argument("--width", type=int, default=480, help="the height is three quarters of it")
    args = parser.parse_args()
    rng = np.random.default_rng(SEED)
    size = args.width * OVERSAMPLING, args.width * 3 // 4 * OVERSAMPLING
    light = render(still_life(rng), CAMERA, size, side=4, bounces=1, seed=SEED)
    Image.fromarray(develop(light, OVERSAMPLING, rng)).save(args.output, quality=90, optimize=True)


if __name__ == "__main__":
    main()
