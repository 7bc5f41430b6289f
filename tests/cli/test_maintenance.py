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
        return json.loads(result.stdout)

    return command


def test_it_is_switched_on_and_off_and_shown(run: Any) -> None:
    assert run() == {"maintenance": False}
    begun = run("on", "--minutes", "30", "--message", "New disks.")
    assert (begun["maintenance"], begun["message"]) == (True, "New disks.")
    assert 1700 < begun["retryAfter"] <= 1800
    again = run("on")
    assert (again["since"], again["message"], again["retryAfter"]) == (begun["since"], None, 300)
    assert run()["maintenance"] is True
    for _ in range(2):
        assert run("off") == {"maintenance": False}
