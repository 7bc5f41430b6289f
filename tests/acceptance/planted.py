"""Secrets that are planted and found again, and a host outside the service that is full of them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.loopback_server import loopback_server
from tests.pictures import photo

_PIECE = 12
"""Characters of a secret that count as a leak; those who look at a log may see less of it, to recognise it by."""


class Secrets:
    """Secrets by what they are, and where they are found again."""

    def __init__(self) -> None:
        self._pieces: dict[str, str] = {}

    def plant(self, what: str) -> str:
        """A new secret."""
        secret = hashlib.sha256(what.encode()).hexdigest()
        self.add(what, secret)
        return secret

    def add(self, what: str, secret: str) -> None:
        """A secret that somebody else has made."""
        for start in range(3):  # of base64 the letters depend on where in a group of three bytes a text begins
            encoded = base64.b64encode(secret[start:].encode()).decode()
            self._pieces |= dict.fromkeys(_pieces(encoded.rstrip("=")[:-1]), what)
        for form in (secret, secret.encode().hex(), quote(secret, safe="")):
            self._pieces |= dict.fromkeys(_pieces(form), what)

    def found(self, text: str) -> set[str]:
        """What secrets there are in a text, or parts of them."""
        return {self._pieces[piece] for piece in set(_pieces(text)) & self._pieces.keys()}


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(len(text) - _PIECE + 1))


@dataclass
class Outside:
    """Everything that is not the service: the host of the pictures, and the app that is called back."""

    secrets: Secrets
    picture: bytes
    port: int = 0
    calls: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    """Path, headers and body of each callback."""

    def url(self, name: str, *, what: str, user: str = "") -> str:
        """A URL of this host with secrets wherever a URL can have one."""
        secret = self.secrets.plant(f"{what} of {name}")
        account = f"{user}:{secret}@" if user else ""
        return f"http://{account}127.0.0.1:{self.port}/bot{secret}/{name}?token={secret}&sig={secret}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (entry.partition(":") for entry in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = line.split()[1]
        if line.startswith("POST"):
            self.calls.append((path, headers, body.decode()))
        writer.write(self._reply(urlsplit(path).path.rpartition("/")[2], first=self._calls_of(path) == 1))
        await writer.drain()

    def _calls_of(self, path: str) -> int:
        return sum(called == path for called, _, _ in self.calls)

    def _reply(self, name: str, *, first: bool) -> bytes:
        secret = self.secrets.plant(f"reply {name}")
        match name:
            case "hook":
                return _http("500 Oops" if first else "200 OK", secret.encode(), X_Trace=secret)
            case "missing.png":
                return _http(f"404 {secret}", secret.encode(), Set_Cookie=secret)
            case "page.png":
                return _http("200 OK", f"<p>{secret}</p>".encode(), Content_Type="text/html")
            case "document.png":
                return _http("200 OK", b"%PDF-1.7 " + secret.encode(), Content_Type="image/png")
            case "cut.png":
                return _http("200 OK", self.picture, Content_Type="image/png")[:-20]
            case "broken.png":
                return _http("200 OK", self.picture[:-90], Content_Type="image/png")
            case "moved.png":
                return _http("302 Found", b"", Location=f"/{secret}/missing.png?{secret}")
            case "garbage.png":
                return secret.encode()
            case _:
                return _http("200 OK", self.picture, Content_Type="image/png")


def _http(status: str, content: bytes, **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{''.join(lines)}\r\n".encode() + content


@asynccontextmanager
async def serving(outside: Outside) -> AsyncIterator[None]:
    async with loopback_server(outside.answer) as outside.port:
        yield


def png(secret: str, path: Path) -> bytes:
    """A picture with a secret in its text."""
    text = PngInfo()
    text.add_text("Comment", secret)
    Image.fromarray(photo(48, 36)).save(path, pnginfo=text)
    return path.read_bytes()
