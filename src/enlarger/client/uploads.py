"""Files of this machine on their way to a service."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from difflib import get_close_matches
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, UNKNOWN_MEMBER, BuiltInput, InputIssue, Model, build_input, get_model
from enlarger.catalog.model import Form
from enlarger.catalog.repair import media_of
from enlarger.client.core import Core
from enlarger.client.effects import Flow, call
from enlarger.client.records import UploadedFile, read_upload
from enlarger.client.wire import Request, encode
from enlarger.errors import InvalidInput, UnknownModel
from enlarger.protocol.inline import is_asset, is_url

Source = str | PathLike[str] | bytes | BinaryIO
"""A file: its path, its content as bytes, a URL, a data URL, or a file object that is open for bytes."""
Content = str | Path | bytes | BinaryIO
"""The same, looked at: a text is a data URL."""

FOLDER = "enlarger"
"""Where uploads go at the service, unless somebody says otherwise."""

_LONGEST_PATH = 1024
_PART = 1 << 20
_MOST_BYTES = 1_000_000_000
"""The most that is copied from a pipe; services take far less."""
_PICTURES = (".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
_VIDEOS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".webm")
_SOUNDS = (".aac", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".wav")
_ENDINGS = (*_PICTURES, *_VIDEOS, *_SOUNDS)


class Local(msgspec.Struct, frozen=True):
    """An input with addresses in place of what is still on this machine."""

    input: dict[str, Any]
    sources: dict[str, Content]
    """What the addresses stand for."""
    warnings: tuple[InputIssue, ...] = ()
    """What the catalogue finds odd about it."""

    def upload_all(self, core: Core) -> Flow[dict[str, Any]]:
        """Upload what is local; returns the input with the real addresses."""
        addresses: dict[str, str] = {}
        for address, source in self.sources.items():
            addresses[address] = (yield from upload(core, source)).url
        return {name: _replace(value, addresses) for name, value in self.input.items()}

    def checked(self, model: str, *, strict: bool) -> Local:
        """The same input as the catalogue has it: names, types and options repaired.

        Fields and models that the catalogue does not know stay, for the service may know them, unless it is `strict`.
        Raises InvalidInput.
        """
        if (known := _find_model(model, strict=strict)) is None:
            return self
        built = build_input(known, self.input)
        built.raise_faults()
        warnings = _read_warnings(known, built, strict=strict)
        unknown = {fault.field: self.input[fault.field] for fault in warnings if fault.code == UNKNOWN_FIELD}
        return Local(built.input | unknown, self.sources, warnings)

    def unknown_fields(self, model: str, *, strict: bool) -> tuple[InputIssue, ...]:
        """The fields of the input that the model does not have. Raises InvalidInput if it is `strict`."""
        if (known := _find_model(model, strict=strict)) is None:
            return ()
        warnings = _read_warnings(known, build_input(known, self.input), strict=strict)
        return tuple(fault for fault in warnings if fault.code == UNKNOWN_FIELD)


def find_local(model: str, input: Mapping[str, Any], *, inline: bool, names: bool) -> Local:
    """Find the files of this machine in an input: paths and bytes anywhere, and in fields for files texts.

    With `inline` data URLs are among them; our service takes those as they are, the hosted one does not. With `names`
    so are names of files that end as those of pictures, videos or sounds do: no text can lead to any other
    file. Raises InvalidInput for a path without a file.
    """
    known = _find_model(model, strict=False)
    form: Form = {} if known is None else known.fields()
    sources: dict[str, Content] = {}

    def place(name: str, value: Any, form: Form) -> Any:
        if isinstance(value, list | tuple):
            return [place(name, item, form) for item in value]
        if isinstance(value, Mapping):
            members = form[name].members if name in form else {}
            return {inner: place(inner, item, members) for inner, item in value.items()}
        source = _find(name, value, is_text_a_file=media_of(form, name) is not None, inline=inline, names=names)
        if source is None:
            return value
        label = "" if isinstance(source, str | bytes) else _label(source)
        address = f"https://upload.invalid/{len(sources)}/{quote(label, errors='replace')}"
        sources[address] = source
        return address

    return Local({name: place(name, value, form) for name, value in input.items()}, sources)


def upload(core: Core, source: Source, *, name: str | None = None, folder: str = FOLDER) -> Flow[UploadedFile]:
    """Upload a file through the route that fits: an address, a data URL, or the file itself as a stream.

    Raises InvalidInput for a file that cannot be read.
    """
    form = {"uploadPath": folder} | ({"fileName": name} if name else {})
    if isinstance(source, str) and is_url(source):
        body = encode({"fileUrl": source, **form})
        request = Request(method="POST", path="/api/file-url-upload", json=body, upload=True)
        return read_upload((yield from core.ask(request)))
    if isinstance(source, str) and source.startswith("data:"):
        body = encode({"base64Data": source, **form})
        request = Request(method="POST", path="/api/file-base64-upload", json=body, upload=True)
        return read_upload((yield from core.ask(request)))
    with ExitStack() as stack:
        file, size = (
            (source, len(source))
            if isinstance(source, bytes)
            else (yield from call(partial(open_source, source, stack), blocking=True))
        )
        label = (name or _label(source)).encode("utf-8", "replace").decode()
        form["fileName"] = label
        request = Request(
            method="POST",
            path="/api/file-stream-upload",
            form=form,
            file=(label, file),
            file_size=size,
            upload=True,
        )
        return read_upload((yield from core.ask(request)))


def _find_model(name: str, *, strict: bool) -> Model | None:
    """The model of this name; None for one that the catalogue does not have. Raises UnknownModel if it is `strict`."""
    try:
        return get_model(name)
    except UnknownModel:
        if strict:
            raise
        return None


def _read_warnings(model: Model, built: BuiltInput, *, strict: bool) -> tuple[InputIssue, ...]:
    """What is odd about an input. Raises InvalidInput for a field that the model does not have if it is `strict`."""
    warnings = tuple(_with_nearest(fault, model) for fault in built.warnings)
    unknown = next((fault for fault in warnings if fault.code in (UNKNOWN_FIELD, UNKNOWN_MEMBER)), None)
    if strict and unknown is not None:
        raise unknown.error()
    return warnings


def _with_nearest(fault: InputIssue, model: Model) -> InputIssue:
    """The same warning, with the field that was probably meant."""
    near = get_close_matches(fault.field, model.fields(), 1) if fault.code == UNKNOWN_FIELD else []
    if not near or f"'{near[0]}'?" in fault.message:  # the catalogue's own words have it already
        return fault
    return msgspec.structs.replace(fault, message=f"{fault.message}. Did you mean '{near[0]}'?")


def _find(name: str, value: Any, *, is_text_a_file: bool, inline: bool, names: bool) -> Content | None:
    """What is to be uploaded for a value; None for what can go as it is."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if hasattr(value, "read"):
        return _check_object(name, value)
    if isinstance(value, PathLike):
        path = _expand(fspath(value))
        if path is None or not _can_be_read(path):
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


