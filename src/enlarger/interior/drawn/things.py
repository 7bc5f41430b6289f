"""Lamps, rugs, plants, and what hangs on the wall."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from enlarger.interior.drawn.paint import Paint, all_of, box, deep, disc, inside, is_dark, light, mix, shape, turned

_AT = 352
"""Where lamps hang."""
_WARM, _BRASS, _GREEN, _CLAY = "#FFE9B0", "#C9A24A", "#4E8A4E", "#B8653F"
_ART = (240, 96)
"""The middle of what hangs above the seat."""


def _glow(x: float, y: float, size: float = 60, fill: str = "url(#glow)") -> str:
    return disc(x, y, size, fill)


def _cord(x: float, y: float, fill: str = "#3A3733", width: float = 1.3) -> str:
    return shape(f"M{x} 0V{y}", stroke=fill, width=width)


def _arc(p: Paint) -> str:
    stem = shape("M374 238V104q0 -66 -66 -66q-26 0 -32 20", stroke=_BRASS, width=3) + disc(374, 239, 15, p.dark, 4)
    return _glow(276, 72, 50) + stem + shape("M258 76a18 18 0 0 1 36 0Z", p.dark)


def _globes(p: Paint) -> str:
    balls = ((_AT - 18, 58, 12), (_AT + 4, 36, 10), (_AT + 18, 74, 14))
    return all_of(
        _glow(x, y, 44) + _cord(x, y, _BRASS) + disc(x, y, r, "#FFF8E6", r, 'stroke="#E6D9BC" stroke-width="0.8"')
        for x, y, r in balls
    )


def _line(p: Paint) -> str:
    return (
        _glow(300, 46, 60)
        + shape("M250 0V42M350 0V42", stroke=p.dark, width=0.8)
        + box(240, 42, 120, 3, p.dark)
        + box(242, 45, 116, 2, "#FFFFFF")
    )


def _dome(p: Paint) -> str:
    return (
        _glow(_AT, 70)
        + _cord(_AT, 40)
        + shape(f"M{_AT - 26} 72q0 -34 26 -34t26 34Z", p.accent)
        + disc(_AT, 72, 26, "#FFF3D2", 4)
    )


def _paper(p: Paint) -> str:
    ribs = all_of(
        shape(f"M{_AT - w} {y}q{w} 5 {2 * w} 0", stroke="#D9CBA8", width=0.9)
        for y, w in ((36, 22), (45, 28), (54, 31), (63, 32), (72, 30), (81, 25))
    )
    return (
        _glow(_AT, 60, 74) + _cord(_AT, 28) + disc(_AT, 60, 33, "#FFF9E8", 32) + ribs + box(_AT - 8, 27, 16, 3, p.dark)
    )


def _clay(p: Paint) -> str:
    return (
        _glow(_AT, 76, 56)
        + _cord(_AT, 40, "#6A5F52", 2)
        + shape(
            f"M{_AT - 24} 78q2 -14 14 -20q4 -6 4 -20h12q0 14 4 20q12 6 14 20q-24 5 -48 0Z", mix(p.wall, p.accent, 0.45)
        )
        + disc(_AT, 78, 23, "#F6E3BE", 3.5)
    )


def _factory(p: Paint) -> str:
    parts = [shape("M168 0V12H400", stroke="#55565A", width=4)]
    for x in (_AT - 30, _AT + 22):
        parts.append(
            _glow(x, 72, 50)
            + shape(f"M{x} 12V44", stroke="#55565A", width=3)
            + shape(f"M{x - 24} 68q2 -20 18 -22v-6h12v6q16 2 18 22Z", p.dark)
            + disc(x, 68, 24, _WARM, 4)
        )
    return all_of(parts)


def _bulbs(p: Paint) -> str:
    drops = ((316, 44), (344, 66), (372, 50))
    cables = shape("M330 0Q318 14 316 36M330 0Q340 30 344 58M330 0Q362 10 372 42", stroke=p.dark, width=1.5)
    return (
        all_of(_glow(x, y + 8, 40) for x, y in drops)
        + cables
        + all_of(
            box(x - 3.5, y - 9, 7, 9, p.dark)
            + disc(x, y + 8, 8.5, "#FFD98A", 10)
            + shape(f"M{x - 3} {y + 10}l2 -8l1 6l1 -6l2 8", stroke="#E07B1F", width=1)
            for x, y in drops
        )
    )


def _led(p: Paint) -> str:
    ring = disc(_AT - 6, 58, 40, "none", 11, f'stroke="{p.accent}" stroke-width="7" opacity="0.55" filter="url(#soft)"')
    rings = disc(_AT - 6, 58, 40, "none", 11, 'stroke="#FFFFFF" stroke-width="4"') + disc(
        _AT - 6, 80, 26, "none", 7, 'stroke="#FFFFFF" stroke-width="3.4"'
    )
    return ring + shape(f"M{_AT - 46} 58L{_AT - 6} 0L{_AT + 34} 58", stroke="#9AA6B0", width=0.7) + rings


def _sputnik(p: Paint) -> str:
    arms = [(a, 34 if k % 2 else 25) for k, a in enumerate(i * math.tau / 12 + 0.2 for i in range(12))]
    x, y = _AT - 4, 56
    spokes = all_of(
        shape(f"M{x} {y}L{x + r * math.cos(a):.1f} {y + r * math.sin(a):.1f}", stroke=_BRASS, width=2) for a, r in arms
    )
    tips = all_of(disc(x + r * math.cos(a), y + r * math.sin(a), 4, "#FFF6DC") for a, r in arms)
    return _glow(x, y, 62) + _cord(x, y, _BRASS, 2.4) + spokes + tips + disc(x, y, 7, _BRASS)


def _chandelier(p: Paint) -> str:
    """Stepped glass."""
    tiers = ((34, 30), (26, 46), (17, 62), (8, 78))
    glass = all_of(
        box(_AT - w, y, 2 * w, 15, "#FFF2CC", 1, f'stroke="{p.accent}" stroke-width="1.6"')
        + all_of(shape(f"M{_AT - w + k * 2 * w / 6:.1f} {y}v15", stroke=p.accent, width=0.8) for k in range(1, 6))
        for w, y in tiers
    )
    return _glow(_AT, 60, 70) + _cord(_AT, 30, p.accent, 2.4) + glass


def _crystal(p: Paint) -> str:
    gold = p.accent
    arms = all_of(shape(f"M{_AT} 62q{dx} 22 {dx * 1.0:g} -8", stroke=gold, width=2.4) for dx in (-36, -18, 18, 36))
    lights = all_of(
        box(_AT + dx - 2.5, 40, 5, 13, "#FFFDF3") + disc(_AT + dx, 37, 2.8, "#FFC85A", 4.5) for dx in (-36, -18, 18, 36)
    )
    drops = all_of(
        disc(_AT + dx, y, 1.9, "#FFFFFF", 3, 'stroke="#B9C7D1" stroke-width="0.5"')
        for dx, y in ((-36, 66), (-27, 74), (-18, 74), (-9, 84), (0, 90), (9, 84), (18, 74), (27, 74), (36, 66))
    )
    return _glow(_AT, 50, 66) + _cord(_AT, 66, gold, 2) + disc(_AT, 66, 6, gold, 9) + arms + lights + drops


def _shades(p: Paint) -> str:
    arms = all_of(shape(f"M{_AT} 66q{dx} 20 {dx} -6", stroke=p.dark, width=2) for dx in (-34, 34)) + shape(
        f"M{_AT} 66q4 12 0 22", stroke=p.dark, width=2
    )
    tops = all_of(
        shape(f"M{x - 7} {y - 18}h14l6 18h-26Z", mix(p.main, "#FFFFFF", 0.45), deep(p.main, 0.1), 0.8)
        for x, y in ((_AT - 34, 60), (_AT + 34, 60), (_AT, 56))
    )
    return _glow(_AT, 54) + _cord(_AT, 70, p.dark, 2) + arms + tops


def _wheel(p: Paint) -> str:
    ring = disc(_AT - 4, 66, 42, "none", 11, f'stroke="{p.dark}" stroke-width="6"')
    chains = shape(f"M{_AT - 44} 62L{_AT - 4} 0L{_AT + 36} 62", stroke="#3A3027", width=1.4)
    candles = all_of(
        box(_AT - 4 + dx - 3, y - 15, 6, 13, "#FFF3D6") + disc(_AT - 4 + dx, y - 18, 2.8, "#FFB43E", 4.5)
        for dx, y in ((-38, 66), (-20, 74), (2, 77), (22, 74), (38, 66))
    )
    return _glow(_AT - 4, 56, 66) + chains + ring + candles


def _lantern(p: Paint) -> str:
    iron = "#3C3A36"
    body = shape(f"M{_AT - 14} 44h28l-4 42h-20Z", _WARM, iron, 2.2) + shape(
        f"M{_AT} 44v42M{_AT - 12} 64h24", stroke=iron, width=1.4
    )
    return (
        _glow(_AT, 66)
        + _cord(_AT, 30, iron, 1.8)
        + shape(f"M{_AT - 18} 44L{_AT} 26L{_AT + 18} 44Z", iron)
        + body
        + disc(_AT, 89, 3, iron)
    )


def _rope(p: Paint) -> str:
    cage = all_of(shape(f"M{_AT} 36q{dx} 26 0 56", stroke="#4E6B74", width=1.4) for dx in (-34, -14, 14, 34))
    return (
        _glow(_AT, 64)
        + _cord(_AT, 38, "#C7A876", 4)
        + disc(_AT, 64, 21, "#BFE3E2", 27, 'opacity="0.75"')
        + disc(_AT, 66, 7, "#FFF3CF", 9)
        + cage
    )


def _rattan(p: Paint) -> str:
    cane = "#C08A4B"
    ribs = all_of(
        shape(f"M{_AT} 32Q{_AT + dx} 40 {_AT + dx * 0.95:g} 84", stroke=cane, width=1.5) for dx in range(-36, 37, 9)
    )
    hoops = all_of(
        disc(_AT, y, w, "none", w / 7, f'stroke="{deep(cane, 0.1)}" stroke-width="2"')
        for y, w in ((46, 25), (58, 32), (71, 34), (84, 34))
    )
    fringe = all_of(shape(f"M{x} 86v9", stroke=cane, width=1.2) for x in range(_AT - 32, _AT + 34, 5))
    return (
        _glow(_AT, 76, 66)
        + _cord(_AT, 34, cane, 2)
        + disc(_AT, 64, 30, _WARM, 22, 'opacity="0.8"')
        + ribs
        + hoops
        + fringe
    )


def _wood(p: Paint) -> str:
    rings = all_of(
        disc(_AT, y, w, "none", w / 4.2, f'stroke="{p.floor}" stroke-width="4"')
        for y, w in ((50, 20), (62, 30), (76, 36))
    )
    return _glow(_AT, 66, 66) + _cord(_AT, 60, p.dark) + disc(_AT, 64, 9, "#FFF7DE") + rings


def _fan(p: Paint) -> str:
    blades = (
        all_of(disc(x, y, 34, deep(p.floor, 0.1), 5) for x, y in ((_AT - 36, 34), (_AT + 36, 34)))
        + disc(_AT - 12, 26, 20, p.floor, 3)
        + disc(_AT + 14, 41, 22, p.floor, 4)
    )
    return (
        _glow(_AT, 58, 46)
        + box(_AT - 2, 0, 4, 30, p.dark)
        + blades
        + disc(_AT, 35, 10, p.dark, 7)
        + disc(_AT, 47, 12, "#FFF6DC", 9)
    )


def _glass(p: Paint) -> str:
    colours = (p.accent, "#2BA88F", "#F08A3C", p.main, "#FFFFFF")
    x0 = _AT
    arms = all_of(shape(f"M{x0} 40Q{x0 + dx} 40 {x0 + dx} 60", stroke=_BRASS, width=2.2) for dx in (-36, -18, 18, 36))
    bells = all_of(
        shape(f"M{x0 + dx - 11} 78q0 -20 11 -20t11 20q-11 5 -22 0Z", fill)
        for dx, fill in zip((-36, -18, 0, 18, 36), colours, strict=True)
    )
    return _glow(x0, 66, 66) + _cord(x0, 62, _BRASS, 2.4) + arms + bells


LAMPS: dict[str, Callable[[Paint], str]] = {
    "arc": _arc, "bulbs": _bulbs, "chandelier": _chandelier, "clay": _clay, "crystal": _crystal, "dome": _dome,
    "factory": _factory, "fan": _fan, "glass": _glass, "globes": _globes, "lantern": _lantern, "led": _led, "line": _line,
    "paper": _paper, "rattan": _rattan, "rope": _rope, "shades": _shades, "sputnik": _sputnik, "wheel": _wheel,
    "wood": _wood,
}  # fmt: skip

_MAT = "M132 240H344L384 290H92Z"
"""A rug's outline."""


