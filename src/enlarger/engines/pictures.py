"""Pictures in and out: reading what people send, and writing what they expect to get back.

A picture keeps its colour profile, and its metadata as `enlarger.engines.metadata` says; its orientation is applied.
Grey stays grey, 16 bits stay 16 bits, transparency stays. CMYK becomes sRGB, because networks know only RGB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyvips

from enlarger.engines.formats import JPEG, PNG, SNIFF_BYTES, WEBP, Format, sniff
from enlarger.engines.metadata import NO_METADATA, SPLICED, Metadata, profile_of, read_metadata, splice
from enlarger.errors import PictureTooLarge, PictureUnreadable, PictureUnsupported

_BLOCKS = {"icc-profile-data": "icc", "exif-data": "exif", "xmp-data": "xmp", "iptc-data": "iptc"}
"""The blocks that are kept: libvips' name of each, and of the flag that has it written."""
_JPEG_QUALITY = 95
_WEBP_QUALITY = 95
_FILL_RADII = (1.5, 6.0, 24.0)
"""Pixels: how far colours are spread under transparent ones, near before far."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was read, ready to be enlarged."""

    format: Format
    pixels: pyvips.Image
    """3 bands of RGB, and a 4th of alpha if there is one; 8 or 16 bits a sample, upright."""
    grey: bool
    lossless: bool
    metadata: dict[str, Any]
    """The blocks to be written again, by libvips' names."""
    resolution: tuple[float, float]
    """Pixels a millimetre, across and down; for the formats that are left to libvips."""
    blocks: Metadata = NO_METADATA
    """The blocks of the source file, for the formats into which they are spliced."""

    @property
    def width(self) -> int:
        """Pixels across, upright."""
        return int(self.pixels.width)

    @property
    def height(self) -> int:
        """Pixels down, upright."""
        return int(self.pixels.height)

    @property
    def has_alpha(self) -> bool:
        """Whether the 4th band is there."""
        return int(self.pixels.bands) == 4

    @property
    def depth(self) -> int:
        """Bits a sample: 8 or 16."""
        return 16 if self.pixels.format == "ushort" else 8


def read_picture(path: Path, *, max_pixels: int) -> Picture:
    """Read and decode the picture at `path`; its size is judged by the header, before anything is decoded.

    Raises PictureUnreadable, PictureUnsupported or PictureTooLarge.
    """
    with path.open("rb") as file:
        format = sniff(file.read(SNIFF_BYTES))
    chunks = _chunks(path, format)
    if not chunks.isdisjoint((b"acTL", b"ANIM")):
        raise PictureUnsupported("The picture is animated: send one of its frames as a still picture.")
    if b"CgBI" in chunks:
        raise PictureUnsupported(
            "The picture is a CgBI file, Apple's own variant of PNG from inside iPhone apps, which other programs"
            " cannot read: open it in Preview on a Mac and export it as PNG."
        )
    try:
        header = _load(path, format)
        if header.width * header.height > max_pixels:
            raise PictureTooLarge(
                f"The picture is {header.width}x{header.height} pixels,"
                f" {header.width * header.height / 1e6:.0f} megapixels; the limit is {max_pixels / 1e6:.0f}:"
                " send a smaller one, or raise ENLARGER_MAX_MEGAPIXELS."
            )
        # Decoded here and now, so that a truncated file fails before any work is done on it.
        image = _decode(header, path, format).autorot()
    except pyvips.Error as error:
        raise PictureUnreadable(
            f"The {format.name} picture is damaged or cut short ({_reason(error)}): send the whole file again."
        ) from error
    picture = _prepare(image, format, lossless=format is PNG or b"VP8L" in chunks)
    if format not in SPLICED:
        return picture
    blocks = read_metadata(path, format)
    if picture.grey and blocks.rgb_profile:
        picture.metadata.setdefault("icc-profile-data", blocks.rgb_profile)
    return replace(picture, blocks=blocks)


def _load(path: Path, format: Format) -> pyvips.Image:
    loaders = {JPEG: pyvips.Image.jpegload, PNG: pyvips.Image.pngload, WEBP: pyvips.Image.webpload}
    return loaders[format](str(path), access="sequential", fail_on="error")


def _decode(header: pyvips.Image, path: Path, format: Format) -> pyvips.Image:
    """The pixels of `header`, which was loaded from `path`.

    A JPEG that lacks nothing but its end marker is decoded as if it had one. A decoder that has to make up pixels warns
    about it, which is an error here.
    """
    try:
        return header.copy_memory()
    except pyvips.Error:
        if format is not JPEG:
            raise
        content = path.read_bytes().removesuffix(b"\xff")
        return pyvips.Image.jpegload_buffer(content + b"\xff\xd9", fail_on="warning").copy_memory()


def _reason(error: pyvips.Error) -> str:
    lines = [line.strip() for line in str(error.detail).splitlines() if line.strip()]
    return lines[0] if lines else "it cannot be decoded"


def _chunks(path: Path, format: Format) -> set[bytes]:
    """The names of the chunks of a PNG file, up to its pixels, or of a WebP file; a JPEG has none."""
    names: set[bytes] = set()
    if format is JPEG:
        return names
    with path.open("rb") as file:
        file.seek(8 if format is PNG else 12)
        while len(head := file.read(8)) == 8 and b"IDAT" not in names:
            if format is PNG:
                size, name, checksum = int.from_bytes(head[:4], "big"), head[4:], 4
                file.seek(size + checksum, 1)
            else:
                name, size = head[:4], int.from_bytes(head[4:], "little")
                file.seek(size + size % 2, 1)
            names.add(name)
    return names


