"""The tasks that were made, so that a command which is stopped finds them again, whatever the service remembers.

An Enlarger service makes no second task for the same key; the hosted one does, and each is paid for. There a submission
is written down before it is sent: when nobody knows what became of it, it is not sent again.
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
from enlarger.errors import EnlargerError, SubmissionUnknown

_NAME = "submitted.jsonl"
_KEPT_SECONDS = 7 * 24 * 3600.0
"""Services keep results for some days."""


class Submitted(msgspec.Struct, frozen=True):
    """A task, by the key of what was asked for."""

    key: str
    task_id: str | None
    """Empty while the submission is on its way; None when it was refused."""
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
        self._tasks: dict[str, str | None] = {}
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

    async def submit(self, key: str, work: Callable[[], Awaitable[_Made]], *, once: bool) -> str:
        """The id of the task that was made for `key`, by `work` if there is none yet.

        `once` is for a service that makes another task of the same key: raises SubmissionUnknown when an earlier run
        has sent this submission and did not learn what became of it. What has begun is not given up: who is cancelled
        meanwhile waits until the task is written down.
        """
        if known := self._tasks.get(key):
            return known
        if once and known is not None:
            raise SubmissionUnknown(
                "It was sent before, and nobody knows whether a task was created, so it is not sent again: look for it"
                f" at the service. To send it all the same, remove the lines with {key} from {self._file}."
            )
        making = asyncio.ensure_future(self._make(key, work, once=once))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.gather(making, return_exceptions=True)
            raise

    async def _make(self, key: str, work: Callable[[], Awaitable[_Made]], *, once: bool) -> str:
        if once:
            self._note(key, "")
        try:
            task_id = (await work()).id
        except SubmissionUnknown:
            raise
        except EnlargerError:
            if once:
                self._note(key, None)
            raise
        self._note(key, task_id)
        return task_id

    def _note(self, key: str, task_id: str | None) -> None:
        self._tasks[key] = task_id
        with self._file.open("ab") as file:
            file.write(msgspec.json.encode(Submitted(key, task_id, self._now())) + b"\n")
            file.flush()
            os.fsync(file.fileno())
