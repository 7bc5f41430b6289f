"""A folder for the files of one piece of work."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enlarger.infra.disk import writing


@asynccontextmanager
async def workspace(task_id: str, work: Path) -> AsyncIterator[Path]:
    """A new folder in `work`, removed at the block's end. Raises StorageUnavailable when it cannot be made."""
    with writing(work / task_id):
        folder = Path(tempfile.mkdtemp(prefix=f"{task_id}-", dir=work))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
