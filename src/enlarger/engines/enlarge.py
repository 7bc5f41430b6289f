"""The local engine's one job: a picture file in, an enlarged picture file out.

The picture is cut into tiles, each is enlarged by a network, and the tiles are blended into a raw file on disk that
libvips then encodes as a stream. Only one tile at a time exists as floats, and no enlarged picture as a whole is ever
in memory, so the memory needed depends on the tile and not on the picture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyvips

from enlarger.engines.denoising import DENOISER, MOST
from enlarger.engines.formats import FORMATS
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.networks import Network, Pixels, Samples, network_spec
from enlarger.engines.pictures import Picture, check_side, read_picture, write_picture
from enlarger.engines.progress import Progress
from enlarger.engines.resampling import enlarged, mixed, reduced
from enlarger.engines.resources import check_disk, workspace_for
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.tiling import Tile, blend, smallest_tile, tile_side, tiles
from enlarger.engines.verify import verify
from enlarger.errors import BadOutput, InvalidInput, PictureTooLarge

_MIB = 1 << 20
OVERHEAD = 200 * _MIB
"""What the process needs beside the network and the picture: Python, libvips, its encoders."""

_FULL_STRENGTH = 100

LoadNetwork = Callable[[NetworkSpec, int], Network]
"""Loads a network for a scale that divides its native one."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of a network over a whole picture."""

    spec: NetworkSpec
    scale: int
    share: float = 1.0
    """How much of its output is used; the rest is its input."""


def enlarge(order: Order, load: LoadNetwork, progress: Progress, picture: Picture | None = None) -> Outcome:
    """Carry out `order`; `picture` is its source, if that has been read.

    Raises PictureError when the source cannot be used, InvalidInput for a size that cannot be made, and EngineError
    when the engine fails; `target` is then not there.
    """
    began = time.perf_counter()
    picture = picture or read_source(order)
    format = FORMATS[order.format or picture.format.result or picture.format.name]
    width, height = order.result(picture.width, picture.height)
    _check_longest(max(width, height), picture, order)
    check_side(max(width, height), format)

    target = Path(order.target)
    with workspace_for(target) as workspace:
        pixels = _make(picture, (width, height), order, load, progress, workspace)
        write_picture(pixels, picture, target, format, quality=order.quality)
        verify(target, format, pixels.width, pixels.height, like=picture.pixels)
    progress.finish()
    return Outcome(
        network=order.network if order.strength else None,
        strength=order.strength,
        denoise=(order.denoise or 0) if order.strength else 0,
        format=format.name,
        width=width,
        height=height,
        source_width=picture.width,
        source_height=picture.height,
        seconds=time.perf_counter() - began,
    )


def read_source(order: Order) -> Picture:
    """The picture that is to be enlarged. Raises PictureError."""
    return read_picture(Path(order.source), max_pixels=order.max_pixels, keep_hidden_colours=order.keep_hidden_colours)


def _check_longest(longest: int, picture: Picture, order: Order) -> None:
    if longest <= order.max_side:
        return
    size = f"The picture is {picture.width}x{picture.height} pixels"
    if order.factor is not None:
        said = f"{size}; {order.factor:g} times its longest side is {longest}, and the limit is {order.max_side}"
        raise PictureTooLarge(f"{said}: choose a smaller factor or a smaller picture.")
    name = next(name for name in ("size", "long_side", "megapixels") if getattr(order, name) is not None)
    raise PictureTooLarge(
        f"{size}, and its longest side would be {longest} with {name} {getattr(order, name)}; the limit is"
        f" {order.max_side}: give a smaller {name}."
    )


def _make(
    picture: Picture,
    size: tuple[int, int],
    order: Order,
    load: LoadNetwork,
    progress: Progress,
    workspace: Path,
) -> pyvips.Image:
    """The picture's pixels in exactly this `size`, read from the disk as they are needed."""
    plain = workspace / "plain.raw"
    if not order.strength:
        check_disk(workspace, _bytes(picture, size))
        progress.begin([])
        return enlarged(picture.pixels, *size, plain, progress.advance)
    detail = reduced(_run_passes(picture, size, order, load, progress, workspace), *size)
    if order.strength == _FULL_STRENGTH:
        return detail
    return mixed(detail, enlarged(picture.pixels, *size, plain), order.strength / _FULL_STRENGTH)


def passes(spec: NetworkSpec, times: float) -> list[Pass]:
    """What enlarges a picture so many times, or the next larger number of times there is. Raises InvalidInput."""
    native = spec.native_scale
    if times <= native:
        return [Pass(spec, next(scale for scale in range(math.ceil(times), native + 1) if native % scale == 0))]
    if native != 4 and not spec.own:
        raise InvalidInput(
            "upscale_factor", f"The model enlarges {native} times at most, and {times:g} times are asked for."
        )
    # Enlarged further by a small network: a large one would take 16 times as long again for what nobody can see.
    steps = [Pass(spec, native)]
    reached = native
    while reached < times:
        name, scale = (spec.second_pass, 2) if times <= 2 * reached else (spec.fourfold_by, 4)
        steps.append(Pass(network_spec(name), scale))
        reached *= scale
    return steps


