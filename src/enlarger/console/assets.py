"""Static files of the console. Their URLs contain a content hash, so browsers may cache them indefinitely."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from enlarger.console.access import ROOT

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
ASSETS = f"{ROOT}/assets"


@get(ASSETS + "/{digest:str}/{name:str}", include_in_schema=False)
async def asset(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Serve a script, a style sheet or an image."""
    content = _contents().get(name)
    if content is None or digest != _digest():
        raise NotFoundException
    media_type = _MEDIA_TYPES[name[name.rindex(".") :]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def asset_url(name: str) -> str:
    """Return the path of an asset. One hash covers all of them, because modules import each other by relative paths."""
    return f"{ASSETS}/{_digest()}/{name}"


def example_picture() -> bytes:
    """Return a small JPEG of our own to try the service with."""
    return _contents()["example.jpg"]


@cache
def _contents() -> dict[str, bytes]:
    folder = files("enlarger.console") / "static"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(tuple(_MEDIA_TYPES))}


@cache
def _digest() -> str:
    digest = hashlib.sha256()
    for name, content in sorted(_contents().items()):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:16]


_SHAPES = {
    "image": '<path d="M18 44l10-13 7 8 5-6 8 11zM41 25a4 4 0 1 1-8 0 4 4 0 0 1 8 0z"/>',
    "video": '<path d="M26 22l18 10-18 10z"/>',
    "audio": '<path d="M29 20h14v5H32v16a5 4 0 1 1-3-4z"/>',
    "gone": '<path d="M22 30h20v4H22z"/>',
}
_PLACEHOLDER = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" fill="#84908e">{}</svg>'


def placeholder(kind: str) -> str:
    """Return an SVG to show instead of a thumbnail: for `image`, `video`, `audio`, or what is gone or anything else."""
    return _PLACEHOLDER.format(_SHAPES.get(kind, _SHAPES["gone"]))
