"""Data on stdout, hints on stderr, in three styles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.table import Table

from enlarger import errors
from enlarger.cli.options import make_output
from enlarger.cli.output import Output, Style, describe, plain

pytestmark = pytest.mark.integration  # processes of its own

_URL = "https://example.com/" + "x" * 300


def table() -> Table:
    drawn = Table(box=None)
    drawn.add_column("a")
    drawn.add_column("b")
    drawn.add_row("one", _URL)
    return drawn


@pytest.mark.parametrize(("style", "hints"), [(Style.HUMAN, 2), (Style.JSON, 2), (Style.QUIET, 0)])
def test_hints_are_on_stderr_and_quiet_has_none(style: Style, hints: int, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(style)
    output.hint("[bold]by the way[/]")
    output.warn("look [here]")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["by the way", "note: look [here]"][:hints]


def test_data_is_lines_or_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Style.HUMAN).lines(["a", "b"], {"names": ["a", "b"]})
    Output(Style.QUIET).lines(["a", "b"], {"names": ["a", "b"]})
    assert capsys.readouterr().out == "a\nb\n" * 2
    Output(Style.JSON).lines(["a", "b"], {"names": ["a", "b"]})
    assert json.loads(capsys.readouterr().out) == {"names": ["a", "b"]}


def test_events_are_a_json_document_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(2):
        Output(Style.JSON).line("words", {"number": number})
    assert [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()] == [0, 1]


def test_what_goes_into_a_file_is_neither_cut_off_nor_broken_nor_padded(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Style.HUMAN).table(table(), ["quiet"], [])
    Output(Style.HUMAN).facts([("result", _URL), ("id", "7")], ["quiet"], {})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["a", "b"], ["one", _URL], ["result", _URL], ["id", "7"]]
    assert all(line == line.rstrip() for line in lines)
    Output(Style.QUIET).table(table(), ["quiet"], [])
    Output(Style.QUIET).facts([("result", _URL)], ["quiet"], {})
    assert capsys.readouterr().out == "quiet\nquiet\n"


def test_nobodys_text_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert plain("a\x1b[31m\r\nb\x9b") == "a [31m  b "
    output = Output(Style.HUMAN)
    output.lines(["\x1b]0;title\x07"], {})
    output.line("\x1b[2J", {})
    output.facts([("result", "\x1b[2J[bold]")], [], {})
    output.error(errors.TaskFailed("\x1b[2J [red]"))
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "[bold]" in out
    assert "[red]" in err


def test_an_error_is_one_json_document_and_words_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.TaskFailed("Task 7 failed: no", task_id="7", code=501)
    Output(Style.JSON).error(error)
    out, err = capsys.readouterr()
    assert err == "error: Task 7 failed: no (code 501).\n"
    assert json.loads(out) == {
        "error": {"type": "TaskFailed", "message": "Task 7 failed: no (code 501).", "code": 501, "taskId": "7"}
    }
    Output(Style.QUIET).error(error)
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: Task 7 failed: no (code 501).\n")


def test_an_interruption_is_told_but_is_no_error_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    Output(Style.QUIET).error(errors.Interrupted("Interrupted. Go on with x.", task_id="7"))
    assert capsys.readouterr().err == "Interrupted. Go on with x.\n"


def test_an_error_as_data_has_all_that_is_known() -> None:
    faults = [("a", "missing", "The field 'a' is required."), ("b", "type", "The field 'b' is no number.")]
    assert describe(errors.InputRefused("wrong", request_id="r", faults=faults)) == {
        "type": "InputRefused",
        "message": "wrong (code 422, request r).",
        "code": 422,
        "requestId": "r",
        "field": "a",
        "faults": [{"field": field, "code": code, "message": message} for field, code, message in faults],
    }
    unknown = errors.SubmissionUnknown("who knows")
    unknown.idempotency_key = "k"
    assert describe(unknown)["idempotencyKey"] == "k"
    assert describe(errors.Interrupted("x")) == {"type": "Interrupted", "message": "x"}


_LATIN = "caf\udce9.jpg"
"""A file's name that is not in UTF-8, as Python has it."""


@pytest.mark.parametrize("style", Style)
def test_a_name_that_is_not_utf_8_stops_nothing(style: Style, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(style)
    output.lines([_LATIN], {"file": _LATIN})
    output.line(_LATIN, {"file": _LATIN})
    output.facts([("file", _LATIN)], [_LATIN], {"file": _LATIN})
    output.json([{"file": Path(_LATIN)}])
    output.error(errors.InvalidInput("FILE", f"{_LATIN} is no picture."))
    out, err = capsys.readouterr()
    assert out.count("caf?.jpg") == (5 if style is Style.JSON else 4)
    assert "caf?.jpg is no picture" in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1251", "utf-8"])
@pytest.mark.parametrize(
    "command", [["--help"], ["models", "--task", "upscale"], ["models", "show", "google/nano-banana"], ["upscale", "…"]]
)
def test_no_encoding_of_a_terminal_stops_a_command(command: list[str], encoding: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "enlarger", *command],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == (1 if "…" in command else 0), ended.stderr
    assert b"Error" not in ended.stderr
    (ended.stdout + ended.stderr).decode(encoding)


def test_json_that_is_quiet_says_nothing_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    output = make_output(json=True, quiet=True)
    output.hint("a hint")
    output.done("done")
    output.say("a line")
    output.warn("a note")
    output.hints.print("progress")
    output.lines(["x"], {"x": 1})
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ({"x": 1}, "")
    output.caution("it may cost money")
    assert "it may cost money" in capsys.readouterr().err
