"""Puts what a provider made into the storage."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from enlarger.engines.formats import SNIFF_BYTES, Format, sniff
from enlarger.engines.media import SNIFF_MEDIA_BYTES, Media, sniff_media
from enlarger.infra.storage import Storage
from enlarger.tasks.records import NewFile, Task


async def keep(
    path: Path, task: Task, storage: Storage, *, days: float, now: datetime, number: int | None = None
) -> NewFile:
    """Store a file that was made; it counts only once its task has ended well and names it.

    It expires `days` after `now`. `number` tells the files of one task apart. Raises StorageError.
    """
    kind = kind_of(path)
    file_id = secrets.token_hex(16)
    name = f"{task.id}{'' if number is None else f'-{number}'}{kind.extension}"
    size, digest = await asyncio.to_thread(_measure, path)
    key = f"results/{task.created_at:%Y/%m/%d}/{file_id}/{name}"
    await storage.put(key, path, mime_type=kind.mime_type)
    return NewFile(
        id=file_id,
        account_id=task.account_id,
        task_id=task.id,
        key=key,
        name=name,
        mime_type=kind.mime_type,
        size=size,
        sha256=digest,
        expires_at=now + timedelta(days=days),
    )


def kind_of(path: Path) -> Format | Media:
    """What kind of file it is, by its content. Raises PictureError for any that is not known here."""
    with path.open("rb") as file:
        head = file.read(max(SNIFF_BYTES, SNIFF_MEDIA_BYTES))
    return sniff_media(head) or sniff(head)


def _measure(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return file.tell(), digest
