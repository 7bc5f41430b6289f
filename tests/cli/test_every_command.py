"""What holds for every command there is: with `--json` one document whatever happens, and never a traceback.

The errors are those that a service, or what stands before it, answers; their remedies are in the command line's words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.loopback import Got, Reply, serving
from tests.cli.test_app import commands, end
from tests.pictures import photo, save

Captured = pytest.CaptureFixture[str]

_ID = "a" * 32
OF_A_SERVICE: dict[tuple[str, ...], list[str]] = {
    ("run",): ["google/nano-banana", "-i", "prompt=x"],
    ("status",): [_ID],
    ("wait",): [_ID],
    ("download",): [_ID],
    ("list",): [],
    ("cancel",): [_ID],
    ("upload",): ["photo.png"],
    ("credits",): [],
    ("deliveries",): [_ID],
    ("resend",): [_ID],
    ("upscale",): ["photo.png", "-m", "topaz/image-upscale"],
}
"""Commands that ask a service, and what they need."""
OF_A_DATABASE: dict[tuple[str, ...], list[str]] = {
    ("accounts", "add"): ["shop"],
    ("accounts", "list"): [],
    ("accounts", "set"): ["shop", "--weight", "2"],
    ("accounts", "top-up"): ["shop", "5"],
    ("accounts", "check"): [],
    ("keys", "create"): ["shop"],
    ("keys", "list"): [],
    ("keys", "revoke"): ["3f9a12bc77d0"],
    ("keys", "rotate"): ["3f9a12bc77d0"],
    ("maintenance",): [],
    ("maintenance", "on"): [],
    ("maintenance", "off"): [],
    ("backup",): ["backup"],
    ("move",): ["--to-storage", "elsewhere"],
    ("providers",): [],
    ("providers", "check"): [],
    ("budgets", "list"): [],
    ("budgets", "set"): ["account", "shop", "--day", "5"],
    ("orphans",): [],
    ("webhooks", "key"): [],
    ("up",): [],
    ("serve",): [],
    ("worker",): [],
    ("bot",): [],
}
"""Commands that need a database."""
RUN_A_SERVICE: set[tuple[str, ...]] = {("up",), ("serve",), ("worker",), ("bot",)}
"""Those of them that run a service, or a part of one."""
_ALONE: dict[tuple[str, ...], list[str] | None] = {
    ("quote",): ["nothing/like-it"],
    ("models",): ["--kind", "nothing"],
    ("models", "show"): ["nothing/like-it"],
    ("webhooks", "listen"): ["--forward-to", "nothing"],
    ("restore",): ["nothing"],
    ("watch",): ["nothing"],
    ("engines",): None,
    ("doctor",): None,  # which finds fault, and does not fail
    ("models", "install"): ["google/nano-banana"],
    ("models", "add"): ["nothing.txt"],
    ("models", "remove"): ["nothing"],
    ("engines", "measure"): ["nothing"],
    ("config",): None,  # which cannot fail
    ("config", "set"): ["nothing", "x"],
    ("config", "unset"): ["nothing"],
    ("completion",): ["nothing"],
    ("mcp",): None,  # it talks to an agent, which closes stdin
}
"""Commands that need neither, with what they refuse."""
ARGUMENTS: dict[tuple[str, ...], list[str] | None] = {**OF_A_SERVICE, **OF_A_DATABASE, **_ALONE}
"""All commands, with arguments that they accept or at least look at."""


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    save(photo(8, 8), Path("photo.png"))


def failed(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The error that a command reports, having checked how it is reported."""
    capsys.readouterr()
    assert end([*arguments, "--json"], monkeypatch) != 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert "Traceback" not in err
    error: dict[str, Any] = document.get("error") or {"type": "of one picture", **document["failed"][0]}
    assert error["message"]
    assert error["type"]
    capsys.readouterr()
    assert end([*arguments, "-q"], monkeypatch) != 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(("error: ", "1 could not be")) or "╭─ Error" in err
    return error


