"""Copies many stored files, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from enlarger.errors import BackupError, FileMissing
from enlarger.infra.backup.manifest import Piece, StoredPart, checked
from enlarger.infra.storage import Storage

_AT_ONCE = 4

T = TypeVar("T")


class Progress(Protocol):
    """Is told how far long work is."""

    def begin(self, step: str, total: int | None) -> None:
        """A step begins, of so many bytes; None where that is not known."""

    def advance(self, amount: int) -> None:
        """So many bytes more are done."""


async def counting(chunks: AsyncIterator[bytes], progress: Progress) -> AsyncIterator[bytes]:
    """The chunks as they come, while `progress` is told."""
    async for chunk in chunks:
        yield chunk
        progress.advance(len(chunk))


class CopiedFiles(msgspec.Struct):
    """What became of stored files that were to be copied."""

    count: int = 0
    bytes: int = 0
    missing: list[str] = []
    """Keys of files that the storage does not have any more: they expired meanwhile, or were lost before."""
    damaged: list[str] = []
    """Keys of files whose content is not what was stored once; they are not copied."""


async def for_each(items: AsyncIterator[T], work: Callable[[T], Awaitable[None]], *, at_once: int) -> None:
    """Do `work` on each item, `at_once` of them at a time. The first error ends it all."""
    places = asyncio.Semaphore(at_once)
    running: set[asyncio.Task[None]] = set()

    async def do(item: T) -> None:
        try:
            await work(item)
        finally:
            places.release()

    try:
        async for item in items:
            await places.acquire()
            for task in [task for task in running if task.done()]:
                running.discard(task)
                task.result()
            running.add(asyncio.create_task(do(item)))
        await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def read_stored(storage: Storage, file: StoredPart, write: Callable[[AsyncIterator[bytes]], Awaitable[None]],
                      copied: CopiedFiles) -> bool:  # fmt: skip
    """Have `write` take the content of a stored file, and note what became of it; whether it was there and whole."""
    piece = Piece(file.key, file.bytes, file.sha256)
    try:
        await write(checked(storage.get(file.key), piece))
    except FileMissing:
        copied.missing.append(file.key)
        return False
    except BackupError:
        copied.damaged.append(file.key)
        return False
    copied.count += 1
    copied.bytes += file.bytes
    return True


async def copy_files(
    files: AsyncIterator[StoredPart], source: Storage, target: Storage, progress: Progress
) -> CopiedFiles:
    """Copy files from one storage into another, under the same keys; those that are there already are not copied again.

    Raises StorageUnavailable.
    """
    present = {key: size async for key, size in target.list()}
    copied = CopiedFiles()

    async def copy(file: StoredPart) -> None:
        if present.get(file.key) == file.bytes:
            copied.count += 1
            copied.bytes += file.bytes
        else:

            async def write(chunks: AsyncIterator[bytes]) -> None:
                await target.put_stream(file.key, chunks, size=file.bytes, mime_type=file.mime_type)

            await read_stored(source, file, write, copied)
        progress.advance(file.bytes)

    await for_each(files, copy, at_once=_AT_ONCE)
    return copied
