"""The commands, as they are grouped and described."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app


def test_the_help_groups_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    text = CliRunner().invoke(app, ["--help"]).output
    words = [line.split()[1] for line in text.splitlines() if line.startswith(("│ ", "╭─ ")) and line.split()[1:]]
    titles = {"Pictures", "Models", "Service", "Settings"}
    assert [word for word in words if word in titles] == ["Pictures", "Models", "Service", "Settings"]
    order = [word for word in words if word.isalpha() and word not in titles]
    assert order[order.index("upscale") : order.index("credits") + 1] == [
        "upscale", "run", "status", "wait", "download", "list", "cancel", "upload", "credits",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["run", "status", "wait", "download", "list", "cancel", "credits", "upload"])
def test_every_command_about_tasks_has_the_three_styles_and_the_choice_of_a_service(command: str) -> None:
    text = CliRunner().invoke(app, [command, "--help"]).output
    for option in ("--json", "--quiet", "--base-url", "--api-key", "--data-dir"):
        assert option in text
    assert "Example" in text


@pytest.mark.parametrize("command", [[], ["upscale"], ["run"], ["config", "set"], ["providers", "check"]])
def test_h_is_help_everywhere(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "-h"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(app, [*command, "--help"]).output
