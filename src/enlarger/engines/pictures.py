"""Pictures in and out: reading what people send, and writing what they expect to get back.

A picture keeps its colour profile, and its metadata as `enlarger.engines.metadata` says; its orientation is applied.
Grey stays grey, 16 bits stay 16 bits, transparency stays. CMYK becomes sRGB, because networks know only RGB.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pyvips

from enlarger.engines.avif import save_avif
from enlarger.engines.formats import AVIF, BMP, GIF, HEIC, JPEG, PNG, SNIFF_BYTES, TIFF, WEBP, Format, sniff
from enlarger.engines.loading import decode_picture, is_out_of_memory, open_picture, refusal
from enlarger.engines.metadata import NO_METADATA, Metadata, adapt, profile_of, read_metadata, splice, translated
from enlarger.engines.metadata.heif import read_colour
from enlarger.errors import EngineOutOfMemory, PictureTooLarge, PictureUnsupported

_PROFILE = "icc-profile-data"
_LOSSLESS = (PNG, TIFF, BMP, GIF)
_GIVEN = (AVIF, HEIC)
"""Formats whose decoders hand over their metadata."""
_QUALITY = {JPEG: 95, WEBP: 95, AVIF: 85}
"""The encoders', 1 to 100, of the formats that lose something."""
_BIG_TIFF_BYTES = 2 << 30
"""Of raw pixels: from here on a TIFF file is written with 64-bit offsets."""
_FILL_RADII = (1.5, 6.0, 24.0)
"""Pixels: how far colours are spread under transparent ones, near before far."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was read, ready to be enlarged."""

    format: Format
    pixels: pyvips.Image
    """3 bands of RGB, and a 4th of alpha if there is one; 8 or 16 bits a sample, upright."""
    grey: bool
    profile: bytes | None
    """The ICC profile."""
    lossless: bool = True
    keeps_hidden_colours: bool = False
    """Whether colours under full transparency are the source's own."""
    metadata: Metadata = NO_METADATA
    """Everything else that the result keeps."""

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


def read_picture(path: Path, *, max_pixels: int, keep_hidden_colours: bool = False) -> Picture:
    """Read and decode the picture at `path`, of an animated one the first frame.

    Its size is judged by the header, before anything is decoded. Raises PictureUnreadable, PictureUnsupported or
    PictureTooLarge, and EngineOutOfMemory where the process may not have the memory for it.
    """
    with path.open("rb") as file:
        format = sniff(file.read(SNIFF_BYTES))
    chunks = _chunks(path, format)
    if b"CgBI" in chunks:
        raise PictureUnsupported(
            "The picture is a CgBI file, Apple's own variant of PNG from inside iPhone apps, which other programs"
            " cannot read: open it in Preview on a Mac and export it as PNG."
        )
    try:
        header = open_picture(path, format)
        if header.width * header.height > max_pixels:
            raise PictureTooLarge(
                f"The picture is {header.width}x{header.height} pixels,"
                f" {header.width * header.height / 1e6:.0f} megapixels; the limit is {max_pixels / 1e6:.0f}:"
                " use a smaller one, or raise ENLARGER_MAX_MEGAPIXELS."
            )
        # Decoded here and now, so that a truncated file fails before any work is done on it.
        image = decode_picture(header, path, format)
        if format is not HEIC:  # its decoder has turned it already
            image = image.autorot()
    except pyvips.Error as error:
        if is_out_of_memory(error):
            raise EngineOutOfMemory(
                "The engine has too little memory to read the picture: free some on this machine, raise"
                " ENLARGER_ENGINE_MEMORY, or use a smaller picture."
            ) from error
        raise refusal(format, _reason(error)) from error
    metadata = _given(image, path) if format in _GIVEN else read_metadata(path, format)
    return replace(
        _prepare(image, format, profile=metadata.profile, keep_hidden_colours=keep_hidden_colours),
        lossless=format in _LOSSLESS or b"VP8L" in chunks,
        keeps_hidden_colours=keep_hidden_colours,
        metadata=metadata,
    )


def _reason(error: pyvips.Error) -> str:
    lines = [line.strip() for line in str(error.detail).splitlines() if line.strip()]
    return lines[-1] if lines else ""  # warnings come before the error


def _chunks(path: Path, format: Format) -> set[bytes]:
    """The names of the chunks of a PNG file, up to its pixels, or of a WebP file; other formats have none."""
    names: set[bytes] = set()
    if format not in (PNG, WEBP):
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


def _given(image: pyvips.Image, path: Path) -> Metadata:
    """The blocks that the decoder of a format handed over, and what the file says of its colours."""
    exif, packet = _block(image, "exif-data"), _block(image, "xmp-data")
    with path.open("rb") as file:
        colour = read_colour(file)
    return Metadata(exif=exif.removeprefix(b"Exif\0\0") if exif else None, xmp=packet, colour=colour)


def _block(image: pyvips.Image, name: str) -> bytes | None:
    return bytes(image.get(name)) if image.get_typeof(name) else None