def test_these_are_all_the_commands() -> None:
    assert set(ARGUMENTS) == {path for path, _ in commands()}


@pytest.mark.parametrize(("path", "arguments"), [one for one in _ALONE.items() if one[1] is not None])
def test_what_a_command_refuses_is_a_document(
    path: tuple[str, ...], arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failed([*path, *arguments], monkeypatch, capsys)


@pytest.mark.parametrize(("path", "arguments"), OF_A_DATABASE.items())
def test_a_database_that_is_away_is_a_document(
    path: tuple[str, ...], arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    monkeypatch.setenv("ENLARGER_STORAGE_URL", "files")
    monkeypatch.setenv("ENLARGER_DATABASE_WAIT", "0")
    failed([*path, *arguments], monkeypatch, capsys)


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_a_wrong_option_is_a_document(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = failed([*path, "--nothing-like-it"], monkeypatch, capsys)
    assert error == {"type": "UsageError", "message": "No such option: --nothing-like-it"}


def test_a_missing_argument_is_named_as_in_the_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failed(["status"], monkeypatch, capsys)["message"] == "Missing argument 'TASK'."
    end(["status"], monkeypatch)
    assert "enlarger status [OPTIONS] TASK\n" in capsys.readouterr().err


_ENVELOPE = {"Content-Type": "application/json"}
_ANSWERS: dict[str, Reply] = {
    "HTML": (200, {"Content-Type": "text/html"}, b"<!doctype html><title>Welcome</title>"),
    "empty": (200, {}, b""),
    "too many": (429, {**_ENVELOPE, "Retry-After": "120"}, b'{"code": 429, "msg": "Too many requests"}'),
    "forbidden": (403, _ENVELOPE, b'{"code": 403, "msg": "Forbidden"}'),
    "wrong key": (401, _ENVELOPE, b'{"code": 401, "msg": "Unauthorized"}'),
    "refused": (422, _ENVELOPE, b'{"code": 422, "msg": "Not so"}'),
}
_OF_THE_SDK = re.compile(r"max_retries|base_url=|proxy=|client\.|await |get_task_status")


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """A service for each of the answers."""
    with (
        serving(lambda _: _ANSWERS["HTML"]) as html,
        serving(lambda _: _ANSWERS["empty"]) as empty,
        serving(lambda _: _ANSWERS["too many"]) as many,
        serving(lambda _: _ANSWERS["forbidden"]) as forbidden,
        serving(lambda _: _ANSWERS["wrong key"]) as wrong,
        serving(lambda _: _ANSWERS["refused"]) as refused,
    ):
        yield dict(zip(_ANSWERS, (html, empty, many, forbidden, wrong, refused), strict=True))


def said(
    path: tuple[str, ...], answer: str, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> dict[str, Any]:  # fmt: skip
    monkeypatch.setenv("KIE_BASE_URL", addresses[answer])
    monkeypatch.setenv("KIE_UPLOAD_URL", addresses[answer])
    monkeypatch.setenv("KIE_API_KEY", "key")
    error = failed([*path, *OF_A_SERVICE[path]], monkeypatch, capsys)
    assert not _OF_THE_SDK.search(error["message"]), error["message"]
    return error


@pytest.mark.parametrize("answer", ["HTML", "empty"])
@pytest.mark.parametrize("path", OF_A_SERVICE, ids=" ".join)
def test_a_page_is_no_service(
    path: tuple[str, ...], answer: str, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:  # fmt: skip
    message = said(path, answer, addresses, monkeypatch, capsys)["message"]
    if path[0] in ("list", "cancel", "deliveries", "resend"):
        assert "An Enlarger service can: name one with --base-url" in message
    elif path != ("run",):  # of which nobody knows whether it made a task
        assert re.search(r"Check the (base URL \(KIE_BASE_URL|address for uploads \(KIE_UPLOAD_URL)\)", message)


@pytest.mark.parametrize("path", OF_A_SERVICE, ids=" ".join)
def test_who_is_asked_too_often_says_when_it_may_be_asked_again(
    path: tuple[str, ...],
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    message = said(path, "too many", addresses, monkeypatch, capsys)["message"]
    assert "retries" not in message
    assert "Run the command again in 120 seconds." in message or "An Enlarger service can" in message


@pytest.mark.parametrize("path", OF_A_SERVICE, ids=" ".join)
def test_a_service_on_loopback_is_not_abroad(
    path: tuple[str, ...],
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    error = said(path, "forbidden", addresses, monkeypatch, capsys)
    assert "VPN" not in error["message"]
    assert error["type"] != "AccessBlocked" or "ask its operator" in error["message"]


@pytest.mark.parametrize("path", OF_A_SERVICE, ids=" ".join)
def test_a_wrong_key_is_named_by_where_it_came_from(
    path: tuple[str, ...],
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    error = said(path, "wrong key", addresses, monkeypatch, capsys)
    assert error["type"] != "AuthenticationFailed" or "Check the key (KIE_API_KEY)." in error["message"]


@pytest.mark.parametrize("path", OF_A_SERVICE, ids=" ".join)
def test_the_catalogue_is_named_only_where_it_helps(
    path: tuple[str, ...],
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    message = said(path, "refused", addresses, monkeypatch, capsys)["message"]
    assert ("enlarger models show" in message) is (path == ("run",)), message
    assert path != ("run",) or "`enlarger models show google/nano-banana` lists the fields of the model" in message


def test_json_that_is_quiet_leaves_out_the_progress(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    result = json.dumps({"resultUrls": ["https://x.example/1.png"]})
    done = {"taskId": _ID, "state": "success", "model": "google/nano-banana", "resultJson": result}

    def answer(got: Got) -> Reply:
        data = done if "recordInfo" in got.path else {"taskId": _ID}
        return 200, _ENVELOPE, json.dumps({"code": 200, "msg": "ok", "data": data}).encode()

    with serving(answer) as address:
        monkeypatch.setenv("KIE_BASE_URL", address)
        monkeypatch.setenv("KIE_API_KEY", "key")
        assert end(["run", *OF_A_SERVICE[("run",)], "--json", "-q"], monkeypatch) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["taskId"], err) == (_ID, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("target", ["/dev/full", "/dev/null"])
@pytest.mark.parametrize("style", [[], ["-q"], ["--json"]], ids=str)
def test_a_picture_for_a_device_is_done_once_it_is_written_there(
    style: list[str], target: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    picture = Path("photo.png").read_bytes()

    def answer(got: Got) -> Reply:
        if got.path.endswith("result.png"):
            return 200, {"Content-Type": "image/png"}, picture
        result = json.dumps({"resultUrls": [f"{address}/result.png"]})
        done = {"taskId": _ID, "state": "success", "resultJson": result}
        uploaded = {"downloadUrl": f"{address}/photo.png", "fileName": "photo.png", "fileSize": 1}
        data = done if "recordInfo" in got.path else uploaded if "upload" in got.path else {"taskId": _ID}
        return 200, _ENVELOPE, json.dumps({"success": True, "code": 200, "msg": "ok", "data": data}).encode()

    with serving(answer) as address:
        monkeypatch.setenv("KIE_BASE_URL", address)
        monkeypatch.setenv("KIE_UPLOAD_URL", address)
        monkeypatch.setenv("KIE_API_KEY", "key")
        code = end(["upscale", "photo.png", "-m", "topaz/image-upscale", "-o", target, *style], monkeypatch)
    out, err = capsys.readouterr()
    assert "/out/" not in out + err
    assert "Traceback" not in err
    if target == "/dev/full":
        assert code == 1
        assert "'/dev/full' cannot be written: No space left on device." in err
        assert "✓" not in out + err
        assert out == "" or json.loads(out)["done"] == []
    else:
        assert code == 0, err
        assert "/dev/null" in out
