"""The things in the picture, each as a solid with its paint."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .path_tracer import Array, Random, Solid, Surface, box, capsule, disc, dot, hypot, mix, smooth, unit, vec
from .textures import Print, cloud, texel, timber, weave


def table(rng: Random, flat: Sequence[Sequence[float]], folds: Sequence[Sequence[float]]) -> Solid:
    """A wooden table top and on it a striped cloth: flat in some circles, folded along some lines."""
    left, back, step, thread = -34.0, -20.0, 0.05, 0.27
    cosine, sine = math.cos(math.radians(17)), math.sin(math.radians(17))
    cloth, wood = weave(rng, 36, 1152), timber(rng, (0.40, 0.215, 0.10), (0.17, 0.075, 0.032), 9)

    def in_cloth(x: Array, z: Array) -> tuple[Array, Array, Array]:
        """Coordinates along the threads, and how far inside its edge."""
        u, v = x * cosine + z * sine, z * cosine - x * sine
        return u, v, np.minimum(10.8 - u, v + 10.2)

    x, z = np.meshgrid(*(np.arange(a, b, step, dtype=np.float32) for a, b in ((left, 34), (back, 18))))
    waves = [cloud(rng, 2048, 2.5)[: x.shape[0], : x.shape[1]] for _ in range(2)]
    height = 0.06 + 0.05 * waves[0]
    for fold_x, fold_z, degrees, rise, width, length in folds:
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        along, aside = (x - fold_x) * c + (z - fold_z) * s, (z - fold_z) * c - (x - fold_x) * s
        aside = aside + waves[1] * 0.5 + 0.012 * along**2
        height += rise * np.exp(-((aside / width) ** 2) - (along / length) ** 4)
    for circle_x, circle_z, radius in flat:
        height *= smooth(radius, radius * 1.5 + 1, hypot(x - circle_x, z - circle_z))
    inside = in_cloth(x, z)[2]
    height = (np.maximum(height, 0) * smooth(0, 1.5, inside) + 0.15) * smooth(-0.08, 0.1, inside)
    field = np.stack([height, *np.gradient(height, step)], -1).astype(np.float32)

    def at(p: Array) -> Array:
        """The height and its slopes along z and x; linear around the grid points."""
        a, b = (p[:, 0] - left) / step, (p[:, 2] - back) / step
        i, j = np.rint(a).astype(np.intp), np.rint(b).astype(np.intp)
        found = field[np.clip(j, 0, len(field) - 1), np.clip(i, 0, field.shape[1] - 1)]
        found[:, 0] += ((b - j) * found[:, 1] + (a - i) * found[:, 2]) * step
        return found

    def paint(p: Array, _: Array) -> Surface:
        dz, dx = at(p).T[1:]
        u, v, inside = in_cloth(p[:, 0] + 0.25 * dx, p[:, 2] + 0.25 * dz)
        i, j = u / thread, v / thread
        bump_u, bump_v, shade, warp = texel(cloth, i / 36, j / 36).T
        count = np.floor(np.where(warp > 0.5, i, j)) % 26
        blue = ((count < 4) | (count == 6)).astype(np.float32)
        linen = mix((0.70, 0.63, 0.51), (0.075, 0.125, 0.235), blue) * shade[:, None]
        plank = np.floor((p[:, 2] - 1) / 8)
        seam = smooth(0.08, 0.03, np.abs((p[:, 2] - 1) % 8 - 4))
        board = texel(wood, p[:, 0] / 30, p[:, 2] / 30 + plank * 0.37) * (1 - 0.75 * seam)[:, None]
        on_cloth = inside > -0.02
        dx = dx + 0.42 * on_cloth * (bump_u * cosine - bump_v * sine)
        dz = dz + 0.42 * on_cloth * (bump_u * sine + bump_v * cosine)
        on_cloth = on_cloth[:, None]
        return Surface(
            np.stack([-dx, np.ones_like(dx), -dz], -1),
            np.where(on_cloth, linen, board),
            np.where(on_cloth, 0, 0.04),
            0.3,
        )

    return Solid(
        vec(0, 0, 0),
        np.eye(3, dtype=np.float32),
        vec(-33, -0.1, -19),
        vec(33, height.max() + 0.01, 17),
        lambda p: (p[:, 1] - at(p)[:, 0]) * 0.7,
        paint,
    )


def mug(at: Array, frame: Array) -> Solid:
    """An enamel mug, its print towards +z and its handle on the left."""
    radius, height = 3.7, 7.4
    label = Print(1200, 600)
    label.text("ENLARGER", 600, 220, 190, tracking=0.06, weight=6)
    label.draw.rectangle((120, 335, 1080, 345), 255)
    label.text("FINE PRINTS SINCE 1958", 600, 420, 84, tracking=0.04, weight=2)
    ink = label.texture()

    def distance(p: Array) -> Array:
        r, y = hypot(p[:, 0], p[:, 2]), p[:, 1]
        wall = np.maximum(
            disc(r, y - height / 2, radius, height / 2, 0.35),
            -disc(r, y - height / 2 - 0.5, radius - 0.2, height / 2 - 0.2, 0.3),
        )
        wall = np.maximum(wall, y - height + 0.4)
        rim = hypot(r - radius + 0.02, y - height + 0.4) - 0.17
        bow = hypot(p[:, 0] + radius + 0.15, np.maximum(np.abs(y - 4.1) - 1.0, 0)) - 1.55
        handle = np.maximum(hypot(bow, p[:, 2] * 0.62) - 0.24, radius - 0.1 - r)
        return np.minimum(np.minimum(wall, rim), handle)

    def paint(p: Array, n: Array) -> Surface:
        r, y = hypot(p[:, 0], p[:, 2]), p[:, 1]
        u, v = np.arctan2(p[:, 0], p[:, 2]) * radius / 7.2 + 0.5, 0.5 - (y - 3.9) / 3.6
        printed = (u > 0) & (u < 1) & (v > 0) & (v < 1) & (np.abs(r - radius) < 0.1)
        rim = smooth(-0.60, -0.57, y - height) * (r > radius - 0.12)
        navy = np.maximum(printed * texel(ink, u, v) * 0.96, rim)
        return Surface(n, mix((0.79, 0.76, 0.69), (0.025, 0.045, 0.11), navy), 0.045, 0.02)

    return Solid(at, frame, vec(-5.8, 0, -3.9), vec(3.9, height, 3.9), distance, paint)


def book(rng: Random, at: Array, frame: Array) -> Solid:
    """A cloth-bound book that lies flat, its spine towards +z."""
    title = Print(1480, 240)
    title.text("FIELD NOTES", 720, 120, 118, tracking=0.12, weight=3)
    title.text("VOL.", 1340, 88, 46, tracking=0.1)
    title.text("III", 1340, 146, 60, tracking=0.15, weight=2)
    title.text("1958", 115, 120, 56)
    for x in (210, 222, 1250, 1262):
        title.draw.rectangle((x, 20, x + 4, 220), 255)
    ink, cloth = title.texture(), weave(rng, 64, 512)

    def paint(p: Array, n: Array) -> Surface:
        x, y, z = p.T
        spine = (z > 5.0) & (np.abs(y) < 1.19)
        gilt = np.where(spine, texel(ink, x / 14.8 + 0.5, 0.5 - y / 2.4), 0)
        dx, dy, shade, _ = texel(cloth, x / 3.2, np.where(spine, y, z) / 3.2).T
        rubbed = 0.5 * smooth(0.15, 0.8, np.sqrt(np.maximum(1 - (n**4).sum(-1), 0)))
        colour = vec(0.20, 0.046, 0.038) * (0.55 + 0.5 * shade)[:, None]
        colour = mix(mix(colour, (0.40, 0.14, 0.10), rubbed), (0.55, 0.38, 0.15), gilt)
        hinge = np.where(n[:, 1] > 0.5, 0.3 * np.sin(np.clip((z - 4.45) / 0.25, -1, 1) * math.pi), 0)
        up, front = np.where(spine, dy, 0), np.where(spine, 0, dy)
        n = n + np.stack([0.05 * dx, 0.05 * up, 0.05 * front + hinge], -1)
        return Surface(n, colour, 0.02 + gilt[:, None] * vec(0.2, 0.15, 0.06), 0.35)

    half = vec(7.4, 1.2, 5.2)
    return Solid(at + vec(0, 1.2, 0), frame, -half, half, lambda p: box(p, half, 0.12), paint)


def clock_face() -> tuple[Array, Array]:
    """The ink on the dial, and the shadow that the hands cast on it."""
    dial, hands = Print(1024, 1024), Print(1024, 1024)
    for minute in range(60):
        c, s = math.cos(minute * math.tau / 60), math.sin(minute * math.tau / 60)
        inner, width = (428, 18) if minute % 5 == 0 else (446, 8)
        dial.draw.line((512 + 480 * c, 512 + 480 * s, 512 + inner * c, 512 + inner * s), 235, width)
    for radius in (484, 424):
        dial.draw.circle((512, 512), radius, outline=150, width=5)
    for hour in range(1, 13):
        s, c = math.sin(hour * math.tau / 12), math.cos(hour * math.tau / 12)
        dial.text(str(hour), 512 + 342 * s, 512 - 346 * c, 124, tracking=0, weight=6, ink=245)
    dial.text("ENLARGER", 512, 345, 58, tracking=0.1, weight=2, ink=235)
    dial.text("MADE SLOWLY", 512, 680, 52, tracking=0.06, weight=2, ink=220)
    for degrees, length, width in ((304, 262, 23), (54, 392, 16)):
        s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        ends = ((length, width / 3), (length, -width / 3), (-60, -width), (-60, width))
        hands.draw.polygon([(512 + a * s + b * c, 512 - a * c + b * s) for a, b in ends], 255)
    hands.draw.circle((512, 512), 24, 255)
    return np.maximum(dial.texture(), hands.texture()), hands.texture(blur=6, shift=(14, 16))


def clock(rng: Random, at: Array, frame: Array) -> Solid:
    """An alarm clock with two bells, its dial towards +z."""
    (ink, shadow), stains = clock_face(), np.abs(cloud(rng, 256, 1.8))
    bell, lean = vec(1.75, 3.95, 0), unit(vec(0.42, 1, 0))

    def distance(p: Array) -> Array:
        r, z = hypot(p[:, 0], p[:, 1]), p[:, 2]
        body = np.maximum(disc(r, z, 3.25, 1.35, 0.35), -disc(r, z - 1.6, 2.8, 0.6, 0))
        bezel = hypot(r - 2.98, (z - 1.3) * 0.8) - 0.24
        arch = np.maximum(hypot(hypot(p[:, 0], p[:, 1] - 4.7) - 1.15, z) - 0.12, 4.7 - p[:, 1])
        q = np.stack([np.abs(p[:, 0]), p[:, 1], z], -1)  # The rest is the same on the left and on the right.
        cup = q - bell
        dome = np.maximum(np.sqrt(dot(cup, cup)) - 1.25, -(cup @ lean))
        knob = np.sqrt(dot(cup - lean * 1.3, cup - lean * 1.3)) - 0.2
        post = capsule(q, vec(1.3, 2.7, 0), bell, 0.16)
        foot = capsule(q, vec(1.7, -2.4, 0), vec(2.45, -3.7, 0.3), 0.24)
        return np.minimum.reduce([body, bezel, arch, dome, knob, post, foot]) * 0.95

    def paint(p: Array, n: Array) -> Surface:
        x, y, z = p.T
        r, u, v = hypot(x, y), x / 5.6 + 0.5, 0.5 - y / 5.6
        dial = ((r < 2.79) & (z > 0.9) & (n[:, 2] > 0.9))[:, None]
        enamel = ((r < 3.3) & (r > 2.4) & (z < 1.12) & (y > -2.9))[:, None]
        age = texel(stains, u, v)
        paper = mix((0.78, 0.73, 0.61), (0.68, 0.59, 0.43), smooth(0, 1.5, age * (0.4 + r / 4)))
        paper = mix(paper * (1 - 0.55 * texel(shadow, u, v))[:, None], (0.03, 0.028, 0.025), texel(ink, u, v))
        brass = vec(0.86, 0.62, 0.29) * (1 - 0.08 * age)[:, None]
        glass = np.stack([0.035 * x, 0.035 * y, np.ones_like(z)], -1)
        return Surface(
            np.where(dial, glass, n),
            np.where(dial, paper, np.where(enamel, vec(0.07, 0.20, 0.17), 0)),
            np.where(dial | enamel, 0.045, brass),
            np.where(dial | enamel, 0.03, 0.16),
        )

    return Solid(at + vec(0, 4, 0), frame, vec(-3.4, -4, -1.4), vec(3.4, 6, 1.8), distance, paint)


def die(at: Array, frame: Array, colour: ArrayLike, pip: ArrayLike) -> Solid:
    """A die of 17 mm; opposite faces add up to seven."""
    half, faces = vec(0.85, 0.85, 0.85), ("", "4", "08", "048", "0268", "02468", "012678")
    pips = np.array([[str(cell) in face for cell in range(9)] for face in faces])  # On a grid of 3 x 3.

    def paint(p: Array, n: Array) -> Surface:
        rows, axis = np.arange(len(p)), np.abs(p).argmax(-1)
        value = np.array([2, 1, 3])[axis]
        value = np.where(p[rows, axis] > 0, value, 7 - value)
        ways = [(axis + 1) % 3, (axis + 2) % 3]
        place = [p[rows, k] / half[0] for k in ways]
        cell = [np.clip(np.rint(k / 0.5), -1, 1) for k in place]
        off = [a - c * 0.5 for a, c in zip(place, cell, strict=True)]
        number = (cell[0] * 3 + cell[1] + 4).astype(np.intp)
        spot = pips[value, number] * smooth(0.2, 0.16, hypot(*off))
        n = n.copy()
        for k, a in zip(ways, off, strict=True):
            n[rows, k] -= 4 * spot * a
        return Surface(n, mix(colour, pip, spot), 0.05, 0.08)

    return Solid(at, frame, -half, half, lambda p: box(p, half, 0.19), paint)


def coin(rng: Random, at: Array, frame: Array, metal: Array) -> Solid:
    """A worn coin whose face looks along +y."""
    radius, face = 1.45, Print(512, 512, 60)
    face.draw.circle((256, 256), 250, outline=255, width=22)
    for k in range(48):
        angle = k * math.tau / 48
        face.draw.circle((256 + 214 * math.cos(angle), 256 + 214 * math.sin(angle)), 6, 210)
    face.text("5", 256, 200, 270, weight=12, ink=230)
    face.text("1958", 256, 378, 96, tracking=0.1, weight=5, ink=220)
    relief = face.texture(blur=3)
    rise = np.stack([relief, *(14 * k for k in np.gradient(relief))], -1)
    dirt = np.abs(cloud(rng, 256, 1.4))

    def paint(p: Array, n: Array) -> Surface:
        u, v = (np.clip(p[:, k] / (2 * radius) + 0.5, 0, 0.999) for k in (0, 2))
        depth, dz, dx = texel(rise, u, v).T * (n[:, 1] > 0.7)
        shine = metal * (1 - 0.5 * smooth(0.75, 0.2, depth) - 0.12 * texel(dirt, u, v))[:, None]
        return Surface(n - np.stack([dx, 0 * dx, dz], -1), shine * 0.28, shine * 0.65, 0.45)

    def distance(p: Array) -> Array:
        return disc(hypot(p[:, 0], p[:, 2]), p[:, 1], radius, 0.09, 0.04)

    half = vec(radius, 0.09, radius)
    return Solid(at, frame, -half, half, distance, paint)


def ruler(rng: Random, at: Array, frame: Array) -> Solid:
    """A wooden ruler of 18 cm along x, its marks on top."""
    scale, wood = Print(1800, 280), timber(rng, (0.66, 0.44, 0.19), (0.44, 0.24, 0.085), 5, 512)
    for millimetre in range(5, 176):
        length = 95 if millimetre % 10 == 0 else 70 if millimetre % 5 == 0 else 45
        scale.draw.rectangle((millimetre * 10 - 1, 0, millimetre * 10 + 1, length), 255)
    for centimetre in range(1, 18):
        scale.text(str(centimetre), centimetre * 100, 150, 70, tracking=0, weight=3)
    scale.text("ENLARGER  -  HANDLE WITH PATIENCE", 1180, 232, 50, tracking=0.12)
    ink, half = scale.texture(), vec(9, 0.16, 1.4)

    def paint(p: Array, n: Array) -> Surface:
        marks = (n[:, 1] > 0.5) * texel(ink, p[:, 0] / 18 + 0.5, p[:, 2] / 2.8 + 0.5)
        colour = mix(texel(wood, p[:, 0] / 12, p[:, 2] / 5 + p[:, 1]), (0.035, 0.025, 0.02), marks * 0.9)
        return Surface(n, colour, 0.02, 0.45)

    return Solid(at, frame, -half, half, lambda p: box(p, half, 0.05), paint)


def leaf(rng: Random, base: Array, frame: Array, length: float, mottle: Array) -> Solid:
    """A toothed leaf along +x on a short stalk; the sheet is z = cup * y**2 - droop * x**2."""
    width, droop, cup = length * rng.uniform(0.29, 0.34), rng.uniform(0.03, 0.11), rng.uniform(0.02, 0.12)
    tint, space = rng.uniform(-1, 1), 0.36

    def vein(u: Array, v: Array) -> Array:
        """A coordinate that grows by one from each side vein to the next."""
        a = np.abs(v)
        return (u - 0.75 * a + 0.12 * a * a) / space + 0.45 * (v > 0)

    def distance(p: Array) -> Array:
        u, v, w = p.T
        s = np.clip(u / length, 0, 1)
        edge = width * 2.45 * s**0.68 * (1 - s) ** 0.95 * (0.94 + 0.07 * (vein(u, v) * 2 % 1))
        sheet = np.abs(w - cup * v * v + droop * u * u) * 0.75 - 0.004
        blade = np.maximum(np.maximum(sheet, (np.abs(v) - edge) * 0.6), np.abs(u - length / 2) - length / 2)
        stalk = np.sqrt((u - np.clip(u, -0.5, 0)) ** 2 + v * v + w * w) - 0.045
        return np.minimum(blade, stalk)

    def paint(p: Array, n: Array) -> Surface:
        u, v, _ = p.T
        s, phase = u / length, vein(u, v)
        side = smooth(0.045, 0.015, np.abs((phase + 0.5) % 1 - 0.5) * space) * 0.7
        line = np.maximum(side, smooth(0.075, 0.03, np.abs(v) + 0.04 * s))
        bulge = np.sin(math.tau * phase)  # The blade rises between the veins.
        slopes = 0.11 * bulge - 2 * droop * u, 2 * cup * v + np.sign(v) * (0.16 + 0.09 * bulge)
        bent = np.stack([-slopes[0], -slopes[1], np.ones_like(u)], -1)
        patch = texel(mottle, u / 6 + tint, v / 6)
        green = mix((0.036, 0.086, 0.024), (0.080, 0.132, 0.034), smooth(-2, 2, patch + tint))
        green = mix(green, (0.20, 0.24, 0.085), line * 0.8)
        green = mix(green, (0.28, 0.16, 0.05), smooth(1.5, 3.2, patch + 2 * smooth(0.86, 1.0, s)))
        stalk = (u < 0.03)[:, None]
        return Surface(
            np.where(stalk, n, bent),
            np.where(stalk, vec(0.16, 0.17, 0.04), green),
            0.028,
            0.42,
            mix((0.10, 0.16, 0.020), (0.065, 0.095, 0.012), line) * ~stalk,
        )

    low = vec(-0.55, -width, -droop * length**2 - 0.05)
    high = vec(length, width, cup * width**2 + 0.05)
    return Solid(base, frame, low, high, distance, paint)


def sprig(rng: Random, foot: Array, tip: Array) -> list[Solid]:
    """A stem that bends outwards from ``foot`` to ``tip``, with leaves to the left and to the right."""
    mottle, height = cloud(rng, 256, 1.9), float(np.linalg.norm(tip - foot))
    chord = (tip - foot) / height
    side = unit(vec(0, 1, 0) - chord * chord[1])
    frame, bend = np.stack([side, chord, np.cross(side, chord)], -1), 0.07 * height

    def distance(p: Array) -> Array:
        s = np.clip(p[:, 1] / height, 0, 1)
        round_ = hypot(p[:, 0] - 4 * bend * s * (1 - s), p[:, 2]) - 0.15 + 0.08 * s
        return np.maximum(round_, np.abs(p[:, 1] - height / 2) - height / 2) * 0.9

    def paint(p: Array, n: Array) -> Surface:
        young = smooth(0.5, 1, p[:, 1] / height)
        return Surface(n, mix((0.13, 0.075, 0.04), (0.16, 0.15, 0.05), young), 0.03, 0.4)

    solids = [Solid(foot, frame, vec(-0.2, 0, -0.2), vec(bend + 0.2, height, 0.2), distance, paint)]
    for k, s in enumerate((0.43, 0.57, 0.72, 0.86, 1.0)):
        ahead = unit(frame @ vec(4 * bend * (1 - 2 * s), height, 0))
        aside = unit(np.cross(ahead, vec(0.1, 0.35, 1))) * (-1) ** k
        u = unit(ahead * (2.6 if s == 1 else 0.75) + aside + vec(*rng.normal(0, 0.2, 3)) + vec(0, -0.1, 0.15))
        v = unit(np.cross(vec(-0.25, 0.75, 0.75) + vec(*rng.normal(0, 0.28, 3)), u))
        base = foot + frame @ vec(4 * bend * s * (1 - s), s * height, 0) + u * 0.45
        solids.append(leaf(rng, base, np.stack([u, v, np.cross(u, v)], -1), rng.uniform(3.3, 4.6), mottle))
    return solids
