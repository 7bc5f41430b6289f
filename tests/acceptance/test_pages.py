"""The shell examples of the documentation run, page by page, against a sandbox or on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enlarger import SyncKieApiClient
from tests.acceptance.services import service_folder, serving
from tests.docs.pages import PAGES, ROOT
from tests.environment import ENGINE
from tests.pictures import photo, save

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INSTALLS = {"README.md", "install.md", "contributing.md"}
"""Pages whose commands install Enlarger or test all of it: `.ci/run` runs them in a clone."""
_ON_THIS_MACHINE = {"enlarge-a-folder.md", "controls.md", "formats.md", "your-own-models.md", "watched-folders.md"}
"""Pages about the engine of this machine: a sandbox would only draw."""
_SECONDS = 480
_SHOWN = [page for page in PAGES if page.name not in _INSTALLS and _BLOCK.search(page.read_text(encoding="utf-8"))]


@contextmanager
def place(page: Path, used_before: Path) -> Iterator[dict[str, str]]:
    """The variables with which a page's commands run, around a block; those of a service where the page needs one."""
    with service_folder("page", used_before) as folder:
        if page.name in _ON_THIS_MACHINE:
            yield {"ENLARGER_DATA_DIR": str(folder / "data"), "ENLARGER_CONFIG": str(folder / "config.env")}
            return
        with serving(folder, "--sandbox", ENLARGER_SANDBOX_SECONDS="0") as served:
            with SyncKieApiClient(base_url=served.url, api_key=served.key) as client:
                task = client.submit("google/nano-banana", {"prompt": "a room"})
                task.wait()
            yield {
                "ENLARGER_DATA_DIR": str(folder / "data"),
                "ENLARGER_CONFIG": str(folder / "config.env"),
                "KIE_BASE_URL": served.url,
                "KIE_API_KEY": served.key,
                "URL": served.url,
                "KEY": served.key,
                "TASK_ID": task.task_id,
            }


@pytest.mark.parametrize("page", _SHOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_a_page_run(page: Path, used_before: Path, tmp_path: Path) -> None:
    save(photo(48, 36), tmp_path / "photo.jpg")
    for name in ("one", "two"):
        (tmp_path / "photos").mkdir(exist_ok=True)
        save(photo(48, 36), tmp_path / "photos" / f"{name}.jpg")
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    script = "\n".join(f"echo '== block {number}' >&2\n{block}" for number, block in enumerate(blocks, 1))
    with place(page, used_before) as variables:
        environment = os.environ | {"ENLARGER_ENGINE": ENGINE, "COLUMNS": "120"} | variables
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        ended = subprocess.run(
            ["bash", "-euo", "pipefail"],
            input=script,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    assert ended.returncode == 0, f"{page.name}\n{ended.stdout[-3000:]}\n{ended.stderr[-3000:]}"
