"""What handlers read from a request: its language, the address by which it came, and JSON."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from enlarger.catalog import choose_locale
from enlarger.errors import InvalidRequest
from enlarger.protocol.json_body import decode_json
from enlarger.server.bodies import AnyConnection, AnyRequest, off_loop, received
from enlarger.server.dependencies import Service
from enlarger.translatable import sentence

_READING_POSTS = {"/v1/quote", "/api/v1/common/download-url"}
"""POSTs that change nothing, and so need not wait for a database that is away."""


def changes_something(connection: AnyConnection) -> bool:
    """Whether the request may do more than read."""
    scope = connection.scope
    return scope.get("method") not in ("GET", "HEAD") and scope["path"] not in _READING_POSTS


def locale_of(request: AnyRequest, service: Service) -> str:
    """The language in which the request's sender wants to be told what is wrong."""
    return choose_locale(request.headers.get("accept-language"), service.settings.locale)


def base_url(request: AnyRequest, service: Service) -> str:
    """The address by which this app reaches the service, without a slash at its end. Raises InvalidRequest."""
    if service.settings.public_url:
        return service.settings.public_url
    try:
        url = str(request.base_url).rstrip("/")
        urlsplit(url)
    except ValueError:
        raise InvalidRequest(
            sentence("The Host header must be a host, and perhaps a port, as in an address.")
        ) from None
    return url


async def json_object(request: AnyRequest, *fields: str) -> Mapping[str, Any]:
    """The request's body, a JSON object whatever its Content-Type says; `fields` are told to who sends another.

    Raises InvalidRequest.
    """
    async with received(request) as raw:
        return await off_loop(request, raw, read_object, raw, *fields)


def read_object(raw: bytes | mmap.mmap, *fields: str) -> Mapping[str, Any]:
    """The same of a body that has been received."""
    try:
        body = decode_json(raw)
    except RecursionError:
        body = None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            sentence(
                "The body is not valid JSON ({reason}): send an object with {fields}.",
                reason=error, fields=", ".join(fields),
            )
        ) from None  # fmt: skip
    if not isinstance(body, dict):
        raise InvalidRequest(sentence("The body must be a JSON object with {fields}.", fields=", ".join(fields)))
    return body