def _can_be_read(path: Path) -> bool:
    """Whether a path that was given as a path leads to something, such as a file or a FIFO."""
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _check_object(name: str, value: Any) -> BinaryIO:
    if isinstance(value, io.TextIOBase) or not callable(value.read):
        raise InvalidInput(name, f"The field '{name}' has a file that is open for text: open it for bytes ('rb').")
    file: BinaryIO = value
    return file


def open_source(
    source: str | PathLike[str] | BinaryIO, stack: ExitStack, *, most_bytes: int = _MOST_BYTES
) -> tuple[BinaryIO, int]:
    """A file that can be read again from its start, and its bytes.

    Raises InvalidInput, also for a pipe that has no end after `most_bytes`.
    """
    if isinstance(source, str | PathLike):
        path = _expand(fspath(source)) or Path(source)
        try:
            file: BinaryIO = stack.enter_context(path.open("rb"))
            return _sized(file, stack, most_bytes)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput("file", f"The file {str(path)!r} cannot be read: {reason}.") from None
    given = _check_object("file", source) if hasattr(source, "read") else None
    if given is None:
        raise InvalidInput("file", "The 'file' must be a path, bytes, a URL, or a file object that is open for bytes.")
    try:
        return _sized(given, stack, most_bytes)
    except (OSError, ValueError) as error:  # it is closed, or open only for writing
        raise InvalidInput("file", f"The file object cannot be read: {error}.") from None


def _sized(file: BinaryIO, stack: ExitStack, most_bytes: int) -> tuple[BinaryIO, int]:
    if hasattr(file, "readable") and not file.readable():
        raise ValueError("it is open only for writing")
    if not _starts_again(file):
        # An upload that fails is sent again, and a pipe can be read only once.
        kept = stack.enter_context(tempfile.TemporaryFile(prefix="enlarger-"))  # noqa: SIM115
        while part := file.read(_PART):
            kept.write(part)
            if kept.tell() > most_bytes:
                raise ValueError(f"there is no end to it after {most_bytes // 1_000_000} MB")
        return kept, kept.tell()
    return file, file.seek(0, io.SEEK_END)


def _starts_again(file: BinaryIO) -> bool:
    """Whether a file can be read twice: pipes cannot, and what devices say of themselves cannot be relied on."""
    if not hasattr(file, "seekable") or not file.seekable():
        return False
    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except (AttributeError, OSError):  # it is in memory
        return True


def _label(source: Source) -> str:
    if isinstance(source, str | PathLike):
        return Path(source).name
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) and not name.startswith("<") else "file"


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