def _none(p: Paint) -> str:
    return ""


def _mat(fill: str, inner: str = "", edge: str = "") -> str:
    return inside("rug", shape(_MAT, "#000"), shape(_MAT, fill) + inner) + shape(
        _MAT, "none", edge or deep(fill, 0.2), 1.4
    )


def _rug_plain(p: Paint) -> str:
    return _mat(light(p.main, 0.72), shape("M139 245H337L369 285H107Z", "none", p.accent, 1.8))


def _pebble(p: Paint) -> str:
    return shape(
        "M100 268q10 -32 90 -30q50 -4 120 4q70 10 62 32q-10 18 -110 18q-60 8 -110 -2q-54 -4 -52 -22Z",
        light(p.wall, 0.55),
        deep(p.wall, 0.08),
        1.2,
    )


def _zigzag(p: Paint) -> str:
    lines = all_of(shape(f"M80 {y}" + "l9 -6l9 6" * 18, stroke=p.dark, width=1.6) for y in (252, 264, 278, 292))
    return _mat("#FBFAF5", lines, p.dark)


def _persian(p: Paint) -> str:
    ground = "#8E2F33"
    border = shape("M138 244H338L373 286H103Z", "none", "#E2C48D", 4) + shape(
        "M142 247H334L366 283H110Z", "none", mix(p.main, "#1D2B4A", 0.5), 3
    )
    medal = disc(238, 264, 52, "#26375C", 13) + disc(238, 264, 38, "#D9B67A", 9) + disc(238, 264, 24, ground, 6)
    dots = all_of(
        disc(x, y, 4, "#E2C48D", 2) for x, y in ((156, 254), (318, 254), (136, 276), (342, 276), (172, 276), (304, 276))
    )
    fringe = all_of(shape(f"M{a} 240L{b} 290", stroke="#EADCC0", width=2) for a, b in ((132, 92), (344, 384)))
    return _mat(ground, border + medal + dots) + fringe


