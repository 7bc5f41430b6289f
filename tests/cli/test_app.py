"""The commands, as they are grouped and described."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command
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


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by the words that it is called with."""
    group = group or get_command(app)
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield (*path, name), command
        if inner is not None:
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()])
def test_every_command_has_the_three_styles_and_a_short_help(path: tuple[str, ...], command: Any) -> None:
    options = {name for option in command.params for name in option.opts}
    assert {"--json", "--quiet", "-q"} <= options
    shown = CliRunner().invoke(app, [*path, "-h"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(app, [*path, "--help"]).output
    assert "Example" in shown.output


@pytest.mark.parametrize(
    ("arguments", "quiet", "known"),
    [
        (["models", "--provider", "local", "--task", "upscale"], "real-esrgan/fast", "taskType"),
        (["models", "show", "real-esrgan/fast"], "upscale_factor", "example"),
        (["quote", "real-esrgan/fast", "-i", "image_url=https://example.com/a.jpg"], "0", "credits"),
        (["config", "set", "locale", "ru"], None, "setting"),
        (["config", "unset", "locale"], None, "setting"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_what_needs_no_service_is_short_or_data(arguments: list[str], quiet: str | None, known: str) -> None:
    for style in ("-q", "--json"):
        if "unset" in arguments:
            CliRunner().invoke(app, ["config", "set", "locale", "ru"])
        ran = CliRunner().invoke(app, [*arguments, style])
        assert ran.exit_code == 0, ran.output
        if style == "-q":
            assert quiet in ran.stdout.splitlines() if quiet else not ran.stdout
            assert not ran.stderr
        else:
            data = json.loads(ran.stdout)
            assert known in (data[0] if isinstance(data, list) else data)


@pytest.mark.parametrize("command", [[], ["upscale"], ["run"], ["config", "set"], ["providers", "check"]])
def test_h_is_help_everywhere(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "-h"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(app, [*command, "--help"]).output
