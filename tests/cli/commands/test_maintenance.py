"""`enlarger maintenance`: the switch, as people and programs see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from enlarger.cli.app import app


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)

    def command(*arguments: str) -> Any:
        result = CliRunner().invoke(app, ["maintenance", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout) | {"told": result.stderr}

    return command


def test_it_is_switched_on_and_off_and_shown(run: Any) -> None:
    assert run()["maintenance"] is False
    begun = run("on", "--minutes", "30", "--message", "New disks.")
    assert (begun["maintenance"], begun["message"]) == (True, "New disks.")
    assert 1700 < begun["retryAfter"] <= 1800
    assert run()["maintenance"] is True
    for _ in range(2):
        assert run("off")["maintenance"] is False


def test_switched_on_again_it_keeps_what_is_not_given_and_tells_what_is_replaced(run: Any) -> None:
    begun = run("on", "--message", "New disks.")
    assert "already" not in begun["told"]
    again = run("on", "--minutes", "30")
    assert (again["since"], again["message"]) == (begun["since"], "New disks.")
    assert "It was on already; options that were not given are unchanged." in again["told"]
    replaced = run("on", "--message", "New network.")
    assert replaced["message"] == "New network."
    assert 1700 < replaced["retryAfter"] <= 1800
    assert "The previous message was: New disks." in replaced["told"]
    assert "Apps get the message: New network." in replaced["told"]
    removed = run("on", "--message", "")
    assert removed["message"] is None
    assert "The previous message was: New network." in removed["told"]
