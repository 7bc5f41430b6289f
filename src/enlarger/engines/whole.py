"""Is a file a picture that is there to its end? It is read in a process with limits: a decoder may crash or hang.

`python -m enlarger.engines.whole FILE` says so of a file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from enlarger.engines.limited_process import ask, begin
from enlarger.errors import EngineUnavailable, PictureError, PictureUnreadable

_MODULE = "enlarger.engines.whole"
_SECONDS = 300.0
"""For the largest picture that is accepted, on a busy machine."""


class Answer(msgspec.Struct, frozen=True):
    """What the process answers."""

    why_not: str | None
    """None if the picture is whole."""


def check_whole(path: Path) -> None:
    """Raise PictureUnreadable for a file that is no picture, or ends before the picture does."""
    try:
        answer = ask(_MODULE, str(path), answer=Answer, seconds=_SECONDS, doing="reading it")
    except EngineUnavailable as error:
        raise PictureUnreadable(f"The picture cannot be read: {error}.") from None
    if answer.why_not is not None:
        raise PictureUnreadable(answer.why_not)


def _look(path: Path) -> Answer:
    import pyvips

    from enlarger.engines.formats import BMP, HEIC, JPEG, SNIFF_BYTES, sniff
    from enlarger.engines.loading import decode_picture, open_picture

    try:
        with path.open("rb") as file:
            format = sniff(file.read(SNIFF_BYTES))
        header = open_picture(path, format)
        if format in (BMP, HEIC, JPEG):
            decode_picture(header, path, format)
        else:
            header.avg()  # row by row
    except PictureError as error:
        return Answer(str(error))
    except (OSError, pyvips.Error) as error:
        lines = str(error).strip().splitlines()
        return Answer(f"The picture is damaged, or not there to its end ({lines[-1].strip() if lines else 'unknown'}).")
    return Answer(None)


if __name__ == "__main__":
    begin(_SECONDS)(_look(Path(sys.argv[1])))
