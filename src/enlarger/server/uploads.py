"""Uploads, as the hosted service's upload host has them; here they are on the API's own host."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

import msgspec
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
from enlarger.protocol.records import UploadedFile
from enlarger.server.bodies import (
    FORM_BODY_BYTES,
    INLINE_BODY_BYTES,
    LARGE_BYTES,
    MAX_UPLOAD_BYTES,
    AnyRequest,
    off_loop,
    received,
)
from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.parameters import JsonBody, Url, takes
from enlarger.server.replies import Reply, uploaded
from enlarger.server.requests import base_url, read_object
from enlarger.server.spool import Spool, spooling
from enlarger.server.upload_files import download, new_upload, store
from enlarger.tasks.accounts import Caller
from enlarger.translatable import sentence

_NAMELESS = "upload"
_FOLDER = "uploads"
"""Where a file goes that names no `uploadPath`; the hosted service refuses it, and many clients leave it out."""


class Place(JsonBody, frozen=True, kw_only=True):
    """The folder and name of an upload; without a name here, the file's own name is used."""

    upload_path: str = _FOLDER
    """A folder in the reply's `filePath`; `uploads` by default."""
    file_name: str = ""
    """The file's name; by default its own."""

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """Read them from a request. Raises InvalidRequest for a folder that is not text."""
        folder, name = fields.get("uploadPath"), fields.get("fileName")
        if folder is not None and not isinstance(folder, str):
            raise InvalidRequest(
                sentence("The parameter uploadPath must be text, a folder such as images: it may be left out.")
            )
        return cls(
            upload_path=(folder or "").strip().strip("/") or _FOLDER, file_name=name if isinstance(name, str) else ""
        )


class UrlUploadRequest(Place, frozen=True, kw_only=True):
    """A file by its URL."""

    file_url: Url
    """A public URL, or a link of this service."""
    asked_for = "fileUrl"

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """The body with these fields. Raises InvalidRequest."""
        url, place = _text(fields, "fileUrl"), Place.read(fields)
        return cls(file_url=url, upload_path=place.upload_path, file_name=place.file_name)


class Base64UploadRequest(Place, frozen=True, kw_only=True):
    """A file inside JSON."""

    base64_data: str
    """The file in base64, or as a data URL."""


class StreamUploadRequest(Place, frozen=True, kw_only=True):
    """A file in a multipart form."""

    file: Annotated[str, msgspec.Meta(extra_json_schema={"format": "binary"})]
    """The file."""


@post(
    "/api/file-stream-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file",
    tags=["Files"],
    request_max_body_size=FORM_BODY_BYTES,
    response_description="The file is stored.",
    responses=refuses(400, 401, 408, 413, 503),
    **takes(body=StreamUploadRequest, media_type="multipart/form-data"),
)
async def stream_upload(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller]
) -> Reply[UploadedFile]:
    """Upload an image, a video or a sound as a multipart form."""
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
    place = Place.read(form)
    with spooling() as spool:
        await asyncio.to_thread(spool.write, iter(lambda: file.file.read(LARGE_BYTES), b""))
        return await _keep(request, service, caller, spool, place, file.filename)


@post(
    "/api/file-base64-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file as base64",
    tags=["Files"],
    request_max_body_size=INLINE_BODY_BYTES,
    response_description="The file is stored.",
    responses=refuses(400, 401, 408, 413, 503),
    **takes(body=Base64UploadRequest),
)
async def base64_upload(
    request: AnyRequest, service: NamedDependency[Service], caller: NamedDependency[Caller]
) -> Reply[UploadedFile]:
    """Upload an image, a video or a sound inside JSON."""
    with spooling() as spool:
        async with received(request) as raw:
            place = await off_loop(request, raw, _decode, raw, spool)
        return await _keep(request, service, caller, spool, place)


@post(
    "/api/file-url-upload",
    status_code=HTTP_200_OK,
    summary="Upload a file by its URL",
    tags=["Files"],
    response_description="The file is stored.",
    responses=refuses(400, 401, 408, 413, 503),
    **takes(body=UrlUploadRequest),
)
async def url_upload(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    fields: NamedDependency[UrlUploadRequest],
) -> Reply[UploadedFile]:
    """Let the service fetch an image, a video or a sound: at most 10 MB from a public host, within 30 seconds.

    A link of this service is read from its storage.
    """
    with spooling() as spool:
        try:
            name = await download(service, fields.file_url, spool)
        except (InvalidInput, PictureError, SourceUnavailable) as error:
            raise InvalidRequest(error.args[0]) from None
        return await _keep(request, service, caller, spool, fields, name)


def _decode(raw: bytes | mmap.mmap, spool: Spool) -> Place:
    """Write the file of a base64 upload; where it is to be, and its name."""
    fields = read_object(raw, "base64Data")
    encoded, place = _text(fields, "base64Data"), Place.read(fields)
    if is_url(encoded):
        raise InvalidRequest(sentence("The parameter base64Data is a URL: send it to /api/file-url-upload as fileUrl."))
    try:
        spool.write(decode_pieces("base64Data", encoded))
    except InvalidInput as error:
        raise InvalidRequest(error.args[0]) from None
    return place


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _missing(name)
    return value.strip()


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(f"Missing required parameter: {name}")  # the hosted service's own words


async def _keep(
    request: AnyRequest, service: Service, caller: Caller, spool: Spool, place: Place, own_name: str = ""
) -> Reply[UploadedFile]:
    """Store what was sent, and answer with its link; `own_name` is used if the request gives no name."""
    if spool.size > MAX_UPLOAD_BYTES:
        raise InvalidRequest(large_upload(MAX_UPLOAD_BYTES))
    given = next((name for name in (place.file_name, own_name) if name.strip()), _NAMELESS)
    name = safe_name(given, otherwise=_NAMELESS)
    try:
        stored = new_upload(service, caller.account_id, spool, name=name)
    except PictureError as error:
        raise InvalidRequest(error.args[0]) from None
    await store(service, stored, spool)
    url = base_url(request, service) + service.links.make(stored.id, stored.name, stored.expires_at)
    return uploaded(
        UploadedFile(
            file_name=stored.name,
            file_path="/".join((*safe_folders(place.upload_path), stored.name)),
            download_url=url,
            file_url=url,
            file_size=stored.size,
            mime_type=stored.mime_type,
            uploaded_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )
    )
