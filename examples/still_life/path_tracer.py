"""A small path tracer on NumPy: solids given by signed distances, lit by the sun and by a window.

Rays and points are rows of float32 arrays, thousands at a time. Lengths are in centimetres; x points right,
y up and z towards the camera. Colours are linear.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Random = np.random.Generator

TILE = 64  # The picture is traced in squares of this many pixels.
SKIN = 0.012  # How far above a surface a new ray starts.
MIRROR = 0.2  # Up to this roughness, reflected rays may see the window.
METALLIC = 0.3  # From this reflectance on, nothing is scattered diffusely.


def vec(*xs: float) -> Array:
    """A point, a direction or a colour."""
    return np.array(xs, np.float32)


def dot(a: Array, b: Array) -> Array:
    """The inner products of rows."""
    return np.einsum("...i,...i->...", a, b)


def unit(a: Array) -> Array:
    """Rows scaled to a length of one."""
    return a / np.sqrt(dot(a, a))[..., None]


def hypot(x: Array, y: Array) -> Array:
    """Several times as fast as ``np.hypot``, which guards against overflow."""
    return np.sqrt(x * x + y * y)


def smooth(low: float, high: float, x: Array) -> Array:
    """Go from 0 at ``low`` to 1 at ``high``, without a kink."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: ArrayLike, b: ArrayLike, t: Array) -> Array:
    """Blend two colours, or two arrays of colours, by a weight per row."""
    return np.asarray(a, np.float32) * (1 - t[..., None]) + np.asarray(b, np.float32) * t[..., None]


def turn(yaw: float, pitch: float = 0) -> Array:
    """A rotation by ``pitch`` degrees about x, then by ``yaw`` degrees about y; its columns are the axes."""
    (cy, sy), (cp, sp) = ((math.cos(math.radians(a)), math.sin(math.radians(a))) for a in (yaw, pitch))
    return np.array([[cy, sy * sp, sy * cp], [0, cp, -sp], [-sy, cy * sp, cy * cp]], np.float32)


def box(p: Array, half: Array, rounding: float) -> Array:
    """The signed distance to a rounded box around the origin."""
    x, y, z = (np.abs(p[:, k]) - (half[k] - np.float32(rounding)) for k in range(3))
    outside = np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2 + np.maximum(z, 0) ** 2)
    return outside + np.minimum(np.maximum(np.maximum(x, y), z), 0) - rounding


def disc(r: Array, h: Array, radius: float, half: float, rounding: float) -> Array:
    """That to a rounded cylinder; ``r`` counts from its axis and ``h`` from its middle."""
    x, y = r - (radius - rounding), np.abs(h) - (half - rounding)
    return hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - rounding


def capsule(p: Array, a: Array, b: Array, radius: float) -> Array:
    """That to a thick line from ``a`` to ``b``."""
    e = b - a
    q = p - a - np.clip((p - a) @ e / (e @ e), 0, 1)[:, None] * e
    return np.sqrt(dot(q, q)) - radius


@dataclass
class Surface:
    """What light meets, in a batch of points; the values broadcast to one colour a point."""

    normal: Array
    albedo: Any
    gloss: Any = 0.0  # Reflectance straight on.
    rough: Any = 1.0
    transmit: Any = 0.0  # Light that comes out diffusely on the other side, as with leaves.


