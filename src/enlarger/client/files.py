"""Local files on their way to a service, and results on their way to local files."""

from __future__ import annotations

import itertools
import os
import posixpath
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import quote, unquote, urlsplit

import msgspec

from enlarger.catalog import UNKNOWN_FIELD, build_input, get_model
from enlarger.catalog.model import Form
from enlarger.catalog.repair import media_of
from enlarger.client.core import Core
from enlarger.client.effects import Flow, NoAnswer, NotSent, call, pause, save
from enlarger.client.failures import to_error
from enlarger.client.records import Result, TaskStatus, UploadedFile, read_upload
from enlarger.client.schedule import backoff
from enlarger.client.wire import Reply, Request
from enlarger.errors import (
    InvalidInput,
    NotFound,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    UnknownModel,
)
from enlarger.protocol.codes import OK
from enlarger.protocol.inline import is_url

FOLDER = "enlarger"
"""Where uploads go at the service, unless somebody says otherwise."""

_LONGEST_PATH = 1024
_FORBIDDEN, _NO_FILE, _GONE = 403, 404, 410

Source = str | Path | bytes
"""A file's path, its content, its address, or a data URL."""


class Local(msgspec.Struct, frozen=True):
    """An input with addresses in place of what is still on this machine."""

    input: dict[str, Any]
    sources: dict[str, Source]
    """What the addresses stand for."""

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
        return Local(built.input | {name: self.input[name] for name in others}, self.sources)


def find_local(model: str, input: Mapping[str, Any], *, inline: bool) -> Local:
    """Find the files of this machine in an input: paths and bytes anywhere, names of files where a file belongs.

    With `inline`, data URLs are among them; our service takes those as they are, the hosted one does not. Raises
    InvalidInput for a path without a file.
    """
    try:
        form: Form = get_model(model).fields()
    except UnknownModel:
        form = {}
    sources: dict[str, Source] = {}

    def place(name: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [place(name, item) for item in value]
        source = (
            _source(name, value, inline=inline) if isinstance(value, Source) and _may_be(form, name, value) else None
        )
        if source is None:
            return value
        label = source.name if isinstance(source, Path) else ""
        address = f"https://upload.invalid/{len(sources)}/{quote(label)}"
        sources[address] = source
        return address

    return Local({name: place(name, value) for name, value in input.items()}, sources)


def upload(core: Core, source: Source, *, name: str | None = None, folder: str = FOLDER) -> Flow[UploadedFile]:
    """Upload a file through the route that fits: an address, a data URL, or the file itself as a stream.

    Raises InvalidInput for a path without a file.
    """
    form = {"uploadPath": folder} | ({"fileName": name} if name else {})
    if isinstance(source, str) and is_url(source):
        request = Request(method="POST", path="/api/file-url-upload", json={"fileUrl": source, **form}, upload=True)
    elif isinstance(source, str) and source.startswith("data:"):
        request = Request(
            method="POST", path="/api/file-base64-upload", json={"base64Data": source, **form}, upload=True
        )
    else:
        content = (
            source if isinstance(source, bytes) else (yield from call(partial(_read, Path(source)), blocking=True))
        )
        label = name or ("file" if isinstance(source, bytes) else Path(source).name)
        request = Request(
            method="POST",
            path="/api/file-stream-upload",
            form=form | {"fileName": label},
            file=(label, content),
            upload=True,
        )
    return read_upload((yield from core.ask(request)))


def download(core: Core, result: Result | TaskStatus | str, path: Path | str) -> Flow[list[Path]]:
    """Download a result's files, or one address, to `path`: a folder, or a file. Several files are numbered.

    A file is there only once it is whole, and takes the place of an older one. Raises NotFound when the service does
    not have the result any longer.
    """
    urls = [result] if isinstance(result, str) else list(result.urls)
    if not urls:
        raise ProtocolError("There is no file to download: the result is not files.", remedy="Its result is in `data`.")
    targets = name_targets(urls, path)
    for url, target in zip(urls, targets, strict=True):
        yield from _download(core, url, target)
    return targets


def name_targets(urls: list[str], path: Path | str) -> list[Path]:
    """Where results go: into a folder by their own names, else to the file `path`, numbered if there are several."""
    target = Path(path)
    if target.is_dir() or str(path).endswith(("/", "\\")):
        names = [posixpath.basename(unquote(urlsplit(url).path)) or "result" for url in urls]
        names = [name.replace("\\", "_").replace("\0", "_") for name in names]
        doubles = len(set(names)) < len(names)
        return [target / (f"{number}-{name}" if doubles else name) for number, name in enumerate(names, 1)]
    if len(urls) == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(1, len(urls) + 1)]


class Draft:
    """A file in the making, beside its place; it takes the place once it is whole, or else is gone."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        self._file.close()
        if error is None:
            self._path.replace(self._target)
        else:
            self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Write what has come."""
        assert self._file is not None
        self._file.write(chunk)


def _download(core: Core, url: str, target: Path) -> Flow[None]:
    for attempt in itertools.count(1):
        try:
            reply = yield from save(url, target)
            if reply.status == OK:
                return
            raise _no_file(reply)
        except (NotSent, NoAnswer, RateLimited, ServiceUnavailable) as error:
            if attempt > core.options.max_retries:
                if isinstance(error, ServiceError):
                    raise
                host = urlsplit(url).hostname
                raise ServiceUnreachable(
                    f"The result cannot be fetched: {host} does not answer ({error}).",
                    remedy="The result is not lost: download it again later.",
                ) from error
            yield from pause(backoff(attempt, getattr(error, "retry_after", None)))


def _no_file(reply: Reply) -> ServiceError:
    if reply.status in (_FORBIDDEN, _NO_FILE, _GONE):
        return NotFound(
            "The result is not there, or no longer",
            code=reply.status,
            remedy="Results are kept for some days only; get_task_status(…) may have a fresh link.",
        )
    return to_error(reply.status, "", enveloped=False, retry_after=reply.headers.get("retry-after"))


def _may_be(form: Form, name: str, value: Source) -> bool:
    """Whether a value can be a file: text only where the model, or the usual sense of the name, wants one."""
    return not isinstance(value, str) or media_of(form, name) is not None


def _source(name: str, value: Source, *, inline: bool) -> Source | None:
    """What is to be uploaded for a value; None for what can go as it is."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Path):
        if not value.is_file():
            raise _no_such_file(name, value)
        return value
    if value.startswith("data:"):
        return value if inline else None
    if is_url(value) or not value or len(value) > _LONGEST_PATH or "\0" in value:
        return None
    path = Path(value).expanduser()
    if path.is_file():
        return path
    if path.suffix and "/" not in path.suffix:  # base64 has no dots
        raise _no_such_file(name, path)
    return None


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise InvalidInput("file", f"The file {path} cannot be read: {error.strerror or error}.") from None


def _no_such_file(name: str, path: Path) -> InvalidInput:
    return InvalidInput(
        name, f"The field '{name}' names {path}, and there is no such file: give a file or an http(s) URL."
    )


def _replace(value: Any, addresses: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_replace(item, addresses) for item in value]
    return addresses.get(value, value) if isinstance(value, str) else value