def _bytes(picture: Picture, size: tuple[int, int]) -> int:
    """What a raw file of this size takes."""
    return size[0] * size[1] * int(picture.pixels.bands) * (picture.depth // 8)


def _run_passes(
    picture: Picture, size: tuple[int, int], order: Order, load: LoadNetwork, progress: Progress, workspace: Path
) -> pyvips.Image:
    """The picture cleaned and enlarged by networks, in `size` or the next larger one there is."""
    first = [Pass(DENOISER, 1, order.denoise / MOST)] if order.denoise else []
    times = max(size[0] / picture.width, size[1] / picture.height)
    steps = [*first, *passes(order.own or network_spec(order.network), times)]
    sizes = [(picture.width, picture.height)]
    for step in steps:
        width, height = sizes[-1]
        sizes.append((width * step.scale, height * step.scale))
    files = [*sizes[1:], *([size] if order.strength < _FULL_STRENGTH else [])]
    check_disk(workspace, sum(_bytes(picture, file) for file in files))

    networks = [load(step.spec, step.scale) for step in steps]
    plans = []
    held = _bytes(picture, sizes[0])
    for network, (width, height) in zip(networks, sizes, strict=False):
        spec = network.spec
        side = tile_side(spec, order.memory, held=OVERHEAD + held)
        if order.tile is not None:
            side = min(side, max(order.tile, smallest_tile(spec)))
        plans.append(tiles(width, height, side, spec))
    progress.begin([(network, sum(tile.area for tile in plan)) for network, plan in zip(networks, plans, strict=True)])

    source = picture.pixels
    for number, (step, network, plan) in enumerate(zip(steps, networks, plans, strict=True)):
        made = _run_pass(source, network, plan, progress, workspace / f"{number}.raw")
        source = made if step.share == 1 else mixed(made, source, step.share)
    return source


def _run_pass(source: pyvips.Image, network: Network, plan: list[Tile], progress: Progress, raw: Path) -> pyvips.Image:
    """Enlarge `source` tile by tile into the file `raw`, and return that file as a picture."""
    scale = network.scale
    dtype = np.dtype(np.uint16 if source.format == "ushort" else np.uint8)
    width, height, bands = source.width * scale, source.height * scale, source.bands
    with raw.open("wb") as file:
        file.truncate(width * height * bands * dtype.itemsize)
    for tile in plan:
        with progress.tile(network, tile.area):
            pixels = _enlarge_tile(source, tile, network)
        top, rows = tile.y.start * scale, (tile.y.stop - tile.y.start) * scale
        # Mapped anew for each tile, so that the pages behind it are not held.
        canvas = np.memmap(raw, dtype, "r+", offset=top * width * bands * dtype.itemsize, shape=(rows, width, bands))
        blend(canvas, tile, pixels, scale)
        del canvas
    return pyvips.Image.rawload(str(raw), width, height, bands, format=source.format)


def _enlarge_tile(source: pyvips.Image, tile: Tile, network: Network) -> Samples:
    x, y = tile.x, tile.y
    samples: Samples = source.crop(x.start, y.start, x.stop - x.start, y.stop - y.start).numpy()
    colour = samples[..., :3]
    alpha = samples[..., 3] if samples.shape[2] == 4 else None
    if alpha is not None and not alpha.any():
        larger = _repeat(colour, network.scale)
    else:
        larger = _from_floats(_run(network, _to_floats(colour)), like=samples)
    if alpha is None:
        return larger
    return np.concatenate([larger, _enlarge_alpha(alpha, network)[..., None]], axis=2)


def _enlarge_alpha(alpha: Samples, network: Network) -> Samples:
    """Enlarge transparency as if it were a grey picture.

    It stays within what the pixels around had, so what was opaque, or clear, stays exactly so.
    """
    if network.spec.native_scale == 1:
        return alpha  # there is nothing to be enlarged, and nothing in it to be cleaned
    if alpha.min() == alpha.max():
        return _repeat(alpha, network.scale)
    grey = np.repeat(_to_floats(alpha)[..., None], 3, axis=2)
    larger = _from_floats(_run(network, grey).mean(axis=2), like=alpha)
    lowest, highest = (_repeat(_extreme(alpha, extreme), network.scale) for extreme in (np.minimum, np.maximum))
    clipped: Samples = np.clip(larger, lowest, highest)
    return clipped


def _run(network: Network, tile: Pixels) -> Pixels:
    """Run the network and refuse what cannot be a picture; `verify` looks at the result as a whole."""
    output = network(tile)
    if not np.isfinite(output.sum(dtype=np.float64)):
        raise BadOutput(
            "The engine's output has values that are not numbers: its weights or this machine are at fault."
        )
    return output


def _to_floats(samples: Samples) -> Pixels:
    return np.divide(samples, _full(samples), dtype=np.float32)


def _from_floats(values: Pixels, *, like: Samples) -> Samples:
    full = _full(like)
    scaled = np.multiply(values, full)
    np.rint(scaled, out=scaled)
    np.clip(scaled, 0, full, out=scaled)
    samples: Samples = scaled.astype(like.dtype)
    return samples


def _full(samples: Samples) -> np.float32:
    return np.float32(np.iinfo(samples.dtype).max)


def _extreme(values: Samples, extreme: np.ufunc) -> Samples:
    """Each pixel's minimum or maximum over itself and its eight neighbours."""
    padded = np.pad(values, 1, mode="edge")
    rows = extreme(extreme(padded[:-2], padded[1:-1]), padded[2:])
    result: Samples = extreme(extreme(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return result


def _repeat(values: Samples, times: int) -> Samples:
    return values.repeat(times, axis=0).repeat(times, axis=1)