def _frayed(p: Paint) -> str:
    return _mat(
        light(p.main, 0.1),
        all_of(shape(f"M80 {y}H390", stroke=deep(p.main, 0.1), width=0.9) for y in range(243, 290, 5)),
    ) + all_of(shape(f"M{x} 290l-1 5", stroke=p.main, width=1) for x in range(94, 384, 5))


def _atomic(p: Paint) -> str:
    parts = [
        disc(x, y, 17, fill, 7) + disc(x, y, 8, p.wall, 3.2)
        for x, y, fill in (
            (160, 254, p.accent),
            (306, 252, p.main),
            (136, 280, p.main),
            (226, 281, p.accent),
            (330, 279, "#E8B93F"),
        )
    ]
    return _mat(light(p.wall, 0.35), all_of(parts), p.floor)


def _deco(p: Paint) -> str:
    fans = all_of(
        disc(238, 296, r, "none", r / 2.6, f'stroke="{p.accent}" stroke-width="2"') for r in (30, 55, 80, 105, 130)
    )
    return _mat(p.wall, fans, p.accent)


def _oval(p: Paint) -> str:
    return (
        disc(238, 266, 142, light(p.main, 0.55), 24)
        + disc(238, 266, 126, light(p.accent, 0.45), 20)
        + disc(238, 266, 110, "#FBF6EC", 16)
    )