def _prepare(image: pyvips.Image, format: Format, *, lossless: bool) -> Picture:
    metadata = {name: image.get(name) for name in _BLOCKS if image.get_typeof(name)}
    if image.interpretation == "cmyk":
        image = image.icc_transform("srgb", embedded=True, input_profile="cmyk", intent="relative")
        metadata["icc-profile-data"] = image.get("icc-profile-data")
    alpha = image[image.bands - 1] if image.hasalpha() else None
    colour = image[: image.bands - 1] if alpha is not None else image
    grey = colour.bands == 1
    if grey:
        colour = colour.bandjoin([colour, colour])
    if colour.bands != 3 or image.format not in ("uchar", "ushort"):
        raise PictureUnsupported(
            f"The picture has {image.bands} channels of {image.format} samples: send grey, RGB or CMYK, 8 or 16 bits."
        )
    colour = colour.copy(interpretation="rgb16" if colour.format == "ushort" else "srgb")
    if alpha is not None:
        colour = _fill_under(colour, alpha).bandjoin(alpha)
    return Picture(
        format=format,
        pixels=colour.copy_memory(),
        grey=grey,
        lossless=lossless,
        metadata=metadata,
        resolution=(image.xres, image.yres),
    )


def _fill_under(colour: pyvips.Image, alpha: pyvips.Image) -> pyvips.Image:
    """Spread the colours of visible pixels under the invisible ones, whose own are arbitrary (often black).

    An edge would otherwise be drawn between a shape and a colour that nobody sees, and leave a fringe around it.
    """
    visible = (alpha > 0).ifthenelse(1.0, 0.0)
    weighted = colour * visible
    filled = weighted
    for radius in reversed(_FILL_RADII):
        weight = visible.gaussblur(radius, precision="float")
        spread = weighted.gaussblur(radius, precision="float") / (weight + 1e-6)
        filled = (weight > 1e-3).ifthenelse(spread, filled)
    return (visible > 0).ifthenelse(colour, filled.cast(colour.format))


def write_picture(enlarged: pyvips.Image, like: Picture, path: Path, format: Format) -> None:
    """Write `enlarged` (bands and depth as in `like.pixels`) to `path`, with everything that `like` carried.

    What a format cannot hold is adapted: JPEG has no transparency (white shows through), JPEG and WebP no 16 bits.
    Raises PictureTooLarge when the format cannot hold so many pixels.
    """
    check_side(max(enlarged.width, enlarged.height), format)
    image = enlarged
    profile = like.metadata.get("icc-profile-data")
    if profile is None and format is not PNG:
        profile = profile_of(dict(like.blocks.colour), grey=like.grey and format is not WEBP)
    # A grey picture whose profile is one for RGB is written as RGB: no format holds the two together.
    grey = like.grey and (profile or b"")[16:20] != b"RGB "
    if like.grey:
        colour = image[:3].bandmean().cast(image.format)
        colour = colour if grey else colour.bandjoin([colour, colour])
        image = colour.bandjoin(image[3]) if like.has_alpha else colour
    if like.depth == 16 and format is not PNG:
        image = (image / 257).rint().cast("uchar")
    if like.has_alpha and format is JPEG:
        image = image.flatten(background=[255])
    wide = image.format == "ushort"
    interpretation = ("grey16" if wide else "b-w") if grey else ("rgb16" if wide else "srgb")
    image = image.copy(interpretation=interpretation, xres=like.resolution[0], yres=like.resolution[1])
    spliced = format in SPLICED and like.format in SPLICED
    kept = {name: value for name, value in like.metadata.items() if not spliced or name == "icc-profile-data"}
    if profile:
        kept["icc-profile-data"] = profile
    for name, value in kept.items():
        image.set_type(pyvips.GValue.blob_type, name, value)
    image.set_type(pyvips.GValue.gint_type, "orientation", 1)  # after the EXIF block, which has its own
    keep = ":".join(_BLOCKS[name] for name in kept) or "none"
    try:
        _save(image, path, format, lossless=like.lossless, keep=keep)
    except pyvips.Error as error:
        raise OSError(f"cannot write {path}: {_reason(error)}") from error
    if spliced:
        splice(path, format, like.blocks, width=image.width, height=image.height)


def check_side(side: int, format: Format) -> None:
    """Raise PictureTooLarge when a file of `format` cannot have `side` pixels a side."""
    if side > format.longest_side:
        raise PictureTooLarge(
            f"The result would be {side} pixels on its longest side, and a {format.name} file holds at most"
            f" {format.longest_side}: ask for a smaller factor or another output format."
        )


def _save(image: pyvips.Image, path: Path, format: Format, *, lossless: bool, keep: str) -> None:
    if format is JPEG:
        image.jpegsave(str(path), Q=_JPEG_QUALITY, subsample_mode="off", keep=keep)
    elif format is PNG:
        image.pngsave(str(path), keep=keep)
    else:
        image.webpsave(str(path), Q=_WEBP_QUALITY, lossless=lossless, smart_subsample=True, keep=keep)
