"""Writes a backup: first the database's rows, then every file that they name, and the manifest last.

A place that holds a backup already keeps it until the new manifest is there. Only then what the new one does not name
is removed; files that the two have in common are not written again.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import IO

import msgspec

from enlarger._version import __version__
from enlarger.errors import BackupError
from enlarger.infra.backup.copying import CopiedFiles, Progress, counting, for_each, read_stored
from enlarger.infra.backup.manifest import (
    DATABASE,
    FILES,
    Files,
    Manifest,
    Piece,
    StoredPart,
    Table,
    encode_manifest,
)
from enlarger.infra.backup.places import MANIFEST, Destination
from enlarger.infra.backup.snapshot import Figures, Snapshot, TableShape, open_snapshot
from enlarger.infra.storage import Storage

_PIECE_BYTES = 8 << 20
"""Of a piece, compressed: it is kept in memory until it is written."""
_GZIP = 16 + zlib.MAX_WBITS
_COMPRESSION = 3


async def write_backup(
    url: str,
    storage: Storage,
    place: Destination,
    *,
    figures: Figures,
    extras: Mapping[str, bytes],
    progress: Progress,
) -> tuple[Manifest, CopiedFiles]:
    """Write the database at `url` and the files of `storage` to `place`, while others work with both.

    `figures` are computed at the same moment; `extras` are small files to keep, by their names.

    Raises BackupError when `place` holds other things, DatabaseUnavailable and StorageUnavailable.
    """
    before = await place.list()
    _check_ours(place, before)
    with tempfile.TemporaryFile() as listed, tempfile.TemporaryFile() as kept:
        async with open_snapshot(url, figures) as snapshot:
            writer = _Writer(place, f"{snapshot.taken_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}")
            tables = [await writer.table(snapshot, shape, progress) for shape in snapshot.tables]
            total = 0
            async for file in snapshot.files():
                listed.write(msgspec.json.encode(file) + b"\n")
                total += file.bytes
        progress.begin("files", total)
        copied = await _write_files(_lines(listed), storage, place, before, kept, progress)
        manifest = Manifest(
            id=writer.id,
            enlarger=__version__,
            revision=snapshot.revision,
            taken_at=snapshot.taken_at,
            tables=tuple(tables),
            sequences=snapshot.sequences,
            figures=snapshot.figures,
            files=Files(copied.count, copied.bytes, await writer.pieces("list of files", _chunks(kept))),
            extras=tuple([await writer.keep(name, content) for name, content in extras.items()]),
        )
        await _put(place, MANIFEST, encode_manifest(manifest))
        await _remove_rest(place, before, manifest, _lines(kept))
    return manifest, copied


class _Writer:
    """Writes a backup's small parts into a folder of its own."""

    def __init__(self, place: Destination, backup_id: str) -> None:
        self.id = backup_id
        self._place = place
        self._folder = f"{DATABASE}{backup_id}/"

    async def table(self, snapshot: Snapshot, shape: TableShape, progress: Progress) -> Table:
        """A table's rows."""
        progress.begin(f"table {shape.name}", None)
        pieces = await self.pieces(shape.name, counting(snapshot.rows(shape), progress))
        return Table(shape.name, shape.columns, snapshot.count(shape), pieces)

    async def pieces(self, name: str, chunks: AsyncIterator[bytes]) -> tuple[Piece, ...]:
        """Some bytes, compressed."""
        packed = _pack(chunks)
        stem = name.replace(" ", "-")
        written: list[Piece] = []
        async for content in packed:
            written.append(await _put(self._place, f"{self._folder}{stem}-{len(written):05}.gz", content))
        return tuple(written)

    async def keep(self, name: str, content: bytes) -> Piece:
        """A small file as it is; its name is the last part of the piece's."""
        return await _put(self._place, f"{self._folder}data/{name}", content)


async def _write_files(
    files: AsyncIterator[StoredPart],
    storage: Storage,
    place: Destination,
    before: Mapping[str, int],
    kept: IO[bytes],
    progress: Progress,
) -> CopiedFiles:
    """Write the files that `place` does not have, and note those that it has in the end in `kept`."""
    present = {name: size for name, size in before.items() if name.startswith(FILES)}
    copied = CopiedFiles()

    async def write(file: StoredPart) -> None:
        if present.get(file.part) == file.bytes:
            copied.count += 1
            copied.bytes += file.bytes
        else:

            async def put(chunks: AsyncIterator[bytes]) -> None:
                await place.write(file.part, chunks, file.bytes)

            if not await read_stored(storage, file, put, copied):
                progress.advance(file.bytes)
                return
            present[file.part] = file.bytes
        kept.write(msgspec.json.encode(file) + b"\n")
        progress.advance(file.bytes)

    await for_each(files, write, at_once=place.at_once)
    return copied


async def _remove_rest(
    place: Destination, before: Mapping[str, int], manifest: Manifest, files: AsyncIterator[StoredPart]
) -> None:
    """Remove what was there before and is not named any longer."""
    rest = set(before) - {MANIFEST} - {piece.name for piece in manifest.pieces}
    async for file in files:
        rest.discard(file.part)
    for name in rest:
        await place.remove(name)


def _check_ours(place: Destination, present: Iterable[str]) -> None:
    foreign = sorted(name for name in present if name != MANIFEST and not name.startswith((DATABASE, FILES)))
    if foreign:
        raise BackupError(
            f"{place} holds other things than a backup ({', '.join(foreign[:3])}{', …' if len(foreign) > 3 else ''}):"
            " name an empty or new place, or one with an earlier backup."
        )


async def _put(place: Destination, name: str, content: bytes) -> Piece:
    async def whole() -> AsyncIterator[bytes]:
        yield content

    await place.write(name, whole(), len(content))
    return Piece(name, len(content), hashlib.sha256(content).hexdigest())


async def _pack(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The chunks as gzip files that each fit into memory; none where there are no chunks."""
    packer, packed = None, bytearray()
    async for chunk in chunks:
        packer = packer or zlib.compressobj(_COMPRESSION, wbits=_GZIP)
        packed += packer.compress(chunk)
        if len(packed) >= _PIECE_BYTES:
            yield bytes(packed + packer.flush())
            packer, packed = None, bytearray()
    if packer is not None:
        yield bytes(packed + packer.flush())


async def _lines(file: IO[bytes]) -> AsyncGenerator[StoredPart]:
    """The files that are written down in a temporary file."""
    file.seek(0)
    for line in file:
        yield msgspec.json.decode(line, type=StoredPart)


async def _chunks(file: IO[bytes]) -> AsyncGenerator[bytes]:
    file.seek(0)
    while chunk := file.read(1 << 20):
        yield chunk
