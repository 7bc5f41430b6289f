"""Which pictures `enlarger upscale` works on, and where each result goes."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from enlarger.cli.upscale.files import format_in, is_wanted, walk
from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.ledger import Entry, Ledger, real_name, sha256
from enlarger.cli.upscale.request import SUFFIXES, FileOptions, UpscaleRequest, is_dir
from enlarger.engines.formats import FORMATS
from enlarger.errors import EnlargerError, InvalidInput

_DONE = "done"
_LONGEST_MARK = 40
"""In bytes: what a name has beside its source's stem, such as `@20000x20000-denoise100-strength100.jpeg`."""
_LONGEST_NAME = 224
"""In bytes; file systems take 255, and a download has a few more in its name until it is whole."""


def plan(
    files: Sequence[str],
    request: UpscaleRequest,
    file_options: FileOptions,
    ledger: Ledger,
    report: Report,
    *,
    is_due: Callable[[Path], bool] = lambda _: True,
) -> list[Job]:
    """Which pictures there are and where each goes; what is done already, or cannot be done, goes to `report`.

    Of pictures that are not due only the names of their results are settled.
    """
    found = _found(files, file_options, ledger, report)
    many = len(found) > 1 or any(is_dir(Path(name)) for name in files)
    if many and file_options.one_file:
        raise InvalidInput(
            "--output", f"--output {file_options.output} is a file and there are several pictures: name a folder."
        )
    targets = _targets(found.values(), request, file_options, report)
    jobs: list[Job] = []
    for source, _ in found.values():
        if source not in targets or not is_due(source):
            continue
        job = Job(source, targets[source], file_options.name_of(source))
        try:
            reason = _obstacle(job, request, file_options, ledger)
        except OSError as error:
            reason = f"It cannot be read ({error.strerror})."
        if reason is None:
            jobs.append(job)
        elif reason == _DONE:
            report.there.append(job)
        else:
            report.bad.append((str(job), reason))
    return jobs


def _found(
    files: Sequence[str], file_options: FileOptions, ledger: Ledger, report: Report
) -> dict[Path, tuple[Path, Path]]:
    """The pictures by their real paths: each as it was named, and the folders that it is in below the one named."""
    found: dict[Path, tuple[Path, Path]] = {}
    for name in files:
        path = Path(name)
        if is_dir(path):
            for source in walk(path, file_options, report):
                if is_wanted(source, ledger, report):
                    found.setdefault(Path(os.path.realpath(source)), (source, source.parent.relative_to(path)))
        elif not _is_file(path):
            report.bad.append((name, "There is no such file."))
        else:
            found.setdefault(Path(os.path.realpath(path)), (path, Path()))
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _targets(
    found: Iterable[tuple[Path, Path]], request: UpscaleRequest, file_options: FileOptions, report: Report
) -> dict[Path, Path]:
    """Where the result of each picture goes; no two to one place, not even where letters' case makes no difference."""
    targets: dict[Path, Path] = {}
    for source, inside in found:
        try:
            targets[source] = _target(source, inside, request, file_options)
        except (EnlargerError, OSError) as error:
            report.bad.append((file_options.name_of(source), getattr(error, "strerror", None) or str(error)))
    taken: dict[str, Path] = {}
    # First those in their result's format, so that no name depends on what else there is.
    for source in sorted(targets, key=lambda source: source.suffix.lower() != targets[source].suffix.lower()):
        target = targets[source]
        if _folded(target) in taken:
            target = target.with_name(f"{shorten(source.name, _LONGEST_MARK)}{request.mark}{target.suffix}")
        other = taken.setdefault(_folded(target), source)
        if other == source:
            targets[source] = target
        else:
            report.bad.append(
                (
                    file_options.name_of(source),
                    f"Its result would be {target}, as that of {file_options.name_of(other)}: rename one.",
                )
            )
            del targets[source]
    return targets


