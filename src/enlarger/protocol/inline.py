"""Pictures inside a request: data URLs and raw base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes, urlsplit

from enlarger.errors import InvalidInput
from enlarger.translatable import sentence

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=(?:\"[^\"]*\"|[^;,]*))*(?P<base64>; *base64)?,",
    re.ASCII | re.IGNORECASE,
)
"""RFC 2397; the scheme and `base64` in letters of either case, as browsers take them."""
_PIECE = 1 << 20
_SHORTEST = 32
"""Characters: less than this is no picture, so it is a mistyped URL rather than base64."""


def is_url(value: str) -> bool:
    """Whether `value` is meant as an http or https URL."""
    return value[:8].lower().startswith(("http://", "https://"))


def is_asset(value: object) -> bool:
    """Whether `value` names a file that a hosted provider keeps for the account: `asset://…`."""
    return isinstance(value, str) and value[:8].lower() == "asset://"


def check_url(field: str, value: str) -> None:
    """Raise InvalidInput when `value` is not a whole http or https URL."""
    try:
        usable = is_url(value) and bool(urlsplit(value).hostname)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidInput(field, sentence("The field '{field}' must be an http(s) URL with a host.", field=field))


def decode_inline(field: str, value: str) -> bytes:
    """The bytes of a data URL, in base64 or percent-encoded, or of raw base64.

    Raises InvalidInput when `value` is neither; what the bytes are is not looked at.
    """
    return b"".join(decode_pieces(field, value))


def decode_pieces(field: str, value: str) -> Iterator[bytes]:
    """The same, piece by piece, so that a large file is not in memory twice. Raises InvalidInput on the way."""
    match = _DATA_URL.match(value)
    if match is None and len(value) < _SHORTEST:
        raise InvalidInput(
            field,
            sentence(
                "The field '{field}' is not a picture: give an http(s) URL, a data URL or base64 of the file.",
                field=field,
            ),
        )
    start = match.end() if match else 0
    if match is not None and not match["base64"]:
        yield unquote_to_bytes(value[start:])
        return
    if match is not None and value.find("%", start) >= 0:
        value, start = unquote_to_bytes(value[start:]).decode("latin-1"), 0
    try:
        yield from _decode(value, start)
    except (binascii.Error, ValueError):
        raise InvalidInput(
            field,
            sentence(
                "The field '{field}' is neither an http(s) URL nor valid base64: send the picture as one of them.",
                field=field,
            ),
        ) from None


def _decode(text: str, start: int) -> Iterator[bytes]:
    """Base64 from `start` on, in either alphabet, with white space anywhere and with or without its padding."""
    rest, ended = "", False
    for position in range(start, len(text), _PIECE):
        compact = rest + "".join(text[position : position + _PIECE].split()).replace("-", "+").replace("_", "/")
        if ended and compact:
            raise ValueError("padding")
        whole = len(compact) - len(compact) % 4
        rest = compact[whole:]
        ended = compact[:whole].endswith("=")
        yield base64.b64decode(compact[:whole], validate=True)
    if ended and rest:
        raise ValueError("padding")
    yield base64.b64decode(rest + "=" * (-len(rest) % 4), validate=True)
