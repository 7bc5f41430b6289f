"""Reads a backup: checks that it is whole, and gives its rows and files back."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from enlarger.errors import BackupError
from enlarger.infra.backup.copying import CopiedFiles, Progress, for_each
from enlarger.infra.backup.manifest import Manifest, Piece, StoredPart, Table, checked, read_piece
from enlarger.infra.backup.places import Source
from enlarger.infra.storage import Storage

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 1 << 20


async def verify(place: Source, manifest: Manifest, progress: Progress) -> None:
    """Read all of a backup, and compare it with its manifest.

    Raises BackupError for the first part that is not as it was written.
    """
    present = await place.list()
    for piece in manifest.pieces:
        _check_present(piece, present)
    async for file in stored_files(place, manifest):
        _check_present(Piece(file.part, file.bytes, file.sha256), present)
    progress.begin("verifying", sum(piece.bytes for piece in manifest.pieces) + manifest.files.bytes)
    for piece in manifest.pieces:
        await read_piece(place, piece)
        progress.advance(piece.bytes)
    known: set[str] = set()

    async def read(file: StoredPart) -> None:
        if file.part not in known:
            known.add(file.part)
            async for _ in checked(place.read(file.part), Piece(file.part, file.bytes, file.sha256)):
                pass
        progress.advance(file.bytes)

    await for_each(stored_files(place, manifest), read, at_once=place.at_once)


def _check_present(piece: Piece, present: dict[str, int]) -> None:
    size = present.get(piece.name)
    if size != piece.bytes:
        what = "is missing" if size is None else f"has {size} bytes, and {piece.bytes} belong there"
        raise BackupError(f"The backup is damaged: {piece.name} {what}. Use another backup.")


async def stored_files(place: Source, manifest: Manifest) -> AsyncGenerator[StoredPart]:
    """The files that a backup has."""
    rest = b""
    async for chunk in _unpacked(place, manifest.files.lists):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield msgspec.json.decode(line, type=StoredPart)


async def rows_of(place: Source, table: Table) -> AsyncGenerator[bytes]:
    """A table's rows in Postgres' COPY text."""
    async for chunk in _unpacked(place, table.pieces):
        yield chunk


async def _unpacked(place: Source, pieces: tuple[Piece, ...]) -> AsyncGenerator[bytes]:
    for piece in pieces:
        packed = await read_piece(place, piece)
        unpacker = zlib.decompressobj(_GZIP)
        while packed:
            if chunk := unpacker.decompress(packed, _CHUNK):
                yield chunk
            packed = unpacker.unconsumed_tail


async def restore_files(place: Source, manifest: Manifest, storage: Storage, progress: Progress) -> CopiedFiles:
    """Store a backup's files under their keys; those that an interrupted restore has stored stay.

    Raises BackupError when the storage has other files, or for a file that is damaged, which is not stored; and
    StorageUnavailable.
    """
    present = {key: size async for key, size in storage.list()}
    await require_empty(set(present), stored_files(place, manifest))
    progress.begin("files", manifest.files.bytes)
    copied = CopiedFiles()

    async def restore(file: StoredPart) -> None:
        if present.get(file.key) != file.bytes:
            chunks = checked(place.read(file.part), Piece(file.part, file.bytes, file.sha256))
            await storage.put_stream(file.key, chunks, size=file.bytes, mime_type=file.mime_type)
        copied.count += 1
        copied.bytes += file.bytes
        progress.advance(file.bytes)

    await for_each(stored_files(place, manifest), restore, at_once=place.at_once)
    return copied


async def require_empty(present: set[str], expected: AsyncIterator[StoredPart]) -> None:
    """Raise BackupError when there are other files than those that are expected: the keys in `present` are changed."""
    if present:
        async for file in expected:
            present.discard(file.key)
    if foreign := sorted(present)[:3]:
        raise BackupError(
            f"The storage is not empty (it has {', '.join(foreign)}{', …' if len(present) > 3 else ''}):"
            " name an empty one."
        )
