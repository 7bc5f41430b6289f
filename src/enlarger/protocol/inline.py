"""Pictures inside a request: data URLs and raw base64."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes, urlsplit

from enlarger.errors import InvalidInput
from enlarger.sentences import sentence

_DATA_URL = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=(?:\"[^\"]*\"|[^;,]*))*(?P<base64>; *base64)?,",
    re.ASCII | re.IGNORECASE,
)
"""RFC 2397; the scheme and `base64` in letters of either case, as browsers take them."""
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
    match = _DATA_URL.match(value)
    if match:
        data = value[match.end() :]
        if not match["base64"]:
            return unquote_to_bytes(data)
        return _decode(field, unquote_to_bytes(data).decode("latin-1") if "%" in data else data)
    if len(value) < _SHORTEST:
        raise InvalidInput(
            field,
            sentence(
                "The field '{field}' is not a picture: give an http(s) URL, a data URL or base64 of the file.",
                field=field,
            ),
        )
    return _decode(field, value)


def _decode(field: str, text: str) -> bytes:
    compact = "".join(text.split()).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(
            field,
            sentence(
                "The field '{field}' is neither an http(s) URL nor valid base64: send the picture as one of them.",
                field=field,
            ),
        ) from None