@dataclass
class Solid:
    """A thing given by its signed distance and its paint, both in its own coordinates."""

    origin: Array
    frame: Array  # The columns are its axes.
    low: Array  # A box around it, in its own coordinates.
    high: Array
    distance: Callable[[Array], Array]
    paint: Callable[[Array, Array], Surface]  # From points and normals.

    def __post_init__(self) -> None:
        self.centre = self.origin + self.frame @ (self.low + self.high) / 2
        self.reach = float(np.linalg.norm(self.high - self.low)) / 2

    def hit(self, o: Array, d: Array) -> Array:
        """The distance along each ray at which it meets the solid, or infinity."""
        result, live = np.full(len(o), np.inf, np.float32), np.arange(len(o))
        o, d = (o - self.origin) @ self.frame, d @ self.frame
        with np.errstate(divide="ignore"):
            one, two = (self.low - o) / d, (self.high - o) / d
        t = np.maximum.reduce([*np.minimum(one, two).T, np.zeros(len(o), np.float32)])
        end = np.minimum.reduce([*np.maximum(one, two).T])
        keep = np.nonzero(t < end)[0]
        for step in range(40):
            if len(keep) < 0.8 * len(live) or not step:  # A few idle rays cost less than dropping them.
                live, o, d, t, end = (a[keep] for a in (live, o, d, t, end))
            gap = self.distance(o + d * t[:, None])
            done = (gap < 0.002 + 0.0003 * step) & (t < end)  # Looser by and by, for rays that graze.
            result[live[done]] = t[done]
            t = t + np.maximum(gap, 0)
            keep = np.nonzero(~done & (t < end))[0]
            if not len(keep):
                break
        return result

    def surface(self, p: Array) -> Surface:
        """What there is at points that were hit."""
        p = (p - self.origin) @ self.frame
        corners = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, 1]], np.float32)
        normal = sum((self.distance(p + c * 0.006)[:, None] * c for c in corners), np.zeros_like(p))
        found = self.paint(p, unit(normal))
        found.normal = unit(found.normal) @ self.frame.T
        return found


@dataclass
class Daylight:
    """The sun, through the bars of a window, and the sky in the window."""

    to_sun: Array
    sun: Array  # Irradiance.
    sun_radius: float
    window: Array  # Its centre, and half of its width and of its height.
    across: Array
    upward: Array
    sky: Array  # Radiance.

    def __post_init__(self) -> None:
        self.right = unit(np.cross(vec(0, 1, 0), self.to_sun))
        self.up = np.cross(self.to_sun, self.right)
        face = np.cross(self.upward, self.across)
        self.facing, self.area = unit(face), 4 * float(np.linalg.norm(face))

    def samples(self, p: Array, u: Array, v: Array) -> list[tuple[Array, Array, bool]]:
        """For each lamp, directions to random spots of it, the light from there, and whether it is small."""
        r, angle = self.sun_radius * np.sqrt(u), math.tau * v
        sun = self.to_sun + self.right * (r * np.cos(angle))[:, None] + self.up * (r * np.sin(angle))[:, None]
        pane = self.window + self.across * (2 * u - 1)[:, None] + self.upward * (2 * v - 1)[:, None] - p
        squared = dot(pane, pane)
        sky = pane / np.sqrt(squared)[:, None]
        solid_angle = self.area * np.abs(sky @ self.facing) / squared
        panes = p @ self.right / 17 + 0.06, p @ self.up / 19 + 0.77
        bars = [smooth(0.03, 0.08, np.abs(k % 1 - 0.5))[:, None] for k in panes]
        return [
            (unit(sun), self.sun * bars[0] * bars[1], True),
            (sky, self.sky * solid_angle[:, None], False),
        ]

    def seen(self, o: Array, d: Array) -> Array:
        """The light that rays see in the window, if they reach it."""
        with np.errstate(divide="ignore"):
            t = ((self.window - o) @ self.facing) / (d @ self.facing)
        p = o + d * t[:, None] - self.window
        a, b = (p @ k / (k @ k) for k in (self.across, self.upward))
        pane = (t > 0) & (np.abs(a) < 1) & (np.abs(b) < 1) & (np.abs(a) > 0.05) & (np.abs(b - 0.2) > 0.04)
        return self.sky * (pane * (1.3 + 0.6 * b))[:, None]


class Sampler:
    """Random points of the unit square, spread evenly over the ``side**2`` paths of each pixel."""

    def __init__(self, rng: Random, pixels: int, side: int) -> None:
        self.rng, self.side, self.cells = rng, side, np.tile(np.arange(side * side), (pixels, 1))

    def pair(self) -> tuple[Array, Array]:
        """A point for each path, in a random cell of a grid that the paths of its pixel share."""
        cells = self.rng.permuted(self.cells, axis=1).ravel()
        row, column = np.divmod(cells.astype(np.float32), np.float32(self.side))
        u, v = self.rng.random((2, len(cells)), np.float32)
        return (column + u) / self.side, (row + v) / self.side


