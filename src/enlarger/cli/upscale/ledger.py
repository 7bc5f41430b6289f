"""Which files `enlarger upscale` has written, so that a later run knows its own results from a user's pictures."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import msgspec
import platformdirs

MARKER = "enlarger.json"
"""What a service puts into its data directory when it makes one."""
_NAME = "upscaled.jsonl"


class Entry(msgspec.Struct, frozen=True):
    """One result: what it was made from and how, and what it was when it was written."""

    target: str
    source: str
    """SHA-256 of the source's content."""
    model: str
    factor: str
    """How large it was to be: `4`, `4000x3000`, `4000px` or `24MP`."""
    format: str | None
    size: int
    mtime_ns: int
    digest: str = ""
    """SHA-256 of the result's content; the first ledgers had none."""
    quality: int | None = None
    keep_hidden_colours: bool = False
    sandbox: bool = False
    """Whether the picture is made up."""
    strength: int | None = None
    denoise: int | str | None = None
    engine: str | None = None
    precision: str | None = None
    network: str | None = None
    """The digest of the user's own network that the model was made of."""


class Ledger:
    """The results, one a line in `upscaled.jsonl`, by their real paths; a later line of a path is the one that counts.

    It is in the data directory where a service has made one, else, for services elsewhere, in a folder of its own.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        named = data_dir or os.environ.get("ENLARGER_DATA_DIR")
        self._data_dir = Path(named) if named else platformdirs.user_data_path("enlarger")
        self._elsewhere = platformdirs.user_state_path("enlarger-upscale")
        self._entries: dict[str, Entry] = {}
        self._by_size: dict[int, dict[str, Entry]] = {}
        for folder in (self._elsewhere, self._data_dir):
            with contextlib.suppress(OSError):
                for line in (folder / _NAME).read_bytes().splitlines():
                    with contextlib.suppress(msgspec.DecodeError):  # a line that was cut off
                        self._know(msgspec.json.decode(line, type=Entry))

    def find(self, path: Path) -> Entry | None:
        """The entry of a file that is still as it was written, also where it was moved or copied since."""
        try:
            stat = path.stat()
        except OSError:
            return None
        entry = self._entries.get(real_name(path))
        if entry is not None and (stat.st_size, stat.st_mtime_ns) == (entry.size, entry.mtime_ns):
            return entry
        alike = self._by_size.get(stat.st_size)
        if not alike:
            return None
        try:
            return alike.get(sha256(path))
        except OSError:
            return None

    def add(self, entry: Entry) -> None:
        """Write down a result, so that it outlasts a crash; raises OSError where that is not possible."""
        self._know(entry)
        with (self.folder / _NAME).open("a+b") as file:
            line = msgspec.json.encode(entry) + b"\n"
            if file.tell():
                file.seek(-1, os.SEEK_END)
                line = line if file.read() == b"\n" else b"\n" + line  # a line that was cut off spoils no other
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @property
    def folder(self) -> Path:
        """The folder that the ledger is in, which is made if need be."""
        folder = self._data_dir if self._marker.exists() else self._elsewhere
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def _marker(self) -> Path:
        return self._data_dir / MARKER

    def _know(self, entry: Entry) -> None:
        self._entries[entry.target] = entry
        if entry.digest:
            self._by_size.setdefault(entry.size, {})[entry.digest] = entry


def real_name(path: Path) -> str:
    """The real path of a file as JSON can hold it: a byte that is not UTF-8 is escaped."""
    return os.path.realpath(path).encode(errors="backslashreplace").decode()


def sha256(path: Path) -> str:
    """The digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
