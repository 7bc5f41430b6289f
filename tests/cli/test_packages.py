"""What commands say that need more than is installed."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import pytest

from enlarger.cli.packages import needed_for
from enlarger.errors import ConfigurationError
from tests.cli.test_app import end
from tests.cli.test_every_command import Captured


def test_a_package_that_is_not_installed_is_named_with_what_to_do() -> None:
    with (
        pytest.raises(ConfigurationError) as raised,
        needed_for("The bot", extra="bot", otherwise=", or none"),
    ):
        import_module("no_such_package")
    assert str(raised.value) == "The bot needs the package no_such_package: `pip install 'enlarger[bot]'`, or none."


@pytest.mark.parametrize(
    ("command", "module", "begins", "ends"),
    [
        ("up", "enlarger.cli.service_runner", "Running a service needs", "ENLARGER_BASE_URL to use one that runs"),
        ("bot", "enlarger.cli.bot_process", "The bot needs", "`enlarger[all]` for everything."),
    ],
)
def test_commands_that_run_say_so(
    command: str, module: str, begins: str, ends: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    package, _, name = module.rpartition(".")
    monkeypatch.delattr(sys.modules[package], name, raising=False)
    monkeypatch.setitem(sys.modules, module, None)  # as if it could not be imported
    assert end([command, "--json"], monkeypatch) == 1
    message = json.loads(capsys.readouterr().out)["error"]["message"]
    assert message.startswith(begins)
    assert ends in message