def _prepare(image: pyvips.Image, format: Format, *, profile: bytes | None, keep_hidden_colours: bool) -> Picture:
    if image.interpretation == "cmyk":
        image = _cmyk_to_srgb(image)
    profile = _block(image, _PROFILE) or profile
    alpha = image[image.bands - 1] if image.hasalpha() else None
    colour = image[: image.bands - 1] if alpha is not None else image
    grey = colour.bands == 1
    if grey:
        colour = colour.bandjoin([colour, colour])
    if colour.bands != 3 or image.format not in ("uchar", "ushort"):
        raise PictureUnsupported(
            f"The picture has {image.bands} channel{'s' * (image.bands > 1)} of {image.format} samples:"
            " save it as grey, RGB or CMYK with 8 or 16 bits."
        )
    colour = colour.copy(interpretation="rgb16" if colour.format == "ushort" else "srgb")
    if alpha is not None:
        colour = (colour if keep_hidden_colours else _fill_under(colour, alpha)).bandjoin(alpha)
    return Picture(
        format=format,
        pixels=colour.copy_memory(),
        grey=grey,
        profile=profile,
    )


def _cmyk_to_srgb(image: pyvips.Image) -> pyvips.Image:
    try:
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", intent="relative")
    except pyvips.Error:  # the picture's own profile is damaged
        return image.icc_transform("srgb", input_profile="cmyk", intent="relative")


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


def write_picture(
    enlarged: pyvips.Image, like: Picture, path: Path, format: Format, *, quality: int | None = None
) -> None:
    """Write `enlarged` (bands and depth as in `like.pixels`) to `path`, with everything that `like` carried.

    What a format cannot hold is adapted: JPEG has no transparency (white shows through), JPEG and WebP no 16 bits.
    Raises PictureTooLarge when the format cannot hold so many pixels.
    """
    check_side(max(enlarged.width, enlarged.height), format)
    image = enlarged
    profile = like.profile
    if profile is None and format is not PNG:
        profile = profile_of(dict(like.metadata.colour), grey=like.grey and format is not WEBP)
    # A grey picture whose profile is one for RGB is written as RGB: no format holds the two together.
    grey = like.grey and (profile or b"")[16:20] != b"RGB "
    if like.grey:
        colour = image[:3].bandmean().cast(image.format)
        colour = colour if grey else colour.bandjoin([colour, colour])
        image = colour.bandjoin(image[3]) if like.has_alpha else colour
    if grey and profile and format is WEBP:
        image, profile, grey = *_to_srgb(image, profile), False
    if image.format == "ushort" and format not in (PNG, TIFF):
        image = (image / 257).rint().cast("uchar")
    if like.has_alpha and format is JPEG:
        image = image.flatten(background=[255])
    wide = image.format == "ushort"
    image = image.copy(interpretation=("grey16" if wide else "b-w") if grey else ("rgb16" if wide else "srgb"))
    if profile:
        image.set_type(pyvips.GValue.blob_type, _PROFILE, profile)
    quality = quality or _QUALITY.get(format, 0)
    metadata = adapt(like.metadata, width=image.width, height=image.height)
    if format is not like.format:
        metadata = translated(metadata, format)
    try:
        if format is AVIF:
            save_avif(image, path, quality=quality, profile=profile, metadata=metadata)
        else:
            _save(image, like, path, format, quality=quality, keep="icc" if profile else "none")
            splice(path, format, metadata)
    except pyvips.Error as error:
        raise OSError(f"cannot write {path}: {_reason(error)}") from error


def _to_srgb(grey: pyvips.Image, profile: bytes) -> tuple[pyvips.Image, bytes | None]:
    """A `grey` picture that `profile` describes as one of 8-bit RGB with a profile of its own.

    It is returned as it is, and without a profile, if `profile` cannot be used.
    """
    grey = grey.copy(interpretation="grey16" if grey.format == "ushort" else "b-w")
    grey.set_type(pyvips.GValue.blob_type, _PROFILE, profile)
    try:
        image = grey.icc_transform("srgb", embedded=True, intent="relative")
    except pyvips.Error:
        colour = grey[0].bandjoin([grey[0], grey[0]])
        return colour.bandjoin(grey[1]) if grey.bands == 2 else colour, None
    return image, _block(image, _PROFILE)


def check_side(side: int, format: Format) -> None:
    """Raise PictureTooLarge when a file of `format` cannot have `side` pixels a side."""
    if side > format.longest_side:
        raise PictureTooLarge(
            f"The result would be {side} pixels on its longest side, and a {format.name} file holds at most"
            f" {format.longest_side}: ask for a smaller factor or another output format."
        )


def _save(image: pyvips.Image, like: Picture, path: Path, format: Format, *, quality: int, keep: str) -> None:
    if format is JPEG:
        image.jpegsave(str(path), Q=quality, subsample_mode="off", keep=keep)
    elif format is PNG:
        image.pngsave(str(path), keep=keep)
    elif format is TIFF:
        size = image.width * image.height * image.bands * (2 if image.format == "ushort" else 1)
        image.tiffsave(
            str(path), compression="deflate", predictor="horizontal", bigtiff=size > _BIG_TIFF_BYTES, keep=keep
        )
    else:
        image.webpsave(
            str(path),
            Q=quality,
            lossless=like.lossless,
            exact=like.keeps_hidden_colours,
            smart_subsample=True,
            keep=keep,
        )
