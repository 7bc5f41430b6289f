"""What a shell offers while a command is typed; it must come at once, so the catalogue is not read as such."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

STATES = ("waiting", "queuing", "generating", "success", "fail")
"""A copy of what the service has: its modules take too long to load."""
_ENGINES = re.compile(r"^    engine:\n      type: string\n      enum: \[(.*)\]$", re.MULTILINE)
_VARIABLE = "_ENLARGER_COMPLETE"
"""What shells set when they ask."""
_ENTRY = re.compile(r"^- id: (\S+)$", re.MULTILINE)
_KIND = re.compile(r"^  kind: image$", re.MULTILINE)
_TASKS = re.compile(r"^  tasks: \[(.*)\]$", re.MULTILINE)


class Shell(StrEnum):
    """The shells that there is a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def script_of(shell: Shell, run: Callable[[], object]) -> str:
    """The script that a shell loads, as the app prints it when `run` runs it."""
    os.environ[_VARIABLE] = f"source_{shell}"
    try:
        with redirect_stdout(io.StringIO()) as printed, suppress(SystemExit):
            run()
    finally:
        del os.environ[_VARIABLE]
    return printed.getvalue().strip()


def is_completing() -> bool:
    """Whether it is a shell that has called this process, for what could come next."""
    return _VARIABLE in os.environ


def one_of(*values: str) -> Callable[[str], list[str]]:
    """A completion of an option that takes one of these."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def complete_task(incomplete: str) -> list[str]:
    """What models are for: upscale, text-to-image and so on."""
    tasks = {task for _, entry in _entries() if (found := _TASKS.search(entry)) for task in found[1].split(", ")}
    return sorted(task for task in tasks if task.startswith(incomplete))


def complete_provider(incomplete: str) -> list[str]:
    """The providers, in the usual order."""
    from enlarger.providers.registry import PROVIDERS

    return [name for name in PROVIDERS if name.startswith(incomplete)]


def complete_setting(incomplete: str) -> list[str]:
    """All settings; in lower case, such as `kie-…`, if the input is."""
    from enlarger.cli.index import SETTINGS

    names = [name.lower().replace("_", "-") for name in SETTINGS] if incomplete.islower() else [*SETTINGS]
    return [name for name in names if name.startswith(incomplete)]


def complete_model(incomplete: str) -> list[str]:
    """The ids of models that begin so."""
    return sorted(name for name in [*(name for name, _ in _entries()), *_own()] if name.startswith(incomplete))


def complete_enlarging_model(incomplete: str) -> list[str]:
    """The ids of models that enlarge a picture, as `upscale` needs one."""
    names = [*(name for name, entry in _entries() if _enlarges(entry)), *_own()]
    return sorted(name for name in names if name.startswith(incomplete))


def complete_own_model(incomplete: str) -> list[str]:
    """The models made of networks of the user's own."""
    return sorted(name for name in _own() if name.startswith(incomplete))


def complete_engine(incomplete: str) -> list[str]:
    """The engines of this machine, wherever they run."""
    found = (_ENGINES.search(entry) for _, entry in _entries())
    names = {name for match in found if match for name in match[1].split(", ")}
    return sorted(name for name in names if name.startswith(incomplete))


def _own() -> list[str]:
    """The networks of the user's own, where the environment says that they are, or in the usual place."""
    import platformdirs

    data = os.environ.get("ENLARGER_DATA_DIR") or platformdirs.user_data_path("enlarger")
    folder = Path(os.environ.get("ENLARGER_MODELS_DIR") or Path(data) / "models")
    return [f"own/{record.parent.name}" for record in folder.glob("*/model.json")]


def _entries() -> Iterator[tuple[str, str]]:
    """The ids in the catalogue's pages, and the text of each entry."""
    for page in files("enlarger").joinpath("catalog", "models").iterdir():
        if page.name.endswith(".yaml"):
            parts = _ENTRY.split(page.read_text(encoding="utf-8"))
            yield from zip(parts[1::2], parts[2::2], strict=True)


def _enlarges(entry: str) -> bool:
    """Whether a model enlarges pictures, and takes one instead of the id of an earlier task."""
    tasks = _TASKS.search(entry)
    return (
        tasks is not None
        and "upscale" in tasks[1].split(", ")
        and _KIND.search(entry) is not None
        and "type: task" not in entry
    )
