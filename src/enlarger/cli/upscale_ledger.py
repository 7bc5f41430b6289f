"""Which files `enlarger upscale` has written, so that a later run knows its own results from a user's pictures."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
import platformdirs

_NAME = "upscaled.jsonl"


class Entry(msgspec.Struct, frozen=True):
    """One result: what it was made from and how, and what it was when it was written."""

    target: str
    source: str
    model: str
    factor: str
    format: str | None
    size: int
    mtime_ns: int


class Ledger:
    """The results, one a line in `upscaled.jsonl`, by their real paths; a later line of a path is the one that counts.

    It is in the data directory where a service has made one, else, for services elsewhere, in a folder of its own.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        named = data_dir or os.environ.get("ENLARGER_DATA_DIR")
        self._data_dir = Path(named) if named else platformdirs.user_data_path("enlarger")
        self._elsewhere = platformdirs.user_state_path("enlarger-upscale")
        self._entries: dict[str, Entry] = {}
        for folder in (self._elsewhere, self._data_dir):
            with contextlib.suppress(OSError):
                for line in (folder / _NAME).read_bytes().splitlines():
                    with contextlib.suppress(msgspec.DecodeError):  # a line that was cut off
                        entry = msgspec.json.decode(line, type=Entry)
                        self._entries[entry.target] = entry

    def find(self, path: Path) -> Entry | None:
        """The entry of a file that is still as it was written."""
        entry = self._entries.get(os.path.realpath(path))
        if entry is None:
            return None
        try:
            stat = path.stat()
        except OSError:
            return None
        return entry if (stat.st_size, stat.st_mtime_ns) == (entry.size, entry.mtime_ns) else None

    def add(self, entry: Entry) -> None:
        """Write down a result; raises OSError where that is not possible."""
        self._entries[entry.target] = entry
        folder = self._data_dir if (self._data_dir / "enlarger.json").exists() else self._elsewhere
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _NAME).open("ab") as file:
            file.write(msgspec.json.encode(entry) + b"\n")
