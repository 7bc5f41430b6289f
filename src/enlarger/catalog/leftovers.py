"""What an app gave that the model has no field for: what may be left out with a warning, and what may not.

A picture that is left out while the task runs is paid for without being used, and so is a wish that changes the result.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from enlarger.catalog.repair import COUNTS, plain
from enlarger.protocol.inline import is_asset, is_url

_FILE_NAMES = (
    "image", "img", "picture", "photo", "video", "audio", "voice", "mask", "frame", "clip", "reference", "file",
)  # fmt: skip
_NOT_A_FILE = ("callback", "webhook", "notify")
_SUFFIXES = (
    ".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".mp4", ".mov",
    ".webm", ".mkv", ".mp3", ".wav", ".m4a", ".aac", ".ogg", ".flac",
)  # fmt: skip
_INLINE = 100
"""Characters from which on a text in a field for files can be a file in base64."""


def holds_file(name: str, value: Any) -> bool:
    """Whether what an app gave by this name is a file or several: inside the request, or by their URLs."""
    match value:
        case str():
            return not any(part in plain(name) for part in _NOT_A_FILE) and _is_file(plain(name), value.strip())
        case list():
            return any(holds_file(name, item) for item in value)
        case dict():
            return any(holds_file(f"{name}_{key}", item) for key, item in value.items())
        case _:
            return False


def changes_result(name: str, value: Any) -> bool:
    """Whether leaving it out makes something else than was asked for: the filter, a person, more than one picture."""
    bare = plain(name)
    if bare == "nsfwchecker":
        return str(value).lower() in ("true", "1")
    if bare in ("characteridlist", "characterids"):
        return bool(value)
    return bare in map(plain, COUNTS) and str(value).strip().isdigit() and int(value) > 1


def _is_file(bare: str, text: str) -> bool:
    named = any(part in bare for part in _FILE_NAMES)
    if is_url(text):
        return named or _path(text).suffix.lower() in _SUFFIXES
    return is_asset(text) or text[:5].lower() == "data:" or (named and len(text) > _INLINE and " " not in text)


def _path(url: str) -> PurePosixPath:
    try:
        return PurePosixPath(urlsplit(url).path)
    except ValueError:
        return PurePosixPath()
