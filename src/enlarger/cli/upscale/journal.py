"""The tasks that were made, so that a command which is stopped finds them again, whatever the service remembers.

An Enlarger service makes no second task for the same key; the hosted one does, and each is paid for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from enlarger.atomic_files import write_atomically

_NAME = "submitted.jsonl"
_KEPT_SECONDS = 7 * 24 * 3600.0
"""Services keep results for some days."""


class Submitted(msgspec.Struct, frozen=True):
    """A task, by the key of what was asked for."""

    key: str
    task_id: str
    at: float
    """Seconds since 1970."""


class _Made(Protocol):
    @property
    def id(self) -> str: ...


class Journal:
    """The tasks of the last days, one a line in `submitted.jsonl`."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        """Read the journal in `folder`, and remove from it what is too old."""
        self._file = folder / _NAME
        self._now = now
        self._tasks: dict[str, str] = {}
        lines: list[bytes] = []
        with contextlib.suppress(FileNotFoundError):
            lines = self._file.read_bytes().splitlines()
        kept: list[Submitted] = []
        for line in lines:
            with contextlib.suppress(msgspec.DecodeError):  # a line that was cut off
                kept.append(msgspec.json.decode(line, type=Submitted))
        fresh = [one for one in kept if now() - one.at < _KEPT_SECONDS]
        self._tasks = {one.key: one.task_id for one in fresh}
        if len(fresh) < len(lines):
            write_atomically(self._file, b"".join(msgspec.json.encode(one) + b"\n" for one in fresh))

    async def submit(self, key: str, work: Callable[[], Awaitable[_Made]]) -> str:
        """The id of the task that was made for `key`, by `work` if there is none yet.

        What has begun is not given up: who is cancelled meanwhile waits until the task is written down.
        """
        if (known := self._tasks.get(key)) is not None:
            return known
        making = asyncio.ensure_future(self._make(key, work))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.gather(making, return_exceptions=True)
            raise

    async def _make(self, key: str, work: Callable[[], Awaitable[_Made]]) -> str:
        task_id = (await work()).id
        self._tasks[key] = task_id
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(Submitted(key, task_id, self._now())) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return task_id
