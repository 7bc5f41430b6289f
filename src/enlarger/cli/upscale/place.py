"""Puts a result in its place so that a kill at any moment leaves none that a later run would not know."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from enlarger.cli.upscale.job import Job
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.plan import entry_of
from enlarger.cli.upscale.wish import Wish


def draft_of(job: Job, task_id: str) -> Path:
    """Where a task's result comes first, beside its place; the same for every run, so that none leaves one behind."""
    mark = hashlib.sha256(os.fsencode(f"{job.target.name} {task_id}")).hexdigest()[:8]
    return job.target.with_name(f".{job.target.name[:40]}.{mark}.part")


def put(draft: Path, job: Job, wish: Wish, content: bytes, ledger: Ledger | None, *, sandbox: bool = False) -> bool:
    """Move a result that is whole from `draft` into its place; returns whether the ledger has it.

    The ledger comes first: a line about a file that never came into its place says nothing, and a file without its
    line would be taken for the user's own. Raises OSError where the place cannot be written.
    """
    _flush(draft)
    recorded = False
    if ledger is not None:
        with contextlib.suppress(OSError):  # the picture is there, whether that is recorded or not
            ledger.add(entry_of(job, wish, content, draft, sandbox=sandbox))
            recorded = True
    try:
        draft.replace(job.target)
    except FileNotFoundError:
        if not os.path.lexists(job.target):
            raise
        # Another command that has the same task in hand was faster.
    _flush(job.target.parent)
    return recorded


def _flush(path: Path) -> None:
    """Have a file, or a folder's list of names, written to the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