@dataclass
class Scene:
    """Solids, and the light on them."""

    solids: list[Solid]
    daylight: Daylight
    backdrop: Callable[[Array], Array]  # The light of the room, by direction.
    ambient: float  # The light in which paths end.

    def __post_init__(self) -> None:
        self.centres = np.array([solid.centre for solid in self.solids])
        self.reaches = np.array([[solid.reach] for solid in self.solids], np.float32)

    def near(self, o: Array, d: Array) -> Array:
        """For each solid and each ray, where the ray enters the solid's bounding sphere, or infinity."""
        along = self.centres @ d.T - dot(o, d)
        gap = dot(o, o) - 2 * self.centres @ o.T + dot(self.centres, self.centres)[:, None] - along**2
        return np.where((gap < self.reaches**2) & (along > -self.reaches), along - self.reaches, np.inf)

    def trace(self, o: Array, d: Array) -> tuple[Array, Array]:
        """The distance to the first hit of each ray, and the number of the solid, or -1."""
        t, owner = np.full(len(o), np.inf, np.float32), np.full(len(o), -1)
        for k, enters in enumerate(self.near(o, d)):
            rays = np.nonzero(enters < t)[0]
            if not len(rays):
                continue
            s = self.solids[k].hit(o[rays], d[rays])
            closer = s < t[rays]
            t[rays[closer]], owner[rays[closer]] = s[closer], k
        return t, owner

    def blocked(self, o: Array, d: Array) -> Array:
        """Whether anything stands in the way of each ray."""
        found = np.zeros(len(o), bool)
        for k, enters in enumerate(self.near(o, d)):
            rays = np.nonzero(~found & (enters < np.inf))[0]
            if len(rays):
                found[rays] = self.solids[k].hit(o[rays], d[rays]) < np.inf
        return found

    def surface(self, p: Array, d: Array, owner: Array) -> Surface:
        """What there is at points that were hit, each on its solid."""
        whole = Surface(*np.zeros((5, len(p), 3), np.float32))
        for k in np.unique(owner):
            rows = np.nonzero(owner == k)[0]
            for name, value in vars(self.solids[k].surface(p[rows])).items():
                getattr(whole, name)[rows] = value
        away = np.maximum(dot(whole.normal, d), 0)
        whole.normal -= d * (2 * away)[:, None]  # Normals look at the viewer.
        return whole

    def direct(self, p: Array, d: Array, s: Surface, u: Array, v: Array, glints: Array) -> Array:
        """The light of the lamps that a surface sends back along ``d``; highlights only where ``glints``."""
        total = np.zeros_like(p)
        for towards, power, small in self.daylight.samples(p, u, v):
            cosine = dot(s.normal, towards)[:, None]
            half = unit(towards - d)
            alpha = np.maximum(s.rough, 0.09) ** 2
            lobe = (alpha / (dot(s.normal, half)[:, None] ** 2 * (alpha**2 - 1) + 1)) ** 2
            sheen = np.minimum(lobe / (4 * np.maximum(dot(towards, half), 0.2)[:, None] ** 2), 60)
            sheen = sheen * s.gloss * (glints[:, None] & (small | (s.rough > MIRROR)))
            light = power * np.where(cosine > 0, s.albedo + sheen, s.transmit) * np.abs(cosine) / math.pi
            rays = np.nonzero(light.max(1) > 1e-3)[0]
            start = p[rays] + s.normal[rays] * np.where(cosine[rays] > 0, SKIN, -3 * SKIN)
            clear = rays[~self.blocked(start, towards[rays])]
            total[clear] += light[clear]
        return total

    def radiance(self, o: Array, d: Array, sampler: Sampler, bounces: int) -> Array:
        """Follow a path from each ray and return the light that it brings."""
        colour, weight = np.zeros_like(o), np.ones_like(o)
        rows, sharp = np.arange(len(o)), np.ones(len(o), bool)  # Sharp: only mirrors so far.
        for bounce in range(bounces + 1):
            t, owner = self.trace(o, d)
            gone = owner < 0
            seen = self.backdrop(d[gone]) + self.daylight.seen(o[gone], d[gone]) * sharp[gone, None]
            colour[rows[gone]] += weight[gone] * seen
            rows, o, d, t, weight, owner, sharp = (a[~gone] for a in (rows, o, d, t, weight, owner, sharp))
            p = o + d * t[:, None]
            s = self.surface(p, d, owner)
            (u, v), (a, b), (choice, spread) = ((x[rows] for x in sampler.pair()) for _ in range(3))
            ceiling = np.where(sharp, 8, 0.6)[:, None]  # Fewer fireflies, at the price of caustics.
            colour[rows] += np.minimum(weight * self.direct(p, d, s, u, v, sharp), ceiling)
            if bounce == bounces:
                colour[rows] += weight * (s.albedo + s.gloss) * self.ambient
                break
            colour[rows] += weight * s.transmit * self.ambient
            grazing = np.clip(1 + dot(s.normal, d), 0, 1)[:, None] ** 5
            mirror = s.gloss + (1 - s.gloss) * grazing * (1 - s.rough) * (s.gloss > 0)
            chance = np.where(s.gloss.max(1) > METALLIC, 1, np.minimum(mirror.mean(1), 0.9))[:, None]
            shiny = choice[:, None] < chance
            z, angle = 2 * a - 1, math.tau * b
            r = np.sqrt(np.maximum(1 - z * z, 0))
            ball = np.stack([r * np.cos(angle), r * np.sin(angle), z], -1)
            facet = unit(s.normal + ball * s.rough**2 * 0.9 * np.sqrt(spread + 0.02)[:, None])
            reflected = d - 2 * facet * dot(facet, d)[:, None]
            d = unit(np.where(shiny, reflected, s.normal + ball * 0.999))
            diffuse = s.albedo * (1 - mirror) / np.maximum(1 - chance, 0.1)
            weight = weight * np.where(shiny, mirror / np.maximum(chance, 1e-3), diffuse)
            o, sharp = p + s.normal * SKIN, sharp & shiny[:, 0] & (s.rough[:, 0] <= MIRROR)
        return colour


