"""`enlarger cancel`, `list` and `status`: what became of a task is a sentence, not a bare code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

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


@pytest.mark.parametrize("style", [[], ["-q"]], ids=str)
@pytest.mark.parametrize("command", _DONE)
def test_what_was_done_before_an_error_is_printed(
    command: str, style: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, printed = _DONE[command]
    asked: list[str] = []

    def answer(got: Got) -> Reply:
        asked.append(got.path)
        second = len(asked) > 1 if command == "upload" else "b" * 32 in got.path
        code = 404 if second else 200
        body = json.dumps({"success": code == 200, "code": code, "msg": "The message", "data": data}).encode()
        return 200, {HEADER: write_extensions()}, body

    names = [_ID, "b" * 32]
    if command == "upload":
        names = [str(tmp_path / name) for name in ("a.png", "b.png")]
        for name in names:
            Path(name).write_bytes(b"x")
    with serving(answer) as url:
        monkeypatch.setenv("KIE_UPLOAD_URL", url)
        ended = CliRunner().invoke(app, [command, *names, "--base-url", url, "--api-key", "a key", *style])
    assert ended.exit_code == 5, ended.output
    assert ended.stdout.startswith(printed)
    assert "The message" in ended.stderr
