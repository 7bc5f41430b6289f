"""Cuts a picture's foreground out: a picture file in, one with a transparent background out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyvips

from enlarger.engines import foreground
from enlarger.engines.formats import FORMATS
from enlarger.engines.matting import reduced, separate
from enlarger.engines.messages import CutOut, Outcome
from enlarger.engines.pictures import Picture, check_side, read_picture, write_picture
from enlarger.engines.progress import Progress
from enlarger.engines.resources import check_disk, workspace_for
from enlarger.engines.verify import verify
from enlarger.errors import EngineOutOfMemory

_FOUND, _SEPARATED = 0.2, 0.6
"""How much of the work is done once the mask is there, and once the pixels are; the rest is compressing."""
_BASE_BYTES = 440 << 20
"""What the process needs beside the picture: Python, libvips, OpenVINO with the network."""
_TILE = 512
"""Pixels a side of what is made at a time."""

LoadNetwork = Callable[[], foreground.Network]
"""Loads the network; its memory is given back as soon as the mask is there."""


def cut_out(order: CutOut, load: LoadNetwork, progress: Progress) -> Outcome:
    """Carry out `order`. The colours of the background are not in the result.

    Raises PictureError when the source cannot be used, or has no foreground, and EngineError when the engine fails;
    `target` is then not there.
    """
    began = time.perf_counter()
    progress.begin([])
    picture = read_picture(Path(order.source), max_pixels=order.max_pixels)
    format = FORMATS[order.format]
    check_side(max(picture.width, picture.height), format)
    _check_memory(picture, order.memory)
    target = Path(order.target)
    with workspace_for(target) as workspace:
        cut = _cut(picture, load, progress, workspace)
        write_picture(cut.pixels, cut, target, format, quality=order.quality)
        verify(target, format, cut.width, cut.height, like=cut.pixels)
    progress.finish()
    return Outcome(
        network=foreground.NAME,
        format=format.name,
        width=cut.width,
        height=cut.height,
        source_width=cut.width,
        source_height=cut.height,
        seconds=time.perf_counter() - began,
    )


def _check_memory(picture: Picture, memory: int) -> None:
    """Raise EngineOutOfMemory when a picture is too large; libraries that find out by themselves end the process."""
    needed = _BASE_BYTES + picture.width * picture.height * picture.pixels.bands * picture.depth // 8
    if needed > memory:
        raise EngineOutOfMemory(
            f"Cutting out a picture of {picture.width}x{picture.height} pixels takes {needed >> 20} MiB of memory, and"
            f" the engine may use {memory >> 20}: raise ENLARGER_ENGINE_MEMORY, or use a smaller picture."
        )


def _cut(picture: Picture, load: LoadNetwork, progress: Progress, workspace: Path) -> Picture:
    """The picture with its foreground alone, its pixels in a file of the workspace."""
    full = 65_535 if picture.depth == 16 else 255
    small = reduced(picture.pixels)
    paper = small.flatten(background=[full], max_alpha=full) if picture.has_alpha else small
    mask = foreground.find_foreground(load(), paper.cast("float") / full)
    progress.advance(_FOUND)
    colours, small_colours = (image[:3].cast("float") / full for image in (picture.pixels, small))
    separated = separate(colours, small_colours, mask)
    alpha = (separated[3] * (picture.pixels[3] if picture.has_alpha else full)).rint()
    visible = (alpha > 0).ifthenelse((separated[:3] * full).rint(), 0)
    raw = workspace / "cut.raw"
    check_disk(workspace, picture.width * picture.height * 4 * picture.depth // 8)
    result = visible.bandjoin(alpha).cast(picture.pixels.format)
    _store(result, raw, lambda share: progress.advance(_FOUND + (_SEPARATED - _FOUND) * share))
    stored = pyvips.Image.rawload(str(raw), picture.width, picture.height, 4, format=picture.pixels.format)
    if not stored[3].max():
        raise foreground.nothing_found()
    return replace(picture, pixels=stored.copy(interpretation=picture.pixels.interpretation))


def _store(image: pyvips.Image, raw: Path, on_share: Callable[[float], None]) -> None:
    """Make an image of 4 bands tile by tile in the file `raw`: rows across a large one take libvips much memory."""
    dtype = np.dtype(np.uint16 if image.format == "ushort" else np.uint8)
    width, height, bands = image.width, image.height, 4
    with raw.open("wb") as file:
        file.truncate(width * height * bands * dtype.itemsize)
    for top in range(0, height, _TILE):
        rows = min(_TILE, height - top)
        # Mapped anew for each row of tiles, so that the pages behind it are not held.
        canvas = np.memmap(raw, dtype, "r+", offset=top * width * bands * dtype.itemsize, shape=(rows, width, bands))
        for left in range(0, width, _TILE):
            columns = min(_TILE, width - left)
            tile = image.crop(left, top, columns, rows).numpy()
            canvas[:, left : left + columns] = tile.reshape(rows, columns, bands)
        del canvas
        on_share((top + rows) / height)
