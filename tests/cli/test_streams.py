"""Standard input, output and error: what is piped in, and streams that are closed or full."""

from __future__ import annotations

import ast
import errno
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import pytest
from rich.table import Table

import enlarger.cli
from enlarger.cli.output import Output, Style
from enlarger.cli.streams import Piped, StdoutUnwritable, already_done, is_piped
from enlarger.errors import InvalidInput
from tests.cli.test_app import commands, end

pytestmark = pytest.mark.integration  # processes of its own

_FULL = Path("/dev/full")
_PNG = b"\x89PNG\r\n\x1a\n"

needs_full = pytest.mark.skipif(not _FULL.exists(), reason="there is no /dev/full")


def table() -> Table:
    drawn = Table("a", box=None)
    drawn.add_row("b")
    return drawn


_SAID: dict[str, Callable[[Output], None]] = {
    "done": lambda output: output.done("x"),
    "say": lambda output: output.say("x"),
    "lines": lambda output: output.lines(["x"], "x"),
    "line": lambda output: output.line("x", "x"),
    "facts": lambda output: output.facts([("a", "x")], ["x"], "x"),
    "table": lambda output: output.table(table(), ["x"], "x"),
    "json": lambda output: output.json("x"),
    "show": lambda output: output.show("x"),
}
_ON_STDERR = {("done", Style.JSON), ("say", Style.JSON), ("done", Style.QUIET), ("say", Style.QUIET)}


@pytest.fixture
def full() -> Iterator[TextIO]:
    """A stdout whose disk is full."""
    with _FULL.open("w") as stream:
        yield stream


@pytest.fixture
def unread() -> Iterator[TextIO]:
    """A stdout that nobody reads any more, as that of a command before `| head`."""
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w") as stream:
        yield stream


@needs_full
@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("name", _SAID)
def test_whatever_is_printed_on_a_full_disk_is_one_error(
    name: str, style: Style, full: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", full)
    if (name, style) in _ON_STDERR:
        _SAID[name](Output(style))
        return
    with pytest.raises(StdoutUnwritable, match="Standard output cannot be written: No space left on device"):
        _SAID[name](Output(style))


def test_nothing_in_the_command_line_prints_past_these() -> None:
    """So that no command has a traceback, a lost error or a wrong exit code of its own."""
    for file in Path(enlarger.cli.__file__).parent.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
        names = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
        assert "print" not in names or file.name == "streams.py", file


_HELPS = [(*path, "--help") for path, _ in commands()]
_OTHERS = [("models",), ("models", "--json"), ("models", "-q"), ("models", "show", "real-esrgan/fast"), ("--version",)]


@needs_full
@pytest.mark.parametrize("arguments", [*_HELPS, *_OTHERS], ids=" ".join)
def test_a_full_disk_is_told_in_a_sentence(
    arguments: tuple[str, ...], full: TextIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", full)
    assert end(arguments, monkeypatch) == 1
    assert capsys.readouterr().err == "error: Standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("arguments", [*_HELPS, *_OTHERS], ids=" ".join)
def test_a_reader_that_stops_reading_is_told_nothing(
    arguments: tuple[str, ...], unread: TextIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout", unread)
    assert end(arguments, monkeypatch) == 1
    assert "rror" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("redirection", "arguments", "code"),
    [
        ("> /dev/full", "models -q", 1),
        ("2> /dev/full", "models show nothing-like-it", 6),
        ("2> /dev/full", "models --nothing", 2),
        ("2> /dev/full", "models", 0),
        (">&-", "models", 0),
        (">&- 2>&-", "models --json", 0),
        ("2>&-", "models show nothing-like-it", 6),
        ("<&-", "upload -", 6),
        ("<&-", "run google/nano-banana -i prompt=@-", 6),
        ("< /dev/null", "upscale - -o x.png", 6),
    ],
)
@needs_full
def test_streams_that_are_closed_or_full_do_not_change_the_exit_code(
    redirection: str, arguments: str, code: int
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m enlarger {arguments} {redirection}'], capture_output=True, check=False
    )
    assert ended.returncode == code, ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"Exception ignored" not in ended.stderr


@pytest.mark.parametrize("error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), StdoutUnwritable("It is full.")])
def test_what_must_not_be_done_twice_is_said_to_be_done(
    error: Exception, full: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", full)
    says = r"(Broken pipe|It is full)\. The key 7 was made\."
    with pytest.raises(StdoutUnwritable, match=says), already_done("The key 7 was made."):
        raise error


# What is piped in


def test_a_pipe_can_be_read_once_and_is_gone_afterwards(tmp_path: Path) -> None:
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    assert is_piped(pipe)
    assert is_piped("-")
    assert is_piped(os.devnull)
    assert not is_piped(str(tmp_path))
    assert not is_piped(str(tmp_path / "nothing"))
    assert not is_piped("x" * 5000)
    writer = threading.Thread(target=Path(pipe).write_bytes, args=(_PNG,))
    writer.start()
    with Piped() as piped:
        path = piped.file(pipe)
        writer.join()
        assert path.name == "piped.png"
        assert path.read_bytes() == _PNG
        with pytest.raises(InvalidInput, match="is named twice"):
            piped.text(pipe)
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe\xff", "is not UTF-8 text"), (b"x" * 1_000_001, "is too long for a text: give at most 1,000,000")],
)
def test_what_is_no_text_is_told(content: bytes, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    with pytest.raises(InvalidInput, match=rf"Standard input \(-\) {says}"):
        Piped().text("-")


def test_an_empty_stdin_and_a_terminal_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(InvalidInput, match="is empty"), Piped() as piped:
        piped.file("-")
    ours, terminal = os.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with pytest.raises(InvalidInput, match="is a terminal"):
            Piped().text("-")
    os.close(ours)
