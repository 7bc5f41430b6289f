"""Plants, on the right."""

from __future__ import annotations

import random
from collections.abc import Callable

from tools.previews.paint import Paint, all_of, box, deep, disc, light, mix, shape, turned

_GREEN, _CLAY = "#4E8A4E", "#B8653F"


def _none(p: Paint) -> str:
    return ""


def _pot(fill: str, width: float = 13, top: float = 216) -> str:
    return shape(f"M{366 - width} {top}h{2 * width}l-4 32h{8 - 2 * width}Z", fill) + box(
        366 - width - 2, top - 2, 2 * width + 4, 5, light(fill, 0.2), 1
    )


def leaf(x: float, y: float, angle: float, length: float, width: float, fill: str) -> str:
    """A leaf from its foot."""
    blade = shape(f"M{x} {y}q{-width} {-length / 2} 0 {-length}q{width} {length / 2} 0 {length}Z", fill)
    return turned(angle, x, y, blade + shape(f"M{x} {y}v{-length * 0.8}", stroke=light(fill, 0.2), width=0.8))


def _bush(
    leaves: tuple[tuple[float, float, float, float], ...], pot: str, fill: str = _GREEN, width: float = 16
) -> str:
    """Leaves by start, angle and length, over a pot."""
    return all_of(
        leaf(x, y, angle, length, width, fill if k % 2 else light(fill, 0.14))
        for k, (x, y, angle, length) in enumerate(leaves)
    ) + _pot(pot)


def _ficus(p: Paint) -> str:
    stem = shape("M366 216V130", stroke="#7A5B3C", width=3)
    spots = tuple(
        (366.0, y, a, 34.0)
        for y, a in (
            (200, -62),
            (196, 60),
            (176, -56),
            (172, 54),
            (152, -44),
            (150, 46),
            (134, 0),
            (136, -24),
            (136, 26),
        )
    )
    return stem + _bush(spots, p.dark)


def _pampas(p: Paint) -> str:
    plumes = all_of(
        shape(f"M366 214q{dx / 3:g} -50 {dx} {-dy}", stroke="#C9AD84", width=1.6)
        + turned(dx * 0.9, 366 + dx, 214 - dy, disc(366 + dx, 202 - dy, 5.5, "#E4CFAA", 22))
        for dx, dy in ((-26, 60), (-10, 80), (8, 84), (24, 64))
    )
    return plumes + shape("M352 248q-10 -22 6 -36h16q16 14 6 36Z", p.accent)


def _twig(p: Paint) -> str:
    return shape(
        "M366 226q-2 -50 8 -100M367 180q-14 -18 -18 -34M370 156q14 -12 16 -28", stroke=p.dark, width=1.8
    ) + shape("M358 248q-6 -14 4 -24h8q10 10 4 24Z", "#FFFFFF", "#C4C4C2", 1)


def _rubber(p: Paint) -> str:
    spots = (
        (366.0, 214.0, -50.0, 52.0),
        (366.0, 214.0, 48.0, 50.0),
        (366.0, 214.0, -22.0, 70.0),
        (366.0, 214.0, 22.0, 68.0),
        (366.0, 212.0, 0.0, 80.0),
    )
    return _bush(spots, "#FFFFFF", mix(_GREEN, p.accent, 0.25)) + shape("M354 224h24", stroke=p.dark, width=1.2)


def _bonsai(p: Paint) -> str:
    trunk = shape("M364 224q-12 -16 4 -30t-4 -34M366 194q14 -4 18 -18", stroke="#5B4331", width=5)
    clouds = all_of(
        disc(x, y, w, fill, h)
        for x, y, w, h, fill in (
            (352, 160, 22, 10, "#5E7A4A"),
            (384, 174, 15, 8, "#6E8A55"),
            (364, 148, 18, 9, "#6E8A55"),
        )
    )
    stand = box(344, 232, 44, 7, p.dark, 1) + box(348, 239, 4, 9, p.dark) + box(380, 239, 4, 9, p.dark)
    return trunk + clouds + shape("M346 222h40l-4 10h-32Z", "#4D5A66") + stand


