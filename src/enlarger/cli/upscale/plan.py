"""Which pictures `enlarger upscale` works on, and where each result goes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from enlarger.cli.upscale.earlier import made_before_ledger
from enlarger.cli.upscale.files import format_in, is_wanted, walk
from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.ledger import Entry, Ledger, real_name, sha256
from enlarger.cli.upscale.wish import SUFFIXES, Choice, Wish, is_dir, is_folder
from enlarger.engines.formats import FORMATS
from enlarger.errors import EnlargerError, InvalidInput

_DONE = "done"
_DONE_EARLIER = "done by a version that kept no ledger"
_LONGEST_NAME = 220
"""In bytes; file systems take 255, and a download has a few more in its name until it is whole."""


def plan(files: Sequence[str], wish: Wish, choice: Choice, ledger: Ledger, report: Report) -> list[Job]:
    """Which pictures there are and where each goes; what is done already, or cannot be done, goes to `report`."""
    output = choice.output
    found: dict[Path, tuple[Path, Path]] = {}
    for name in files:
        path = Path(name)
        if is_dir(path):
            for source in walk(path, choice, report):
                if is_wanted(source, ledger, report):
                    found.setdefault(Path(os.path.realpath(source)), (source, source.parent.relative_to(path)))
        elif not _is_file(path):
            report.bad.append((name, "There is no such file."))
        else:
            found.setdefault(Path(os.path.realpath(path)), (path, Path()))
    many = len(found) > 1 or any(is_dir(Path(name)) for name in files)
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


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


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
    if choice.overwrite and not is_dir(target):
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


def _target(source: Path, inside: Path, wish: Wish, output: Path | None) -> Path:
    format = format_in(source)
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


def entry_of(job: Job, wish: Wish, content: bytes, draft: Path | None = None) -> Entry:
    """What the ledger keeps of a result that is in its place, or still in the file `draft`."""
    written = draft or job.target
    stat = written.stat()
    return Entry(
        target=real_name(job.target),
        source=hashlib.sha256(content).hexdigest(),
        model=wish.model,
        factor=wish.factor,
        format=wish.format,
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        digest=sha256(written),
    )
