"""Which files are pictures, and what the others are."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from enlarger.cli.upscale.job import Report
from enlarger.cli.upscale.ledger import MARKER, Ledger
from enlarger.cli.upscale.request import SUFFIXES, FileOptions
from enlarger.engines.formats import SNIFF_BYTES, Format, sniff
from enlarger.errors import EnlargerError, InvalidInput

_RAW = {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2"}
_BY_SUFFIX = {".svg": "SVG", ".tga": "TGA", ".ppm": "PNM", ".pgm": "PNM", ".pnm": "PNM", ".exr": "OpenEXR"}
"""What is told by a file's name, as its content tells little."""
_COUNTED = ("file", "result", "video", "icon", "link", "folder")
"""Ends of the kinds that have a plural."""
_SYSTEM = {"thumbs.db", "desktop.ini", "ehthumbs.db"}


def walk(folder: Path, file_options: FileOptions, report: Report) -> Iterator[Path]:
    """The files in a folder, and in those within it, in order.

    Hidden ones, the output folder and data directories of Enlarger are passed over.
    """
    output = os.path.realpath(file_options.output) if file_options.output is not None else None

    def failed(error: OSError) -> None:
        report.bad.append((str(error.filename), f"The folder cannot be read ({error.strerror})."))

    for root, folders, names in os.walk(folder, onerror=failed):
        if file_options.recursive:
            linked = (Path(root, name) for name in sorted(folders) if not _is_system(name))
            report.passed_over += ((str(path), "linked folder") for path in linked if path.is_symlink())
        folders[:] = sorted(
            name
            for name in folders
            if file_options.recursive
            and not name.startswith((".", "__MACOSX"))
            and os.path.realpath(Path(root, name)) != output
            and not Path(root, name, MARKER).exists()
        )
        yield from (Path(root, name) for name in sorted(names) if not _is_system(name))


def _is_system(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SYSTEM


def is_wanted(path: Path, ledger: Ledger, report: Report) -> bool:
    """Whether a file in a folder is a picture that can be enlarged, and not the result of an earlier run."""
    try:
        if not path.is_file():
            report.passed_over.append((str(path), "broken link" if path.is_symlink() else "special file"))
            return False
        head = _head(path)
        if path.suffix.lower() in _RAW:  # most of them start like a TIFF
            report.passed_over.append((str(path), kind(head, path.suffix)))
            return False
        sniff(head)
    except OSError as error:
        report.bad.append((str(path), f"It cannot be read ({error.strerror})."))
        return False
    except EnlargerError:
        if path.suffix.lower() in SUFFIXES:
            report.bad.append((str(path), _refusal(head, path)))
        else:
            report.passed_over.append((str(path), kind(head, path.suffix)))
        return False
    if ledger.find(path) is not None:
        report.passed_over.append((str(path), "earlier result"))
        return False
    return True


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def kind(head: bytes, suffix: str) -> str:
    """What a file that is not taken is, as one word or two."""
    if not head:
        return "empty file"
    if suffix.lower() in _RAW:
        return "camera raw file"
    if head[4:8] == b"ftyp":
        return "sequence of pictures" if head[8:12] in (b"hevc", b"msf1") else "video"
    for starts, name in (
        ((b"%PDF",), "PDF"),
        ((b"8BPS",), "Photoshop file"),
        ((b"\xff\x0a", b"\0\0\0\x0cJXL "), "JPEG XL"),
        ((b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "), "JPEG 2000"),
        ((b"\0\0\1\0", b"icns"), "icon"),
    ):
        if head.startswith(starts):
            return name
    if suffix.lower() in _BY_SUFFIX:
        return _BY_SUFFIX[suffix.lower()]
    return "other file" if b"\0" in head or _binary(head) else "text file"


def _binary(head: bytes) -> bool:
    try:
        head[:-4].decode() if len(head) > 4 else head.decode()
    except UnicodeDecodeError as error:
        return error.end < len(head) - 8
    return False


def _refusal(head: bytes, path: Path) -> str:
    if not head:
        return "The file is empty."
    return f"The content is not a picture that can be read (it looks like: {kind(head, path.suffix)})."


def left_out(counts: Counter[str]) -> str:
    """`3 left out: 2 HEIC, 1 text file`."""
    named = (
        f"{count} {name}{'s' if count > 1 and name.endswith(_COUNTED) else ''}" for name, count in counts.most_common()
    )
    return f"{counts.total()} left out: {', '.join(named)}"


def format_in(path: Path) -> Format:
    """The format of a picture, by its content; raises InvalidInput where it is none that can be read."""
    head = _head(path)
    try:
        return sniff(head[:SNIFF_BYTES])
    except EnlargerError:
        raise InvalidInput("FILE", _refusal(head, path)) from None
