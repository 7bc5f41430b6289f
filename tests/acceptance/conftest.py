"""The command line as processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.acceptance.outside import outside, serve
from tests.acceptance.services import START_SECONDS, Served, service_folder, serving
from tests.conftest import LOOPBACK
from tests.waiting import until

__all__ = ["outside", "serve"]

_END_SECONDS = 480.0
_ALWAYS = {"COLUMNS": "200", "PYTHONFAULTHANDLER": "1"}


@dataclass
class Command:
    """A running `enlarger`, with what it has said so far."""

    process: Process
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    def says(self, words: str) -> Callable[[], Awaitable[bool]]:
        async def said() -> bool:
            if self.process.returncode is not None and not any(words in line for line in self.out + self.err):
                raise AssertionError(f"ended with {self.process.returncode}: {self.text}")
            return any(words in line for line in self.out + self.err)

        return said

    def after(self, label: str) -> str:
        """What stands behind a label that was printed."""
        return next(line.split(label, 1)[1].strip() for line in self.out if label in line)

    @property
    def text(self) -> str:
        return "".join(self.out) + "".join(self.err)

    async def end(self, request: signal.Signals | None = None) -> int:
        """Wait for the end, asked for by a signal if given."""
        if request is not None and self.process.returncode is None:
            self.process.send_signal(request)
        try:
            code = await asyncio.wait_for(self.process.wait(), _END_SECONDS)
        except TimeoutError:
            below = [" ".join(process.cmdline()) for process in psutil.Process(self.process.pid).children()]
            self.process.send_signal(signal.SIGABRT)  # Python tells then where its threads are
            await asyncio.wait((asyncio.gather(*self.readers),), timeout=10)
            raise AssertionError(f"it does not end, with {below} below it: {self.text}") from None
        await asyncio.gather(*self.readers)
        return code


Start = Callable[..., Awaitable[Command]]


def environment(folder: Path, **settings: str | Path) -> dict[str, str]:
    """The variables of a command that keeps its state below `folder`."""
    given = {name: str(value) for name, value in settings.items()}
    return os.environ | {"XDG_STATE_HOME": str(folder / "state")} | _ALWAYS | given


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `enlarger ARGS…` with settings of the test's; whatever still runs in the end is stopped.

    A `prefix` is a command that runs another one.
    """
    running: list[Command] = []

    async def run(*arguments: str | Path, prefix: Sequence[str] = (), **settings: str | Path) -> Command:
        process = await asyncio.create_subprocess_exec(
            *prefix,
            sys.executable,
            "-m",
            "enlarger",
            *map(str, arguments),
            env=environment(tmp_path, **settings),
            cwd=tmp_path,
            stdout=PIPE,
            stderr=PIPE,
        )
        command = Command(process)
        assert process.stdout is not None
        assert process.stderr is not None
        for stream, lines in ((process.stdout, command.out), (process.stderr, command.err)):
            command.readers.append(asyncio.create_task(_collect(stream, lines)))
        running.append(command)
        return command

    yield run
    for command in reversed(running):
        if command.process.returncode is None:
            with suppress(ProcessLookupError):
                command.process.send_signal(signal.SIGTERM)
            await command.end()


async def _collect(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode(errors="replace"))


Up = tuple[Served, httpx2.AsyncClient]
OwnUp = tuple[Command, httpx2.AsyncClient]


@pytest.fixture(scope="session")
def service_process(used_before: Path) -> Iterator[Served]:
    """An `enlarger up`, shared by all tests that do not change or stop it."""
    with service_folder("service", used_before) as folder, serving(folder, ENLARGER_ALLOW_PRIVATE=LOOPBACK) as served:
        yield served


@pytest.fixture
async def up(service_process: Served, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Up]:
    """The shared `enlarger up`, and a client; commands of this test use its data directory."""
    monkeypatch.setenv("ENLARGER_DATA_DIR", str(service_process.folder / "data"))
    headers = {"Authorization": f"Bearer {service_process.key}"}
    async with httpx2.AsyncClient(base_url=service_process.url, headers=headers, timeout=120) as client:
        yield service_process, client
    sys.stderr.write(service_process.log)  # shown with a failure


@pytest.fixture
async def own_up(start: Start, used: None) -> AsyncIterator[OwnUp]:
    """An `enlarger up` for this test alone, and a client."""
    command = await start("up", "--port", "0")
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    headers = {"Authorization": f"Bearer {command.after('key   ')}"}
    async with httpx2.AsyncClient(base_url=command.after("API   "), headers=headers, timeout=120) as client:
        yield command, client
    sys.stderr.write(command.text)  # shown with a failure
