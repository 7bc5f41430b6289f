"""Sofas, each with the table that goes with it. They stand between 150 and 328 across, with their feet at 238."""

from __future__ import annotations

from collections.abc import Callable

from tools.previews.paint import Paint, all_of, box, deep, disc, light, mix, shape, turned

_CHROME = "#DDE3E8"


def _cushion(x: float, y: float, size: float, fill: str, turn: float = 8) -> str:
    pillow = shape(
        f"M{x} {y}q{size / 2} 3 {size} 0q-3 {size / 2} 0 {size}q{-size / 2} -3 {-size} 0q3 {-size / 2} 0 {-size}Z",
        fill,
        deep(fill, 0.2),
        0.8,
    )
    return turned(turn, x + size / 2, y + size / 2, pillow)


def _legs(fill: str, *feet: tuple[float, float], top: float = 222, width: float = 4) -> str:
    """Legs from x at the top to x on the floor."""
    return all_of(shape(f"M{a} {top}L{b} 238", stroke=fill, width=width) for a, b in feet)


def _block(fill: str, *, arm: float = 14, round: float = 5, top: float = 154, seats: int = 2) -> str:
    """Back, arms and seat cushions of an ordinary sofa."""
    back = box(156, top, 166, 60, deep(fill, 0.1), round)
    arms = box(150, 174, arm, 52, fill, round) + box(328 - arm, 174, arm, 52, fill, round)
    left, right = 150 + arm, 328 - arm
    base = box(left - 2, 204, right - left + 4, 22, deep(fill, 0.14), 2)
    width = (right - left) / seats
    pads = all_of(box(left + k * width + 0.6, 190, width - 1.2, 18, light(fill, 0.1), round) for k in range(seats))
    backs = all_of(box(left + k * width + 1.5, top + 6, width - 3, 36, light(fill, 0.04), round) for k in range(seats))
    return back + backs + base + arms + pads


def _tray(top: str, leg: str, *, y: float = 246, across: float = 34) -> str:
    """A round table in front of the window."""
    legs = all_of(shape(f"M{92 + dx * 0.6} {y}L{92 + dx} {y + 34}", stroke=leg, width=3) for dx in (-22, 0, 22))
    rim = disc(92, y + 2.5, across, deep(top, 0.25), 9)
    return legs + rim + disc(92, y, across, top, 9) + _cup(82, y - 3) + _book(98, y - 3, "#FFFFFF")


def _cup(x: float, y: float) -> str:
    return shape(f"M{x - 4} {y - 6}h8l-1.5 7h-5Z", "#FFFFFF", "#B8B2A8", 0.6)


def _book(x: float, y: float, fill: str) -> str:
    return box(x, y, 16, 3, fill) + box(x + 1, y - 3, 14, 3, "#C9C2B6")


def _slab(top: str, side: str) -> str:
    """A low block of a table."""
    return box(56, 252, 72, 26, side, 1) + box(52, 246, 80, 7, top, 1) + _book(96, 243, "#FFFFFF") + _cup(74, 245)


def _boxy(p: Paint) -> str:
    sofa = box(158, 224, 162, 10, p.dark) + _block(p.main, arm=16, round=3)
    return (
        sofa
        + _cushion(172, 168, 24, p.accent, -8)
        + _cushion(196, 172, 20, light(p.main, 0.6))
        + _slab(p.floor, p.dark)
    )


def _round(p: Paint) -> str:
    back = shape("M152 222V190q0 -42 46 -42h82q46 0 46 42V222Z", deep(p.main, 0.09))
    ridges = all_of(shape(f"M{x} 152V200", stroke=deep(p.main, 0.16), width=1.2) for x in range(182, 312, 14))
    seat = shape("M160 226q-10 -34 24 -34h112q34 0 24 34q-80 12 -160 0Z", p.main, deep(p.main, 0.12), 0.8)
    table = (
        disc(78, 250, 26, deep(p.dark, -0.0), 8)
        + box(68, 250, 20, 28, p.dark, 4)
        + disc(78, 249, 26, light(p.dark, 0.35), 8)
    )
    low = box(108, 262, 16, 22, p.accent, 4) + disc(116, 261, 20, p.accent, 6.5) + _cup(76, 247)
    return back + ridges + seat + disc(200, 182, 12, p.accent) + disc(292, 180, 15, light(p.dark, 0.5)) + table + low


