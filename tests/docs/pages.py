"""What the tests of the documentation share: its pages, their tables and their sentences."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from typer.main import get_command

from enlarger import KieApiClient
from enlarger.all_settings import settings_class
from enlarger.cli.app import app
from enlarger.testing import StandIn

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
"""The Python blocks of a page."""


def rows(page: Path) -> dict[str, list[str]]:
    """The tables' rows, cells without their back-ticks, by the first cell."""
    lines = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("` "): row[1:] for row in cells}


def variable_of(name: str) -> str:
    """What a setting is called in the environment."""
    alias = settings_class().model_fields[name].validation_alias
    names = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return next((str(one) for one in names if one and str(one).isupper()), f"ENLARGER_{name.upper()}")


def words_of(name: str) -> str:
    """A page's text in one line."""
    return " ".join((ROOT / name).read_text().split())


def found(pattern: str, text: str) -> tuple[str, ...]:
    """The groups of a sentence that a page is expected to have."""
    match = re.search(pattern, text)
    assert match is not None, f"there is no {pattern!r}: has the sentence changed?"
    return match.groups()


def rows_of(name: str, pattern: str) -> dict[str, int]:
    """The numbers of a page by the names in the same match: the pattern has a group for each."""
    return {what: int(number) for number, what in re.findall(pattern, (ROOT / name).read_text())}


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left of them."""
    command, inner = None, _commands()
    while words and words[0] in inner:
        command, words = inner[words[0]], words[1:]
        inner = getattr(command, "commands", {})
    return command or get_command(app), words


@cache
def _commands() -> Mapping[str, Any]:
    """All commands: to make them anew for each word would take a minute."""
    return dict(get_command(app).commands)  # type: ignore[attr-defined]


async def run_page(page: Path, kie_stand_in: StandIn | None = None) -> None:
    """Run the Python of a page, block by block; its tests are given the stand-in."""
    for code in PYTHON.findall(page.read_text()):
        space: dict[str, Any] = {"__name__": page.stem}
        if "asyncio.run(" in code:
            await asyncio.to_thread(exec, compile(code, str(page), "exec"), space)
            continue
        running = eval(compile(code, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), space)
        if running is not None:
            await running
        for name in [name for name in space if name.startswith("test_")]:
            await space[name](kie_stand_in)
        if isinstance(client := space.get("client"), KieApiClient):
            await client.aclose()
