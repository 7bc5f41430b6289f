"""Opens picture files: libvips reads most formats, Pillow BMP, and pi-heif HEIC, whose codec libvips comes without."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import PIL.Image
import pyvips

from enlarger.engines.formats import AVIF, BMP, GIF, HEIC, JPEG, PNG, TIFF, WEBP, Format
from enlarger.engines.metadata.guard import disarmed
from enlarger.engines.metadata.tiff import is_camera_raw, rare_kind
from enlarger.errors import PictureError, PictureUnreadable, PictureUnsupported

_DECODER_ERRORS = (EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error)
"""What Pillow and its plugins raise for files that are damaged, or of a kind that they cannot read."""
_MOST_A_SIDE = 100_000_000
"""Pixels: libvips knows no larger pictures."""
_FIRST_ONLY = {"access": "sequential", "fail_on": "error"}
_RARE = (
    *("not supported", "not configured", "bad labq format", "not a whole number of bytes"),
    *("unsupported bmp bitfields", "unsupported bmp compression", "unsupported bmp pixel"),
    "unsupported jpeg data precision",
)
"""Words of decoders about what a file may be, but they do not know."""
_WITH_EXIF = (JPEG, PNG, WEBP, AVIF)
"""The formats in which libvips reads EXIF."""


def open_picture(path: Path, format: Format) -> pyvips.Image:
    """The first picture in the file at `path`, of which only the header has been read.

    Raises pyvips.Error or PictureUnreadable for a damaged header, PictureUnsupported where a decoder is missing.
    """
    loaders = {
        JPEG: pyvips.Image.jpegload,
        PNG: pyvips.Image.pngload,
        WEBP: pyvips.Image.webpload,
        TIFF: pyvips.Image.tiffload,
        AVIF: pyvips.Image.heifload,
        GIF: pyvips.Image.gifload,
    }
    if format is TIFF:
        with path.open("rb") as file:
            if is_camera_raw(file):
                raise PictureUnsupported(
                    "The picture is a camera raw file: develop it with a raw converter, and use the TIFF or JPEG."
                )
            if reason := rare_kind(file):
                raise refusal(format, reason)
    if format in loaders:
        content = disarmed(path) if format in _WITH_EXIF else None
        if content is not None:
            return pyvips.Image.new_from_buffer(content, "", **_FIRST_ONLY)
        return loaders[format](str(path), **_FIRST_ONLY)
    with _open_by_pillow(path, format) as picture:
        if max(picture.size) > _MOST_A_SIDE:
            raise refusal(format, "its size is impossible")
        return pyvips.Image.black(picture.width, picture.height, bands=len(picture.getbands()))


def decode_picture(header: pyvips.Image, path: Path, format: Format) -> pyvips.Image:
    """The pixels of `header`, which was opened from `path`, in memory. Raises as `open_picture` does.

    A JPEG that lacks nothing but its end marker is decoded as if it had one. A decoder that has to make up pixels warns
    about it, which is an error here.
    """
    if format in (BMP, HEIC):
        with _open_by_pillow(path, format) as picture:
            return _pixels(picture, format)
    try:
        image: pyvips.Image = header.copy_memory()
    except pyvips.Error as error:
        if format is not JPEG:
            raise
        content = (disarmed(path) or path.read_bytes()).removesuffix(b"\xff")
        try:
            image = pyvips.Image.jpegload_buffer(content + b"\xff\xd9", fail_on="warning").copy_memory()
        except pyvips.Error:
            raise error from None
    return image


def _open_by_pillow(path: Path, format: Format) -> PIL.Image.Image:
    if format is HEIC:
        try:
            import pi_heif
        except ImportError as error:  # there are wheels for most machines, but not for all
            raise PictureUnsupported(
                "Reading a HEIC picture needs the package pi-heif, which is not installed here:"
                " `pip install pi-heif`, or save the picture as JPEG or PNG."
            ) from error
        pi_heif.register_heif_opener(thumbnails=False)
    PIL.Image.MAX_IMAGE_PIXELS = None  # the caller judges the size by the header, by its own limit
    try:
        return PIL.Image.open(path, formats=["HEIF" if format is HEIC else "BMP"])
    except _DECODER_ERRORS as error:
        raise refusal(format, "" if isinstance(error, PIL.UnidentifiedImageError) else str(error)) from error


def _pixels(picture: PIL.Image.Image, format: Format) -> pyvips.Image:
    """Decode with Pillow, whose HEIC plugin applies the container's rotation itself."""
    try:
        if picture.mode not in ("L", "RGB", "RGBA"):
            picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        picture.load()
    except _DECODER_ERRORS as error:
        raise refusal(format, str(error)) from error
    bands = len(picture.getbands())
    image = pyvips.Image.new_from_memory(picture.tobytes(), picture.width, picture.height, bands, "uchar")
    image = image.copy(interpretation="b-w" if bands == 1 else "srgb")
    blocks: tuple[tuple[str, Any], ...] = (
        ("icc-profile-data", picture.info.get("icc_profile")),
        ("exif-data", picture.info.get("exif")),
        ("xmp-data", picture.info.get("xmp")),
    )
    for name, block in blocks:
        if block:
            image.set_type(pyvips.GValue.blob_type, name, bytes(block))
    return image


def is_out_of_memory(error: pyvips.Error) -> bool:
    """Whether libvips failed because this process may have no more memory.

    What decoders say of the sizes in a damaged file is not taken for that.
    """
    return any(words in str(error) for words in ("vips_tracked: out of memory", "Error creating thread"))


def refusal(format: Format, reason: str) -> PictureError:
    """The error for a file of `format` that its decoder refuses for `reason`: what is rare is not damaged."""
    if any(words in reason.lower() for words in _RARE):
        return PictureUnsupported(
            f"The {format.name} picture is of a rare kind that cannot be read here ({reason}):"
            " open it in another program, and save it as PNG."
        )
    why = reason or "it cannot be decoded"
    return PictureUnreadable(f"The {format.name} picture is damaged or cut short ({why}): use a whole copy of it.")
