"""Services that run as processes, shared by the tests that do not change or stop them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import data_directories
from tests.environment import ENGINE, is_setting

START_SECONDS = 240.0
_STARTED = "recordInfo?taskId"


@dataclass(frozen=True)
class Served:
    """A running `enlarger up`."""

    folder: Path
    """Its working directory; the data directory is `data` in it."""
    pid: int
    out: list[str]
    """What it had printed when it was ready."""

    @property
    def url(self) -> str:
        return self._after("API   ")

    @property
    def key(self) -> str:
        return self._after("key   ")

    @property
    def log(self) -> str:
        """Everything that it has printed so far."""
        return _log(self.folder).read_text()

    def _after(self, label: str) -> str:
        return next(line.split(label, 1)[1].strip() for line in self.out if label in line)


@contextmanager
def service_folder(name: str, data: Path) -> Iterator[Path]:
    """A temporary folder for a service, with a copy of the data directory `data`, around a block."""
    with tempfile.TemporaryDirectory(prefix=f"enlarger-{name}-") as path:
        folder = Path(path)
        folder.chmod(0o755)  # Postgres may run as another user
        data_directories.copy(data, folder / "data")
        yield folder


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[Served]:
    """`enlarger up` in a folder around a block."""
    environment = {name: value for name, value in os.environ.items() if not is_setting(name)}
    environment |= {
        "COLUMNS": "200",
        "XDG_STATE_HOME": str(folder / "state"),
        "ENLARGER_CONFIG": str(folder / "config.env"),
        "ENLARGER_DATA_DIR": str(folder / "data"),
        "ENLARGER_ENGINE": ENGINE,
        **settings,
    }
    command = [sys.executable, "-m", "enlarger", "up", "--port", "0", *options]
    with _log(folder).open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while _STARTED not in (said := _log(folder).read_text()):
            assert process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.02)
        yield Served(folder, process.pid, said.splitlines(keepends=True))
    finally:
        process.terminate()
        process.wait()


def _log(folder: Path) -> Path:
    return folder / "log"
