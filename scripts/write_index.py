"""Writes `enlarger/cli/index.py`, which help and completion list instead of importing every command and setting.

Run by `make docs`; a test compares.
"""

from __future__ import annotations

from pathlib import Path

from enlarger.cli.commands import TOPICS
from enlarger.cli.help import summary_of
from enlarger.cli.settings_file import all_variables
from enlarger.cli.topics import commands_of

FILE = Path(__file__).parents[1] / "src" / "enlarger" / "cli" / "index.py"
_HEAD = '''"""The commands as the help lists them, and the settings; written by `make docs`."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command: its module in `enlarger.cli.commands`, its part of the help, and what it does."""

    topic: str
    panel: str
    summary: str


INDEX = {
'''


def entries() -> dict[str, tuple[str, str, str]]:
    """The index's content, read from the commands themselves."""
    return {
        name: (topic, summary.panel, summary.text)
        for topic in TOPICS
        for name, command in commands_of(topic).items()
        for summary in [summary_of(command)]
    }


if __name__ == "__main__":
    lines = [f"    {name!r}: Entry{entry!r},\n" for name, entry in entries().items()]
    settings = f'SETTINGS = {tuple(all_variables())!r}\n"""The variables that `config` keeps."""\n'
    FILE.write_text("".join([_HEAD, *lines, "}\n", settings]), encoding="utf-8")
