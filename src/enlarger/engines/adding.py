"""Adds networks of the user's own to their folder, and removes them: each comes into its place whole, or not at all."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock

from enlarger.engines.examining import Trial, feather_of
from enlarger.engines.own_models import NAME, RECORD, OwnModel, read
from enlarger.engines.torch.conversion import PYTORCH, convert
from enlarger.engines.trial import network_files, try_network
from enlarger.errors import EngineUnavailable, InvalidInput

_LOCK = ".lock"
_DRAFTS = (".adding-*", ".removing-*")
_COPY = "network"
"""The stem of the copies that are tried."""


def add(file: Path, folder: Path, name: str | None = None) -> OwnModel:
    """Try the network in `file`, and copy it into `folder`, as `name` or named after the file.

    A PyTorch file is converted to ONNX first. It is the copy that is tried. Raises InvalidInput for an invalid name,
    and EngineUnavailable if the network cannot be used or the name is taken.
    """
    name = _check_name(name) if name is not None else _name_after(file)
    _refuse_taken(folder, name)
    files = network_files(file)
    with _draft(folder, ".adding-") as draft:
        try:
            copies, trial = _try_copies([_copy(one, draft) for one in files])
        except EngineUnavailable as error:
            names = {one.suffix.lower(): one.name for one in files}
            said = re.sub(rf"\b{_COPY}(\.\w+)", lambda found: names.get(found[1], files[0].name), str(error))
            raise EngineUnavailable(said) from None
        digest = _digest(copies)
        own = OwnModel(
            name=name,
            digest=digest,
            suffix=copies[0].suffix,
            bytes=sum(copy.stat().st_size for copy in copies),
            native_scale=trial.native_scale,
            context=trial.context,
            feather=feather_of(trial.context),
            margin=trial.margin,
            multiple=trial.multiple,
            bytes_per_pixel=trial.bytes_per_pixel,
        )
        whole = draft / name
        whole.mkdir()
        for copy in copies:
            copy.rename(whole / f"{digest}{copy.suffix}")
        (whole / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(own)))
        _refuse_taken(folder, name)
        whole.rename(folder / name)
    return own


def remove(name: str, folder: Path) -> None:
    """Remove a network. Raises InvalidInput when there is none of this name."""
    if name not in read(folder):
        known = ", ".join(read(folder)) or "none"
        raise InvalidInput("NAME", f"There is no network {name[:80]!r} of your own in {folder}; there are: {known}.")
    with _draft(folder, ".removing-") as draft:
        (folder / name).rename(draft / name)  # it is gone at once, whatever happens to its files


def _try_copies(copies: list[Path]) -> tuple[list[Path], Trial]:
    """Try a network; returns its files, which differ from `copies` if it was converted, and what was found."""
    if copies[0].suffix not in PYTORCH:
        return copies, try_network(copies[0])
    converted = copies[0].with_suffix(".onnx")
    multiple = convert(copies[0], converted).multiple
    return network_files(converted), try_network(converted, least_multiple=multiple)


@contextmanager
def _draft(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder in `folder` for what is being changed, while nobody else changes anything."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire()
    except OSError as error:
        raise EngineUnavailable(
            f"The folder {folder} cannot be written ({error.strerror}): set ENLARGER_MODELS_DIR to another one."
        ) from None
    try:
        for pattern in _DRAFTS:
            for draft in folder.glob(pattern):  # it is a dead process's
                shutil.rmtree(draft, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as made:
            yield Path(made)
    finally:
        lock.release()


def _refuse_taken(folder: Path, name: str) -> None:
    if (folder / name).exists():
        raise EngineUnavailable(
            f"There is a network {name} already: remove it first, with `enlarger models remove {name}`, or give this"
            " one another --name."
        )


def _check_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise InvalidInput(
            "--name",
            f"--name {name[:80]!r} cannot be a name: use at most 64 of a to z, digits, '.', '-' and '_', the first a"
            " letter or a digit.",
        )
    return name


def _name_after(file: Path) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._")[:64]
    if not NAME.fullmatch(name):
        raise InvalidInput("--name", f"No name can be made of {str(file)!r}: give one with --name.")
    return name


def _copy(source: Path, folder: Path) -> Path:
    copy = folder / f"{_COPY}{source.suffix.lower()}"
    try:
        shutil.copyfile(source, copy)
    except OSError as error:
        raise EngineUnavailable(f"The file {source} cannot be copied to {folder.parent}: {error.strerror}.") from None
    return copy


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
