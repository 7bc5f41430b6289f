"""Uploads, as the hosted service's upload host has them; here they are on the API's own host."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath

from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_200_OK

from enlarger.errors import InvalidRequest, PictureError
from enlarger.protocol.records import Envelope, UploadedFile
from enlarger.server.new_task import store_picture
from enlarger.server.openapi import UploadOperation, answers
from enlarger.server.replies import Reply, uploaded
from enlarger.server.requests import AnyRequest, account_of, base_url
from enlarger.server.service import Service

MAX_UPLOAD_BYTES = 50_000_000
_LONGEST_NAME = 120


@post(
    "/api/file-stream-upload",
    status_code=HTTP_200_OK,
    summary="Upload a picture",
    tags=["Files"],
    operation_class=UploadOperation,
    responses=answers(Envelope[UploadedFile], "The file is kept."),
)
async def stream_upload(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """Upload a picture as a multipart form with `file`, `uploadPath` and perhaps `fileName`."""
    account_id = await account_of(request, service)
    try:
        form = await request.form()
    except (HTTPException, ValueError):
        raise InvalidRequest("The body is not a multipart form: send file and uploadPath as form fields.") from None
    file, folder = form.get("file"), form.get("uploadPath")
    if not isinstance(file, UploadFile):
        raise InvalidRequest("Missing required parameter: file")
    if not isinstance(folder, str) or not folder.strip():
        raise InvalidRequest("Missing required parameter: uploadPath")
    content = await file.read()
    if len(content) > MAX_UPLOAD_BYTES:
        raise InvalidRequest(f"The file is larger than {MAX_UPLOAD_BYTES // 1_000_000} MB: send a smaller one.")
    wanted = form.get("fileName")
    name = safe_name(wanted if isinstance(wanted, str) and wanted.strip() else file.filename)
    try:
        stored = await store_picture(service, account_id, content, name=name)
    except PictureError as error:
        raise InvalidRequest(str(error)) from None
    url = base_url(request, service) + service.links.make(stored.id, stored.name, stored.expires_at)
    return uploaded(
        UploadedFile(
            file_name=stored.name,
            file_path=f"{folder.strip().strip('/')}/{stored.name}",
            download_url=url,
            file_url=url,
            file_size=stored.size,
            mime_type=stored.mime_type,
            uploaded_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )
    )


def safe_name(name: str) -> str:
    """A file's name without folders and control characters, and not too long."""
    base = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    clean = re.sub(r"[\x00-\x1f\x7f<>:\"|?*#%&]", "_", base).strip(". ")
    stem, suffix = PurePosixPath(clean).stem, PurePosixPath(clean).suffix
    return (stem[: _LONGEST_NAME - len(suffix)] + suffix) or "picture"
