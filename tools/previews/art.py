"""What hangs on the wall above the seat."""

from __future__ import annotations

from collections.abc import Callable

from tools.previews.paint import Paint, all_of, box, deep, disc, inside, is_dark, light, mix, shape, turned
from tools.previews.plants import leaf

_BRASS, _GREEN = "#C9A24A", "#4E8A4E"
_ART = (240, 96)
"""The middle of what hangs there."""


def _none(p: Paint) -> str:
    return ""


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
        _frame(280, 70, 32, 50, p.dark, "#FFFFFF", 2) + leaf(296, 114, 0, 36, 12, mix(_GREEN, p.accent, 0.4)),
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
    "abstract": _abstract,
    "dot": _dot,
    "enso": _enso,
    "gallery": _gallery,
    "gilt": _gilt,
    "landscape": _landscape,
    "macrame": _macrame,
    "mirror": _mirror,
    "none": _none,
    "pipes": _pipes,
    "plates": _plates,
    "poster": _poster,
    "sailboat": _sailboat,
    "screen": _screen,
    "scroll": _scroll,
    "shapes": _shapes,
    "sunburst": _sunburst,
    "tiles": _tiles,
}
