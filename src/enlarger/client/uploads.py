"""Files of this machine on their way to a service."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, Fault, build_input, get_model
from enlarger.catalog.model import Form
from enlarger.catalog.repair import media_of
from enlarger.client.core import Core
from enlarger.client.effects import Flow, call
from enlarger.client.records import UploadedFile, read_upload
from enlarger.client.wire import Request, encode
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.protocol.inline import is_asset, is_url

Source = str | PathLike[str] | bytes
"""A file's path, its content, its address, or a data URL."""

FOLDER = "enlarger"
"""Where uploads go at the service, unless somebody says otherwise."""

_LONGEST_PATH = 1024
_PICTURES = (".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_VIDEOS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".webm")
_SOUNDS = (".aac", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav")
_ENDINGS = (*_PICTURES, *_VIDEOS, *_SOUNDS)


class Local(msgspec.Struct, frozen=True):
    """An input with addresses in place of what is still on this machine."""

    input: dict[str, Any]
    sources: dict[str, str | Path | bytes]
    """What the addresses stand for."""
    warnings: tuple[Fault, ...] = ()
    """What the catalogue finds odd about it."""

    def upload_all(self, core: Core) -> Flow[dict[str, Any]]:
        """Upload what is local; returns the input with the real addresses."""
        addresses: dict[str, str] = {}
        for address, source in self.sources.items():
            addresses[address] = (yield from upload(core, source)).url
        return {name: _replace(value, addresses) for name, value in self.input.items()}

    def checked(self, model: str) -> Local:
        """The same input as the catalogue has it: names, types and options repaired.

        Fields that the catalogue does not know stay, for the service may. Raises InvalidInput.
        """
        try:
            known = get_model(model)
        except UnknownModel:
            return self
        built = build_input(known, self.input)
        built.raise_faults()
        others = {warning.field for warning in built.warnings if warning.code == UNKNOWN_FIELD}
        return Local(built.input | {name: self.input[name] for name in others}, self.sources, built.warnings)


def find_local(model: str, input: Mapping[str, Any], *, inline: bool, names: bool) -> Local:
    """Find the files of this machine in an input: paths and bytes anywhere, and in fields for files texts.

    With `inline` data URLs are among them; our service takes those as they are, the hosted one does not. With `names`
    so are names of files, if they end as those of pictures, videos or sounds do: nobody's text leads to any other
    file. Raises InvalidInput for a path without a file.
    """
    try:
        form: Form = get_model(model).fields()
    except UnknownModel:
        form = {}
    sources: dict[str, str | Path | bytes] = {}

    def place(name: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [place(name, item) for item in value]
        if isinstance(value, Mapping):
            return {inner: place(inner, item) for inner, item in value.items()}
        source = _find(name, value, is_text_a_file=media_of(form, name) is not None, inline=inline, names=names)
        if source is None:
            return value
        label = source.name if isinstance(source, Path) else ""
        address = f"https://upload.invalid/{len(sources)}/{quote(label, errors='replace')}"
        sources[address] = source
        return address

    return Local({name: place(name, value) for name, value in input.items()}, sources)


def upload(core: Core, source: Source, *, name: str | None = None, folder: str = FOLDER) -> Flow[UploadedFile]:
    """Upload a file through the route that fits: an address, a data URL, or the file itself as a stream.

    Raises InvalidInput for a file that cannot be read.
    """
    form = {"uploadPath": folder} | ({"fileName": name} if name else {})
    if isinstance(source, str) and is_url(source):
        body = encode({"fileUrl": source, **form})
        request = Request(method="POST", path="/api/file-url-upload", json=body, upload=True)
    elif isinstance(source, str) and source.startswith("data:"):
        body = encode({"base64Data": source, **form})
        request = Request(method="POST", path="/api/file-base64-upload", json=body, upload=True)
    else:
        content = source if isinstance(source, bytes) else (yield from call(partial(_read, source), blocking=True))
        label = name or ("file" if isinstance(source, bytes) else Path(source).name)
        label = label.encode("utf-8", "replace").decode()
        form["fileName"] = label
        request = Request(method="POST", path="/api/file-stream-upload", form=form, file=(label, content), upload=True)
    return read_upload((yield from core.ask(request)))


def _find(name: str, value: Any, *, is_text_a_file: bool, inline: bool, names: bool) -> str | Path | bytes | None:
    """What is to be uploaded for a value; None for what can go as it is."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, PathLike):
        path = _expand(fspath(value))
        if path is None or not _is_file(path):
            raise _no_such_file(name, fspath(value))
        return path
    if not isinstance(value, str) or not is_text_a_file:
        return None
    if value.startswith("data:"):
        return value if inline else None
    if is_url(value) or is_asset(value) or not names or len(value) > _LONGEST_PATH:
        return None
    path = _expand(value)
    if path is None or path.suffix.lower() not in _ENDINGS:
        return None
    if not _is_file(path):
        raise _no_such_file(name, value)
    return path


def _expand(name: str) -> Path | None:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # ~nobody
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, a folder that is closed, a NUL
        return False


def _read(source: str | PathLike[str]) -> bytes:
    path = _expand(fspath(source)) or Path(source)
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput("file", f"The file {str(path)!r} cannot be read: {reason}.") from None


def _no_such_file(name: str, path: str) -> InvalidInput:
    shown = ascii(path[:100]) if "\0" in path else repr(path)
    return InvalidInput(
        name, f"The field '{name}' names {shown}, and there is no such file: give a file or an http(s) URL."
    )


def _replace(value: Any, addresses: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replace(item, addresses) for item in value]
    if isinstance(value, dict):
        return {name: _replace(item, addresses) for name, item in value.items()}
    return addresses.get(value, value) if isinstance(value, str) else value
