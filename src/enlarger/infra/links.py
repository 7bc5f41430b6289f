"""Signed links to stored files: whoever has one may read that file until it expires, and nobody can make one up.

The signature does not cover the host, so a link works under any name that the service is reached by, and the service
knows its own links wherever they come from.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from enlarger.infra.clock import machine_time

_PREFIX = "/files/"
_LATEST = 12
"""Digits of the latest expiry; more are none of ours."""


class Links:
    """Makes links and checks them, with the secret that all processes of a service share."""

    def __init__(self, secret: bytes, now: Callable[[], datetime] = machine_time) -> None:
        """`now` is the database's clock, by which links expire."""
        self._secret = secret
        self._now = now

    def make(self, file_id: str, name: str, expires_at: datetime) -> str:
        """The path and query of a link to a file; `name` is only for people and for its extension."""
        expires = int(expires_at.timestamp())
        return f"{_PREFIX}{file_id}/{quote(name)}?expires={expires}&signature={self._sign(file_id, expires)}"

    def check(self, url: str) -> str | None:
        """The file that a link leads to, or None when the link is not ours.

        Raises TimeoutError for a link of ours that has expired.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        segments = parts.path.split("/")
        query = parse_qs(parts.query)
        expires, signature = (query.get(name, [""])[0] for name in ("expires", "signature"))
        if not parts.path.startswith(_PREFIX) or len(segments) != 4:
            return None
        if not (expires.isascii() and expires.isdigit() and len(expires) <= _LATEST):
            return None
        file_id = segments[2]
        if not hmac.compare_digest(signature.encode(), self._sign(file_id, int(expires)).encode()):
            return None
        if int(expires) <= self._now().timestamp():
            raise TimeoutError(file_id)
        return file_id

    def _sign(self, file_id: str, expires: int) -> str:
        digest = hmac.digest(self._secret, f"{file_id}.{expires}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:24]).decode()
