"""The layers of the tests, and how many faults are tried.

`acceptance` and `faults` are the folders of these names. Of the others, what uses a server or an engine is
`integration`, and all the rest is `unit`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_FOLDERS = ("acceptance", "faults")
_HEAVY = {"postgres", "s3_server", "cache", "used_before"}
"""Fixtures that start a server or load an engine, by which a test is one of integration."""
_MOST_SEEDS = 1_000_000


def layer(item: pytest.Item) -> str:
    """The name of a test's layer; a module with needs that no fixture tells of is marked `integration` itself."""
    folder = item.path.relative_to(_FOLDER).parts[0]
    if folder in _FOLDERS:
        return folder
    heavy = _HEAVY & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("integration")
    return "integration" if heavy else "unit"


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.add_marker(layer(item))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fault matrix")
    group.addoption("--fault-runs", type=int, default=200, help="how many runs of the fault matrix are made (200)")
    group.addoption("--fault-seed", type=int, help="what decides what goes wrong in each; another one each time")


def pytest_configure(config: pytest.Config) -> None:
    if config.option.fault_seed is None:  # the processes of xdist are given that of the first
        config.option.fault_seed = random.SystemRandom().randrange(_MOST_SEEDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [report for some in terminalreporter.stats.values() for report in some]
    if any(getattr(report, "nodeid", "").startswith("tests/faults/test_faults.py") for report in reports):
        runs, seed = config.option.fault_runs, config.option.fault_seed
        terminalreporter.write_line(f"fault matrix: --fault-runs {runs} --fault-seed {seed}")
