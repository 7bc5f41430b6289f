"""Thumbnails: small WebP copies of stored pictures, made when they are first shown and kept beside them in the storage.

There they serve every server of the service, and are removed together with the pictures.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import structlog
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND

from enlarger.console.access import ROOT, visitor_of
from enlarger.console.assets import placeholder
from enlarger.engines.thumbnail import can_make_thumbnails, make_thumbnails
from enlarger.errors import FileMissing, StorageError
from enlarger.infra.storage import Storage
from enlarger.infra.threads import run_abandonable
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.tasks.records import StoredFile

THUMBNAILS = f"{ROOT}/thumbnails"
_LARGEST = 100_000_000
"""The bytes of the largest file of which a thumbnail is made."""
_MOST_AT_ONCE = 10
"""Files that one process takes; the others wait for the next."""
_GATHER_SECONDS = 0.05
"""A page asks for many at once: the first process waits for them."""
_MOST_FAILED = 1000
_KEPT = "private, max-age=86400, immutable"
_PLACEHOLDER_KEPT = "private, max-age=300"

_log = structlog.get_logger("enlarger.console")


def thumbnail_url(file_id: str) -> str:
    """Return the path of a stored file's thumbnail, for the pages of its own account."""
    return f"{THUMBNAILS}/{file_id}"


class ThumbnailMaker:
    """Makes thumbnails one process at a time, however many pages are asked for."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[StoredFile, asyncio.Future[bytes]]] = {}
        self._working: asyncio.Task[None] | None = None
        self._failed: dict[str, None] = {}
        """The latest files on which a process died; it may not have been their fault, so that is not stored."""

    async def find(self, service: Service, file: StoredFile) -> bytes:
        """Return a file's thumbnail, which may have to be made; empty if there can be none.

        Raises StorageError.
        """
        try:
            return b"".join([chunk async for chunk in service.storage.get(file.thumbnail_key)])
        except FileMissing:
            pass
        if file.size > _LARGEST or file.id in self._failed or not can_make_thumbnails():
            return b""
        _, made = self._waiting.setdefault(file.id, (file, asyncio.get_running_loop().create_future()))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work(service))
        return await asyncio.shield(made)

    async def _work(self, service: Service) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        while self._waiting:
            batch = [self._waiting[name] for name in list(self._waiting)[:_MOST_AT_ONCE]]
            try:
                await self._make(service, batch)
            except Exception as error:  # noqa: BLE001 - whoever waits gets a placeholder
                _log.warning("thumbnails_failed", reason=str(error))
            finally:
                for file, made in batch:
                    self._waiting.pop(file.id, None)
                    if not made.done():
                        made.set_result(b"")

    async def _make(self, service: Service, batch: list[tuple[StoredFile, asyncio.Future[bytes]]]) -> None:
        with tempfile.TemporaryDirectory(prefix="enlarger-thumbnails-") as name:
            folder = Path(name)
            for file, _ in batch:
                await _download(service.storage, file, folder)
            failed = await run_abandonable(lambda: make_thumbnails(folder, [file.id for file, _ in batch]))
            self._note(failed)
            for file, made in batch:
                if file.id not in failed:
                    content = (folder / f"{file.id}.webp").read_bytes()
                    await _keep(service, file, content)
                    made.set_result(content)

    def _note(self, failed: list[str]) -> None:
        for file_id in failed:
            _log.warning("thumbnail_failed", file_id=file_id)
            self._failed[file_id] = None
        while len(self._failed) > _MOST_FAILED:
            del self._failed[next(iter(self._failed))]


async def _download(storage: Storage, file: StoredFile, folder: Path) -> None:
    try:
        await storage.download(file.key, folder / f"{file.id}.source")
    except FileMissing:
        (folder / f"{file.id}.webp").touch()


async def _keep(service: Service, file: StoredFile, content: bytes) -> None:
    """Store a thumbnail, unless its file has gone in the meantime. One that cannot be stored is made again."""
    try:
        await service.storage.put(file.thumbnail_key, content, mime_type="image/webp")
        if await service.files.get(file.id) is None:
            await service.storage.delete(file.thumbnail_key)
    except StorageError as error:
        _log.warning("thumbnail_not_kept", reason=str(error))


@get(THUMBNAILS + "/{file_id:str}")
async def show_thumbnail(
    request: AnyRequest,
    service: NamedDependency[Service],
    thumbnails: NamedDependency[ThumbnailMaker],
    file_id: FromPath[str],
) -> Response[bytes]:
    """Show a small picture of a stored file of the session's account, or of any for an administrator.

    What is no picture, or cannot be read, is shown as a placeholder.
    """
    visitor = visitor_of(request)
    file = await service.files.get(file_id)
    if file is None or (file.account_id != visitor.caller.account_id and not visitor.admin):
        return _placeholder("gone", HTTP_404_NOT_FOUND)
    kind = file.mime_type.partition("/")[0]
    if kind != "image":
        return _placeholder(kind)
    content = await thumbnails.find(service, file)
    if not content:
        return _placeholder("image")
    headers = {"Cache-Control": _KEPT, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="image/webp", headers=headers)


def _placeholder(kind: str, status: int = HTTP_200_OK) -> Response[bytes]:
    headers = {"Cache-Control": _PLACEHOLDER_KEPT, "X-Content-Type-Options": "nosniff"}
    return Response(placeholder(kind).encode(), status_code=status, media_type="image/svg+xml", headers=headers)