def _folded(path: Path) -> str:
    """A name as seen by a file system that ignores case and the way accents are encoded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def _obstacle(job: Job, request: UpscaleRequest, file_options: FileOptions, ledger: Ledger) -> str | None:
    """Why the picture is not to be enlarged: None if it is, _DONE if that was done, else in words."""
    source, target = job.source, job.target
    if not os.path.lexists(target):
        return None
    if os.path.realpath(target) == os.path.realpath(source):
        return "Its result would take its own place: name another one with --output."
    if file_options.overwrite and not is_dir(target):
        return None
    entry = ledger.find(target)
    if entry is None:
        return (
            f"{target} already exists and is not a known result: choose another place with --output, or"
            " replace it with --overwrite."
        )
    if entry.source != sha256(source):
        return f"{target} already exists, made from another picture: use --overwrite to replace it."
    if entry.sandbox and not request.allow_sandbox:
        return None
    if _options(entry, entry.factor, target) != _options(request, request.extent, target):
        return f"{target} already exists, made with {_in_words(entry, target)}: use --overwrite to make it again."
    return _DONE


def _options(asked: Entry | UpscaleRequest, extent: str, target: Path) -> tuple[object, ...]:
    """All that makes one result unlike another of the same picture; how it was cut into tiles does not."""
    return (
        asked.model,
        extent,
        _format_of(asked.format, target),
        asked.quality,
        asked.keep_hidden_colours,
        100 if asked.strength is None else asked.strength,
        asked.denoise,
        asked.engine,
        asked.precision,
        asked.network,
    )


def _in_words(entry: Entry, target: Path) -> str:
    format = _format_of(entry.format, target)
    parts = [
        entry.model if entry.network is None else f"{entry.model} ({entry.network})",
        f"{entry.factor}x" if entry.factor.replace(".", "").isdecimal() else entry.factor,
    ]
    parts += [f"as {format.upper()}"] if format else []
    parts += [f"in quality {entry.quality}"] if entry.quality else []
    parts += ["with hidden colours"] if entry.keep_hidden_colours else []
    parts += [f"with strength {entry.strength}"] if entry.strength is not None else []
    parts += [f"with denoise {entry.denoise}"] if entry.denoise is not None else []
    parts += [f"with {name}" for name in (entry.engine, entry.precision) if name]
    return ", ".join(parts)


def _format_of(format: str | None, target: Path) -> str | None:
    """The format of a result, which is that of its name where none was asked for."""
    return format or SUFFIXES.get(target.suffix.lower())


def _target(source: Path, inside: Path, request: UpscaleRequest, file_options: FileOptions) -> Path:
    format = format_in(source)
    output = file_options.output
    if output is not None and file_options.one_file:
        return output
    result = FORMATS[request.format or format.result or format.name]
    suffix = source.suffix if SUFFIXES.get(source.suffix.lower()) == result.name else result.extension
    folder = output / inside if output is not None else source.parent
    return folder / f"{shorten(source.stem, _LONGEST_MARK)}{request.mark}{suffix}"


def shorten(stem: str, more: int) -> str:
    """The stem, or so much of it that it fits in a file's name with `more` bytes; unlike that of other long ones."""
    raw = os.fsencode(stem)
    if len(raw) + more <= _LONGEST_NAME:
        return stem
    mark = hashlib.sha256(raw).hexdigest()[:8]
    return raw[: _LONGEST_NAME - more - 9].decode(errors="ignore") + "~" + mark


def entry_of(
    job: Job, request: UpscaleRequest, content: bytes, draft: Path | None = None, *, sandbox: bool = False
) -> Entry:
    """What the ledger keeps of a result that is in its place, or still in the file `draft`."""
    written = draft or job.target
    stat = written.stat()
    return Entry(
        target=real_name(job.target),
        source=hashlib.sha256(content).hexdigest(),
        model=request.model,
        factor=request.extent,
        format=request.format,
        size=stat.st_size,
        mtime_ns=stat.st_mtime_ns,
        digest=sha256(written),
        quality=request.quality,
        keep_hidden_colours=request.keep_hidden_colours,
        sandbox=sandbox,
        strength=request.strength,
        denoise=request.denoise,
        engine=request.engine,
        precision=request.precision,
        network=request.network,
    )
