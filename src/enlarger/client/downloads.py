"""Results on their way to files of this machine."""

from __future__ import annotations

import itertools
import posixpath
import secrets
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from enlarger.client.core import LONGEST_REST, Core, again_in
from enlarger.client.effects import Flow, NoAnswer, NotSent, pause, save
from enlarger.client.failures import to_error
from enlarger.client.records import Result, TaskStatus
from enlarger.client.wire import Reply
from enlarger.errors import (
    NotFound,
    ProtocolError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    ServiceUnreachable,
    StorageError,
)
from enlarger.protocol.codes import OK
from enlarger.protocol.inline import check_url
from enlarger.protocol.names import safe_name

_FORBIDDEN, _NO_FILE, _GONE = 403, 404, 410


def download(core: Core, result: Result | TaskStatus | str, path: str | PathLike[str]) -> Flow[list[Path]]:
    """Download a result's files, or one address, to `path`: a folder, or a file. Several files are numbered.

    A file is there only once it is whole, and takes the place of an older one. Raises NotFound when the service does
    not have the result any longer, or not yet, and StorageError when the file cannot be written.
    """
    urls = [result] if isinstance(result, str) else _urls(result)
    for url in urls:
        check_url("url", url)
    targets = name_targets(urls, path)
    for url, target in zip(urls, targets, strict=True):
        yield from _download(core, url, target)
    return targets


def name_targets(urls: list[str], path: str | PathLike[str]) -> list[Path]:
    """Where results go: into a folder by their own names, else to the file `path`, numbered if there are several."""
    target = Path(path)
    if fspath(path).endswith(("/", "\\")) or target.is_dir():
        names = [safe_name(posixpath.basename(unquote(urlsplit(url).path)), otherwise="result") for url in urls]
        doubles = len(set(names)) < len(names)
        return [target / (f"{number}-{name}" if doubles else name) for number, name in enumerate(names, 1)]
    if len(urls) == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{number}{target.suffix}") for number in range(1, len(urls) + 1)]


class Draft:
    """A file in the making, beside its place; it takes the place once it is whole, or else is gone.

    Raises StorageError when it cannot be written.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._path = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("wb")
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        try:
            self._file.close()
            if error is None:
                self._path.replace(self._target)
        except OSError as failure:
            if error is None:
                raise self._failure(failure) from failure
        finally:
            self._path.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Write what has come."""
        assert self._file is not None
        try:
            self._file.write(chunk)
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StorageError:
        reason = getattr(error, "strerror", None) or error
        return StorageError(f"{str(self._target)!r} cannot be written: {reason}. Choose another place for the result.")


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


def _download(core: Core, url: str, target: Path) -> Flow[None]:
    for attempt in itertools.count(1):
        try:
            reply = yield from save(url, target)
            if reply.status == OK:
                return
            raise _no_file(reply)
        except (NotSent, NoAnswer, RateLimited, ServiceUnavailable) as problem:
            error = problem if isinstance(problem, ServiceError) else _unreachable(url, problem)
            rest = again_in(error, attempt)
            if attempt > core.options.max_retries or rest > LONGEST_REST:
                raise error from problem
            yield from pause(rest)


def _no_file(reply: Reply) -> ServiceError:
    if reply.status in (_FORBIDDEN, _NO_FILE, _GONE):
        return NotFound(
            "The result is not there, or no longer",
            code=reply.status,
            remedy="Results are kept for some days only; get_task_status(…) may have a fresh link.",
        )
    return to_error(reply.status, "", enveloped=False, retry_after=reply.headers.get("retry-after"))


def _unreachable(url: str, problem: Exception) -> ServiceUnreachable:
    return ServiceUnreachable(
        f"The result cannot be fetched: {urlsplit(url).hostname} does not answer ({problem}).",
        remedy="The result is not lost: download it again later.",
    )