def _low(p: Paint) -> str:
    legs = _legs(p.dark, (166, 166), (312, 312), top=226, width=2)
    back = box(160, 180, 120, 32, deep(p.main, 0.06), 2)
    seat = box(154, 204, 170, 22, p.main, 2)
    table = box(70, 250, 44, 3, p.dark) + shape("M74 252V280M110 252V280", stroke=p.dark, width=2)
    return legs + back + seat + _cushion(166, 184, 20, p.accent, 0) + table + _cup(92, 249)


def _slender(p: Paint) -> str:
    wood = p.floor
    legs = _legs(deep(wood, 0.12), (166, 160), (314, 320), (186, 186), (294, 294), width=4)
    throw = shape("M286 154h26v46q-13 6 -26 0Z", light(p.accent, 0.65)) + all_of(
        shape(f"M286 {y}h26", stroke=p.accent, width=1.6) for y in (164, 174, 184)
    )
    sofa = legs + _block(p.main, arm=9, round=6, seats=3) + throw
    return (
        sofa
        + _cushion(170, 168, 23, p.accent, -6)
        + _cushion(194, 172, 20, "#FFFFFF")
        + _tray(light(wood, 0.25), deep(wood, 0.1))
    )


def _platform(p: Paint) -> str:
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
    return deck + pads + _cushion(172, 184, 22, p.accent, 0) + _cushion(296, 186, 20, p.dark, 0) + table + pot


def _slump(p: Paint) -> str:
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


def _leather(p: Paint) -> str:
    sofa = _block(p.main, arm=18, round=9, seats=3)
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
    return feet + sofa + seams + _cushion(186, 170, 22, p.dark, -8) + cart + wheels + _book(92, 243, p.accent)


def _chesterfield(p: Paint) -> str:
    fill = p.main
    feet = all_of(box(x, 226, 7, 12, p.dark, 2) for x in (164, 308))
    body = box(158, 160, 160, 66, deep(fill, 0.12), 4)
    roll = (
        disc(158, 178, 15, light(fill, 0.1))
        + disc(318, 178, 15, light(fill, 0.1))
        + box(150, 178, 17, 48, fill)
        + box(310, 178, 17, 48, fill)
    )
    top = box(150, 154, 176, 14, light(fill, 0.12), 7)
    tufts = all_of(
        disc(x + 11 * (row % 2), y, 1.6, deep(fill, 0.45))
        for row, y in enumerate((174, 182, 190))
        for x in range(180, 300, 22)
    )
    seat = box(170, 196, 136, 14, light(fill, 0.12), 6) + box(168, 208, 140, 18, fill)
    trunk = (
        box(52, 246, 80, 34, "#6E4A2B", 2)
        + all_of(box(x, 246, 6, 34, "#B58A4A") for x in (62, 116))
        + box(52, 258, 80, 2, "#3E2917")
    )
    return (
        feet + body + tufts + seat + top + roll + _cushion(272, 168, 24, p.accent, 8) + trunk + _book(82, 243, p.wall)
    )


def _modular(p: Paint) -> str:
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


def _tapered(p: Paint) -> str:
    feet = _legs(p.dark, (172, 160), (304, 318), (196, 190), (282, 288), top=214, width=5)
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
    return feet + back + buttons + seat + arms + _cushion(282, 172, 22, p.accent, 8) + legs + kidney + _cup(92, 249)


def _channel(p: Paint) -> str:
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
        feet + shell + seat + disc(192, 186, 11, p.accent) + disc(286, 186, 11, p.dark) + marble + top + _cup(100, 245)
    )


