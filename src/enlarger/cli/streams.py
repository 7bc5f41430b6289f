"""Standard input, output and error: `-` as a file's name, and streams that are closed or full.

Every command imports this module, so it imports the client only where a file is written.
"""

from __future__ import annotations

import codecs
import io
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from enlarger.cli.signals import interrupting
from enlarger.errors import EnlargerError, InvalidInput, StorageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

DASH = "-"
"""What names stdin where something is read, and stdout where something is written."""
_CHUNK = 1 << 20
"""Bytes."""
_LONGEST_TEXT = 1_000_000
"""Bytes of a text that is read from a file."""


class StdoutUnwritable(StorageError):
    """Standard output cannot be written, as on a full disk. A closed pipe is no such error."""


def open_streams() -> None:
    """Make stdout and stderr accept every text, and keep a broken stderr from failing a command.

    A file's name that is not in UTF-8 goes out as the bytes that it is; a letter that the terminal's encoding does not
    have becomes `?`. A standard stream that is closed is opened on the null device, so that no other file or
    connection gets its number.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                descriptor = os.open(os.devnull, os.O_RDWR)
                if descriptor != number:
                    os.dup2(descriptor, number)
                    os.close(descriptor)
                setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    with suppress(OSError):  # a replaced stream that has no descriptor
        lossy = io.BufferedWriter(_Lossy(sys.stderr.fileno(), "wb", closefd=False))
        sys.stderr = io.TextIOWrapper(lossy, encoding=sys.stderr.encoding, line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            is_utf_8 = codecs.lookup(stream.encoding).name == "utf-8"
            stream.reconfigure(errors="surrogateescape" if is_utf_8 else "replace")


class _Lossy(io.FileIO):
    """A file that loses what cannot be written: a hint that cannot be displayed must not stop a paid task."""

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


@contextmanager
def writing() -> Iterator[None]:
    """For a block that writes to stdout: raises StdoutUnwritable, and BrokenPipeError when the reader has gone."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(error) from None


def write_line(text: str) -> None:
    """Write a line to stdout at once. Raises StdoutUnwritable, and BrokenPipeError when the reader has gone."""
    with writing():
        print(text, flush=True)


def is_stdout(target: str) -> bool:
    """Whether a place is stdout: `-`, /dev/stdout, or anything else that leads to it."""
    if target == DASH:
        return True
    from enlarger.client.files import is_stream

    try:
        return is_stream(Path(target)) and os.path.samestat(os.stat(target), os.fstat(sys.stdout.fileno()))  # noqa: PTH116
    except (OSError, ValueError):
        return False


def is_sink(target: str) -> bool:
    """Whether a place takes bytes as they come, and one file only: stdout (`-`), a FIFO, a device."""
    from enlarger.client.files import is_stream

    return target == DASH or is_stream(Path(target))


def check_stdout(option: str, target: str) -> None:
    """Raise InvalidInput when a file would be written into a terminal."""
    if sys.stdout.isatty():
        raise InvalidInput(
            option, f"{option} {target} would write a file into the terminal: redirect stdout, or name a file."
        )


def copy_to(target: str, path: Path) -> None:
    """Write a whole file to stdout (`-`), into a FIFO, or to a device.

    The signals to stop interrupt it, where an event loop would only see them afterwards.
    Raises StorageError, and BrokenPipeError when the reader of stdout has gone.
    """
    from enlarger.client.files import FileWriter

    try:
        sys.stdout.flush()
        place = FileWriter(sys.stdout.buffer if target == DASH else Path(target))
        with interrupting(), path.open("rb") as file, place as writer:
            while chunk := file.read(_CHUNK):
                writer.write(chunk)
    except StorageError as error:
        cause = error.__cause__
        if not isinstance(cause, OSError) or not is_stdout(target):
            raise
        if isinstance(cause, BrokenPipeError):
            raise cause from None
        raise unwritable(cause) from None