def _plaid(p: Paint) -> str:
    green = p.main
    bands = all_of(
        shape(f"M{138 + k * 25} 240L{100 + k * 35} 290", stroke=green, width=7, more='opacity="0.7"') for k in range(9)
    ) + all_of(box(80, y, 320, h, green, 0, 'opacity="0.6"') for y, h in ((245, 4), (258, 5), (274, 7)))
    return _mat(p.accent, bands)


def _rug_stripes(p: Paint) -> str:
    return _mat(
        "#FBF7EC", all_of(box(80, y, 320, h, p.accent) for y, h in ((243, 3), (251, 4), (261, 5), (273, 6))), p.accent
    )


def _jute(p: Paint) -> str:
    return all_of(
        disc(238, 265, r, fill, r / 5.6)
        for r, fill in (
            (140, "#CDB088"),
            (124, "#D9BF99"),
            (106, "#CDB088"),
            (88, "#D9BF99"),
            (70, "#CDB088"),
            (50, "#D9BF99"),
        )
    )


def _kilim(p: Paint) -> str:
    rows = all_of(
        shape(f"M{x} {y}l{w} {-h}l{w} {h}l{-w} {h}Z", fill)
        for y, w, h, fills in ((254, 13, 8, (p.accent, "#E2A33B")), (276, 16, 10, (p.dark, p.accent)))
        for x, fill in ((90 + k * 2 * w, fills[k % 2]) for k in range(12))
    )
    fringe = all_of(shape(f"M{x} 290v6", stroke="#F4E4CB", width=1.6) for x in range(96, 384, 7))
    return _mat(p.main, rows, p.dark) + fringe


