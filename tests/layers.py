"""The layers of the tests, each with a marker of its name.

`acceptance` and `faults` are the folders of these names. Of the others, these are `integration`: tests that use a
server or an engine, tests of the parts that talk HTTP, and modules that mark themselves because they start processes.
All the rest are `unit` tests: they need neither a server nor a socket.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent
_FOLDERS = ("acceptance", "faults")
_OVER_HTTP = ("bot", "client", "providers", "testing")
"""Folders whose tests talk to servers on loopback."""
_HEAVY = {"postgres", "s3_server", "cache", "used_before"}
"""Fixtures that start a server or load an engine: a test that uses one is an integration test."""
_ONCE = {"s3_server", "service_process", "sandbox_process", "guides_process", "proxied", "chromium", "four_processes"}
"""Fixtures that are expensive: all tests that use one run in one process, which sets it up once."""


def layer(item: pytest.Item) -> str:
    """The name of a test's layer; a module that starts processes is marked `integration` itself."""
    folder = item.path.relative_to(_FOLDER).parts[0]
    if folder in _FOLDERS:
        return folder
    heavy = folder in _OVER_HTTP or _HEAVY & fixtures(item) or item.get_closest_marker("integration")
    return "integration" if heavy else "unit"


def fixtures(item: pytest.Item) -> set[str]:
    """The names of all fixtures that a test uses, directly or not."""
    return set(getattr(item, "fixturenames", ()))


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.add_marker(layer(item))
        for name in _ONCE & fixtures(item):
            item.add_marker(pytest.mark.xdist_group(name))
