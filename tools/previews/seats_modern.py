"""Seats of plain shapes."""

from __future__ import annotations

from tools.previews.paint import Paint, all_of, box, deep, disc, light, shape
from tools.previews.seat_parts import block, book, cup, cushion, legs_of, slab, tray

_CHROME = "#DDE3E8"


def boxy(p: Paint) -> str:
    sofa = box(158, 224, 162, 10, p.dark) + block(p.main, arm=16, round=3)
    return (
        sofa + cushion(172, 168, 24, p.accent, -8) + cushion(196, 172, 20, light(p.main, 0.6)) + slab(p.floor, p.dark)
    )


def round(p: Paint) -> str:
    back = shape("M152 222V190q0 -42 46 -42h82q46 0 46 42V222Z", deep(p.main, 0.09))
    ridges = all_of(shape(f"M{x} 152V200", stroke=deep(p.main, 0.16), width=1.2) for x in range(182, 312, 14))
    seat = shape("M160 226q-10 -34 24 -34h112q34 0 24 34q-80 12 -160 0Z", p.main, deep(p.main, 0.12), 0.8)
    table = (
        disc(78, 250, 26, deep(p.dark, -0.0), 8)
        + box(68, 250, 20, 28, p.dark, 4)
        + disc(78, 249, 26, light(p.dark, 0.35), 8)
    )
    low = box(108, 262, 16, 22, p.accent, 4) + disc(116, 261, 20, p.accent, 6.5) + cup(76, 247)
    return back + ridges + seat + disc(200, 182, 12, p.accent) + disc(292, 180, 15, light(p.dark, 0.5)) + table + low


def low(p: Paint) -> str:
    legs = legs_of(p.dark, (166, 166), (312, 312), top=226, width=2)
    back = box(160, 180, 120, 32, deep(p.main, 0.06), 2)
    seat = box(154, 204, 170, 22, p.main, 2)
    table = box(70, 250, 44, 3, p.dark) + shape("M74 252V280M110 252V280", stroke=p.dark, width=2)
    return legs + back + seat + cushion(166, 184, 20, p.accent, 0) + table + cup(92, 249)


def slender(p: Paint) -> str:
    wood = p.floor
    legs = legs_of(deep(wood, 0.12), (166, 160), (314, 320), (186, 186), (294, 294), width=4)
    throw = shape("M286 154h26v46q-13 6 -26 0Z", light(p.accent, 0.65)) + all_of(
        shape(f"M286 {y}h26", stroke=p.accent, width=1.6) for y in (164, 174, 184)
    )
    sofa = legs + block(p.main, arm=9, round=6, seats=3) + throw
    return (
        sofa
        + cushion(170, 168, 23, p.accent, -6)
        + cushion(194, 172, 20, "#FFFFFF")
        + tray(light(wood, 0.25), deep(wood, 0.1))
    )


def platform(p: Paint) -> str:
    deck = box(146, 222, 186, 9, p.floor, 1) + box(156, 231, 10, 7, deep(p.floor)) + box(312, 231, 10, 7, deep(p.floor))
    pads = (
        box(150, 206, 178, 17, p.main, 5)
        + box(160, 176, 76, 32, light(p.main, 0.25), 5)
        + box(240, 176, 78, 32, light(p.main, 0.25), 5)
    )
    table = box(50, 256, 86, 6, p.dark, 1) + box(58, 262, 7, 16, p.dark) + box(121, 262, 7, 16, p.dark)
    pot = (
        disc(96, 250, 10, "#4C5347", 7)
        + shape("M105 248l7 -4", stroke="#4C5347", width=2.5)
        + disc(74, 253, 5, "#EDE6D6", 3)
    )
    return deck + pads + cushion(172, 184, 22, p.accent, 0) + cushion(296, 186, 20, p.dark, 0) + table + pot


def slump(p: Paint) -> str:
    body = shape(
        "M150 234q-8 -44 12 -54q4 -24 40 -22q40 -8 82 2q34 -2 36 24q18 8 10 50q-90 8 -180 0Z",
        p.main,
        deep(p.main, 0.16),
        1,
    )
    folds = shape(
        "M164 196q70 12 146 -2M238 166q-4 20 2 36M176 172q-4 8 0 18M304 176q8 6 4 16M170 216q60 8 140 0",
        stroke=deep(p.main, 0.16),
        width=1.3,
    )
    trunk = shape("M60 248q34 -8 68 0q4 14 -2 30q-30 6 -64 0q-4 -16 -2 -30Z", deep(p.accent, 0.15))
    rings = (
        disc(94, 249, 34, p.accent, 7) + disc(96, 249, 20, light(p.accent, 0.2), 4) + disc(97, 249, 8, p.accent, 1.8)
    )
    return body + folds + trunk + rings + disc(84, 243, 8, "#7D756A", 5)


