"""A backup in one tar file, which is written from its beginning to its end and read at any place."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from enlarger.atomic_files import create, draft_of, put_in_place
from enlarger.errors import BackupError
from enlarger.infra.disk import writing

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 1 << 20


class TarWriter:
    """A tar file in the making, under another name; it takes its own when everything has been written."""

    at_once = 1

    def __init__(self, path: Path) -> None:
        """`path` is replaced if it is there already."""
        self._path = path
        self._draft = draft_of(path)
        self._file: BufferedWriter
        self._sizes: dict[str, int] = {}

    def __str__(self) -> str:
        return str(self._path)

    def __enter__(self) -> Self:
        with writing(self._path):
            self._file = BufferedWriter(create(self._draft, 0o600), _CHUNK)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                with writing(self._path):
                    self._file.write(bytes(2 * _BLOCK))
                    self._file.close()
                    put_in_place(self._draft, self._path)
        finally:
            self._file.raw.close()
            self._draft.unlink(missing_ok=True)

    async def list(self) -> dict[str, int]:
        """What has been written."""
        return dict(self._sizes)

    async def write(self, name: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Append a part, or leave the file as it was."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        start = self._file.tell()
        try:
            await self._append(member.tobuf())
            async for chunk in chunks:
                await self._append(chunk)
            await self._append(bytes(-size % _BLOCK))
        except BaseException:
            with writing(self._path):
                self._file.seek(start)
                self._file.truncate()
            raise
        self._sizes[name] = size

    async def _append(self, content: bytes) -> None:
        with writing(self._path):
            await asyncio.to_thread(self._file.write, content)

    def read(self, name: str) -> AsyncGenerator[bytes]:
        """Nothing: a new file holds no earlier backup. Raises FileNotFoundError."""
        raise FileNotFoundError(name)

    async def remove(self, name: str) -> None:
        """A tar file has only what was written into it now."""


class TarReader:
    """A tar file that holds a backup."""

    at_once = 1

    def __init__(self, path: Path) -> None:
        """Raises BackupError when the file cannot be read."""
        self._path = path
        try:
            with ExitStack() as opened:
                self._tar = tarfile.open(fileobj=opened.enter_context(path.open("rb")), mode="r:")  # noqa: SIM115 - closed with `opened`
                self._members = {member.name: member for member in self._tar if member.isreg()}
                self._opened = opened.pop_all()
        except (tarfile.TarError, OSError) as error:
            raise BackupError(f"{path} cannot be read as a backup ({error}): use another one.") from None

    def __str__(self) -> str:
        return str(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def has(self, name: str) -> bool:
        """Whether a part is there."""
        return name in self._members

    async def list(self) -> dict[str, int]:
        """The parts that are there, with their bytes."""
        return {name: member.size for name, member in self._members.items()}

    async def read(self, name: str) -> AsyncGenerator[bytes]:
        """A part's bytes."""
        member = self._members.get(name)
        file: IO[bytes] | None = self._tar.extractfile(member) if member else None
        if file is None:
            raise FileNotFoundError(name)
        with file:
            while chunk := await asyncio.to_thread(self._read, file):
                yield chunk

    def _read(self, file: IO[bytes]) -> bytes:
        try:
            return file.read(_CHUNK)
        except (tarfile.TarError, OSError) as error:
            raise BackupError(f"{self._path} cannot be read ({error}): use another backup.") from None
