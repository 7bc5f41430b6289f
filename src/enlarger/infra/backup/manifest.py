"""What a backup holds, as its manifest says it, and the lines of its list of files."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec

from enlarger.errors import BackupError
from enlarger.infra.backup.places import MANIFEST, Source

DATABASE = "database/"
"""The folder of the database's pieces; each backup has one of its own in it."""
FILES = "files/"
_FORMAT = 1
_CHECKSUM = "sha256"
"""The manifest's field with the SHA-256 of the others, as compact JSON in their order."""
_MOST_BYTES = 64 << 20
"""Of a manifest."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a backup, and what it has to be."""

    name: str
    bytes: int
    sha256: str


class Table(msgspec.Struct, frozen=True):
    """A table's rows: Postgres' COPY text, compressed with gzip, in pieces that follow each other."""

    name: str
    columns: tuple[str, ...]
    rows: int
    pieces: tuple[Piece, ...]


class Files(msgspec.Struct, frozen=True):
    """The stored files. `lists` are JSON lines of `StoredPart`s, compressed with gzip."""

    count: int
    bytes: int
    lists: tuple[Piece, ...]


class StoredPart(msgspec.Struct, frozen=True):
    """A stored file: its key in the storage, and the content by which it lies in the backup."""

    key: str
    sha256: str
    bytes: int
    mime_type: str

    @property
    def part(self) -> str:
        """The name of its content in the backup; files with the same content share it."""
        return f"{FILES}{self.sha256[:2]}/{self.sha256}"


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A backup's contents. It is written last, so a place that has none holds no complete backup."""

    format: int = _FORMAT
    id: str
    enlarger: str
    """The version that made it."""
    revision: str
    """Of the database's schema."""
    taken_at: datetime
    """The moment, by the database's clock, of which it is a picture."""
    tables: tuple[Table, ...]
    sequences: dict[str, int]
    """The numbers that were given out last."""
    figures: dict[str, str]
    """Counts and sums, which are compared after a restore."""
    files: Files
    extras: tuple[Piece, ...] = ()
    """Small files of the data directory, by their names there."""

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def pieces(self) -> list[Piece]:
        """Every part but the files themselves."""
        return [*(piece for table in self.tables for piece in table.pieces), *self.files.lists, *self.extras]


def encode_manifest(manifest: Manifest) -> bytes:
    """A manifest as JSON that people can read, with its own checksum."""
    content = msgspec.json.encode(manifest)
    whole = {_CHECKSUM: hashlib.sha256(content).hexdigest(), **msgspec.json.decode(content)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


async def read_manifest(place: Source) -> Manifest:
    """The manifest of the backup in `place`. Raises BackupError when there is none that can be used."""
    content = bytearray()
    try:
        async for chunk in place.read(MANIFEST):
            content += chunk
            if len(content) > _MOST_BYTES:
                raise BackupError(f"The manifest of {place} has more than {_MOST_BYTES >> 20} MiB: it is not ours.")
    except FileNotFoundError:
        raise BackupError(
            f"{place} holds no complete backup, because it has no {MANIFEST}: a backup that is interrupted never gets"
            " one. Name another place, or make the backup again."
        ) from None
    try:
        found = msgspec.json.decode(content, type=_Format).format
        if found == _FORMAT:
            return _decode(bytes(content))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise BackupError(f"The {MANIFEST} of {place} is damaged: use another backup.") from None
    raise BackupError(
        f"The backup in {place} has the format {found}, and this version of Enlarger knows {_FORMAT}: use a newer one."
    )


class _Format(msgspec.Struct):
    format: int


def _decode(content: bytes) -> Manifest:
    """Read a manifest of our format. Raises MsgspecError if it is not what its checksum says."""
    whole = msgspec.json.decode(content, type=dict[str, Any])
    checksum = whole.pop(_CHECKSUM, None)
    if hashlib.sha256(msgspec.json.encode(whole)).hexdigest() != checksum:
        raise msgspec.ValidationError("the checksum is another")
    return msgspec.convert(whole, Manifest)


async def checked(chunks: AsyncIterator[bytes], piece: Piece) -> AsyncIterator[bytes]:
    """The chunks as they come. Raises BackupError instead of ending when they were not what `piece` says."""
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk
    except FileNotFoundError:
        raise BackupError(f"The backup is damaged: {piece.name} is missing. Use another backup.") from None
    if size != piece.bytes or digest.hexdigest() != piece.sha256:
        raise BackupError(f"The backup is damaged: {piece.name} is not what the manifest says. Use another backup.")


async def read_piece(place: Source, piece: Piece) -> bytes:
    """A piece that fits into memory. Raises BackupError when it is damaged."""
    return b"".join([chunk async for chunk in checked(place.read(piece.name), piece)])
