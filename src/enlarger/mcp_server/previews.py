"""Small pictures of results, for an agent to look at."""

from __future__ import annotations

import base64
import mimetypes
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from mcp_types import ImageContent

from enlarger.infra.threads import run_abandonable
from enlarger.mcp_server.records import ResultFile

SIDE = 512
"""The most pixels a side of a preview."""
MOST_BYTES = 64_000
"""Of a preview, as JPEG."""
MOST_FETCHED = 32_000_000
"""Bytes of a file of which a preview is made."""
_QUALITIES = (80, 65, 50, 35, 20)
_PARTIAL = 206
_PACKAGES = ("pyvips", "psutil")
"""What makes previews; the other tools do without."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found out about a result's file."""

    file: ResultFile
    preview: ImageContent | None = None
    why_none: str | None = None
    """Why a picture has no preview."""


def describe(url: str) -> ResultFile:
    """A file, as far as its URL describes it."""
    return ResultFile(url=url, mime_type=mimetypes.guess_type(urlsplit(url).path)[0])


async def look(http: httpx2.AsyncClient, url: str, *, seconds: float) -> Looked:
    """Fetch a result's file, unless it is too large, and make a preview of it if it is a picture.

    Nothing here is an error: whatever goes wrong, the link itself remains.
    """
    file = describe(url)
    if not all(map(find_spec, _PACKAGES)):
        return Looked(file, why_none="no preview: pyvips is not installed here (pip install 'enlarger[local]')")
    try:
        async with http.stream("GET", url, headers={"Range": f"bytes=0-{MOST_FETCHED - 1}"}) as response:
            if not response.is_success:
                return Looked(file, why_none=f"no preview: the result's link answers with HTTP {response.status_code}")
            file = _described(file, response)
            if not (file.mime_type or "").startswith("image/"):
                return Looked(file)
            if file.size is not None and file.size > MOST_FETCHED:
                return Looked(file, why_none=f"no preview: the file is larger than {MOST_FETCHED // 1_000_000} MB")
            content = await _read(response)
    except (httpx2.HTTPError, httpx2.InvalidURL):
        return Looked(file, why_none="no preview: the result's link cannot be reached from here")
    if content is None:
        return Looked(file, why_none=f"no preview: the file is larger than {MOST_FETCHED // 1_000_000} MB")
    file = file.model_copy(update={"size": len(content)})
    try:
        small = await run_abandonable(lambda: make_preview(content), seconds=seconds)
    except TimeoutError:
        small = b""
    if not small:
        return Looked(file, why_none="no preview: the picture could not be decoded here in time")
    return Looked(file, ImageContent(data=base64.b64encode(small).decode(), mime_type="image/jpeg"))


def make_preview(content: bytes) -> bytes:
    """A picture as a small JPEG; empty if it cannot be read. It is decoded in a process with limits."""
    import pyvips

    from enlarger.engines.thumbnail import make_thumbnails

    with tempfile.TemporaryDirectory(prefix="enlarger-preview-") as name:
        folder = Path(name)
        (folder / "result.source").write_bytes(content)
        if make_thumbnails(folder, ["result"], side=SIDE):
            return b""
        small = (folder / "result.webp").read_bytes()
    if not small:
        return b""
    image = pyvips.Image.new_from_buffer(small, "")
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    for quality in _QUALITIES:
        made: bytes = image.jpegsave_buffer(Q=quality, keep="none")
        if len(made) <= MOST_BYTES:
            return made
    return b""


def _described(file: ResultFile, response: httpx2.Response) -> ResultFile:
    """A file with the type and the size that the response names."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip()
    known = kind if kind and kind != "application/octet-stream" else file.mime_type
    if response.status_code == _PARTIAL:
        size = response.headers.get("content-range", "").rpartition("/")[2]
    else:
        size = response.headers.get("content-length", "")
    return file.model_copy(update={"mime_type": known, "size": int(size) if size.isdecimal() else None})


async def _read(response: httpx2.Response) -> bytes | None:
    """A body; None if it is too large."""
    parts = bytearray()
    async for part in response.aiter_bytes():
        parts += part
        if len(parts) > MOST_FETCHED:
            return None
    return bytes(parts)
