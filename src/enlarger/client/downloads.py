"""Results on their way to files of this machine."""

from __future__ import annotations

import io
import itertools
import posixpath
import re
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import msgspec

from enlarger.client.core import Core
from enlarger.client.effects import Flow, NoAnswer, NotSent, call, now, pause, save
from enlarger.client.failures import to_error
from enlarger.client.files import READER_SECONDS, FileWriter, is_stream
from enlarger.client.records import Result, TaskStatus
from enlarger.client.schedule import Seconds, to_seconds
from enlarger.client.wire import Reply
from enlarger.errors import (
    InvalidInput,
    NotFound,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    StorageError,
)
from enlarger.protocol.codes import OK
from enlarger.protocol.content import is_packed, read_length
from enlarger.protocol.inline import check_url
from enlarger.protocol.names import safe_name

Destination = str | PathLike[str] | BinaryIO
"""A folder, a file, a FIFO, a device such as `/dev/stdout`, or a file object that is open for bytes."""

PARTIAL, _OUT_OF_RANGE = 206, 416
_FORBIDDEN, _NO_FILE, _GONE = 403, 404, 410
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)
_PROGRESS = 1_000_000
"""Bytes: when at least so many more have come since the last failure, the count of failures starts again."""


def download(
    core: Core, result: Result | TaskStatus | str, path: Destination, *, deadline: Seconds | None = None
) -> Flow[list[Path]]:
    """Download a result's files, or one address, to `path`; returns the paths. Several files are numbered.

    A file is there only once it is whole, and takes the place of an older one. Raises NotFound when the service does
    not have the result any longer, or not yet, ProtocolError when a web page or nothing comes in place of it, and
    StorageError when the file cannot be written.
    """
    urls = [result] if isinstance(result, str) else _urls(result)
    for url in urls:
        check_url("url", url)
    targets = name_targets(urls, path)
    if deadline is not None:
        core = core.until((yield from now()) + to_seconds(deadline))
    for url, target in zip(urls, targets, strict=True):
        writer = FileWriter(target)
        try:
            while not (yield from call(writer.open, blocking=True)):
                if (yield from core.left()) <= 0:
                    raise StorageError(f"{str(target)!r} cannot be written: nobody reads it. Choose another place.")
                yield from pause(READER_SECONDS)
            yield from _fetch(core, url, writer)
            yield from call(writer.commit, blocking=True)
        finally:
            writer.discard()
    return [target for target in targets if isinstance(target, Path)]


def name_targets(urls: list[str], path: Destination) -> list[Path | BinaryIO]:
    """Where results go: into a folder by their own names, else to the file `path`, numbered if there are several.

    Raises InvalidInput for several results and a place that has room for one.
    """
    target = Path(path) if isinstance(path, str | PathLike) else path
    given: object = target
    if not isinstance(given, Path) and (isinstance(given, io.TextIOBase) or not hasattr(given, "write")):
        raise InvalidInput("path", "The 'path' must be a path, or a file object that is open for bytes ('wb').")
    if is_stream(target):
        if len(urls) > 1:
            raise InvalidInput("path", f"There are {len(urls)} files, and 'path' takes only one: name a folder.")
        return [target]
    assert isinstance(target, Path)
    assert isinstance(path, str | PathLike)
    if fspath(path).endswith(("/", "\\")) or _is_folder(target):
        names = [safe_name(posixpath.basename(unquote(urlsplit(url).path)), otherwise="result") for url in urls]
        doubles = len(set(names)) < len(names)
        return [target / (f"{number}-{name}" if doubles else name) for number, name in enumerate(names, 1)]
    if len(urls) == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(1, len(urls) + 1)]


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # opening the file will say what is wrong with it
        return False


class Transfer:
    """One file on its way: what has come stays when the connection is cut, and only the rest is asked for again."""

    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer
        self._validator: str | None = None
        self._version = _Version()
        self._skip = 0

    @property
    def received(self) -> int:
        """Bytes that have come."""
        return self._writer.position

    def headers(self) -> dict[str, str]:
        """The headers that ask for the rest (RFC 9110, 13.1.5); all of it comes if the file is another one now."""
        if not self.received or self._validator is None:
            return {}
        return {"Range": f"bytes={self.received}-", "If-Range": self._validator}

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """A response begins; returns whether its body belongs to the file. Raises NoAnswer for one that does not fit.

        Names of `headers` are in lower case.
        """
        if status == PARTIAL:
            version = _Version.of_part(headers, self.received)
            if version is not None and version.fits(self._version):
                return True
        if is_page(headers):
            return False
        if status not in (OK, PARTIAL, _OUT_OF_RANGE):
            return False
        known, self._validator = self._validator, _validator(headers) if status == OK else None
        self._version = _Version.of_whole(headers) if status == OK else _Version()
        if self._writer.streams:
            if self.received and (known is None or known != self._validator):
                raise Unfinished("the connection was cut, and the rest cannot be asked for")
            self._skip = self.received
        else:
            self._writer.restart()
        if status != OK:
            raise NoAnswer("another part came than the one that was asked for")
        return True

    def write(self, chunk: bytes) -> None:
        """Bytes of the body have come. Raises StorageError."""
        skipped = min(self._skip, len(chunk))
        self._skip -= skipped
        if rest := chunk[skipped:]:
            self._writer.write(rest)

    @property
    def streams(self) -> bool:
        """Whether writing may wait for a reader."""
        return self._writer.streams


