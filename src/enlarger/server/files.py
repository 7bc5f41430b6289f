"""Stored files by their signed links: results and uploads, without a key, whole or in part."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import msgspec
import structlog
from litestar import HttpMethod, delete, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.status_codes import (
    HTTP_200_OK,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_410_GONE,
    HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE,
)

from enlarger.errors import FileMissing
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.parameters import Parameters, header, query, takes
from enlarger.server.replies import Reply, success
from enlarger.server.streams import streamed
from enlarger.tasks.accounts import Caller
from enlarger.tasks.records import StoredFile

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_STORAGE_LINK_SECONDS = 20 * 60.0
_NO_LONGER_KEPT = "This file is no longer kept."
_CONTENT = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("application/octet-stream", "image/*", "video/*", "audio/*")
}
_FILE = {
    "200": {"description": "The file.", "content": _CONTENT},
    "206": {"description": "The requested part.", "content": _CONTENT},
    "307": {
        "description": "The file is in the bucket: `Location` has the bucket's link (`ENLARGER_RESULT_LINKS=storage`)."
    },
}


class LinkParameters(Parameters, frozen=True):
    """What a request for a file has besides its path; the two in the query are checked as a part of the link."""

    expires: Annotated[str, query("Part of the link: when it expires, in seconds since 1970.")] = ""
    signature: Annotated[str, query("Part of the link: its signature.")] = ""
    range: Annotated[str, header("`bytes=first-last`: a part of the file.")] = msgspec.field(default="", name="Range")
    if_range: Annotated[
        str, header("An ETag: the range is served only if the file has it, otherwise the whole file.")
    ] = msgspec.field(default="", name="If-Range")


_log = structlog.get_logger("enlarger.server")


@route(
    "/files/{file_id:str}/{name:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    summary="Download a file",
    tags=["Files"],
    responses=refuses(400, 403, 404, 410, 416, 503),
    **takes(LinkParameters, replies=_FILE),
)
async def get_file(
    request: AnyRequest, service: NamedDependency[Service], parameters: NamedDependency[LinkParameters]
) -> Stream | Redirect:
    """An upload or a result, by the link in a reply: whole or a byte range, without a key.

    Links of results expire with the result, after `ENLARGER_RESULTS_DAYS` (14); those of uploads after
    `ENLARGER_UPLOADS_DAYS` (3). An expired link is 410, and one whose file has been deleted is 404.
    """
    file = await _find(request, service)
    if service.settings.result_links == "storage" and file.task_id and request.method == HttpMethod.GET:
        url = await service.storage.sign(file.key, seconds=_STORAGE_LINK_SECONDS)
        return Redirect(url, status_code=307, headers={"Cache-Control": "no-store"})
    same = parameters.if_range in ("", _etag(file))
    wanted = _range(parameters.range if same else "", file.size)
    if wanted is None:
        raise HTTPException(
            f"The range is outside of the file's {file.size} bytes.",
            status_code=HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE,
            headers={"Content-Range": f"bytes */{file.size}"},
        )
    start, stop = wanted
    headers = _headers(file, stop - start)
    status = 200
    if (start, stop) != (0, file.size):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    try:
        body = _nothing() if request.method == HttpMethod.HEAD else await _content(service, file, start, stop)
    except FileMissing:
        _log.error("stored_file_missing", file_id=file.id, task_id=file.task_id)
        raise HTTPException(_NO_LONGER_KEPT, status_code=HTTP_404_NOT_FOUND) from None
    return streamed(request, body, status_code=status, media_type=file.mime_type, headers=headers)


@delete(
    "/v1/files/{file_id:str}",
    status_code=HTTP_200_OK,
    summary="Delete a file",
    tags=["Files"],
    response_description="The file is deleted.",
    responses=refuses(400, 401, 404),
)
async def delete_file(
    service: NamedDependency[Service], caller: NamedDependency[Caller], file_id: FromPath[str]
) -> Reply[None]:
    """Delete an upload or a result of the account before it expires.

    Its links answer 404, its task's record stays, and a task that still needs the file as input fails. Another
    account's file is 404.
    """
    file = await service.files.get(file_id)
    if file is None or file.account_id != caller.account_id:
        raise HTTPException("There is no such file on this account, or no longer.", status_code=HTTP_404_NOT_FOUND)
    # As in a sweep: who is stopped in between leaves a row, and the sweep does both again.
    await service.storage.delete(file.key)
    await service.storage.delete(file.thumbnail_key)
    await service.files.forget(file.id)
    return success(None)


async def _find(request: AnyRequest, service: Service) -> StoredFile:
    link = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}"
    try:
        file_id = service.links.check(link)
    except TimeoutError:
        raise HTTPException(
            "This link has expired: ask for the task's record or upload the file again.", status_code=HTTP_410_GONE
        ) from None
    if file_id is None:
        raise HTTPException(
            "This link is not one that the service gave out: copy it whole, with its query.",
            status_code=HTTP_403_FORBIDDEN,
        )
    file = await service.files.get(file_id)
    if file is None:
        raise HTTPException(_NO_LONGER_KEPT, status_code=HTTP_404_NOT_FOUND)
    return file


def _headers(file: StoredFile, length: int) -> dict[str, str]:
    return {
        "Content-Length": str(length),
        "Accept-Ranges": "bytes",
        "ETag": _etag(file),
        "Cache-Control": "private, max-age=86400, immutable",
        "X-Content-Type-Options": "nosniff",
    }


def _etag(file: StoredFile) -> str:
    return f'"{file.sha256.hex()[:32]}"'


def _range(given: str, size: int) -> tuple[int, int] | None:
    """The bytes asked for, as start and stop; everything when no single range is; None when it is outside."""
    match = _RANGE.fullmatch(given)
    if match is None or match[0] == "bytes=-" or (match[1] and match[2] and int(match[1]) > int(match[2])):
        return 0, size
    if not match[1]:
        return (max(0, size - int(match[2])), size) if int(match[2]) else None
    start, stop = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
    return (start, stop) if start < stop else None


async def _content(service: Service, file: StoredFile, start: int, stop: int) -> AsyncGenerator[bytes]:
    """The bytes asked for. The first are read here, so that a file that is missing is an error and no broken reply."""
    chunks = service.storage.get(file.key, start=start, stop=None if stop == file.size else stop)
    first = await anext(chunks, b"")

    async def all_chunks() -> AsyncGenerator[bytes]:
        async with aclosing(chunks):
            yield first
            async for chunk in chunks:
                yield chunk

    return all_chunks()


async def _nothing() -> AsyncGenerator[bytes]:
    yield b""
