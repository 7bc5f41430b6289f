"""Seats of traditional shapes and natural materials."""

from __future__ import annotations

from tools.previews.paint import Paint, all_of, box, deep, disc, light, mix, shape
from tools.previews.seat_parts import block, book, cup, cushion, legs_of, sprigs


def chesterfield(p: Paint) -> str:
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
    return feet + body + tufts + seat + top + roll + cushion(272, 168, 24, p.accent, 8) + trunk + book(82, 243, p.wall)


def scroll(p: Paint) -> str:
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
        + cushion(184, 174, 20, p.accent, -8)
        + cushion(274, 174, 20, p.accent, 8)
        + table
        + vase
    )


def skirt(p: Paint) -> str:
    fill = light(p.main, 0.55)
    sofa = block(fill, arm=16, round=11)
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
        + cushion(174, 172, 22, p.accent, -8)
        + cushion(280, 172, 22, p.main, 8)
        + curl
        + disc(92, 248, 34, "#FFFDF8", 9, f'stroke="{p.dark}" stroke-width="1"')
        + vase
        + sprigs(92, 230, p.main, p.accent)
    )


def wooden(p: Paint) -> str:
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
        + cushion(172, 178, 24, p.accent, -8)
        + cushion(284, 180, 22, light(p.wall, 0.3))
        + table
        + cup(80, 245)
        + book(100, 243, p.accent)
    )


def masonry(p: Paint) -> str:
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
        cushion(x, y, 26, fill, turn)
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


def slip(p: Paint) -> str:
    fill = "#FBFAF6"
    sofa = block(fill, arm=18, round=9) + box(152, 226, 174, 10, deep(fill, 0.06), 2)
    striped = cushion(174, 166, 26, "#FFFFFF", 0) + all_of(box(175.5, y, 23, 3, p.main) for y in (170, 177, 184))
    chest = (
        box(52, 248, 80, 32, p.main, 2)
        + box(50, 246, 84, 6, light(p.main, 0.2), 2)
        + all_of(shape(f"M{x} 252V280", stroke=light(p.main, 0.15), width=1) for x in (72, 92, 112))
    )
    chest += shape("M62 262q0 12 10 12t10 -12", stroke="#E5CFA2", width=2.6)
    shell = shape("M84 247q8 -16 16 0Z", "#F6C9B5", p.accent, 0.9)
    return sofa + striped + cushion(278, 168, 24, p.main, 8) + cushion(258, 174, 19, p.accent, -6) + chest + shell


def cushions(p: Paint) -> str:
    low = box(150, 214, 178, 22, p.main, 8) + shape(
        "M150 222H328", stroke=light(p.main, 0.3), width=1.4, more='stroke-dasharray="4 3"'
    )
    colours = (p.accent, p.dark, "#E2A33B", light(p.main, 0.35), p.accent, "#D98E9B", p.dark)
    heap = all_of(
        cushion(152 + k * 25, 182 - 8 * (k % 2), 31, fill, -14 + 9 * k % 26) for k, fill in enumerate(colours)
    )
    motifs = all_of(
        disc(168 + k * 25, 198 - 8 * (k % 2), 5, light(fill, 0.55)) + disc(168 + k * 25, 198 - 8 * (k % 2), 2.2, fill)
        for k, fill in enumerate(colours)
    )
    fringe = all_of(shape(f"M{x} 235v7", stroke=p.accent, width=1.4) for x in range(154, 328, 6))
    pouf = shape("M56 272q-6 -22 36 -22t36 22q-2 12 -36 12t-36 -12Z", "#E2A33B", deep("#E2A33B"), 1) + all_of(
        shape(f"M92 250q{dx} 14 {dx * 0.9:g} 33", stroke=deep("#E2A33B"), width=1) for dx in (-24, -12, 0, 12, 24)
    )
    tray = disc(92, 251, 24, "#C58F3C", 6) + cup(88, 249)
    return fringe + low + heap + motifs + pouf + tray


def cane(p: Paint) -> str:
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
        + cushion(176, 170, 24, p.accent, -8)
        + cushion(276, 170, 24, light(p.main, 0.5), 8)
        + table
        + pine
    )


def velvet(p: Paint) -> str:
    fill = p.main
    feet = legs_of("#D9A93A", (166, 162), (312, 316), top=224, width=4)
    body = shape("M154 226V182q0 -34 34 -34q26 0 51 12q25 -12 51 -12q34 0 34 34V226Z", deep(fill, 0.08))
    tufts = all_of(
        disc(x, y, 1.8, deep(fill, 0.4)) for x, y in ((186, 168), (212, 174), (240, 178), (266, 174), (292, 168))
    )
    seat = box(158, 198, 162, 20, light(fill, 0.16), 9) + box(154, 214, 170, 12, fill, 3)
    tassels = all_of(shape(f"M{x} 226v7", stroke=p.accent, width=2) for x in range(160, 322, 9))
    pillows = all_of(
        cushion(x, 170, 25, f, t)
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
