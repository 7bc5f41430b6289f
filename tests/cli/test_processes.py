"""How many processes a command runs, and that their connections are not more than Postgres accepts."""

from __future__ import annotations

import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.processes import Command, connections_of, count_processes
from enlarger.engines.resources import available_cpus
from enlarger.errors import ConfigurationError
from enlarger.settings import MOST_PROCESSES

_ACCEPTED = 100 - 3
"""Of a Postgres as it is installed; three are kept for administrators."""
_LISTENING: dict[Command, int] = {"up": 2, "serve": 1, "worker": 1}
"""Connections beside the pools."""


def _connections(command: Command, processes: int) -> int:
    one = connections_of(command, processes) + _LISTENING[command]
    return processes * one if command == "serve" else processes * (one + 3)  # the queue's


@pytest.mark.parametrize("command", ["up", "serve", "worker"])
@pytest.mark.parametrize("processes", range(1, MOST_PROCESSES + 1))
def test_a_command_with_as_many_processes_as_it_may_have_fits_into_postgres(command: Command, processes: int) -> None:
    assert _connections(command, processes) <= _ACCEPTED


def test_an_api_and_a_worker_with_their_defaults_fit_into_one_postgres() -> None:
    api = max(_connections("serve", processes) for processes in range(1, 9))
    worker = max(_connections("worker", processes) for processes in range(1, 5))
    assert api + worker <= _ACCEPTED


def test_the_default_is_by_cores_for_the_halves_and_one_for_the_whole() -> None:
    settings = load_settings()
    assert count_processes(settings, "up") == 1
    assert count_processes(settings, "serve") == min(available_cpus(), 8)
    assert count_processes(settings, "worker") == min(available_cpus(), 4)
    assert count_processes(load_settings(processes=3), "up") == 3


@pytest.mark.parametrize(
    ("value", "problem"), [("0", "at least 1"), ("-2", "at least 1"), ("13", "at most 12"), ("all", "a whole number")]
)
def test_a_wrong_number_is_told(monkeypatch: pytest.MonkeyPatch, value: str, problem: str) -> None:
    monkeypatch.setenv("ENLARGER_PROCESSES", value)
    with pytest.raises(ConfigurationError, match=f"ENLARGER_PROCESSES: it must be {problem}"):
        load_settings()
