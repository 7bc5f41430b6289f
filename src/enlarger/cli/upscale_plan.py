"""Which pictures `enlarger upscale` works on, where each result goes, and what is left out."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enlarger.cli.upscale_earlier import made_before_ledger, predates_ledger
from enlarger.cli.upscale_ledger import Entry, Ledger, sha256
from enlarger.engines.formats import FORMATS, SNIFF_BYTES, Format, sniff
from enlarger.errors import EnlargerError, InvalidInput

SUFFIXES = {
    ".jpg": "jpg", ".jpeg": "jpg", ".jfif": "jpg", ".jpe": "jpg",
    ".png": "png", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".avif": "avif",
}  # fmt: skip
"""The endings that a result's name may have, and the format of each."""
_OTHER_PICTURES = {
    ".gif", ".bmp", ".heic", ".heif", ".jxl", ".jp2", ".svg", ".pdf", ".psd", ".dng", ".mpo",
}  # fmt: skip
_RAW = {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2"}
_SYSTEM = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
_DONE = "done"
_DONE_EARLIER = "done by a version that kept no ledger"
_LONGEST_NAME = 220
"""In bytes; file systems take 255, and a download has a few more in its name until it is whole."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with every picture."""

    model: str
    factor: str
    format: str | None
    quality: int | None = None
    keep_hidden_colours: bool = False
    allow_sandbox: bool = False
    """Whether the sandbox's made-up pictures may be written."""


@dataclass(frozen=True, slots=True)
class Job:
    """One picture and where its enlargement goes."""

    source: Path
    target: Path
    name: str = ""
    """What the picture is called where its path is nobody's business."""

    def __str__(self) -> str:
        return self.name or str(self.source)


@dataclass(slots=True)
class Report:
    """What became of a batch."""

    made: list[dict[str, Any]] = field(default_factory=list)
    """What is known of each picture that was enlarged."""
    there: list[tuple[Job, bool]] = field(default_factory=list)
    """Pictures whose results were there; the flag says that they are taken for an earlier version's."""
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    """Files that are no picture for us, and what they are."""
    bad: list[tuple[str, str]] = field(default_factory=list)
    """What could not be enlarged, and why not."""
    task_ids: dict[str, str] = field(default_factory=dict)
    """The tasks of those that could not, where there were any."""

    @property
    def done(self) -> int:
        """How many were enlarged."""
        return len(self.made)

    @property
    def skipped(self) -> int:
        """How many were done before."""
        return len(self.there)

    @property
    def presumed(self) -> int:
        """How many of those are taken for an earlier version's results."""
        return sum(presumed for _, presumed in self.there)

    @property
    def left_out(self) -> Counter[str]:
        """How many files of each kind were passed over."""
        return Counter(kind for _, kind in self.passed_over)


@dataclass(frozen=True, slots=True)
class Choice:
    """How files are chosen and where results go."""

    output: Path | None = None
    recursive: bool = True
    overwrite: bool = False
    keep_copies: bool = False
    """Whether a service on this machine keeps its copies of inputs and results, for as long as it keeps such."""
    stdin: Path | None = None
    """The file that stdin was read into."""

    def name_of(self, source: Path) -> str:
        """What a picture is called in messages."""
        return "stdin" if source == self.stdin else str(source)


def is_folder(path: Path) -> bool:
    """Whether `-o` names a folder: one that exists, or a name that does not end like a picture's."""
    return _is_dir(path) or path.suffix.lower() not in SUFFIXES


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def check_output(output: Path | None) -> None:
    """Raise InvalidInput for a place that no result could be written to, before anything is done."""
    if output is None or _is_dir(output):
        folder = output
    elif output.suffix.lower() in _OTHER_PICTURES:
        raise InvalidInput(
            "--output", f"--output {output}: results are JPEG, PNG, WebP, TIFF or AVIF, so name a .jpg, for example."
        )
    elif is_folder(output) and os.path.lexists(output):
        raise InvalidInput(
            "--output", f"--output {output} is a file: name a folder, or a .jpg, .png, .webp, .tif or .avif file."
        )
    else:
        folder = output.parent
    if output is None or folder is None:
        return
    if any(len(os.fsencode(part)) > 255 for part in output.parts):
        raise InvalidInput("--output", f"--output {output.name[:40]}… is too long a name: use at most 255 bytes.")
    try:
        while not os.path.lexists(folder):
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidInput(
            "--output", f"--output {output} cannot be written to ({reason}): name another place."
        ) from None


def plan(files: Sequence[str], wish: Wish, choice: Choice, ledger: Ledger, report: Report) -> list[Job]:
    """Which pictures there are and where each goes; what is done already, or cannot be done, goes to `report`."""
    output = choice.output
    found: dict[Path, tuple[Path, Path]] = {}
    for name in files:
        path = Path(name)
        if _is_dir(path):
            for source in _walk(path, choice, report):
                if _is_wanted(source, ledger, report):
                    found.setdefault(Path(os.path.realpath(source)), (source, source.parent.relative_to(path)))
        elif not _is_file(path):
            report.bad.append((name, "There is no such file."))
        else:
            found.setdefault(Path(os.path.realpath(path)), (path, Path()))
    many = len(found) > 1 or any(_is_dir(Path(name)) for name in files)
    if many and output is not None and not is_folder(output):
        raise InvalidInput("--output", f"--output {output} is a file and there are several pictures: name a folder.")

    jobs: list[Job] = []
    taken: dict[Path, Path] = {}
    for source, inside in found.values():
        try:
            target = _target(source, inside, wish, output)
            reason = _obstacle(source, target, wish, choice, ledger, taken)
        except (EnlargerError, OSError) as error:
            report.bad.append((choice.name_of(source), getattr(error, "strerror", None) or str(error)))
            continue
        job = Job(source, target, choice.name_of(source))
        if reason is None:
            jobs.append(job)
        elif reason in (_DONE, _DONE_EARLIER):
            report.there.append((job, reason == _DONE_EARLIER))
        else:
            report.bad.append((choice.name_of(source), reason))
        taken.setdefault(target, source)
    return jobs


def _obstacle(
    source: Path, target: Path, wish: Wish, choice: Choice, ledger: Ledger, taken: dict[Path, Path]
) -> str | None:
    """Why the picture is not to be enlarged: None if it is, _DONE or _DONE_EARLIER if that was done, else in words."""
    if target in taken:
        return f"Its result would be {target}, as that of {choice.name_of(taken[target])}: rename one."
    if not os.path.lexists(target):
        return None
    if os.path.realpath(target) == os.path.realpath(source):
        return "Its result would take its own place: name another one with --output."
    if choice.overwrite and not _is_dir(target):
        return None
    entry = ledger.find(target)
    if entry is None:
        if made_before_ledger(source, target, wish.factor, ledger):
            return _DONE_EARLIER
        return f"{target} is there already, and not as a result known here: --overwrite replaces it."
    if entry.source != sha256(source):
        return f"{target} is there already, made from another picture: --overwrite replaces it."
    format = _format_of(entry.format, target)
    if (entry.model, entry.factor, format) != (wish.model, wish.factor, _format_of(wish.format, target)):
        kind = f", as {format.upper()}" if format else ""
        return (
            f"{target} is there already, made with {entry.model}, {entry.factor} times{kind}:"
            " --overwrite makes it anew."
        )
    return _DONE


def _format_of(format: str | None, target: Path) -> str | None:
    """The format of a result, which is that of its name where none was asked for."""
    return format or SUFFIXES.get(target.suffix.lower())


def entry_of(job: Job, wish: Wish, content: bytes, draft: Path | None = None) -> Entry:
    """What the ledger keeps of a result that is in its place, or still in the file `draft`."""
    written = draft or job.target
    stat = written.stat()
    return Entry(
        target=os.path.realpath(job.target),
        source=hashlib.sha256(content).hexdigest(),
        model=wish.model,
        factor=wish.factor,
        format=wish.format,
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        digest=sha256(written),
    )


def _walk(folder: Path, choice: Choice, report: Report) -> Iterator[Path]:
    """The files in a folder, and in those within it, in order; hidden ones and the output folder are passed over."""
    output = os.path.realpath(choice.output) if choice.output is not None else None

    def failed(error: OSError) -> None:
        report.bad.append((str(error.filename), f"The folder cannot be read ({error.strerror})."))

    for root, folders, names in os.walk(folder, onerror=failed):
        folders[:] = sorted(
            name
            for name in folders
            if choice.recursive
            and not name.startswith((".", "__MACOSX"))
            and os.path.realpath(Path(root, name)) != output
        )
        yield from (Path(root, name) for name in sorted(names) if not _is_system(name))


def _is_system(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SYSTEM


def _is_wanted(path: Path, ledger: Ledger, report: Report) -> bool:
    """Whether a file in a folder is a picture that can be enlarged, and not the result of an earlier run."""
    try:
        if not path.is_file():
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
    if ledger.find(path) is not None or predates_ledger(path, ledger):
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
        return "sequence of pictures" if head[8:12] in (b"avis", b"hevc", b"msf1") else "video"
    for starts, name in (
        ((b"%PDF",), "PDF"),
        ((b"8BPS",), "Photoshop file"),
        ((b"\xff\x0a", b"\0\0\0\x0cJXL "), "JPEG XL"),
    ):
        if head.startswith(starts):
            return name
    if suffix.lower() == ".svg":
        return "SVG"
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
    return f"The content is no picture that can be read (it looks like: {kind(head, path.suffix)})."


def left_out(counts: Counter[str]) -> str:
    """`3 left out: 2 HEIC, 1 text file`."""
    named = (
        f"{count} {name}{'s' if count > 1 and name.endswith(('file', 'result', 'video')) else ''}"
        for name, count in counts.most_common()
    )
    return f"{counts.total()} left out: {', '.join(named)}"


def _format(path: Path) -> Format:
    head = _head(path)
    try:
        return sniff(head[:SNIFF_BYTES])
    except EnlargerError:
        raise InvalidInput("FILE", _refusal(head, path)) from None


def _target(source: Path, inside: Path, wish: Wish, output: Path | None) -> Path:
    format = _format(source)
    if output is not None and not is_folder(output):
        return output
    result = FORMATS[wish.format or format.result or format.name]
    suffix = source.suffix if SUFFIXES.get(source.suffix.lower()) == result.name else result.extension
    folder = output / inside if output is not None else source.parent
    return folder / f"{shorten(source.stem, 20)}@{wish.factor}x{suffix}"


def shorten(stem: str, more: int) -> str:
    """The stem, or so much of it that it fits in a file's name with `more` bytes; unlike that of other long ones."""
    raw = os.fsencode(stem)
    if len(raw) + more <= _LONGEST_NAME:
        return stem
    mark = hashlib.sha256(raw).hexdigest()[:8]
    return raw[: _LONGEST_NAME - more - 9].decode(errors="ignore") + "~" + mark
