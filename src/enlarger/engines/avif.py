"""Writes AVIF files with Pillow: libvips changes the EXIF block that it is given."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pyvips

from enlarger.engines.metadata import Metadata
from enlarger.engines.metadata.xmp import whole

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def save_avif(image: pyvips.Image, path: Path, *, quality: int, profile: bytes | None, metadata: Metadata) -> None:
    """Write an `image` of 8 bits a sample to `path`, at a `quality` of 0 to 100, without chroma subsampling.

    The whole picture is in memory meanwhile. Raises pyvips.Error and OSError.
    """
    size = (image.width, image.height)
    picture = PIL.Image.frombuffer(_MODES[image.bands], size, image.write_to_memory())
    packet = whole(metadata.xmp, metadata.extended_xmp)
    blocks = {"icc_profile": profile, "exif": metadata.exif, "xmp": packet}
    picture.save(
        path,
        "AVIF",
        quality=quality,
        subsampling="4:4:4",
        **{name: block for name, block in blocks.items() if block},
    )
