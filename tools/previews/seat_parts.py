"""What several seats are made of."""

from __future__ import annotations

from tools.previews.paint import all_of, box, deep, disc, light, shape, turned


def cushion(x: float, y: float, size: float, fill: str, turn: float = 8) -> str:
    pillow = shape(
        f"M{x} {y}q{size / 2} 3 {size} 0q-3 {size / 2} 0 {size}q{-size / 2} -3 {-size} 0q3 {-size / 2} 0 {-size}Z",
        fill,
        deep(fill, 0.2),
        0.8,
    )
    return turned(turn, x + size / 2, y + size / 2, pillow)


def legs_of(fill: str, *feet: tuple[float, float], top: float = 222, width: float = 4) -> str:
    """Legs from x at the top to x on the floor."""
    return all_of(shape(f"M{a} {top}L{b} 238", stroke=fill, width=width) for a, b in feet)


def block(fill: str, *, arm: float = 14, round: float = 5, top: float = 154, seats: int = 2) -> str:
    """Back, arms and seat cushions of an ordinary sofa."""
    back = box(156, top, 166, 60, deep(fill, 0.1), round)
    arms = box(150, 174, arm, 52, fill, round) + box(328 - arm, 174, arm, 52, fill, round)
    left, right = 150 + arm, 328 - arm
    base = box(left - 2, 204, right - left + 4, 22, deep(fill, 0.14), 2)
    width = (right - left) / seats
    pads = all_of(box(left + k * width + 0.6, 190, width - 1.2, 18, light(fill, 0.1), round) for k in range(seats))
    backs = all_of(box(left + k * width + 1.5, top + 6, width - 3, 36, light(fill, 0.04), round) for k in range(seats))
    return back + backs + base + arms + pads


def tray(top: str, leg: str, *, y: float = 246, across: float = 34) -> str:
    """A round table in front of the window."""
    legs = all_of(shape(f"M{92 + dx * 0.6} {y}L{92 + dx} {y + 34}", stroke=leg, width=3) for dx in (-22, 0, 22))
    rim = disc(92, y + 2.5, across, deep(top, 0.25), 9)
    return legs + rim + disc(92, y, across, top, 9) + cup(82, y - 3) + book(98, y - 3, "#FFFFFF")


def cup(x: float, y: float) -> str:
    return shape(f"M{x - 4} {y - 6}h8l-1.5 7h-5Z", "#FFFFFF", "#B8B2A8", 0.6)


def book(x: float, y: float, fill: str) -> str:
    return box(x, y, 16, 3, fill) + box(x + 1, y - 3, 14, 3, "#C9C2B6")


def slab(top: str, side: str) -> str:
    """A low block of a table."""
    return box(56, 252, 72, 26, side, 1) + box(52, 246, 80, 7, top, 1) + book(96, 243, "#FFFFFF") + cup(74, 245)


def sprigs(x: float, y: float, bloom: str, leaf: str) -> str:
    parts = []
    for dx in (-12, -6, 0, 6, 12):
        parts.append(shape(f"M{x} {y}q{dx / 3:g} -12 {dx} -22", stroke=leaf, width=1.3))
        parts += [disc(x + dx * (0.75 + k * 0.09), y - 17 - k * 3.2, 2, bloom, 1.7) for k in range(4)]
    return all_of(parts)