def _scroll(p: Paint) -> str:
    fill = p.main
    back = shape("M160 206V166q0 -8 20 -8q20 -16 59 -16t59 16q20 0 20 8V206Z", deep(fill, 0.06), p.dark, 2.6)
    stripes = all_of(shape(f"M{x} 158V200", stroke=light(fill, 0.2), width=2) for x in range(176, 310, 14))
    seat = box(164, 196, 150, 18, light(fill, 0.1), 6) + shape("M156 214H322L316 226Q239 218 162 226Z", p.dark)
    arms = all_of(
        disc(x, 182, 13, fill, 13, f'stroke="{p.dark}" stroke-width="2"')
        + disc(x, 182, 5, p.accent)
        + box(x - 8, 194, 16, 22, fill, 2)
        for x in (156, 322)
    )
    feet = all_of(
        shape(f"M{x} 222q{way * 8} 6 {way * 2} 16", stroke=p.dark, width=5) for x, way in ((162, -1), (316, 1))
    )
    table = (
        shape("M70 252q10 12 2 30M114 252q-10 12 -2 30", stroke=p.dark, width=5)
        + disc(92, 249, 40, p.dark, 10)
        + disc(92, 247, 37, p.floor, 8)
    )
    vase = (
        shape("M86 246q-5 -10 2 -16h8q7 6 2 16Z", "#F4EEE0", p.accent, 1)
        + disc(88, 226, 5, p.main)
        + disc(97, 224, 5, light(p.main, 0.35))
        + disc(92, 219, 5, p.main)
    )
    return (
        feet
        + back
        + stripes
        + seat
        + arms
        + _cushion(184, 174, 20, p.accent, -8)
        + _cushion(274, 174, 20, p.accent, 8)
        + table
        + vase
    )


def _skirt(p: Paint) -> str:
    fill = light(p.main, 0.55)
    sofa = _block(fill, arm=16, round=11)
    skirt = shape("M150 222H328V237" + "q-6 5 -11.1 0" * 16 + "V222Z", light(fill, 0.25), deep(fill, 0.15), 0.9)
    bloom = all_of(
        disc(x, y, 2.6, p.main) + disc(x, y, 1, "#F3D98B")
        for x, y in (
            (176, 168),
            (206, 176),
            (224, 164),
            (262, 172),
            (290, 166),
            (196, 200),
            (246, 199),
            (282, 200),
            (304, 172),
        )
    )
    curl = shape("M72 250q-16 18 2 32M112 250q16 18 -2 32M72 266q20 -14 40 0", stroke=p.dark, width=2.4)
    vase = shape("M84 246l2 -16h12l2 16Z", "#FFFFFF", p.accent, 1)
    return (
        sofa
        + skirt
        + bloom
        + _cushion(174, 172, 22, p.accent, -8)
        + _cushion(280, 172, 22, p.main, 8)
        + curl
        + disc(92, 248, 34, "#FFFDF8", 9, f'stroke="{p.dark}" stroke-width="1"')
        + vase
        + _sprigs(92, 230, p.main, p.accent)
    )


def _sprigs(x: float, y: float, bloom: str, leaf: str) -> str:
    parts = []
    for dx in (-12, -6, 0, 6, 12):
        parts.append(shape(f"M{x} {y}q{dx / 3:g} -12 {dx} -22", stroke=leaf, width=1.3))
        parts += [disc(x + dx * (0.75 + k * 0.09), y - 17 - k * 3.2, 2, bloom, 1.7) for k in range(4)]
    return all_of(parts)


def _wooden(p: Paint) -> str:
    wood = p.floor
    frame = box(148, 164, 10, 74, wood, 2) + box(320, 164, 10, 74, wood, 2) + box(150, 222, 178, 9, deep(wood, 0.12), 2)
    rail = box(150, 154, 178, 9, wood, 2) + all_of(box(x, 160, 5, 40, deep(wood, 0.12)) for x in range(172, 318, 18))
    pads = (
        box(160, 202, 158, 20, p.main, 6)
        + box(162, 172, 76, 34, light(p.main, 0.08), 6)
        + box(241, 172, 76, 34, light(p.main, 0.08), 6)
    )
    table = (
        box(48, 246, 88, 9, wood, 1) + box(58, 255, 10, 27, deep(wood, 0.2)) + box(116, 255, 10, 27, deep(wood, 0.2))
    )
    return (
        rail
        + pads
        + frame
        + _cushion(172, 178, 24, p.accent, -8)
        + _cushion(284, 180, 22, light(p.wall, 0.3))
        + table
        + _cup(80, 245)
        + _book(100, 243, p.accent)
    )