def _branch(p: Paint) -> str:
    twigs = shape(
        "M366 212q-6 -40 -24 -70M364 186q10 -30 4 -62M356 164q-16 -8 -22 -20M367 150q10 -12 22 -16",
        stroke="#5A4636",
        width=2.2,
    )
    buds = all_of(
        disc(x, y, 2.6, "#C9B79A") for x, y in ((342, 142), (334, 144), (368, 124), (389, 134), (349, 152), (378, 141))
    )
    return (
        twigs
        + buds
        + shape("M348 248q-14 -20 8 -36h18q24 16 8 36Z", deep(p.wall, 0.35))
        + shape("M345 232q20 5 40 0", stroke=light(p.wall, 0.1), width=1.5)
    )


def _heart(x: float, y: float, s: float) -> str:
    """A heart's outline around a point."""
    left = f"q{-s * 1.5:g} {-s * 0.4:g} {-s * 0.8:g} {-s * 1.5:g}q{s * 0.8:g} {-s * 0.6:g} {s * 0.8:g} {s * 0.3:g}"
    right = f"q0 {-s * 0.9:g} {s * 0.8:g} {-s * 0.3:g}q{s * 0.7:g} {s * 1.1:g} {-s * 0.8:g} {s * 1.5:g}Z"
    return f"M{x} {y + s}{left}{right}"


def _monstera(p: Paint) -> str:
    parts = []
    for x, y, size, turn in (
        (344, 176, 20, -30),
        (386, 172, 20, 30),
        (366, 150, 22, 0),
        (346, 206, 15, -50),
        (388, 204, 15, 50),
    ):
        heart = _heart(x, y, size)
        fill = shape(heart, "#3F7F4F")
        s = size
        veins = f"M{x - s * 0.9:g} {y}l{s * 0.5:g} {s * 0.2:g}M{x + s * 0.9:g} {y}l{-s * 0.5:g} {s * 0.2:g}"
        cuts = shape(f"{veins}M{x} {y + s}V{y - s * 0.6:g}", stroke="#8FBF8C", width=1.4)
        parts.append(shape(f"M366 218L{x} {y + size}", stroke="#3F7F4F", width=2) + turned(turn, x, y, fill + cuts))
    return all_of(parts) + _pot(p.accent, 14)


def _snake(p: Paint) -> str:
    blades = (
        (366.0, 216.0, -14.0, 78.0),
        (366.0, 216.0, 12.0, 84.0),
        (366.0, 216.0, -2.0, 96.0),
        (366.0, 216.0, 26.0, 58.0),
        (366.0, 216.0, -28.0, 56.0),
    )
    stand = shape("M354 236L346 250M378 236L386 250", stroke=p.dark, width=3)
    return (
        stand
        + all_of(leaf(x, y, a, n, 9, "#5C8F4E" if k % 2 else "#7FA652") for k, (x, y, a, n) in enumerate(blades))
        + shape("M348 214h36v16q-18 14 -36 0Z", "#FBF3E2")
    )


def _palm(p: Paint) -> str:
    fronds = []
    for dx, dy in ((-44, 8), (-34, -24), (-14, -46), (14, -46), (28, -24), (32, 6)):
        fronds.append(shape(f"M366 156q{dx * 0.4:g} {dy - 16:g} {dx} {dy}", stroke="#3F8A4B", width=3))
        for t in (0.35, 0.55, 0.75, 0.95):
            x, y = 366 + 2 * t * (1 - t) * dx * 0.4 + t * t * dx, 156 + 2 * t * (1 - t) * (dy - 16) + t * t * dy
            fronds.append(shape(f"M{x:.1f} {y:.1f}l-6 13M{x:.1f} {y:.1f}l7 12", stroke="#4F9A58", width=2.6))
    return shape("M364 218q-4 -32 2 -62", stroke="#8A6A45", width=5) + all_of(fronds) + _pot(p.accent, 14)


def _lavender(p: Paint) -> str:
    parts = []
    for dx in range(-20, 21, 5):
        parts.append(shape(f"M366 214q{dx / 3:g} -20 {dx} {abs(dx) * 0.5 - 38:g}", stroke=p.accent, width=1.6))
        parts += [
            disc(
                366 + dx * (0.84 + k * 0.05),
                182 + abs(dx) * 0.5 - dx % 2 * 5 - k * 4.4,
                3,
                mix(p.main, "#6C4FA3", 0.45),
                2.4,
            )
            for k in range(6)
        ]
    return all_of(parts) + _pot(_CLAY, 14)


