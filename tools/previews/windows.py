"""Windows, left of the seat."""

from __future__ import annotations

import math
from collections.abc import Callable

from tools.previews.paint import FLOOR, Paint, all_of, box, deep, disc, inside, light, mix, shape

_LEFT, _RIGHT, _TOP, _SILL = 26, 140, 34, 158
_LEAF = "#4F8A57"


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
    rays = all_of(
        shape(f"M83 96L{83 + 60 * math.cos(a):.1f} {96 - 60 * math.sin(a):.1f}", stroke=p.accent, width=1.2)
        for a in (0.6, 1.05, 2.09, 2.54)
    )
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
        + all_of(
            shape(f"M{x + way * k} 30q{sway} 80 {sway // 2} 180", stroke=deep(p.accent, 0.18), width=1.4)
            for k in (8, 16, 24)
        )
        for x, sway, way in ((10, 6, 1), (156, -6, -1))
    )
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
