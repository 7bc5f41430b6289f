"""The upload host: three ways to leave a file there, and the files, kept in memory."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from http.client import HTTPException
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Refused, Request
from enlarger.testing.loopback import connect
from enlarger.testing.new_task import read_object

KEPT_SECONDS = 3 * 86_400
"""How long an upload is kept."""
KEPT_BYTES = 256_000_000
"""The most that is kept; older files go first."""
_FOLDER = "kieai/136592"
_FETCH_TIMEOUT = 5.0


class StoredFile(msgspec.Struct, frozen=True):
    """An uploaded file."""

    content: bytes
    mime_type: str
    uploaded: float


class Uploads:
    """Keeps files by their paths; a second file of the same path takes the first one's place, as on the hosted host."""

    def __init__(self, clock: Clock, kept_seconds: float = KEPT_SECONDS, *, kept_bytes: int = KEPT_BYTES) -> None:
        self._clock = clock
        self._kept_seconds = kept_seconds
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._bytes = 0

    def get(self, path: str) -> StoredFile | None:
        """The file of this path, unless it is too old."""
        with self._lock:
            stored = self._files.get(path)
        return stored if stored and self._clock() < stored.uploaded + self._kept_seconds else None

    def put(self, path: str, stored: StoredFile) -> None:
        """Keep a file."""
        with self._lock:
            if path in self._files:
                self._bytes -= len(self._files.pop(path).content)
            self._files[path] = stored
            self._bytes += len(stored.content)
            while self._bytes > self._kept_bytes:
                self._bytes -= len(self._files.popitem(last=False)[1].content)

    def take(self, way: str, request: Request, base_url: str) -> dict[str, Any]:
        """Keep the file of a request to `/api/file-<way>-upload`, and say where it is. Raises Refused."""
        fields = read_form(request, "file") if way == "stream" else read_object(request.body)
        source = {"stream": "file", "base64": "base64Data", "url": "fileUrl"}[way]
        for name in (source, "uploadPath"):
            if not fields.get(name):
                raise Refused(400, f"Missing required parameter: {name}")
        reader = {"stream": _from_form, "base64": _from_base64, "url": _from_url}[way]
        content, given_name, mime_type = reader(fields[source])
        name = _file_name(fields.get("fileName") or given_name, mime_type)
        path = f"{_FOLDER}/{str(fields['uploadPath']).strip('/')}/{name}"
        stored = StoredFile(content, mimetypes.guess_type(name, strict=False)[0] or mime_type, self._clock())
        self.put(path, stored)
        moment = datetime.fromtimestamp(stored.uploaded, UTC).isoformat(timespec="milliseconds")
        return {
            "success": True,
            "fileName": name,
            "filePath": path,
            "downloadUrl": f"{base_url}/{quote(path)}",
            "fileSize": len(content),
            "mimeType": stored.mime_type,
            "uploadedAt": moment.replace("+00:00", "Z"),
        }


class Part(msgspec.Struct, frozen=True):
    """A file in a form."""

    content: bytes
    name: str
    mime_type: str


_Read = tuple[bytes, str, str]
"""Content, name and type of a file, the name perhaps empty."""


def read_form(request: Request, file_field: str) -> Mapping[str, Any]:
    """The fields of a multipart form: files as parts, the rest as text. Raises Refused."""
    # As Latin-1 a text has one character for each byte, so the parser leaves files as they are.
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n"
    message = Parser().parsestr(head + request.body.decode("latin-1"))
    if not message.is_multipart():
        raise Refused(400, "The request body is not a multipart form")
    fields: dict[str, Any] = {}
    for part in message.get_payload():
        if not isinstance(part, Message):
            continue
        content = str(part.get_payload())
        name = _text(str(part.get_param("name", header="content-disposition")))
        file_name = part.get_filename()
        if file_name is None and name != file_field:
            fields[name] = _text(content)
        else:
            fields[name] = Part(content.encode("latin-1"), _text(file_name or ""), part.get_content_type())
    return fields


def _text(value: str) -> str:
    """What the bytes say in UTF-8; as it is where they do not, or where the parser has decoded it already."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _from_form(part: Any) -> _Read:
    if not isinstance(part, Part):
        raise Refused(400, "Missing required parameter: file")
    return part.content, part.name, part.mime_type


def _from_base64(text: Any) -> _Read:
    head, _, encoded = str(text).rpartition(",")
    mime_type = head.removeprefix("data:").partition(";")[0] if head.startswith("data:") else ""
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, "Invalid base64 data") from None
    return content, "", mime_type or _sniff(content)


def _from_url(url: Any) -> _Read:
    try:
        connection, target = connect(str(url), timeout=_FETCH_TIMEOUT)
    except ValueError as error:
        raise Refused(500, f"Failed to download file from URL: {error}") from None
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        content = response.read(KEPT_BYTES)
    except (HTTPException, OSError):
        raise Refused(500, "Failed to download file from URL: no answer") from None
    finally:
        connection.close()
    if response.status != 200:
        raise Refused(500, f"Failed to download file from URL: HTTP {response.status}")
    name = PurePosixPath(unquote(urlsplit(str(url)).path)).name
    return content, name, (response.headers.get_content_type() if "Content-Type" in response.headers else "")


def _file_name(given: Any, mime_type: str) -> str:
    """The name without folders; one is made up where there is none."""
    name = PurePosixPath(str(given).replace("\\", "/")).name
    return name or secrets.token_hex(8) + (mimetypes.guess_extension(mime_type, strict=False) or "")


def _sniff(content: bytes) -> str:
    if content.startswith(b"\x89PNG"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if content[8:12] == b"WEBP" else "application/octet-stream"