def _fir(p: Paint) -> str:
    """A basket of logs."""
    logs = all_of(
        disc(x, y, 9, "#B98A55", more='stroke="#6B4426" stroke-width="2"') + disc(x, y, 4, "#D8B384")
        for x, y in ((356, 206), (376, 206), (366, 192))
    )
    weave = all_of(shape(f"M346 {y}q20 4 40 0", stroke="#6B4426", width=1.4) for y in (218, 226, 234, 242))
    return (
        logs
        + shape("M344 212h44l-5 36h-34Z", "#9C6B3A")
        + weave
        + shape("M348 214q18 -48 36 0", stroke="#6B4426", width=3)
    )


def _olive(p: Paint) -> str:
    dice = random.Random(6)
    leaves = all_of(
        leaf(
            366 + dice.uniform(-26, 26),
            168 + dice.uniform(-26, 16),
            dice.uniform(-80, 80),
            15,
            5,
            dice.choice(("#7C8F5A", "#94A66E", "#67794A")),
        )
        for _ in range(60)
    )
    return (
        shape("M366 218q-8 -20 2 -44M368 186q8 -10 12 -22", stroke="#75624A", width=5)
        + leaves
        + shape("M346 214h40l2 8q-4 26 -22 26t-22 -26Z", _CLAY)
        + box(344, 210, 44, 6, light(_CLAY, 0.15), 2)
    )


def _reeds(p: Paint) -> str:
    blades = all_of(
        shape(f"M366 216q{dx / 4:g} -40 {dx} {-dy}", stroke=fill, width=2.4)
        for dx, dy, fill in (
            (-30, 54, "#A9A878"),
            (-18, 76, "#8E9A66"),
            (-6, 88, "#A9A878"),
            (8, 86, "#8E9A66"),
            (20, 70, "#A9A878"),
            (30, 50, "#8E9A66"),
        )
    )
    weave = all_of(shape(f"M350 {y}h32", stroke="#A78455", width=1.2) for y in range(220, 248, 5))
    return blades + shape("M346 214h40l-4 34h-32Z", "#CBA873") + weave


def _hanging(p: Paint) -> str:
    """One in a macramé hanger, and one on the floor."""
    strings = shape("M172 0L158 62M172 0L186 62M172 0V90", stroke="#EADBC0", width=1.6)
    vines = all_of(
        shape(f"M172 66q{dx} 4 {dx * 1.3:g} {dy}", stroke="#5C8F4E", width=1.6)
        + all_of(disc(172 + dx * (0.7 + k * 0.2), 70 + dy * (0.3 + 0.23 * k), 3.4, "#6BA05A") for k in range(4))
        for dx, dy in ((-16, 52), (-8, 34), (9, 42), (17, 60))
    )
    pot = shape("M156 60h32q0 22 -16 24q-16 -2 -16 -24Z", _CLAY)
    return vines + pot + strings + _snake(p)


def _jungle(p: Paint) -> str:
    spots = tuple(
        (366.0, 214.0, float(a), float(n))
        for a, n in ((-74, 44), (72, 32), (-52, 62), (48, 46), (-28, 78), (24, 66), (-4, 92))
    )
    shelf = box(12, 176, 142, 5, p.floor) + all_of(
        _pot_at(x, 176, fill) + all_of(leaf(x, 160, a, 22, 8, "#5E9A4E") for a in (-48, -20, 10, 40))
        for x, fill in ((34, "#FFFFFF"), (84, _CLAY), (132, p.dark))
    )
    return shelf + _bush(spots, "#C9A06A", p.accent, 18)


def _pot_at(x: float, y: float, fill: str) -> str:
    return shape(f"M{x - 9} {y - 17}h18l-3 17h-12Z", fill)


PLANTS: dict[str, Callable[[Paint], str]] = {
    "bonsai": _bonsai,
    "branch": _branch,
    "ficus": _ficus,
    "fir": _fir,
    "grass": _reeds,
    "hanging": _hanging,
    "jungle": _jungle,
    "lavender": _lavender,
    "monstera": _monstera,
    "none": _none,
    "olive": _olive,
    "palm": _palm,
    "pampas": _pampas,
    "rubber": _rubber,
    "snake": _snake,
    "twig": _twig,
}
