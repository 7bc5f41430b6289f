"""The commands, as they are grouped and described."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from enlarger.cli.app import app, main


def test_the_help_groups_the_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    text = CliRunner().invoke(app, ["--help"]).output
    titles = [line for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Images and tasks:", "Models:", "Service:", "Settings:", "Options:"]
    order = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    assert order[: order.index("credits") + 1] == [
        "upscale", "watch", "run", "wait", "status", "download", "list", "cancel", "upload", "credits",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["run", "status", "wait", "download", "list", "cancel", "credits", "upload"])
def test_every_command_about_tasks_has_the_three_styles_and_the_choice_of_a_service(command: str) -> None:
    text = CliRunner().invoke(app, [command, "--help"]).output
    for option in ("--json", "--quiet", "--base-url", "--api-key", "--data-dir"):
        assert option in text
    assert "Example" in text


def end(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command."""
    monkeypatch.setattr("sys.argv", ["enlarger", *arguments])
    monkeypatch.setattr("sys.stderr", sys.stderr)  # put back what `main` makes of it
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


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


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()])
def test_every_help_can_be_read_at_any_width(
    path: tuple[str, ...], command: Any, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = CliRunner().invoke(app, [*path, "-h"]).output
    words = text.split()
    for parameter in command.params:
        for name in (*parameter.opts, *parameter.secondary_opts) if parameter.param_type_name == "option" else ():
            assert {name, f"{name},"} & set(words), f"{name} is cut off"
    body, _, examples = text.partition("Example")
    assert not re.search(r"<\w+>|\w…", body), "a type of Python's, or a word that is cut off"
    assert all(len(line) <= columns for line in body.splitlines())
    assert all(line == line.rstrip() for line in text.splitlines())
    assert [line for line in examples.splitlines() if re.match(r"  (\w+=\S+ )*enlarger ", line)]


@pytest.mark.parametrize("group", ["models", "config", "providers", "maintenance"])
def test_an_option_before_a_command_of_a_group_is_not_lost(group: str) -> None:
    inner = next(iter(get_command(app).commands[group].commands))  # type: ignore[attr-defined]
    for option in ("--json", "-q"):
        ran = CliRunner().invoke(app, [group, option, inner])
        assert ran.exit_code == 2
        assert "give it after the command" in " ".join(ran.output.split())


@pytest.mark.parametrize(
    ("arguments", "quiet", "known"),
    [
        (["models", "--provider", "local", "--task", "upscale"], "real-esrgan/fast", "taskType"),
        (["models", "show", "real-esrgan/fast"], "upscale_factor", "example"),
        (["quote", "real-esrgan/fast", "-i", "image_url=https://example.com/a.jpg"], "0", "credits"),
        (["config", "set", "locale", "ru"], None, "setting"),
        (["config", "unset", "locale"], None, "setting"),
        (["completion", "fish"], None, "script"),
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
            assert quiet in ran.stdout.splitlines() if quiet else "script" in known or not ran.stdout
            assert not ran.stderr
        else:
            data = json.loads(ran.stdout)
            assert known in (data[0] if isinstance(data, list) else data)


@pytest.mark.parametrize("command", [[], ["upscale"], ["run"], ["config", "set"], ["providers", "check"]])
def test_h_is_help_everywhere(command: list[str]) -> None:
    shown = CliRunner().invoke(app, [*command, "-h"])
    assert shown.exit_code == 0
    assert shown.output == CliRunner().invoke(app, [*command, "--help"]).output


def groups(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every group of commands that does nothing by itself, by the words that it is called with."""
    group = group or get_command(app)
    if group.no_args_is_help:
        yield path
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from groups(command, (*path, name))


def test_these_are_the_groups_that_do_nothing_by_themselves() -> None:
    assert {" ".join(path) for path in groups()} == {"", "accounts", "keys", "budgets", "webhooks"}


@pytest.mark.parametrize("path", [pytest.param(path, id=" ".join(path) or "enlarger") for path in groups()])
def test_a_group_without_a_command_prints_its_help(path: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "enlarger", *path]
    bare = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    help = subprocess.run([*command, "--help"], check=False, capture_output=True, text=True, timeout=120)
    assert (bare.returncode, bare.stdout) == (2, "")
    assert bare.stderr.startswith("Usage: ")
    assert bare.stderr.split() == help.stdout.split()
