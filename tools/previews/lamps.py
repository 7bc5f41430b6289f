"""Lamps."""

from __future__ import annotations

import math
from collections.abc import Callable

from tools.previews.paint import Paint, all_of, box, deep, disc, mix, shape

_AT = 352
"""Where lamps hang."""
_WARM, _BRASS = "#FFE9B0", "#C9A24A"


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
    "arc": _arc,
    "bulbs": _bulbs,
    "chandelier": _chandelier,
    "clay": _clay,
    "crystal": _crystal,
    "dome": _dome,
    "factory": _factory,
    "fan": _fan,
    "glass": _glass,
    "globes": _globes,
    "lantern": _lantern,
    "led": _led,
    "line": _line,
    "paper": _paper,
    "rattan": _rattan,
    "rope": _rope,
    "shades": _shades,
    "sputnik": _sputnik,
    "wheel": _wheel,
    "wood": _wood,
}
