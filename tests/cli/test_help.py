"""What the help says of arguments and options, in words that need no knowledge of the framework."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from enlarger.cli.app import app
from enlarger.settings import MOST_PROCESSES, ServiceSettings
from tests.cli.test_app import commands

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=" ".join(one[0])) for one in commands()])
def test_help_has_nothing_of_the_framework_in_it(
    path: tuple[str, ...], command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = " ".join(CliRunner().invoke(app, [*path, "--help"]).output.split())
    assert not re.search(r"\[\[|<=|>=|env var|\[default: \(|<\w+>|\.\.\.\.|\[ARGS\]", text)
    for parameter in command.params:
        assert parameter.help, f"{parameter.name} has no help"
        if parameter.param_type_name == "option" and not parameter.is_flag:
            assert parameter.metavar, f"{parameter.name} does not say what it takes"


@pytest.mark.parametrize(
    ("path", "usage"),
    [
        ("", "enlarger COMMAND [OPTIONS]"),
        ("keys", "enlarger keys COMMAND [OPTIONS]"),
        ("models", "enlarger models [COMMAND] [OPTIONS]"),
        ("keys list", "enlarger keys list [OPTIONS] [ACCOUNT]"),
        ("models install", "enlarger models install [OPTIONS] [MODEL]..."),
        ("cancel", "enlarger cancel [OPTIONS] TASK..."),
        ("config set", "enlarger config set [OPTIONS] NAME [VALUE]"),
    ],
)
def test_the_usage_line(path: str, usage: str) -> None:
    shown = CliRunner().invoke(app, [*path.split(), "--help"], prog_name="enlarger").output
    assert shown.splitlines()[0] == f"Usage: {usage}"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("list", "--limit N How many tasks to list. [default: 20]"),
        ("watch", "[default: 2; at least 0.1]"),
        ("webhooks listen", "[default: 0; 0 to 65535]"),
        ("upscale", "-f, --factor 1-16"),
        ("upscale", "The quality of JPEG, WebP and AVIF results. [default: 95; 85 for AVIF]"),
        ("upscale", "--recursive / --no-recursive Include subfolders. [default: --recursive]"),
        ("up", f"[default: 1; env: ENLARGER_PROCESSES; 1 to {MOST_PROCESSES}]"),
    ],
)
def test_defaults_and_limits_are_in_words(path: str, line: str) -> None:
    assert line in " ".join(CliRunner().invoke(app, [*path.split(), "--help"]).output.split())


@pytest.mark.parametrize("command", ["up", "serve", "bot"])
def test_the_defaults_of_host_and_port_are_those_of_the_settings(command: str) -> None:
    options = {one.name: one for one in get_command(app).commands[command].params}  # type: ignore[attr-defined]
    for name in ("host", "port"):
        assert options[name].show_default == str(ServiceSettings.model_fields[name].default)


def test_a_setting_of_an_account_that_is_not_given_has_no_default() -> None:
    assert "[default:" not in CliRunner().invoke(app, ["accounts", "set", "--help"]).output.partition("--json")[0]


@pytest.mark.parametrize(
    ("words", "credits", "note"),
    [
        (["shop", "-50"], "-50", None),
        (["shop", "-0.5", "--note", "a mistake"], "-0.5", "a mistake"),
        (["--note", "-7", "shop", "-50"], "-50", "-7"),
        (["shop", "--", "-50"], "-50", None),
        (["shop", "50"], "50", None),
    ],
)
def test_credits_can_be_taken_away(words: list[str], credits: str, note: str | None) -> None:
    accounts = get_command(app).commands["accounts"]  # type: ignore[attr-defined]
    parsed = accounts.commands["top-up"].make_context("top-up", words).params
    assert (parsed["name"], parsed["credits"], parsed["note"]) == ("shop", credits, note)


def test_an_option_that_top_up_does_not_have_is_still_one() -> None:
    ran = CliRunner().invoke(app, ["accounts", "top-up", "shop", "-x"])
    assert ran.exit_code == 2
    assert "No such option: -x" in ran.output


@pytest.mark.parametrize("command", ["watch", "webhooks listen"])
def test_commands_that_print_many_documents_say_so(command: str) -> None:
    text = " ".join(CliRunner().invoke(app, [*command.split(), "--help"]).output.split())
    assert "--json Print a JSON document per line." in text


def test_run_and_quote_describe_inputs_in_the_same_words() -> None:
    inner = get_command(app).commands  # type: ignore[attr-defined]
    of = {name: {one.name: one.help for one in inner[name].params} for name in ("run", "quote")}
    assert of["run"]["input"] == of["quote"]["fields"]
    assert of["run"]["input_json"] == of["quote"]["input_json"]


@pytest.mark.parametrize(
    ("group", "says"),
    [
        ("providers", "reported by the running service"),
        ("engines", "megapixels of output per second"),
        ("models", "those that it has switched off are marked"),
        ("config", "Keys are shown by their last characters"),
    ],
)
def test_a_group_that_does_something_itself_says_what(group: str, says: str) -> None:
    assert says in " ".join(CliRunner().invoke(app, [group, "--help"]).output.split())
