"""Puts a result in its place so that a kill at any moment leaves none that a later run would not know."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from enlarger.atomic_files import put_in_place
from enlarger.cli.streams import copy_to
from enlarger.cli.upscale.job import Job
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.plan import entry_of
from enlarger.cli.upscale.request import UpscaleRequest
from enlarger.client.files import is_stream


def draft_of(job: Job, task_id: str) -> Path:
    """Where a task's result comes first, beside its place; the same for every run, so that none leaves one behind."""
    place = _real(job.target)
    mark = hashlib.sha256(os.fsencode(f"{place.name} {task_id}")).hexdigest()[:8]
    return place.with_name(f".{place.name[:40]}.{mark}.part")


def put(
    draft: Path, job: Job, request: UpscaleRequest, content: bytes, ledger: Ledger | None, *, sandbox: bool = False
) -> bool:
    """Move a result that is whole from `draft` into its place; returns whether the ledger has it.

    The ledger comes first: a line about a file that never came into its place says nothing, and a file without its
    line would be taken for the user's own. A file that is replaced keeps its mode; a symlink is followed, not replaced.
    Raises OSError where the place cannot be written.
    """
    if is_stream(job.target):  # it may have appeared since the batch was planned
        copy_to(str(job.target), draft)
        return False
    place = _real(job.target)
    with contextlib.suppress(FileNotFoundError):
        draft.chmod(place.stat().st_mode & 0o777)
    recorded = False
    if ledger is not None:
        with contextlib.suppress(OSError):  # the picture is there, whether that is recorded or not
            ledger.add(entry_of(job, request, content, draft, sandbox=sandbox))
            recorded = True
    try:
        put_in_place(draft, place)
    except FileNotFoundError:
        if not os.path.lexists(place):
            raise
        # Another command that has the same task in hand was faster.
    return recorded


def _real(target: Path) -> Path:
    """The file that a target stands for, with all symlinks followed."""
    return Path(os.path.realpath(target))
