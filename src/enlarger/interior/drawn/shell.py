"""Walls, windows and floors."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from enlarger.interior.drawn.paint import (
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
    turned,
)

_LEFT, _RIGHT, _TOP, _SILL = 26, 140, 34, 158
"""The window."""
_CEMENT, _LEAF = "#B9B4AA", "#4F8A57"
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
            dice.uniform(0, WIDTH), dice.uniform(0, FLOOR), dice.uniform(25, 75),
            dice.choice((light(p.wall, 0.35), deep(p.wall, 0.16))), dice.uniform(12, 40),
            'opacity="0.3" filter="url(#soft)"',
        )
        for _ in range(40)
    )  # fmt: skip


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
                parts.append(shape(f"M{x - radius} {y}A{radius} {radius} 0 0 1 {x + radius} {y}Z", fill,
                                   mix(p.accent, p.wall, 0.25), 0.9))  # fmt: skip
    return all_of(parts)


def _mouldings(p: Paint) -> str:
    line = deep(p.wall, 0.14)
    frames = all_of(
        box(x, 22, width, 112, "none", 0, f'stroke="{line}" stroke-width="2"')
        + box(x + 4, 26, width - 8, 104, "none", 0, f'stroke="#FFFFFF" stroke-width="1.4"')
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


def _view(sea: bool = False) -> str:
    """What is outside."""
    sky = box(0, 0, 160, FLOOR, "url(#sky)")
    if sea:
        sun = disc(112, 70, 9, "#FFF3C4")
        return sky + sun + box(0, 112, 160, 60, "#3E8FC4") + box(0, 112, 160, 3, "#8CC4E6")
    return (
        sky + shape("M0 132q40 -30 80 -8t80 -14v70H0Z", "#A8C79A") + shape("M0 146q50 -22 90 -4t70 -8v40H0Z", "#7FAE7C")
    )


def _city() -> str:
    towers = ((28, 92, 18), (48, 74, 16), (68, 100, 22), (92, 64, 14), (108, 88, 20), (128, 78, 14))
    return box(0, 0, 160, FLOOR, "url(#sky)") + all_of(box(x, y, w, 90, "#8FA3B5") for x, y, w in towers)


def _pane(outline: str, view: str, frame: str, bars: str, width: float = 5) -> str:
    """A window of some outline."""
    glass = inside("pane", shape(outline, "#000"), view)
    gleam = inside(
        "gleam", shape(outline, "#000"), shape("M20 150L90 30H112L42 150Z", "#FFFFFF", more='opacity="0.25"')
    )
    return glass + gleam + shape(outline, "none", frame, width) + bars


_SQUARE = f"M{_LEFT} {_TOP}H{_RIGHT}V{_SILL}H{_LEFT}Z"
_ARCH = f"M{_LEFT + 8} {_SILL}V90a49 56 0 0 1 98 0V{_SILL}Z"


def _sill(fill: str) -> str:
    return box(_LEFT - 7, _SILL + 1, _RIGHT - _LEFT + 14, 6, fill, 1) + box(
        _LEFT - 5, _SILL + 7, 124, 2, "#000", 0, 'opacity="0.12"'
    )


def _panoramic(p: Paint) -> str:
    bars = shape("M83 22V196", stroke=p.dark, width=2.5)
    return _pane("M14 22H146V196H14Z", _city(), p.dark, bars, 3.5)


def _window_plain(p: Paint) -> str:
    return _pane(_SQUARE, _view(), deep(p.floor, 0.1), "", 6) + _sill(p.floor)


def _window_arch(p: Paint) -> str:
    sheer = shape("M18 14q14 90 6 190H10V14ZM152 14q-14 90 -6 190h14V14Z", "#FFFFFF", more='opacity="0.75"')
    return (
        _pane(_ARCH, _view(), light(p.dark, 0.2), shape("M83 36V158", stroke=light(p.dark, 0.2), width=2), 3.5) + sheer
    )


def _sash(p: Paint) -> str:
    bars = shape(f"M83 {_TOP}V{_SILL}M{_LEFT} 76H{_RIGHT}M{_LEFT} 117H{_RIGHT}", stroke="#FFFFFF", width=3)
    frame = _pane(_SQUARE, _view(), "#FFFFFF", bars, 7)
    edge = shape(f"M{_LEFT - 4} {_TOP - 4}H{_RIGHT + 4}V{_SILL + 4}H{_LEFT - 4}Z", "none", deep(p.wall, 0.12), 1)
    return frame + edge + _sill("#FFFFFF")


def _shoji(p: Paint) -> str:
    wood = p.dark
    bars = shape("M83 18V206M51 18V206M115 18V206M16 65H150M16 112H150M16 159H150", stroke=wood, width=2)
    return _pane("M16 18H150V206H16Z", box(0, 0, 160, FLOOR, "#FBF6E9"), wood, bars, 5) + shape(
        "M83 18V206", stroke=wood, width=5
    )


def _grid(p: Paint) -> str:
    bars = shape("M55 18V170M83 18V170M111 18V170M26 56H140M26 94H140M26 132H140", stroke=p.dark, width=2.6)
    return _pane("M26 18H140V170H26Z", _city(), p.dark, bars, 6) + box(20, 172, 126, 5, p.dark)


def _stepped(p: Paint) -> str:
    outline = "M34 168V66H46V50H60V36H106V50H120V66H132V168Z"
    bars = shape("M83 36V168M60 50V168M106 50V168", stroke=p.accent, width=2)
    rays = all_of(shape(f"M83 96L{83 + 60 * math.cos(a):.1f} {96 - 60 * math.sin(a):.1f}", stroke=p.accent, width=1.2)
                  for a in (0.6, 1.05, 2.09, 2.54))  # fmt: skip
    inner = inside("rays", shape(outline, "#000"), rays + shape("M34 96H132", stroke=p.accent, width=2))
    return _pane(outline, _city(), p.accent, bars + inner, 4.5)


def _cottage(p: Paint) -> str:
    bars = shape("M83 54V154M34 88H132M34 121H132", stroke="#FFFFFF", width=3)
    shutter = mix(p.main, p.dark, 0.25)
    shutters = all_of(
        box(x, 50, 22, 108, shutter, 1)
        + all_of(shape(f"M{x + 4} {y}h14", stroke=light(shutter, 0.3), width=1.3) for y in range(58, 154, 7))
        for x in (8, 136)
    )
    return _pane("M34 54H132V154H34Z", _view(), "#FFFFFF", bars, 6) + shutters + box(28, 157, 110, 6, p.floor, 1)


def _arched(p: Paint) -> str:
    """An arch with shutters in the accent's colour, and the sea."""
    outline = "M44 164V96a39 44 0 0 1 78 0V164Z"
    bars = shape("M83 54V164M44 110H122", stroke=p.accent, width=3)
    shutters = all_of(
        shape(path, p.accent, deep(p.accent, 0.3), 1.2)
        for path in ("M14 164V100q2 -34 26 -44V164Z", "M152 164V100q-2 -34 -26 -44V164Z")
    ) + all_of(
        shape(f"M{x} {y}h16", stroke=deep(p.accent, 0.3), width=1.5) for x in (19, 131) for y in range(92, 162, 9)
    )
    return _pane(outline, _view(sea=True), p.accent, bars, 4.5) + shutters + box(36, 165, 94, 6, p.floor, 1)