def unwritable(error: OSError) -> StdoutUnwritable:
    """The error for a stdout that cannot be written; what is still buffered for it is discarded."""
    discard_stdout()
    return StdoutUnwritable(f"Standard output cannot be written: {error.strerror or error}.")


@contextmanager
def already_done(words: str) -> Iterator[None]:
    """Add `words` to the error if the block cannot print: what was done, so that it is not done again."""
    try:
        yield
    except BrokenPipeError as error:
        raise StdoutUnwritable(f"{unwritable(error)} {words}") from None
    except StdoutUnwritable as error:
        raise StdoutUnwritable(f"{error} {words}") from None


def discard_stdout() -> None:
    """Discard what is still buffered for stdout, so that the interpreter does not complain when it ends."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


class Piped:
    """What is piped into a command: stdin, named `-`, FIFOs and devices. Each can be read once.

    At the end of the block, the files that it was copied to are removed.
    """

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._taken: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def file(self, source: str) -> Path:
        """All of it in a file, a picture with its format's suffix. Raises InvalidInput when it is empty."""
        from enlarger.engines.formats import SNIFF_BYTES, sniff

        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="enlarger-")
        inside = Path(tempfile.mkdtemp(dir=self._folder.name))
        path = inside / ("stdin" if source == DASH else "piped")
        with self._open(source) as stream, path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        with path.open("rb") as file:
            head = file.read(SNIFF_BYTES)
        if not head:
            raise InvalidInput(source, f"{_name(source)} is empty: pipe a file's content into the command.")
        try:
            return path.rename(path.with_suffix(sniff(head).extension))
        except EnlargerError:  # a video, a sound, or what the service will refuse
            return path

    def text(self, source: str) -> str:
        """The text that is piped in, or that is in a file. Raises InvalidInput."""
        if not is_piped(source):
            return read_text(source)
        with self._open(source) as stream:
            return _to_text(stream.read(_LONGEST_TEXT + 1), source)

    @contextmanager
    def _open(self, source: str) -> Iterator[BinaryIO]:
        if source in self._taken:
            raise InvalidInput(source, f"{_name(source)} is named twice, and it can be read only once.")
        self._taken.add(source)
        try:
            if source != DASH:
                with Path(source).open("rb") as stream:
                    yield stream
            elif sys.stdin.isatty():
                raise InvalidInput(DASH, "Standard input (-) is a terminal: pipe something into the command.")
            else:
                yield sys.stdin.buffer
        except OSError as error:
            raise InvalidInput(source, f"{_name(source)} cannot be read: {error.strerror or error}.") from None


def is_piped(source: str) -> bool:
    """Whether a name stands for what can be read only once: stdin, a FIFO, `<(command)`."""
    if source == DASH:
        return True
    try:
        mode = Path(source).stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def read_argument(text: str) -> str:
    """A text that was typed, or with @FILE the one in a file, or on stdin (`@-`). Raises InvalidInput.

    `@@` starts a text that begins with @.
    """
    if not text.startswith("@"):
        return text
    return text[1:] if text.startswith("@@") else Piped().text(text[1:])


def read_text(path: str) -> str:
    """The text in a file. Raises InvalidInput."""
    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(_LONGEST_TEXT + 1)
    except (OSError, RuntimeError, ValueError) as error:
        raise InvalidInput(path, f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return _to_text(content, path)


def _to_text(content: bytes, source: str) -> str:
    """A file's content as text, without a byte order mark and without the newline at its end. Raises InvalidInput."""
    if len(content) > _LONGEST_TEXT:
        raise InvalidInput(source, f"{_name(source)} is too long for a text: give at most {_LONGEST_TEXT:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(source, f"{_name(source)} is not UTF-8 text.") from None
    return text.replace("\r\n", "\n").removesuffix("\n")


def _name(source: str) -> str:
    return "Standard input (-)" if source == DASH else source