@dataclass
class Camera:
    """A lens with a focus, but without the faults of a lens."""

    eye: Array
    target: Array
    width: float  # Of the picture, in the plane of sharp focus, which holds the target.
    aperture: float

    def rays(self, x: Array, y: Array, lens: tuple[Array, Array]) -> tuple[Array, Array]:
        """Rays through points of the picture; x and y are counted in widths, from its middle."""
        ahead = self.target - self.eye
        right = unit(np.cross(ahead, vec(0, 1, 0)))
        up = unit(np.cross(right, ahead))
        r, angle = self.aperture * np.sqrt(lens[0]), math.tau * lens[1]
        shift = right * (r * np.cos(angle))[:, None] + up * (r * np.sin(angle))[:, None]
        return self.eye + shift, unit(ahead + (right * x[:, None] + up * y[:, None]) * self.width - shift)


def render(scene: Scene, camera: Camera, size: tuple[int, int], side: int, bounces: int, seed: int) -> Array:
    """The picture in linear light, of ``side**2`` paths a pixel."""
    width, height = size
    picture = np.zeros((height, width, 3), np.float32)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            rows, columns = np.mgrid[top : min(top + TILE, height), left : min(left + TILE, width)]
            sampler = Sampler(np.random.default_rng((seed, top, left)), rows.size, side)
            (u, v), lens = sampler.pair(), sampler.pair()
            x = (columns.repeat(side * side) + u) / width - 0.5
            y = (height / 2 - rows.repeat(side * side) - v) / width
            o, d = camera.rays(x.astype(np.float32), y.astype(np.float32), lens)
            light = scene.radiance(o, d, sampler, bounces)
            picture[rows, columns] = light.reshape(*rows.shape, side * side, 3).mean(2)
    return picture