class _Version(msgspec.Struct, frozen=True):
    """What an answer's headers say of the version of a file; None for what they leave out."""

    tag: str | None = None
    date: str | None = None
    size: int | None = None

    @classmethod
    def of_whole(cls, headers: Mapping[str, str]) -> _Version:
        """The version of a whole file."""
        size = None if is_packed(headers.get("content-encoding")) else read_length(headers.get("content-length"))
        return cls(headers.get("etag"), headers.get("last-modified"), size)

    @classmethod
    def of_part(cls, headers: Mapping[str, str], start: int) -> _Version | None:
        """The version that a part belongs to; None unless the part is all of the file from `start` on."""
        match = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        if match is None or int(match[1]) != start:
            return None
        size = int(match[2]) + 1
        if match[3] != "*" and int(match[3]) != size:
            return None
        return cls(headers.get("etag"), headers.get("last-modified"), size)

    def fits(self, first: _Version) -> bool:
        """Whether the two agree in everything that both of them say."""
        pairs = ((self.tag, first.tag), (self.date, first.date), (self.size, first.size))
        return all(one is None or other is None or one == other for one, other in pairs)


class Unfinished(NoAnswer):
    """A stream has got a part of the file, and there is no way to get the rest."""


def _validator(headers: Mapping[str, str]) -> str | None:
    """What names this version of the file: a strong ETag, or else its date."""
    if is_packed(headers.get("content-encoding")):
        return None  # a range would be one of the packed bytes
    tag = headers.get("etag", "")
    return tag if tag.startswith('"') else headers.get("last-modified")


def is_page(headers: Mapping[str, str]) -> bool:
    """Whether a web page came, which no result is: a proxy, or the host of a link that has expired, shows one."""
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "text/html"


def _urls(result: Result | TaskStatus) -> list[str]:
    if isinstance(result, TaskStatus):
        result.raise_failure()
        if not result.succeeded:
            raise NotFound(
                f"Task {result.task_id} is {result.state!r}: it has no result yet.", remedy="Wait for it first."
            )
    if not result.urls:
        raise ProtocolError(f"Task {result.task_id} made no file.", remedy="Its result is in `data`.")
    return list(result.urls)


def _fetch(core: Core, url: str, writer: FileWriter) -> Flow[None]:
    transfer = Transfer(writer)
    failures, most = 0, 0
    for _ in itertools.count():
        try:
            left = yield from core.left()
            if left <= 0:
                raise NotSent("the deadline has passed")
            reply = yield from save(url, transfer, left)
            if reply.status_code in (OK, PARTIAL):
                if is_page(reply.headers) or not transfer.received:
                    raise _no_result(url, reply)
                return
            raise _no_file(reply)
        except (NotSent, NoAnswer, RateLimited, ServiceUnavailable) as problem:
            # Bytes that come a second time, after a restart, are not progress: otherwise the tries might never end.
            failures = failures + 1 if transfer.received - most < _PROGRESS else 1
            most = max(most, transfer.received)
            error = problem if isinstance(problem, ServiceError) else _unreachable(url, problem)
            rest = yield from core.may_rest(error, failures)
            if rest is None or isinstance(problem, Unfinished):
                raise error from problem
            yield from pause(rest)


def _no_result(url: str, reply: Reply) -> ProtocolError:
    what = "a web page" if is_page(reply.headers) else "an empty file"
    return ProtocolError(
        f"{urlsplit(url).hostname} sent {what} in place of the result, so nothing was saved",
        code=reply.status_code,
        remedy="Download it again later; get_task_status(…) may have a fresh link.",
    )


def _no_file(reply: Reply) -> ServiceError:
    if reply.status_code in (_FORBIDDEN, _NO_FILE, _GONE):
        return NotFound(
            "The result is not there, or no longer",
            code=reply.status_code,
            remedy="Results are kept for some days only; get_task_status(…) may have a fresh link.",
        )
    return to_error(reply.status_code, "", enveloped=False, retry_after=reply.headers.get("retry-after"))


def _unreachable(url: str, problem: Exception) -> ServiceUnreachable:
    return ServiceUnreachable(
        f"The result cannot be fetched: {urlsplit(url).hostname} does not answer ({problem}).",
        remedy="The result is not lost: download it again later.",
    )
