"""Replicate's files: what is left there to be an input, kept for a day."""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from datetime import UTC, datetime
from typing import Any

from enlarger.testing.clock import Clock
from enlarger.testing.exchange import Answer, Refused, Request, file, json_answer
from enlarger.testing.replicate.answers import not_found
from enlarger.testing.uploads import Part, StoredFile, Uploads, read_form

KEPT_SECONDS = 86_400.0
_DOWNLOAD = "download"


class Files:
    """Takes files and gives them back. Every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._contents = Uploads(clock, KEPT_SECONDS)
        self._clock = clock
        self._lock = threading.Lock()
        self._records: dict[str, dict[str, Any]] = {}

    def take(self, request: Request, base_url: str) -> Answer:
        """Keep the file in the field `content` of a form. Raises Refused."""
        part = read_form(request, "content").get("content")
        if not isinstance(part, Part):
            raise Refused(400, "Missing content")
        file_id = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
        now = self._clock()
        record = {
            "id": file_id,
            "name": part.name,
            "content_type": part.mime_type,
            "size": len(part.content),
            "etag": hashlib.md5(part.content, usedforsecurity=False).hexdigest(),
            "checksums": {"sha256": hashlib.sha256(part.content).hexdigest()},
            "metadata": {},
            "created_at": _moment(now),
            "expires_at": _moment(now + KEPT_SECONDS),
            "urls": {"get": f"{base_url}/files/{file_id}"},
        }
        self._contents.put(file_id, StoredFile(part.content, part.mime_type, now))
        with self._lock:
            self._records[file_id] = record
        return json_answer(201, record)

    def answer(self, path: str) -> Answer:
        """A file's record, or with `/download` after its id the file itself. Raises Refused."""
        file_id, _, action = path.partition("/")
        stored = self._contents.get(file_id)
        if stored is None or action not in ("", _DOWNLOAD):
            raise not_found()
        if action:
            return file(stored.content, stored.mime_type)
        with self._lock:
            return json_answer(200, self._records[file_id])


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
