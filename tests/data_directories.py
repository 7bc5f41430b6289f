"""Data directories that have been used before: what takes long only the first time has been done in them.

That is to make a database, and to compile a network; it takes ten seconds of a core.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from enlarger.catalog import get_model
from enlarger.infra.data_directory import DataDirectory
from enlarger.providers import LocalOrder
from enlarger.providers.local import LocalEngine
from enlarger.providers.local.settings import LocalSettings
from enlarger.settings import read_settings
from tests.environment import ENGINE, is_setting
from tests.pictures import photo, save


def use(folder: Path, picture: Path) -> None:
    """Have `enlarger up` run on a folder, and the fast network be compiled there."""
    command = [sys.executable, "-m", "enlarger", "up", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not is_setting(name)}
    environment |= {"ENLARGER_DATA_DIR": str(folder), "ENLARGER_CONFIG": str(folder.parent / "config.env")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("recordInfo" in line for line in process.stdout), "it does not start"
        process.terminate()
    DataDirectory(folder).key_file.unlink()  # each test's service makes its own
    with (DataDirectory(folder).postgres / "postgresql.auto.conf").open("a") as settings:
        settings.write("fsync = off\n")  # only a crash of the machine would show the difference
    asyncio.run(_compile(DataDirectory(folder).cache, picture))


async def _compile(cache: Path, picture: Path) -> None:
    save(photo(48, 36), picture)
    engine = LocalEngine(read_settings(LocalSettings, engine=ENGINE), cache)
    order = LocalOrder(
        model=get_model("real-esrgan/fast"),
        input={"image_url": "https://example.com/a.png", "upscale_factor": "2"},
        picture=picture,
        workspace=picture.parent,
    )
    await engine.run(order, no_progress)
    await engine.close()


async def no_progress(_: float) -> None:
    """Nobody is interested in how far it is."""


def copy(used: Path, folder: Path) -> None:
    """A used directory of one's own; Postgres insists on the owner of its files."""
    subprocess.run(["cp", "-a", used, folder], check=True)
