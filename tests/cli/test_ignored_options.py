"""Options that would be ignored, and mistyped data directories, are refused before anything is sent or written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.loopback import Got, Reply, serving
from tests.cli.test_app import end
from tests.cli.test_every_command import OF_A_DATABASE, OF_A_SERVICE, RUN_A_SERVICE, Captured
from tests.pictures import photo, save

_CREATES = {("run",), ("upload",), ("upscale",)}
"""Commands that may start a service on a new data directory."""


def refused(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> str:
    """The sentence that a command is refused with."""
    assert end([*arguments, "--json"], monkeypatch) in (1, 2, 6)
    message: str = json.loads(capsys.readouterr().out)["error"]["message"]
    return message


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "m", "--no-wait", "--timeout", "5"], "With --no-wait there is no wait for --timeout to limit"),
        (["run", "m", "--no-wait", "-o", "x.png"], "With --no-wait there is no result yet for --output"),
        (["list", "--all", "--limit", "20"], "With --all there is no --limit"),
        (["accounts", "add", "shop", "--unlimited", "--credits", "0"], "With --unlimited there is no balance"),
        (["webhooks", "key", "--rotate", "--drop-former"], "--rotate and --drop-former exclude each other"),
        (["upload", "photo.png", "photo.png", "--name", "x.png"], "--name is for one file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options_of_which_one_would_be_ignored(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    save(photo(8, 8), Path("photo.png"))
    asked: list[str] = []

    def answer(got: Got) -> Reply:
        asked.append(got.path)
        return 422, {}, b""

    with serving(answer) as address:
        monkeypatch.setenv("KIE_BASE_URL", address)
        monkeypatch.setenv("KIE_API_KEY", "key")
        assert sentence in refused(arguments, monkeypatch, capsys)
    assert asked == []


def test_a_sandbox_for_a_bot_that_joins_a_service(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    assert "With DATABASE_URL the bot joins a running service" in refused(["bot", "--sandbox"], monkeypatch, capsys)


@pytest.mark.parametrize("option", ["--base-url", "--api-key"])
@pytest.mark.parametrize("path", [*sorted(OF_A_SERVICE.keys() - {("upscale",)}), ("quote",)], ids=" ".join)
def test_a_data_directory_beside_another_service(
    path: tuple[str, ...], option: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    arguments = [*path, *OF_A_SERVICE.get(path, ["real-esrgan/fast"])]
    said = refused([*arguments, option, "http://x.example", "--data-dir", str(tmp_path / "d")], monkeypatch, capsys)
    assert f"it is for a service on this machine, and {option} names another" in said


@pytest.mark.parametrize(
    "path", sorted((OF_A_SERVICE.keys() - _CREATES) | (OF_A_DATABASE.keys() - RUN_A_SERVICE)), ids=" ".join
)
def test_a_mistyped_data_directory(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    for name in ("DATABASE_URL", "KIE_API_KEY", "KIE_BASE_URL", "ENLARGER_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    mistyped = tmp_path / "mistyped"
    arguments = [*path, *(OF_A_SERVICE | OF_A_DATABASE)[path], "--data-dir", str(mistyped)]
    message = refused(arguments, monkeypatch, capsys)
    assert message.startswith(f"There is no Enlarger data in {mistyped}: correct --data-dir")
    assert not mistyped.exists()
