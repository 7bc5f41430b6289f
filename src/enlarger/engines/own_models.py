"""The user's own networks: a folder with a folder for each, which holds its files and what a trial found.

A network comes into its place whole, or not at all.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from enlarger.engines.trial import network_files, try_network
from enlarger.errors import EngineUnavailable

_RECORD = "model.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""What a name may be: it is a folder's, and part of a model's id."""


class OwnModel(msgspec.Struct, frozen=True, kw_only=True):
    """A network of the user's own."""

    name: str
    file: str
    """Its `.param` or `.onnx` file, in its folder."""
    scale: int
    """How much it enlarges."""


def add(file: Path, folder: Path) -> OwnModel:
    """Try the network in `file`, and copy it into `folder`, named after the file.

    What is tried is the copy. Raises EngineUnavailable when it is no network of use, or the name is taken.
    """
    name = _name_for(file)
    taken = EngineUnavailable(f"There is a network {name} already: remove it first, or rename the file.")
    if (folder / name).exists():
        raise taken
    files = network_files(file)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".adding-", dir=folder) as draft:
        copy = Path(draft) / name
        copy.mkdir()
        for one in files:
            _copy(one, copy / f"network{one.suffix.lower()}")
        own = OwnModel(name=name, file=f"network{file.suffix.lower()}", scale=_try(file, copy))
        (copy / _RECORD).write_bytes(msgspec.json.encode(own))
        try:
            copy.rename(folder / name)
        except OSError:
            raise taken from None
    return own


def remove(name: str, folder: Path) -> None:
    """Remove a network. Raises EngineUnavailable when there is none of this name."""
    if name not in read(folder):
        known = ", ".join(read(folder)) or "none"
        raise EngineUnavailable(f"There is no network {name!r} of your own; there are: {known}.")
    with tempfile.TemporaryDirectory(prefix=".removing-", dir=folder) as draft:
        (folder / name).rename(Path(draft) / name)  # it is gone at once, whatever happens to its files


def read(folder: Path) -> dict[str, OwnModel]:
    """The networks in `folder` by their names, sorted; what has no readable record is left out."""
    found = {}
    for record in sorted(folder.glob(f"*/{_RECORD}")):
        try:
            own = msgspec.json.decode(record.read_bytes(), type=OwnModel)
        except (OSError, msgspec.MsgspecError):
            continue
        if own.name == record.parent.name and _NAME.fullmatch(own.name) and Path(own.file).name == own.file:
            found[own.name] = own
    return found


def _name_for(file: Path) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._")[:64]
    if not _NAME.fullmatch(name):
        raise EngineUnavailable(
            f"No name can be made of {file.name!r}: rename the file with letters a to z and digits."
        )
    return name


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise EngineUnavailable(f"There is no file {source}, which belongs to the network.")
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise EngineUnavailable(f"The file {source} cannot be copied: {error.strerror}.") from None


def _try(file: Path, copy: Path) -> int:
    try:
        return try_network(copy / f"network{file.suffix.lower()}")
    except EngineUnavailable as error:
        raise EngineUnavailable(str(error).replace(f"network{file.suffix.lower()}", file.name)) from None