def leather(p: Paint) -> str:
    sofa = block(p.main, arm=18, round=9, seats=3)
    feet = box(160, 226, 8, 12, p.dark) + box(310, 226, 8, 12, p.dark)
    seams = all_of(
        shape(f"M{x} 162v32", stroke=deep(p.main, 0.3), width=1, more='stroke-dasharray="2 2"') for x in (216, 264)
    )
    wheels = all_of(disc(x, 276, 6, p.dark) + disc(x, 276, 2, "#777777") for x in (62, 122))
    cart = (
        box(50, 246, 84, 8, "#8A6239")
        + box(50, 254, 84, 4, p.dark)
        + box(58, 258, 4, 14, p.dark)
        + box(122, 258, 4, 14, p.dark)
    )
    return feet + sofa + seams + cushion(186, 170, 22, p.dark, -8) + cart + wheels + book(92, 243, p.accent)


def modular(p: Paint) -> str:
    frame = box(150, 224, 178, 4, _CHROME) + all_of(box(x, 226, 3, 12, _CHROME) for x in (160, 238, 314))
    units = all_of(
        box(x, 160, 57, 44, deep(p.main, 0.06), 3) + box(x, 196, 57, 28, p.main, 3) for x in (152, 210.5, 269)
    )
    glow = f'<rect x="150" y="232" width="178" height="8" fill="{p.accent}" opacity="0.75" filter="url(#soft)"/>'
    table = disc(92, 248, 38, light(p.accent, 0.6), 10, 'opacity="0.7"') + shape(
        "M92 250L70 282H114Z", "none", _CHROME, 3
    )
    return (
        glow
        + frame
        + units
        + box(280, 168, 36, 24, p.dark, 2)
        + table
        + disc(92, 246, 38, "none", 10, f'stroke="{_CHROME}" stroke-width="2"')
    )


def tapered(p: Paint) -> str:
    feet = legs_of(p.dark, (172, 160), (304, 318), (196, 190), (282, 288), top=214, width=5)
    fill = p.main
    back = box(156, 158, 166, 38, fill, 4) + all_of(
        shape(f"M{x} 160v34", stroke=deep(fill, 0.25), width=1.2) for x in (198, 240, 282)
    )
    buttons = all_of(disc(x, 176, 2, p.accent) for x in (177, 219, 261, 301))
    seat = box(154, 194, 170, 14, light(fill, 0.12), 4) + box(152, 206, 174, 8, p.floor, 2)
    arms = all_of(box(x, 180, 8, 30, p.floor, 4) for x in (150, 320))
    kidney = shape(
        "M50 252q0 -12 24 -10q20 4 40 -2q24 -2 24 10q0 12 -26 12q-20 -4 -34 0q-28 2 -28 -10Z",
        p.floor,
        deep(p.floor, 0.3),
        1,
    )
    legs = shape("M66 256L58 284M92 258V284M124 256L132 284", stroke=p.dark, width=3.5)
    return feet + back + buttons + seat + arms + cushion(282, 172, 22, p.accent, 8) + legs + kidney + cup(92, 249)


def channel(p: Paint) -> str:
    fill = p.main
    heights = (30, 40, 48, 54, 56, 54, 48, 40, 30)
    shell = all_of(
        box(156 + k * 18.5, 202 - height, 18.5, height + 10, fill if k % 2 else light(fill, 0.12), 9)
        for k, height in enumerate(heights)
    )
    seat = (
        box(150, 196, 178, 22, light(fill, 0.06), 10)
        + box(154, 214, 170, 12, deep(fill, 0.2), 3)
        + box(154, 224, 170, 3, p.accent)
    )
    feet = all_of(shape(f"M{x} 227v11", stroke=p.accent, width=4) for x in (166, 239, 312))
    marble = (
        box(86, 252, 12, 28, p.accent) + disc(92, 281, 20, p.accent, 5) + disc(92, 250, 38, deep(p.accent, 0.1), 10)
    )
    top = disc(92, 247.5, 38, "#F4EFE6", 10) + shape("M64 248q20 -6 30 2t26 -3", stroke="#B9B2A6", width=1)
    return (
        feet + shell + seat + disc(192, 186, 11, p.accent) + disc(286, 186, 11, p.dark) + marble + top + cup(100, 245)
    )
