"""What a watch remembers of the files in its folder: which are still being written, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

RETRIES = (60.0, 600.0)
"""Seconds before a picture that failed is tried again; after the last one it is skipped until it changes."""

State = Literal["settling", "working", "waiting", "ended"]


class Signature(NamedTuple):
    """What changes when a file is written to, or another one takes its place."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(slots=True)
class _Entry:
    signature: Signature
    due: float
    state: State = "settling"
    failures: int = 0


class Memory:
    """The files that were seen. Times are those of one clock, in seconds."""

    def __init__(self, settle: float) -> None:
        """A file whose signature has stayed the same for `settle` seconds is complete."""
        self._settle = settle
        self._entries: dict[Path, _Entry] = {}

    def is_due(self, path: Path, signature: Signature, now: float) -> bool:
        """Whether something is to be done about a file: it is complete, and not dealt with yet."""
        entry = self._entries.get(path)
        if entry is not None and entry.state == "working":
            return False
        if entry is None or entry.signature != signature:
            entry = self._entries[path] = _Entry(signature, now + self._settle)
        return entry.state != "ended" and entry.due <= now

    def begin(self, path: Path) -> None:
        """The file is being worked on."""
        self._entries[path].state = "working"

    def end(self, path: Path) -> None:
        """Nothing more is to be done about the file until it changes."""
        self._entries[path].state = "ended"

    def wait(self, path: Path, now: float, seconds: float) -> None:
        """The file is to be tried again in so many seconds, through no fault of its own."""
        entry = self._entries[path]
        entry.state, entry.due = "waiting", now + seconds

    def fail(self, path: Path, now: float) -> float | None:
        """The file could not be dealt with; returns after how many seconds it is tried again, None if it is not."""
        entry = self._entries[path]
        entry.failures += 1
        if entry.failures > len(RETRIES):
            entry.state = "ended"
            return None
        pause = RETRIES[entry.failures - 1]
        self.wait(path, now, pause)
        return pause

    def keep_only(self, paths: Iterable[Path]) -> None:
        """Forget the files that are gone; one that comes back is a new one."""
        there = set(paths)
        for path in [path for path, entry in self._entries.items() if path not in there and entry.state != "working"]:
            del self._entries[path]

    def next_due(self, now: float) -> float | None:
        """In how many seconds something is to be done next, without any change; None if nothing is."""
        times = [entry.due for entry in self._entries.values() if entry.state in ("settling", "waiting")]
        return max(0.0, min(times) - now) if times else None
