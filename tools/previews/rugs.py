"""Rugs."""

from __future__ import annotations

import random
from collections.abc import Callable

from tools.previews.paint import Paint, all_of, box, deep, disc, inside, light, mix, shape

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
    blades = all_of(
        shape(
            f"M{x} {y}q1 -4 {dice.uniform(-3, 3):.1f} -7",
            stroke=dice.choice((p.main, p.accent, light(p.main))),
            width=1.6,
        )
        for _ in range(260)
        for x, y in ((dice.uniform(104, 370), dice.uniform(250, 290)),)
    )
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
    "animal": _animal,
    "atomic": _atomic,
    "deco": _deco,
    "frayed": _frayed,
    "grass": _grass,
    "jute": _jute,
    "kilim": _kilim,
    "none": _none,
    "oval": _oval,
    "pebble": _pebble,
    "persian": _persian,
    "plaid": _plaid,
    "plain": _rug_plain,
    "sisal": _sisal,
    "stripes": _rug_stripes,
    "zigzag": _zigzag,
}