def _masonry(p: Paint) -> str:
    base = shape(
        "M142 238V186q0 -12 14 -12q10 0 12 22H312q2 -22 12 -22q14 0 14 12V238Z",
        light(p.wall, 0.3),
        deep(p.wall, 0.18),
        1.2,
    )
    pad = box(166, 196, 148, 17, p.main, 6) + all_of(
        box(x, 196, 6, 17, mix(p.accent, p.main, 0.2)) for x in range(176, 312, 20)
    )
    pillows = all_of(
        _cushion(x, y, 26, fill, turn)
        for x, y, fill, turn in (
            (172, 168, p.accent, -6),
            (200, 172, "#FFFFFF", 5),
            (230, 169, p.floor, -4),
            (258, 172, p.accent, 6),
            (284, 169, "#FFFFFF", -5),
        )
    )
    drum = box(60, 250, 64, 30, "#FFFFFF", 3, f'stroke="{deep(p.wall, 0.2)}" stroke-width="1"') + all_of(
        shape(f"M{x} 258l7 7l-7 7l-7 -7Z", p.accent) for x in (70, 84, 100, 114)
    )
    lemons = (
        shape("M76 244q16 8 32 0l-4 6h-24Z", p.accent)
        + all_of(disc(x, 242, 4.5, "#F4C93B") for x in (84, 92, 100))
        + disc(92, 237, 4.5, "#F4C93B")
    )
    return base + pad + pillows + drum + disc(92, 250, 35, p.floor, 8) + lemons


def _slip(p: Paint) -> str:
    fill = "#FBFAF6"
    sofa = _block(fill, arm=18, round=9) + box(152, 226, 174, 10, deep(fill, 0.06), 2)
    striped = _cushion(174, 166, 26, "#FFFFFF", 0) + all_of(box(175.5, y, 23, 3, p.main) for y in (170, 177, 184))
    chest = (
        box(52, 248, 80, 32, p.main, 2)
        + box(50, 246, 84, 6, light(p.main, 0.2), 2)
        + all_of(shape(f"M{x} 252V280", stroke=light(p.main, 0.15), width=1) for x in (72, 92, 112))
    )
    chest += shape("M62 262q0 12 10 12t10 -12", stroke="#E5CFA2", width=2.6)
    shell = shape("M84 247q8 -16 16 0Z", "#F6C9B5", p.accent, 0.9)
    return sofa + striped + _cushion(278, 168, 24, p.main, 8) + _cushion(258, 174, 19, p.accent, -6) + chest + shell


def _cushions(p: Paint) -> str:
    low = box(150, 214, 178, 22, p.main, 8) + shape(
        "M150 222H328", stroke=light(p.main, 0.3), width=1.4, more='stroke-dasharray="4 3"'
    )
    colours = (p.accent, p.dark, "#E2A33B", light(p.main, 0.35), p.accent, "#D98E9B", p.dark)
    heap = all_of(
        _cushion(152 + k * 25, 182 - 8 * (k % 2), 31, fill, -14 + 9 * k % 26) for k, fill in enumerate(colours)
    )
    motifs = all_of(
        disc(168 + k * 25, 198 - 8 * (k % 2), 5, light(fill, 0.55)) + disc(168 + k * 25, 198 - 8 * (k % 2), 2.2, fill)
        for k, fill in enumerate(colours)
    )
    fringe = all_of(shape(f"M{x} 235v7", stroke=p.accent, width=1.4) for x in range(154, 328, 6))
    pouf = shape("M56 272q-6 -22 36 -22t36 22q-2 12 -36 12t-36 -12Z", "#E2A33B", deep("#E2A33B"), 1) + all_of(
        shape(f"M92 250q{dx} 14 {dx * 0.9:g} 33", stroke=deep("#E2A33B"), width=1) for dx in (-24, -12, 0, 12, 24)
    )
    tray = disc(92, 251, 24, "#C58F3C", 6) + _cup(88, 249)
    return fringe + low + heap + motifs + pouf + tray


