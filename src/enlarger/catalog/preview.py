"""An input as a log may show it: what was asked, without what is secret or long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LONGEST = 80
_ID = re.compile(r"\b[0-9A-Za-z_-]{20,}\b")
_URL = re.compile(r"(https?)://(?:[^/\s?#]*@)?([^/\s?#]+)\S*", re.IGNORECASE)
_DATA_URL = re.compile(r"data:([\w.+/-]*)[;,]\S*", re.IGNORECASE)


def preview(input: Mapping[str, Any]) -> dict[str, Any]:
    """The input with ids shortened, URLs cut to their hosts, files inside it named by type, and long texts cut."""
    return {name: _mask(value) for name, value in input.items()}


def hide_urls(text: str) -> str:
    """A text without what is secret in its URLs: of each the host alone is left, of a data URL the type."""
    return _URL.sub(r"\1://\2/…", _DATA_URL.sub(r"<\1>", text))


def _mask(value: Any) -> Any:
    match value:
        case str():
            text = _ID.sub(_shorten, hide_urls(value))
            return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        case list():
            return [_mask(item) for item in value]
        case dict():
            return {name: _mask(item) for name, item in value.items()}
        case _:
            return value


def _shorten(match: re.Match[str]) -> str:
    """Ids, keys and base64 alike: enough to recognise one, too little to use it."""
    return f"{match[0][:7]}***{match[0][-5:]}"