def _porthole(p: Paint) -> str:
    bolts = all_of(
        disc(83 + 53 * math.cos(a), 98 + 53 * math.sin(a), 2.4, "#F3DDA2") for a in (k * 0.785 for k in range(8))
    )
    outline = "M83 52a46 46 0 1 1 -0.1 0Z"
    return (
        disc(83, 98, 60, "#B58B3E")
        + disc(83, 98, 57, "#D1A95A")
        + bolts
        + _pane(outline, _view(sea=True), "#8C6A2C", "", 4)
    )


def _curtains(p: Paint) -> str:
    rail = box(6, 24, 156, 3.5, p.dark, 2) + disc(6, 25.5, 4, p.dark) + disc(162, 25.5, 4, p.dark)
    folds = all_of(
        shape(f"M{x} 27q{sway} 80 {sway // 2} 184h{way * 30}q{-sway} -90 {-sway // 2} -184Z", p.accent)
        + all_of(shape(f"M{x + way * k} 30q{sway} 80 {sway // 2} 180", stroke=deep(p.accent, 0.18), width=1.4)
                 for k in (8, 16, 24))
        for x, sway, way in ((10, 6, 1), (156, -6, -1))
    )  # fmt: skip
    return _sash(p) + folds + rail


def _louvres(p: Paint) -> str:
    slats = all_of(box(x, y, 26, 4.5, p.floor, 1) for x in (14, 126) for y in range(36, 170, 8))
    frames = all_of(box(x - 3, 30, 32, 144, "none", 1, f'stroke="{deep(p.floor)}" stroke-width="3"') for x in (14, 126))
    crown = all_of(
        shape(f"M88 92q{dx / 2:g} {dy - 8} {dx} {dy}q{-dx / 2:g} {-dy / 2 - 2:g} {-dx} {-dy}Z", _LEAF, _LEAF, 1.6)
        for dx, dy in ((-34, 16), (-30, -6), (-14, -22), (14, -20), (28, -4), (30, 18))
    )
    palms = shape("M96 170q-12 -40 -8 -78", stroke="#7A5B3C", width=5) + crown
    view = _view(sea=True) + palms
    return (
        _pane("M46 34H120V168H46Z", view, deep(p.floor), shape("M83 34V168", stroke=deep(p.floor), width=2.5), 4.5)
        + slats
        + frames
    )


