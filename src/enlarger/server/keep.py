"""Files that come with requests: got, looked at, and kept for as long as uploads are."""

from __future__ import annotations

import asyncio
import hashlib
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
from enlarger.errors import PictureError, PictureTooLarge, PictureUnsupported
from enlarger.infra.fetch import FETCH_MEGABYTES, FETCH_SECONDS, Fetcher
from enlarger.protocol.inline import check_url
from enlarger.server.service import Service
from enlarger.tasks.records import NewFile, StoredFile

MAX_UPLOAD_BYTES = 50_000_000
_MEGABYTE = 1_000_000


async def store_picture(service: Service, account_id: str, content: bytes, *, name: str) -> NewFile:
    """Keep a picture. Raises PictureError when it is of a format that no engine reads."""
    return await _store(service, account_id, content, sniff(content[:SNIFF_BYTES]), name=name)


async def keep_upload(service: Service, account_id: str, content: bytes, *, name: str) -> NewFile:
    """Keep a file that a model could take: a picture, a video or a sound, as it is.

    Raises PictureError when it is none of those kinds that are known here.
    """
    media = sniff_media(content[:SNIFF_MEDIA_BYTES])
    if media is not None:
        return await _store(service, account_id, content, media, name=name)
    try:
        return await store_picture(service, account_id, content, name=name)
    except PictureError:
        raise PictureUnsupported(unreadable_upload(content[:SNIFF_BYTES])) from None


async def download(service: Service, url: str) -> tuple[bytes, str]:
    """The file at a public URL, or behind a link of our own, and its name, if it has one.

    Raises InvalidInput, SourceUnavailable or PictureTooLarge.
    """
    check_url("fileUrl", url)
    stored = await own_file(service, "fileUrl", url)
    if stored is not None:
        if stored.size > MAX_UPLOAD_BYTES:
            raise PictureTooLarge(large_upload(MAX_UPLOAD_BYTES))
        return b"".join([chunk async for chunk in service.storage.get(stored.key)]), stored.name
    with tempfile.TemporaryDirectory(prefix="enlarger-upload-") as folder:
        target = Path(folder) / "file"
        async with Fetcher(service.allowed) as fetcher:
            await fetcher.fetch(url, target, max_bytes=int(FETCH_MEGABYTES * _MEGABYTE), seconds=FETCH_SECONDS)
        return target.read_bytes(), _name(url)


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


async def _store(service: Service, account_id: str, content: bytes, kind: Format | Media, *, name: str) -> NewFile:
    now = service.database.now()
    file_id = secrets.token_hex(16)
    file = NewFile(
        id=file_id,
        account_id=account_id,
        key=f"uploads/{now:%Y/%m/%d}/{file_id}{kind.extension}",
        name=name if "." in name else name + kind.extension,
        mime_type=kind.mime_type,
        size=len(content),
        sha256=(await asyncio.to_thread(hashlib.sha256, content)).digest(),
        expires_at=now + timedelta(days=service.settings.uploads_days),
    )
    await service.storage.require()  # which does not wait for long
    await service.storage.put(file.key, content, mime_type=file.mime_type)
    await service.files.add(file)
    return file
