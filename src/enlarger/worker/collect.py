"""Puts what a provider made into the storage."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from enlarger.engines.formats import FORMATS
from enlarger.infra.storage import Storage
from enlarger.providers import Product
from enlarger.tasks.records import NewFile, Task

_EXTENSIONS = {format.mime_type: format.extension for format in FORMATS.values()}


async def collect(product: Product, task: Task, storage: Storage, *, days: float) -> NewFile:
    """Store a product; it counts only once its task has ended well and names it."""
    file_id = secrets.token_hex(16)
    name = f"{task.id}{_EXTENSIONS[product.mime_type]}"
    size, digest = _measure(product.path)
    key = f"results/{task.created_at:%Y/%m/%d}/{file_id}/{name}"
    await storage.put(key, product.path, mime_type=product.mime_type)
    return NewFile(
        id=file_id,
        account_id=task.account_id,
        task_id=task.id,
        key=key,
        name=name,
        mime_type=product.mime_type,
        size=size,
        sha256=digest,
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )


def _measure(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return file.tell(), digest
