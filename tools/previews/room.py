"""A style's room as SVG, put together from the parts that `styles.yaml` names."""

from __future__ import annotations

import hashlib

from enlarger.catalog.messages import LOCALES
from enlarger.interior import Style, list_styles
from tools.previews.art import ART
from tools.previews.floors import FLOORS, skirting
from tools.previews.lamps import LAMPS
from tools.previews.paint import FLOOR, HEIGHT, WIDTH, Paint, all_of, box, deep, disc, is_dark, light, shape
from tools.previews.plants import PLANTS
from tools.previews.rugs import RUGS
from tools.previews.seats import SEATS
from tools.previews.walls import WALLS
from tools.previews.windows import WINDOWS

PARTS = {
    "wall": WALLS,
    "window": WINDOWS,
    "floor": FLOORS,
    "seat": SEATS,
    "lamp": LAMPS,
    "rug": RUGS,
    "plant": PLANTS,
    "art": ART,
}
"""What a `Look` can name."""


def draw_room(style: Style) -> str:
    """A drawing of 400 by 300. Raises KeyError for a look with a part that does not exist."""
    paint = Paint(*(colour.hex for colour in style.palette))
    drawn = {kind: parts[getattr(style.look, kind)](paint) for kind, parts in PARTS.items()}
    ground = box(0, 0, WIDTH, FLOOR, "url(#wall)") + drawn["wall"]
    floor = box(0, FLOOR, WIDTH, HEIGHT - FLOOR, "url(#floor)") + drawn["floor"]
    sun = shape(f"M30 {FLOOR}H150L210 {HEIGHT}H40Z", "#FFFFFF", more='opacity="0.16"')
    shadows = disc(239, 239, 100, "#000", 8, 'opacity="0.28" filter="url(#soft)"') + disc(
        92, 283, 40, "#000", 6, 'opacity="0.25" filter="url(#soft)"'
    )
    plant = disc(366, 249, 22, "#000", 4, 'opacity="0.25" filter="url(#soft)"') if style.look.plant != "none" else ""
    furnished = [drawn["rug"], plant, drawn["plant"], shadows, drawn["seat"], drawn["lamp"]]
    edge = box(0, 0, WIDTH, HEIGHT, "url(#edge)")
    body = all_of([ground, skirting(paint), floor, drawn["window"], drawn["art"], sun, *furnished, edge])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<defs>{_definitions(paint)}</defs>{body}</svg>"
    )


def fingerprint() -> str:
    """A hash of what the sheets show: it changes with a room or a title."""
    shown = [f"{draw_room(style)} {[style.title(locale) for locale in LOCALES]}" for style in list_styles()]
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()


def _definitions(p: Paint) -> str:
    bright = 0.1 if is_dark(p.wall) else 0.3
    return (
        f'<linearGradient id="wall"><stop stop-color="{light(p.wall, bright)}"/>'
        f'<stop offset="1" stop-color="{deep(p.wall, 0.08)}"/></linearGradient>'
        f'<linearGradient id="floor" x2="0" y2="1"><stop stop-color="{deep(p.floor, 0.1)}"/>'
        f'<stop offset="1" stop-color="{light(p.floor, 0.1)}"/></linearGradient>'
        '<linearGradient id="sky" x2="0" y2="1"><stop stop-color="#A9D3EE"/>'
        '<stop offset="0.8" stop-color="#EAF6FB"/></linearGradient>'
        '<radialGradient id="glow"><stop stop-color="#FFE7A8" stop-opacity="0.75"/>'
        '<stop offset="1" stop-color="#FFE7A8" stop-opacity="0"/></radialGradient>'
        '<radialGradient id="edge" r="0.75"><stop offset="0.72" stop-color="#000" stop-opacity="0"/>'
        '<stop offset="1" stop-color="#000" stop-opacity="0.16"/></radialGradient>'
        '<filter id="soft" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="5"/></filter>'
    )
