"""Uploads, as the hosted service's upload host has them; here they are on the API's own host."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog.file_faults import large_upload
from enlarger.errors import InvalidInput, InvalidRequest, PictureError, SourceUnavailable
from enlarger.protocol.inline import decode_pieces, is_url
from enlarger.protocol.names import safe_folders, safe_name
from enlarger.protocol.records import Envelope, UploadedFile
from enlarger.sentences import sentence
from enlarger.server.bodies import (
    FORM_BODY_BYTES,
    INLINE_BODY_BYTES,
    LARGE_BYTES,
    MAX_UPLOAD_BYTES,
    AnyRequest,
    off_loop,
    received,
)
from enlarger.server.openapi import Base64UploadOperation, UploadOperation, UrlUploadOperation, answers
from enlarger.server.replies import Reply, uploaded
from enlarger.server.requests import account_of, base_url, json_object, read_object
from enlarger.server.service import Service
from enlarger.server.spool import Spool, spooling
from enlarger.server.upload_files import download, new_upload, store

_NAMELESS = "upload"
_FOLDER = "uploads"
"""Where a file goes that names no `uploadPath`; the hosted service refuses it, and many clients leave it out."""


@post(
    "/api/file-stream-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file",
    tags=["Files"],
    operation_class=UploadOperation,
    request_max_body_size=FORM_BODY_BYTES,
    responses=answers(Envelope[UploadedFile], "The file is kept.", 400, 401, 408, 413, 503),
)
async def stream_upload(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Upload a picture, video or sound as a multipart form with `file`, and perhaps `uploadPath` and `fileName`."""
    account_id = await account_of(request, service)
    try:
        if request.content_type[0] != RequestEncodingType.MULTI_PART:
            raise ValueError  # other kinds of forms would be read into memory
        form = await request.form()
    except RequestEntityTooLarge:
        raise
    except (HTTPException, ValueError, LookupError):  # the last for a charset that nobody knows
        raise InvalidRequest(sentence("The body is not a multipart form: send file as a form field.")) from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _missing("file")
    folder = _folder(form)
    with spooling() as spool:
        await asyncio.to_thread(spool.write, iter(lambda: file.file.read(LARGE_BYTES), b""))
        return await _keep(request, service, account_id, spool, folder, form.get("fileName"), file.filename)


@post(
    "/api/file-base64-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file as base64",
    tags=["Files"],
    operation_class=Base64UploadOperation,
    request_max_body_size=INLINE_BODY_BYTES,
    responses=answers(Envelope[UploadedFile], "The file is kept.", 400, 401, 408, 413, 503),
)
async def base64_upload(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Upload a picture, video or sound as JSON: `base64Data` is base64 or a data URL."""
    account_id = await account_of(request, service)
    with spooling() as spool:
        async with received(request) as raw:
            folder, name = await off_loop(request, raw, _decode, raw, spool)
        return await _keep(request, service, account_id, spool, folder, name)


@post(
    "/api/file-url-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file by its URL",
    tags=["Files"],
    operation_class=UrlUploadOperation,
    responses=answers(Envelope[UploadedFile], "The file is kept.", 400, 401, 408, 413, 503),
)
async def url_upload(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Have a picture, video or sound fetched from a public URL; our own links are not fetched but read."""
    account_id = await account_of(request, service)
    body = await json_object(request, "fileUrl")
    url, folder = _text(body, "fileUrl"), _folder(body)
    with spooling() as spool:
        try:
            name = await download(service, url, spool)
        except (InvalidInput, PictureError, SourceUnavailable) as error:
            raise InvalidRequest(error.args[0]) from None
        return await _keep(request, service, account_id, spool, folder, body.get("fileName"), name)


def _decode(raw: bytes | mmap.mmap, spool: Spool) -> tuple[str, object]:
    """Write the file of a base64 upload; where it is to be, and its name."""
    body = read_object(raw, "base64Data")
    encoded, folder = _text(body, "base64Data"), _folder(body)
    if is_url(encoded):
        raise InvalidRequest(sentence("The parameter base64Data is a URL: send it to /api/file-url-upload as fileUrl."))
    try:
        spool.write(decode_pieces("base64Data", encoded))
    except InvalidInput as error:
        raise InvalidRequest(error.args[0]) from None
    return folder, body.get("fileName")


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _missing(name)
    return value.strip()


def _folder(fields: Mapping[str, Any]) -> str:
    """The `uploadPath`, without slashes around it. Raises InvalidRequest for what is no text."""
    value = fields.get("uploadPath")
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(
            sentence("The parameter uploadPath must be text, a folder such as images: it may be left out.")
        )
    return (value or "").strip().strip("/") or _FOLDER


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(f"Missing required parameter: {name}")  # the hosted service's own words


async def _keep(
    request: AnyRequest, service: Service, account_id: str, spool: Spool, folder: str, *names: object
) -> Reply:
    """Store what was sent, under the first of `names` that is one, and answer with its link."""
    if spool.size > MAX_UPLOAD_BYTES:
        raise InvalidRequest(large_upload(MAX_UPLOAD_BYTES))
    given = next((name for name in names if isinstance(name, str) and name.strip()), _NAMELESS)
    name = safe_name(given, otherwise=_NAMELESS)
    try:
        stored = new_upload(service, account_id, spool, name=name)
    except PictureError as error:
        raise InvalidRequest(error.args[0]) from None
    await store(service, stored, spool)
    url = base_url(request, service) + service.links.make(stored.id, stored.name, stored.expires_at)
    return uploaded(
        UploadedFile(
            file_name=stored.name,
            file_path="/".join((*safe_folders(folder), stored.name)),
            download_url=url,
            file_url=url,
            file_size=stored.size,
            mime_type=stored.mime_type,
            uploaded_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )
    )