def _grass(p: Paint) -> str:
    dice = random.Random(2)
    blades = all_of(shape(f"M{x} {y}q1 -4 {dice.uniform(-3, 3):.1f} -7", stroke=dice.choice((p.main, p.accent, light(p.main))), width=1.6)
                    for _ in range(260) for x, y in ((dice.uniform(104, 370), dice.uniform(250, 290)),))  # fmt: skip
    return disc(238, 267, 142, deep(p.main, 0.12), 24) + inside("lawn", disc(238, 267, 142, "#000", 26), blades)


def _sisal(p: Paint) -> str:
    weave = all_of(
        shape(f"M80 {y}H400", stroke="#B99E6C", width=1, more='stroke-dasharray="3 2"') for y in range(243, 290, 4)
    )
    return _mat("#D8C192", weave, p.dark)


def _animal(p: Paint) -> str:
    stripes = all_of(
        shape(f"M{x} 241q-12 12 {dx} 24t-8 24", stroke="#201A1E", width=6)
        for x, dx in ((150, -14), (178, -8), (206, -6), (236, 2), (266, 6), (296, 8), (324, 14))
    )
    return _mat("#F8F2E6", stripes, "#201A1E")


RUGS: dict[str, Callable[[Paint], str]] = {
    "animal": _animal, "atomic": _atomic, "deco": _deco, "frayed": _frayed, "grass": _grass, "jute": _jute, "kilim": _kilim,
    "none": _none, "oval": _oval, "pebble": _pebble, "persian": _persian, "plaid": _plaid, "plain": _rug_plain,
    "sisal": _sisal, "stripes": _rug_stripes, "zigzag": _zigzag,
}  # fmt: skip


def _pot(fill: str, width: float = 13, top: float = 216) -> str:
    return shape(f"M{366 - width} {top}h{2 * width}l-4 32h{8 - 2 * width}Z", fill) + box(
        366 - width - 2, top - 2, 2 * width + 4, 5, light(fill, 0.2), 1
    )


def _leaf(x: float, y: float, angle: float, length: float, width: float, fill: str) -> str:
    blade = shape(f"M{x} {y}q{-width} {-length / 2} 0 {-length}q{width} {length / 2} 0 {length}Z", fill)
    return turned(angle, x, y, blade + shape(f"M{x} {y}v{-length * 0.8}", stroke=light(fill, 0.2), width=0.8))


