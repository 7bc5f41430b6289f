"""`enlarger cancel`, `list` and `status`: what became of a task is a sentence, not a bare code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from enlarger.cli.app import app
from enlarger.protocol.extensions import HEADER, write_extensions
from tests.cli.loopback import Got, Reply, serving

_ID = "a" * 32


def answered(record: dict[str, Any], command: list[str]) -> str:
    task = {"taskId": _ID, "model": "google/nano-banana", **record}

    def answer(got: Got) -> Reply:
        data = {"tasks": [task], "next": None} if got.path.startswith("/v1/tasks?") else task
        data = {"record": task, "attempts": [], "resultUrls": []} if got.path == f"/v1/tasks/{_ID}" else data
        body = json.dumps({"code": 200, "msg": "success", "data": data}).encode()
        return 200, {HEADER: write_extensions() if "list" in command else "cancel"}, body

    with serving(answer) as url:
        ended = CliRunner().invoke(app, [*command, "--base-url", url, "--api-key", "a key"])
    assert ended.exit_code == 0, ended.output
    return ended.stdout


_FAILED = {"state": "fail", "failCode": "422", "failMsg": "The prompt is too long."}


@pytest.mark.parametrize(
    ("record", "sentence", "word"),
    [
        ({"state": "fail", "failCode": "cancelled"}, "is cancelled.", "cancelled"),
        (_FAILED, "cannot be cancelled, because it has failed: The prompt is too long (code 422).", "fail"),
        (
            {"state": "fail", "failCode": "500"},
            "cannot be cancelled, because it has failed: The service gave no reason (code 500).",
            "fail",
        ),
        ({"state": "success"}, "cannot be cancelled, because it has succeeded.", "success"),
        (
            {"state": "generating"},
            "is not cancelled: it is still 'generating'. Run the command again later.",
            "generating",
        ),
    ],
    ids=str,
)
def test_what_became_of_a_task_is_a_sentence(record: dict[str, Any], sentence: str, word: str) -> None:
    assert answered(record, ["cancel", _ID]) == f"{_ID} {sentence}\n"
    assert answered(record, ["cancel", _ID, "-q"]) == f"{_ID} {word}\n"


@pytest.mark.parametrize("command", [["list"], ["status", _ID]], ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (_FAILED, "The prompt is too long (code 422)."),
        ({"state": "fail", "failCode": "500"}, "The service gave no reason (code 500)."),
        ({"state": "fail", "failCode": "cancelled"}, "It was cancelled."),
    ],
)
def test_a_failure_is_shown_with_its_reason(record: dict[str, Any], reason: str, command: list[str]) -> None:
    assert reason in answered(record, command)


_DONE: dict[str, tuple[dict[str, Any], str]] = {
    "cancel": ({"taskId": _ID, "state": "fail", "failCode": "cancelled"}, _ID),
    "resend": ({"taskId": _ID, "state": "pending", "to": "https://x.example", "tries": []}, _ID),
    "upload": (
        {"downloadUrl": "https://x.example/a.png", "fileName": "a.png", "fileSize": 1},
        "https://x.example/a.png",
    ),
}


def several(command: str, wrong: str, tmp_path: Path, *options: str, code: int = 404) -> tuple[Result, list[str]]:
    """A command for three names, of which `wrong` (first, middle or last) is not found; and the names."""
    data, _ = _DONE[command]
    names = ["b" * 32 if place == wrong else _ID for place in ("first", "middle", "last")]
    if command == "upload":
        names = [str(tmp_path / f"{number}-{name[:1]}.png") for number, name in enumerate(names)]
        for name in names:
            Path(name).write_bytes(b"bbbb" if name.endswith("b.png") else b"aaaa")

    def answer(got: Got) -> Reply:
        refused = "b" * 32 in got.path or b"b.png" in got.body
        meant = code if refused else 200
        body = json.dumps({"success": not refused, "code": meant, "msg": "The message", "data": data}).encode()
        return 200, {HEADER: write_extensions()}, body

    with serving(answer) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIE_UPLOAD_URL", url)
        ended = CliRunner().invoke(app, [command, *names, "--base-url", url, "--api-key", "a key", *options])
    return ended, names


@pytest.mark.parametrize("wrong", ["first", "middle", "last"])
@pytest.mark.parametrize("command", _DONE)
def test_one_that_is_not_found_does_not_stop_the_others(command: str, wrong: str, tmp_path: Path) -> None:
    at = ["first", "middle", "last"].index(wrong)
    for options in ((), ("-q",)):
        ended, names = several(command, wrong, tmp_path, *options)
        assert ended.exit_code == 5, ended.output
        assert [line.startswith(_DONE[command][1]) for line in ended.stdout.splitlines()] == [True, True]
        assert f"{names[at]}: The message" in ended.stderr
    ended, names = several(command, wrong, tmp_path, "--json")
    assert ended.exit_code == 5, ended.output
    found = json.loads(ended.stdout)
    assert ["error" in one for one in found] == [place == at for place in range(3)]
    key = "source" if command == "upload" else "taskId"
    assert (found[at][key], found[at]["error"]["type"]) == (names[at], "NotFound")


@pytest.mark.parametrize("command", _DONE)
def test_an_error_that_all_would_get_is_asked_for_once(command: str, tmp_path: Path) -> None:
    ended, _ = several(command, "middle", tmp_path, "--json", code=401)
    assert ended.exit_code == 3, ended.output
    assert ["error" in one for one in json.loads(ended.stdout)] == [False, True, True]


def test_files_that_are_not_there_do_not_stop_the_others(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("missing.png", "a.png")]
    Path(names[1]).write_bytes(b"x")
    body = json.dumps({"success": True, "code": 200, "data": _DONE["upload"][0]}).encode()
    with serving(lambda _: (200, {}, body)) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIE_UPLOAD_URL", url)
        ended = CliRunner().invoke(app, ["upload", *names, "--base-url", url, "--api-key", "a key"])
    assert (ended.exit_code, ended.stdout) == (6, "https://x.example/a.png\n")
    assert f"{names[0]}: There is no file" in ended.stderr


@pytest.mark.parametrize("command", _DONE)
def test_a_single_one_that_fails_is_the_commands_error(command: str, tmp_path: Path) -> None:
    name = _ID if command != "upload" else str(tmp_path / "none.png")
    body = json.dumps({"code": 404, "msg": "The message", "data": None}).encode()
    with serving(lambda _: (200, {HEADER: write_extensions()}, body)) as url:
        ended = CliRunner().invoke(app, [command, name, "--base-url", url, "--api-key", "a key", "--json"])
    assert ended.exit_code in (5, 6)
    assert list(json.loads(ended.stdout)) == ["error"]