def _cane(p: Paint) -> str:
    wood = p.floor
    weave = all_of(
        shape(f"M{x} {y}l6 6M{x + 6} {y}l-6 6", stroke=light(wood, 0.45), width=0.9)
        for x in range(160, 316, 7)
        for y in range(160, 196, 7)
    )
    back = box(154, 154, 170, 50, light(wood, 0.62), 8, f'stroke="{wood}" stroke-width="5"') + weave
    seat = box(158, 198, 162, 16, p.main, 6) + box(152, 212, 174, 8, wood, 3)
    arms = all_of(shape(f"M{x} 184q{w * 14} 2 {w * 8} 34V238", stroke=wood, width=6) for x, w in ((158, -1), (320, 1)))
    table = disc(92, 248, 36, wood, 9) + shape("M70 252L62 284M92 256V284M114 252L122 284", stroke=wood, width=4)
    pine = disc(92, 238, 7, "#E0A030", 9) + shape("M92 230l-7 -10M92 230v-13M92 230l7 -10", stroke="#3F8A4B", width=2.4)
    return (
        back
        + seat
        + arms
        + _cushion(176, 170, 24, p.accent, -8)
        + _cushion(276, 170, 24, light(p.main, 0.5), 8)
        + table
        + pine
    )


def _velvet(p: Paint) -> str:
    fill = p.main
    feet = _legs("#D9A93A", (166, 162), (312, 316), top=224, width=4)
    body = shape("M154 226V182q0 -34 34 -34q26 0 51 12q25 -12 51 -12q34 0 34 34V226Z", deep(fill, 0.08))
    tufts = all_of(
        disc(x, y, 1.8, deep(fill, 0.4)) for x, y in ((186, 168), (212, 174), (240, 178), (266, 174), (292, 168))
    )
    seat = box(158, 198, 162, 20, light(fill, 0.16), 9) + box(154, 214, 170, 12, fill, 3)
    tassels = all_of(shape(f"M{x} 226v7", stroke=p.accent, width=2) for x in range(160, 322, 9))
    pillows = all_of(
        _cushion(x, 170, 25, f, t)
        for x, f, t in ((164, p.accent, -9), (188, p.wall, 6), (264, "#2BA88F", -6), (288, "#F08A3C", 9))
    )
    table = (
        box(60, 252, 64, 28, "#F08A3C", 3)
        + all_of(disc(x, 266, 4, p.dark) for x in (74, 92, 110))
        + disc(92, 250, 37, "#2BA88F", 8)
    )
    vase = shape("M84 247q-6 -12 4 -20h8q10 8 4 20Z", p.accent, p.dark, 1) + all_of(
        disc(x, y, 5, f) for x, y, f in ((86, 222, p.wall), (98, 221, "#FFFFFF"), (92, 214, "#F08A3C"))
    )
    return feet + tassels + body + tufts + seat + pillows + table + vase


SEATS: dict[str, Callable[[Paint], str]] = {
    "boxy": _boxy,
    "cane": _cane,
    "channel": _channel,
    "chesterfield": _chesterfield,
    "cushions": _cushions,
    "leather": _leather,
    "low": _low,
    "masonry": _masonry,
    "modular": _modular,
    "platform": _platform,
    "round": _round,
    "scroll": _scroll,
    "skirt": _skirt,
    "slender": _slender,
    "slip": _slip,
    "slump": _slump,
    "tapered": _tapered,
    "velvet": _velvet,
    "wooden": _wooden,
}
