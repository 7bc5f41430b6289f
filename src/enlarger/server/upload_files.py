"""Files that come with requests: got, looked at, and kept for as long as uploads are."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from enlarger.catalog import HEADER_BYTES, Model, measure
from enlarger.catalog.file_faults import expired_link, gone_file, large_upload, unreadable_upload
from enlarger.engines.formats import SNIFF_BYTES, Format, sniff
from enlarger.engines.media import SNIFF_MEDIA_BYTES, Media, sniff_media
from enlarger.errors import PictureTooLarge, PictureUnsupported, StorageQuotaReached
from enlarger.infra.fetch import FETCH_MEGABYTES, FETCH_SECONDS, Fetcher
from enlarger.protocol.inline import check_url
from enlarger.server.bodies import MAX_UPLOAD_BYTES
from enlarger.server.dependencies import Service
from enlarger.server.spool import Spool, read_pieces, spooling
from enlarger.tasks.records import NewFile, StoredFile

_MEGABYTE = 1_000_000


async def store_picture(service: Service, account_id: str, content: bytes, *, name: str) -> NewFile:
    """Keep a picture. Raises PictureError when it is of a format that no engine reads."""
    with spooling() as spool:
        spool.write((content,))
        file = new_picture(service, account_id, spool, name=name)
        await store(service, file, spool)
    return file


async def store(service: Service, file: NewFile, spool: Spool) -> None:
    """Keep a file. Raises StorageQuotaReached when the account has no room for it, or StorageError."""
    await service.storage.require()  # which does not wait for long
    await service.storage.put(file.key, spool.path, mime_type=file.mime_type)
    quota = service.settings.account_storage_mb
    try:
        await service.files.add(file, quota=None if quota is None else int(quota * _MEGABYTE))
    except StorageQuotaReached:
        await service.storage.delete(file.key)
        raise


async def remove(service: Service, file: NewFile) -> None:
    """Forget a file that was kept for nothing."""
    await service.storage.delete(file.key)
    await service.files.forget(file.id)


def new_picture(service: Service, account_id: str, spool: Spool, *, name: str) -> NewFile:
    """A picture that may be kept. Raises PictureError when it is of a format that no engine reads."""
    return _new_file(service, account_id, spool, sniff(spool.head[:SNIFF_BYTES]), name=name)


def new_upload(service: Service, account_id: str, spool: Spool, *, name: str) -> NewFile:
    """A file that a model could take, and that may be kept: a picture, a video or a sound, as it is.

    Raises PictureError when it is none of those kinds that are known here.
    """
    media = sniff_media(spool.head[:SNIFF_MEDIA_BYTES])
    if media is not None:
        return _new_file(service, account_id, spool, media, name=name)
    try:
        return new_picture(service, account_id, spool, name=name)
    except PictureUnsupported:
        raise PictureUnsupported(unreadable_upload(spool.head[:SNIFF_BYTES])) from None


async def download(service: Service, url: str, spool: Spool) -> str:
    """Write the file at a public URL, or behind a link of our own, and return its name; empty if it has none.

    Raises InvalidInput, SourceUnavailable or PictureTooLarge.
    """
    check_url("fileUrl", url)
    stored = await own_file(service, "fileUrl", url)
    if stored is not None:
        if stored.size > MAX_UPLOAD_BYTES:
            raise PictureTooLarge(large_upload(MAX_UPLOAD_BYTES))
        await spool.write_all(service.storage.get(stored.key))
        return stored.name
    with tempfile.TemporaryDirectory(prefix="enlarger-upload-") as folder:
        target = Path(folder) / "file"
        async with Fetcher(service.allowed) as fetcher:
            await fetcher.fetch(url, target, max_bytes=int(FETCH_MEGABYTES * _MEGABYTE), seconds=FETCH_SECONDS)
        await asyncio.to_thread(spool.write, read_pieces(target))
    return _name(url)


def _name(url: str) -> str:
    """The name of the file behind a URL; empty when the URL's last part does not look like one: it may be a token."""
    last = PurePosixPath(unquote(urlsplit(url).path)).name
    return last if PurePosixPath(last).suffix else ""


async def own_file(service: Service, name: str, url: str) -> StoredFile | None:
    """The stored file behind one of our own links; None for any other URL. Raises InvalidInput when it is gone."""
    try:
        file_id = service.links.check(url)
    except TimeoutError:
        raise expired_link(name) from None
    if file_id is None:
        return None
    stored = await service.files.get(file_id)
    if stored is None:
        raise gone_file(name)
    return stored


async def picture_size(service: Service, model: Model, input: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size of an uploaded picture, from its header."""
    name = model.picture_field()
    value = input.get(name) if name else None
    stored = await own_file(service, str(name), value) if isinstance(value, str) else None
    if stored is None:
        return None
    head = b"".join([chunk async for chunk in service.storage.get(stored.key, start=0, stop=HEADER_BYTES)])
    return measure(head)


def _new_file(service: Service, account_id: str, spool: Spool, kind: Format | Media, *, name: str) -> NewFile:
    now = service.database.now()
    file_id = secrets.token_hex(16)
    return NewFile(
        id=file_id,
        account_id=account_id,
        key=f"uploads/{now:%Y/%m/%d}/{file_id}{kind.extension}",
        name=name if "." in name else name + kind.extension,
        mime_type=kind.mime_type,
        size=spool.size,
        sha256=spool.sha256,
        expires_at=now + timedelta(days=service.settings.uploads_days),
    )
