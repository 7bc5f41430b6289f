"""The storage: whether a small file can be stored, read and removed, and the clock of a bucket."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from enlarger.cli.doctor.database import judge_skew
from enlarger.cli.doctor.disk import look_at_disk
from enlarger.cli.doctor.finding import Finding, Status, failed, ok, skipped, warning
from enlarger.cli.doctor.site import Site
from enlarger.errors import StorageError

if TYPE_CHECKING:
    from enlarger.infra.storage import Storage

SECONDS = 40.0
_SKEW = timedelta(seconds=10)
"""Buckets tell the time in whole seconds, and reject requests that are signed 15 minutes away."""


async def check_storage(site: Site) -> Finding:
    """Store, read and remove a small file."""
    from enlarger.infra.storage import MARK, Storage

    location = site.settings.storage_url or str(site.data.files)
    if "://" in location and not location.startswith("file://"):
        place = _bare(location)
    else:
        folder = Path(location.removeprefix("file://"))
        place = str(folder)
        if not (folder / MARK).exists():
            return _without_mark(folder, own=site.settings.storage_url is None)
    storage = Storage(location)
    try:
        skew = await measure_skew(storage)
    except StorageError as error:
        words = str(error).rstrip(".")
        return failed(f"{place}: {words}.", "Check ENLARGER_STORAGE_URL, its credentials, and its disk or bucket.")
    found = f"{place}: a file was stored, read and removed."
    if storage.folder is not None:
        disk = look_at_disk(storage.folder)
        return ok(found) if disk.status is Status.OK else disk
    clock = judge_skew(skew, "the bucket's", _SKEW)
    return ok(found) if clock.status is Status.OK else clock


async def measure_skew(storage: Storage) -> timedelta:
    """How far this machine's clock is ahead of the storage's, told by a small file. Raises StorageError."""
    key, content = f"doctor-{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        await storage.put(key, content)
        skew = datetime.now(UTC) - await storage.stored_at(key)
        if b"".join([chunk async for chunk in storage.get(key)]) != content:
            raise StorageError("What is read is not what was stored.")
    finally:
        with suppress(StorageError):
            await storage.delete(key)
    return skew


def _without_mark(folder: Path, *, own: bool) -> Finding:
    """Judge a folder that no service has used: the first one makes it, unless it is a disk that is not mounted."""
    if own:
        return skipped(f"{folder} is not there yet.", "The first service makes it.")
    remedy = "Check that its disk is mounted; if it is new, start a service, which makes it."
    if not folder.exists():
        return warning(f"{folder} does not exist.", remedy)
    return warning(f"{folder} has not been used by a service: it has no file .enlarger.", remedy)


def _bare(url: str) -> str:
    """A bucket's URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
