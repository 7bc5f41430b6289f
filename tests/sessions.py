"""What all processes of one run of the tests have in common: its options, and a folder."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

_MOST_SEEDS = 1_000_000


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fault matrix")
    group.addoption("--fault-runs", type=int, default=200, help="how many runs of the fault matrix are made (200)")
    group.addoption("--fault-seed", type=int, help="what decides what goes wrong in each; another one each time")
    group = parser.getgroup("browser")
    group.addoption(
        "--need-chromium",
        action="store_true",
        help="fail browser tests instead of skipping them if Chromium is missing",
    )
    group = parser.getgroup("machines")
    group.addoption(
        "--need-namespaces",
        action="store_true",
        help="fail tests of several machines instead of skipping them if network namespaces cannot be made",
    )


def pytest_configure(config: pytest.Config) -> None:
    if (given := getattr(config, "workerinput", None)) is not None:  # a process of xdist
        config.option.fault_seed, config.option.shared_folder = given["fault_seed"], given["shared_folder"]
        return
    if config.option.fault_seed is None:
        config.option.fault_seed = random.SystemRandom().randrange(_MOST_SEEDS)
    folder = tempfile.mkdtemp(prefix="enlarger-shared-")
    Path(folder).chmod(0o755)  # Postgres may run as another user
    config.option.shared_folder = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What a process of xdist is given."""
    option = node.config.option
    node.workerinput |= {"fault_seed": option.fault_seed, "shared_folder": option.shared_folder}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [report for some in terminalreporter.stats.values() for report in some]
    if any(getattr(report, "nodeid", "").startswith("tests/faults/test_faults.py") for report in reports):
        runs, seed = config.option.fault_runs, config.option.fault_seed
        terminalreporter.write_line(f"fault matrix: --fault-runs {runs} --fault-seed {seed}")
