"""The API of one process, and the same of four: for tests of what has to be exact however many there are.

A module that imports `api`, `database_url` and `fleet` has all its tests twice.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from enlarger.server import Service, create_app, serve
from tests.conftest import KEY
from tests.databases import Databases
from tests.environment import is_setting

PROCESSES = 4
_START_SECONDS = 240.0
_ANSWERS = "The API answers at "


@dataclass(frozen=True)
class Fleet:
    """`enlarger serve --processes 4`."""

    url: str
    database: str
    """The name of its database."""


@pytest.fixture(scope="session")
def four_processes(databases: Databases) -> Iterator[Fleet]:
    """The processes, which live as long as the tests."""
    name = asyncio.run(databases.take())
    with tempfile.TemporaryDirectory(prefix="enlarger-processes-") as path:
        folder = Path(path)
        environment = {variable: value for variable, value in os.environ.items() if not is_setting(variable)}
        environment |= {
            "DATABASE_URL": databases.url(name),
            "ENLARGER_STORAGE_URL": str(folder / "files"),
            "ENLARGER_DATA_DIR": str(folder / "data"),
            "ENLARGER_CONFIG": str(folder / "config.env"),
        }
        command = [sys.executable, "-m", "enlarger", "serve", "--port", "0", "--processes", str(PROCESSES)]
        log = folder / "log"
        with log.open("wb") as written:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=written)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while _ANSWERS not in (said := log.read_text()):
                assert process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.02)
            yield Fleet(said.partition(_ANSWERS)[2].partition(";")[0], name)
        finally:
            process.terminate()
            process.wait()
    asyncio.run(databases.give_back(name))


@pytest.fixture(params=["one process", "four processes"])
def fleet(request: pytest.FixtureRequest, four_processes: Fleet) -> Fleet | None:
    """The four processes; None for a server in the process of the test."""
    return four_processes if request.param == "four processes" else None


@pytest.fixture
async def database_url(databases: Databases, fleet: Fleet | None) -> AsyncIterator[str]:
    """The URL of an empty database, which that of the processes is before each test."""
    if fleet is None:
        name = await databases.take()
        yield databases.url(name)
        await databases.give_back(name)
    else:
        await databases.empty(fleet.database)
        yield databases.url(fleet.database)


@pytest.fixture
async def api(service: Service, fleet: Fleet | None) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with a valid key; it makes a connection for each request, which any of the processes may accept."""
    headers = {"Authorization": f"Bearer {KEY}"}
    if fleet is None:
        async with (
            serve(create_app(service), host="127.0.0.1", port=0) as url,
            httpx2.AsyncClient(base_url=url, headers=headers, timeout=120) as client,
        ):
            yield client
        return
    limits = httpx2.Limits(max_keepalive_connections=0)
    async with httpx2.AsyncClient(base_url=fleet.url, headers=headers, timeout=120, limits=limits) as client:
        yield client