WINDOWS: dict[str, Callable[[Paint], str]] = {
    "arch": _window_arch,
    "arched": _arched,
    "cottage": _cottage,
    "curtains": _curtains,
    "grid": _grid,
    "louvres": _louvres,
    "panoramic": _panoramic,
    "plain": _window_plain,
    "porthole": _porthole,
    "sash": _sash,
    "shoji": _shoji,
    "stepped": _stepped,
}


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
    for y, below in zip(rows, rows[1:], strict=False):
        x = -dice.uniform(0, 80)
        while x < WIDTH:
            length = dice.uniform(70, 130)
            parts.append(box(x, y, length, below - y, mix(p.floor, dice.choice(("#FFFFFF", "#000000")), dice.uniform(0, 0.08)),
                             more=f'stroke="{deep(p.floor, 0.22)}" stroke-width="0.8"'))  # fmt: skip
            x += length
    return all_of(parts)


def _herringbone(p: Paint) -> str:
    rows = _rows(7, 1.4)
    parts = []
    for number, (y, below) in enumerate(zip(rows, rows[1:], strict=False)):
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

    for number, (y, below) in enumerate(zip(rows, rows[1:], strict=False)):
        for k, (left, right) in enumerate(zip(rays, rays[1:], strict=False)):
            fill = first if (k + number) % 2 else second
            parts.append(shape(f"M{at(left, y):.1f} {y:.1f}L{at(right, y):.1f} {y:.1f}L{at(right, below):.1f} {below:.1f}"
                               f"L{at(left, below):.1f} {below:.1f}Z", fill, joint, 0.8))  # fmt: skip
    return all_of(parts)


def _checker(p: Paint) -> str:
    return _tiles(p.floor, p.dark, deep(p.floor, 0.3))


def _terracotta(p: Paint) -> str:
    return _tiles(p.floor, light(p.floor, 0.13), light(p.floor, 0.45))


def _stone(p: Paint) -> str:
    return _tiles(p.floor, mix(p.floor, p.wall, 0.4), deep(p.floor, 0.15))


def _tatami(p: Paint) -> str:
    straw = mix(p.floor, p.wall, 0.35)
    return _tiles(straw, light(straw, 0.06), straw) + all_of(
        shape(f"M{a:g} {FLOOR}L{b:g} {HEIGHT}", stroke=deep(p.accent, 0.25), width=2.5) for a, b in _rays(6)[::3]
    ) + shape(f"M0 250H{WIDTH}", stroke=deep(p.accent, 0.25), width=2.5)  # fmt: skip


def _resin(p: Paint) -> str:
    return box(0, FLOOR, WIDTH, 88, light(p.floor, 0.25), more='opacity="0.5"')


def _cement(p: Paint) -> str:
    dice = random.Random(9)
    blots = all_of(
        disc(dice.uniform(0, WIDTH), dice.uniform(FLOOR, HEIGHT), dice.uniform(20, 60), dice.choice((_CEMENT, deep(p.floor, 0.3))),
             dice.uniform(4, 12), 'opacity="0.3" filter="url(#soft)"')
        for _ in range(26)
    )  # fmt: skip
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
