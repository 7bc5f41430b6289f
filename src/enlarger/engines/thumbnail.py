"""Makes thumbnails of untrusted files, in a process with limits: a decoder may crash, hang or fill the memory.

`python -m enlarger.engines.thumbnail FOLDER SIDE NAME...` makes `NAME.webp` of each `NAME.source` in the folder, empty
where that cannot be read. It ends when one picture takes too long; the others are then made by another process.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import msgspec

from enlarger.engines.formats import BMP, HEIC, SNIFF_BYTES, sniff
from enlarger.engines.limited_process import ask, begin
from enlarger.errors import EngineUnavailable, PictureError

SIDE = 256
"""The most pixels a side, unless the caller says otherwise."""
_MOST_MEGAPIXELS = 250
_SECONDS = 10
"""For one picture."""
_START_SECONDS = 20.0
"""For the process to start, also on a busy machine."""
_QUALITY = 75
_MODULE = "enlarger.engines.thumbnail"


class Made(msgspec.Struct):
    """The answer of the process: how many it has made."""

    thumbnails: int


def can_make_thumbnails() -> bool:
    """Whether the packages that decode pictures are installed; a server that only serves needs none of them."""
    return find_spec("pyvips") is not None


def make_thumbnails(folder: Path, names: Sequence[str], *, side: int = SIDE) -> list[str]:
    """Make a thumbnail of each `NAME.source` in a folder: `NAME.webp`, or an empty file if it cannot be read.

    No side of one has more than `side` pixels.

    Returns the names of those with which the process ended; they have no file.
    """
    failed: list[str] = []

    def left() -> list[str]:
        return [name for name in names if name not in failed and not _target(folder, name).exists()]

    while todo := left():
        seconds = _START_SECONDS + _SECONDS * len(todo)
        with suppress(EngineUnavailable):
            ask(_MODULE, str(folder), str(side), *todo, answer=Made, seconds=seconds, doing="making thumbnails")
        failed += left()[:1]  # they are made in this order
    return failed


def _target(folder: Path, name: str) -> Path:
    return folder / f"{name}.webp"


def _make(source: Path, side: int) -> bytes:
    """Return a thumbnail of a picture file, as WebP without metadata. Raises PictureError or pyvips.Error."""
    import pyvips

    from enlarger.engines.loading import decode_picture, open_picture

    with source.open("rb") as file:
        format = sniff(file.read(SNIFF_BYTES))
    header = open_picture(source, format)
    if header.width * header.height > _MOST_MEGAPIXELS * 1_000_000:
        raise PictureError("too large for a thumbnail")
    options = {"height": side, "size": "down"}
    if format in (BMP, HEIC):
        image = decode_picture(header, source, format).thumbnail_image(side, **options)
    else:
        image = pyvips.Image.thumbnail(str(source), side, **options)  # decodes no more than it needs
    content: bytes = image.colourspace("srgb").webpsave_buffer(Q=_QUALITY, keep="none")
    return content


def main(folder: Path, side: int, names: Sequence[str]) -> None:
    """Make thumbnails; the service limits how long one may take, and ends this process."""
    tell = begin(_START_SECONDS + _SECONDS * len(names))
    import pyvips

    pyvips.voperation.cache_set_max(0)
    for number, name in enumerate(names, 1):
        if hasattr(signal, "alarm"):
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(_SECONDS)
        try:
            content = _make(folder / f"{name}.source", side)
        except (PictureError, pyvips.Error):
            content = b""
        draft = folder / f"{name}.draft"
        draft.write_bytes(content)
        draft.rename(_target(folder, name))
        tell(Made(number))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
