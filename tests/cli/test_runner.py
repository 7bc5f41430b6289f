"""Running the work of commands."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli.test_app import end
from tests.cli.test_every_command import OF_A_DATABASE, RUN_A_SERVICE, Captured


@pytest.mark.parametrize("path", sorted(OF_A_DATABASE.keys() - RUN_A_SERVICE), ids=" ".join)
def test_with_only_the_client_installed_the_missing_package_is_named(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    for module in ("database", "installation", "moving"):  # which an earlier test may have imported
        monkeypatch.delitem(sys.modules, f"enlarger.cli.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "enlarger.infra.postgres", None)  # as if it could not be imported
    assert end([*path, *OF_A_DATABASE[path], "--json"], monkeypatch) == 1
    message = json.loads(capsys.readouterr().out)["error"]["message"]
    assert message.startswith("A service of your own needs the package enlarger.infra.postgres: `pip install")
