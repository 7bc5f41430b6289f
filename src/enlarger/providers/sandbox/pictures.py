"""An input's picture as the sandbox has it: a small copy inside the URL, with the size and type of the whole one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyvips

from enlarger.catalog import Model
from enlarger.engines.formats import FORMATS, JPEG, PNG, SNIFF_BYTES, WEBP, sniff
from enlarger.engines.media import sniff_media
from enlarger.errors import PictureError

_SIDE = 384
"""The longest side of a copy, in pixels: some 20 kilobytes."""
_QUALITY = 75
_URL = re.compile(r"data:image/jpeg;width=([1-9]\d{0,5});height=([1-9]\d{0,5});of=(jpg|png|webp);base64,")


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """A small copy of a picture."""

    width: int
    height: int
    format: str
    """These three are the whole picture's."""
    jpeg: bytes


def write_url(path: Path, mime_type: str) -> str:
    """The URL of a file for the sandbox; of what is no picture that can be read, only the type is in it."""
    try:
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
        found = sniff(head)
        format = found.name if found in (JPEG, PNG, WEBP) else PNG.name
        whole = pyvips.Image.new_from_file(str(path), access="sequential").autorot()
        small = pyvips.Image.thumbnail(str(path), _SIDE, size="down", fail_on="truncated")
        if small.hasalpha():
            small = small.flatten(background=[255])
        jpeg = small.colourspace("srgb").jpegsave_buffer(Q=_QUALITY, keep="none")
    except (PictureError, pyvips.Error):
        known = sniff_media(head)
        return unreadable_url(known.mime_type if known else mime_type)
    encoded = base64.b64encode(jpeg).decode()
    return f"data:image/jpeg;width={whole.width};height={whole.height};of={format};base64,{encoded}"


def unreadable_url(mime_type: str) -> str:
    """The URL of a file that is no picture, or none that can be read."""
    return f"data:{mime_type.partition(';')[0]};base64,"


def read_url(url: str) -> Copy | None:
    """The picture at a URL of `write_url`; None for any other: the sandbox fetches nothing."""
    match = _URL.match(url)
    if match is None:
        return None
    try:
        jpeg = base64.b64decode(url[match.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None
    return Copy(width=int(match[1]), height=int(match[2]), format=FORMATS[match[3]].name, jpeg=jpeg)


def find_picture(model: Model, input: Mapping[str, Any]) -> Copy | None:
    """The first picture of an input that the sandbox can see."""
    fields = model.fields()
    for name, value in input.items():
        if name in fields and fields[name].media != "image" and fields[name].each != "task":
            continue
        for url in value if isinstance(value, list) else [value]:
            if isinstance(url, str) and (copy := read_url(url)) is not None:
                return copy
    return None