def _bush(
    leaves: tuple[tuple[float, float, float, float], ...], pot: str, fill: str = _GREEN, width: float = 16
) -> str:
    """Leaves by start, angle and length, over a pot."""
    return all_of(
        _leaf(x, y, angle, length, width, fill if k % 2 else light(fill, 0.14))
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
    plumes = all_of(shape(f"M366 214q{dx / 3:g} -50 {dx} {-dy}", stroke="#C9AD84", width=1.6) + turned(dx * 0.9, 366 + dx, 214 - dy, disc(366 + dx, 202 - dy, 5.5, "#E4CFAA", 22))
                    for dx, dy in ((-26, 60), (-10, 80), (8, 84), (24, 64)))  # fmt: skip
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


def _monstera(p: Paint) -> str:
    parts = []
    for x, y, size, turn in (
        (344, 176, 20, -30),
        (386, 172, 20, 30),
        (366, 150, 22, 0),
        (346, 206, 15, -50),
        (388, 204, 15, 50),
    ):
        heart = shape(
            f"M{x} {y + size}q{-size * 1.5:g} {-size * 0.4:g} {-size * 0.8:g} {-size * 1.5:g}q{size * 0.8:g} {-size * 0.6:g} {size * 0.8:g} {size * 0.3:g}q0 {-size * 0.9:g} {size * 0.8:g} {-size * 0.3:g}q{size * 0.7:g} {size * 1.1:g} {-size * 0.8:g} {size * 1.5:g}Z",
            "#3F7F4F",
        )
        cuts = shape(
            f"M{x - size * 0.9:g} {y}l{size * 0.5:g} {size * 0.2:g}M{x + size * 0.9:g} {y}l{-size * 0.5:g} {size * 0.2:g}M{x} {y + size}V{y - size * 0.6:g}",
            stroke="#8FBF8C",
            width=1.4,
        )
        parts.append(shape(f"M366 218L{x} {y + size}", stroke="#3F7F4F", width=2) + turned(turn, x, y, heart + cuts))
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
        + all_of(_leaf(x, y, a, n, 9, "#5C8F4E" if k % 2 else "#7FA652") for k, (x, y, a, n) in enumerate(blades))
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
        _leaf(
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
    vines = all_of(shape(f"M172 66q{dx} 4 {dx * 1.3:g} {dy}", stroke="#5C8F4E", width=1.6) + all_of(disc(172 + dx * (0.7 + k * 0.2), 70 + dy * (0.3 + 0.23 * k), 3.4, "#6BA05A") for k in range(4))
                    for dx, dy in ((-16, 52), (-8, 34), (9, 42), (17, 60)))  # fmt: skip
    pot = shape("M156 60h32q0 22 -16 24q-16 -2 -16 -24Z", _CLAY)
    return vines + pot + strings + _snake(p)


def _jungle(p: Paint) -> str:
    spots = tuple(
        (366.0, 214.0, float(a), float(n))
        for a, n in ((-74, 44), (72, 32), (-52, 62), (48, 46), (-28, 78), (24, 66), (-4, 92))
    )
    shelf = box(12, 176, 142, 5, p.floor) + all_of(
        _pot_at(x, 176, fill) + all_of(_leaf(x, 160, a, 22, 8, "#5E9A4E") for a in (-48, -20, 10, 40))
        for x, fill in ((34, "#FFFFFF"), (84, _CLAY), (132, p.dark))
    )
    return shelf + _bush(spots, "#C9A06A", p.accent, 18)


def _pot_at(x: float, y: float, fill: str) -> str:
    return shape(f"M{x - 9} {y - 17}h18l-3 17h-12Z", fill)


PLANTS: dict[str, Callable[[Paint], str]] = {
    "bonsai": _bonsai, "branch": _branch, "ficus": _ficus, "fir": _fir, "grass": _reeds, "hanging": _hanging,
    "jungle": _jungle, "lavender": _lavender, "monstera": _monstera, "none": _none, "olive": _olive, "palm": _palm,
    "pampas": _pampas, "rubber": _rubber, "snake": _snake, "twig": _twig,
}  # fmt: skip


def _frame(x: float, y: float, width: float, height: float, edge: str, ground: str = "#FBF9F3", line: float = 3) -> str:
    return box(x + 2, y + 3, width, height, "#000", 0, 'opacity="0.14"') + box(
        x, y, width, height, ground, 0, f'stroke="{edge}" stroke-width="{line}"'
    )


def _abstract(p: Paint) -> str:
    marks = (
        disc(224, 88, 18, p.accent)
        + box(232, 96, 34, 28, p.dark)
        + shape("M206 124q30 -22 60 -4", stroke=p.main, width=4)
    )
    return _frame(198, 62, 84, 70, p.dark) + marks


def _shapes(p: Paint) -> str:
    left = (
        _frame(196, 66, 40, 60, light(p.dark, 0.4), "#FBF6EC", 2)
        + shape("M204 118V100a12 14 0 0 1 24 0V118Z", p.accent)
        + disc(216, 80, 6, light(p.dark, 0.3))
    )
    right = (
        _frame(246, 66, 40, 60, light(p.dark, 0.4), "#FBF6EC", 2)
        + disc(266, 84, 11, "#D9B48A")
        + shape("M252 118q14 -24 28 0Z", light(p.dark, 0.2))
    )
    return left + right


def _dot(p: Paint) -> str:
    return _frame(222, 74, 48, 60, p.dark, "#FFFFFF", 1.4) + disc(246, 102, 10, p.dark)


def _gallery(p: Paint) -> str:
    parts = (
        _frame(186, 64, 34, 44, p.dark, "#FFFFFF", 2) + shape("M192 102l9 -18l6 10l4 -5l6 13Z", p.accent),
        _frame(228, 56, 44, 34, p.dark, "#FFFFFF", 2) + disc(250, 73, 9, p.main),
        _frame(228, 98, 44, 34, p.dark, "#FFFFFF", 2) + shape("M234 126q16 -26 32 0", stroke=p.accent, width=3),
        _frame(280, 70, 32, 50, p.dark, "#FFFFFF", 2) + _leaf(296, 114, 0, 36, 12, mix(_GREEN, p.accent, 0.4)),
        _frame(192, 116, 26, 20, p.dark, p.accent, 2),
    )
    return all_of(parts)


def _scroll(p: Paint) -> str:
    paper = box(222, 44, 46, 88, "#FBF6EA") + box(217, 41, 56, 5, p.dark, 2) + box(217, 130, 56, 5, p.dark, 2)
    return paper + disc(245, 78, 14, "#B5402F") + shape("M230 122q10 -26 22 -20t12 -14", stroke=p.dark, width=2.4)


def _enso(p: Paint) -> str:
    return shape("M262 80A27 27 0 1 0 268 108", "none", p.dark, 6.5, 'opacity="0.85"') + shape(
        "M262 80q4 5 6 10", stroke=p.dark, width=2
    )


def _pipes(p: Paint) -> str:
    steel = "#4B4D51"
    run = shape("M172 212V40H318V58M172 118H206", stroke=steel, width=7)
    joints = all_of(box(x - 6, y - 5, 12, 10, deep(steel), 1) for x, y in ((172, 40), (172, 118), (318, 40)))
    valve = disc(206, 118, 10, "none", 10, f'stroke="{p.accent}" stroke-width="3.5"') + shape(
        "M197 118h18M206 109v18", stroke=p.accent, width=2.5
    )
    clock = disc(262, 92, 27, "#EFEBDD", more=f'stroke="{p.dark}" stroke-width="5"') + shape(
        "M262 92V74M262 92l12 8", stroke=p.dark, width=3
    )
    ticks = all_of(turned(a, 262, 92, box(261, 69, 2, 5, p.dark)) for a in range(0, 360, 30))
    return run + joints + valve + clock + ticks


def _poster(p: Paint) -> str:
    return (
        _frame(196, 46, 88, 88, p.dark, "#F3E7CF", 4)
        + box(204, 54, 72, 48, p.accent)
        + shape("M210 102V74h10v28ZM226 102V62h12v40ZM244 102V80h10v22ZM260 102V70h10v32Z", p.dark)
        + box(204, 108, 72, 7, p.main)
        + box(204, 119, 46, 5, p.dark)
    )


def _screen(p: Paint) -> str:
    glow = box(186, 52, 108, 70, p.accent, 4, 'opacity="0.6" filter="url(#soft)"')
    picture = inside(
        "screen",
        box(190, 56, 100, 62, "#000"),
        box(190, 56, 100, 62, "#0E2338")
        + shape("M190 106q24 -34 50 -12t50 -22v46h-100Z", p.accent, more='opacity="0.75"')
        + disc(262, 74, 8, "#EAF9FF"),
    )
    return glow + box(188, 54, 104, 66, p.dark, 3) + picture


def _sunburst(p: Paint) -> str:
    x, y = _ART
    rays = all_of(
        turned(
            a, x, y, shape(f"M{x} {y - 16}V{y - (42 if k % 2 else 33)}", stroke=_BRASS if k % 2 else p.accent, width=3)
        )
        for k, a in enumerate(range(0, 360, 15))
    )
    return (
        rays
        + disc(x, y, 17, p.dark)
        + disc(x, y, 13, "#DCE9E6")
        + shape(f"M{x - 7} {y + 5}l12 -12", stroke="#FFFFFF", width=2)
    )


def _mirror(p: Paint) -> str:
    x, y = _ART
    steps = shape("M200 132V82h10V68h12V58h36v10h12v14h10v50Z", p.accent) + shape(
        "M206 127V87h10V74h12V64h24v10h12v13h10v40Z", "#CFE0DB"
    )
    return steps + shape("M222 122L250 72M238 122L262 82", stroke="#FFFFFF", width=3, more='opacity="0.7"')


def _gilt(p: Paint) -> str:
    gold = p.accent
    frame = _frame(194, 44, 92, 76, gold, "#6F8B7D", 8) + box(
        194, 44, 92, 76, "none", 0, f'stroke="{light(gold, 0.5)}" stroke-width="1.6"'
    )
    view = (
        box(198, 48, 84, 34, "#D9E3DA")
        + shape("M198 116V92q20 -22 42 -6t42 -10v40Z", "#6C7F58")
        + disc(228, 84, 11, "#4D6645")
        + box(226, 88, 3, 14, "#5B4331")
        + shape("M240 116q8 -18 22 -22l12 22Z", "#C7B487")
    )
    return frame + view + all_of(disc(a, b, 5, gold) for a, b in ((194, 44), (286, 44), (194, 120), (286, 120)))


def _plates(p: Paint) -> str:
    spots = ((240, 72, 19), (204, 92, 15), (276, 92, 15), (222, 124, 13), (258, 124, 13))
    return all_of(
        disc(x + 1.5, y + 2, r, "#000", more='opacity="0.15"')
        + disc(x, y, r, "#FFFFFF", more=f'stroke="{p.dark}" stroke-width="1.6"')
        + disc(x, y, r * 0.62, "none", more=f'stroke="{p.main}" stroke-width="1.8"')
        + disc(x, y, r * 0.25, p.accent)
        for x, y, r in spots
    )


def _landscape(p: Paint) -> str:
    hill = shape("M196 124l26 -40l16 20l18 -30l30 50Z", "#6E8C7B") + shape(
        "M214 96l8 -12l8 10l-5 3l-4 -3l-3 4ZM248 88l8 -14l9 15l-5 3l-4 -4l-4 4Z", "#FFFFFF"
    )
    return _frame(194, 60, 92, 66, p.dark, "#CFE1E8", 7) + inside("hills", box(197, 63, 86, 60, "#000"), hill)


def _tiles(p: Paint) -> str:
    parts = []
    for row in range(3):
        for column in range(4):
            x, y = 196 + column * 22, 66 + row * 22
            parts.append(
                box(x, y, 21, 21, "#FFFFFF", 1)
                + shape(
                    f"M{x + 10.5} {y + 2}l8.5 8.5l-8.5 8.5l-8.5 -8.5Z", p.accent if (row + column) % 2 else "#E5B23C"
                )
                + disc(x + 10.5, y + 10.5, 3.4, "#FFFFFF")
            )
    return box(192, 62, 95, 73, p.accent, 2) + all_of(parts)


def _sailboat(p: Paint) -> str:
    boat = shape("M240 70V112M240 72L216 108H240ZM243 78L264 108H243Z", "#FFFFFF", p.dark, 1.4) + shape(
        "M208 112h64l-10 12h-44Z", p.accent
    )
    return (
        _frame(196, 58, 88, 76, "#B99667", "#CFE6EE", 5)
        + boat
        + shape("M200 128q10 -5 20 0t20 0t20 0t20 0", stroke=p.main, width=2.6)
    )


def _macrame(p: Paint) -> str:
    cord = "#FBF3E2" if is_dark(p.wall) else "#E8D3AE"
    knots = all_of(shape(f"M{200 + k * 16} 62l8 10l-8 10l-8 -10Z", "none", deep(cord, 0.3), 2.4) for k in range(6))
    lower = all_of(shape(f"M{208 + k * 16} 82l8 10l-8 10l-8 -10Z", "none", deep(cord, 0.3), 2.4) for k in range(5))
    fringe = all_of(
        shape(f"M{x} 92V{146 - abs(x - 240) * 0.75:g}", stroke=deep(cord, 0.16 if x % 8 else 0.3), width=2.4)
        for x in range(194, 288, 4)
    )
    return (
        fringe
        + shape("M186 60H294", stroke="#8A5A34", width=5)
        + shape("M190 60Q240 24 290 60", stroke=deep(cord, 0.3), width=1.6)
        + knots
        + lower
    )


ART: dict[str, Callable[[Paint], str]] = {
    "abstract": _abstract, "dot": _dot, "enso": _enso, "gallery": _gallery, "gilt": _gilt, "landscape": _landscape,
    "macrame": _macrame, "mirror": _mirror, "none": _none, "pipes": _pipes, "plates": _plates,
    "poster": _poster, "sailboat": _sailboat, "screen": _screen, "scroll": _scroll, "shapes": _shapes,
    "sunburst": _sunburst, "tiles": _tiles,
}  # fmt: skip
