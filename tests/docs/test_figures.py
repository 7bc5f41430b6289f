"""No page has a measured figure without the command that measures it, the CPU and the date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.docs.test_words import PROSE

_FIGURE = re.compile(
    r"\d[\d,.]*\s?(?:ms|µs|MB/s|kB a task)\b"
    r"|\d[\d,.]* (?:tasks|requests|pictures|images|seconds|s) (?:a|per) (?:second|megapixel|task|core)\b"
    r"|\d[\d,.]* times (?:faster|slower|as (?:fast|many|much|long))\b"
)
_COMMAND = re.compile(r"\b(?:python -m|uv run|make|pytest) [\w./-]+|\bbench[./][\w./]+|\benlarger engines\b")
_MACHINE = re.compile(r"\b(?:EPYC|Xeon|Ryzen|Core i\d|Apple M\d|H200|A100)\b")
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
"""Limits in commands and what they print are no measurements of ours."""
_DATE = re.compile(r"\b20\d\d-[01]\d")


def sections(page: Path) -> Iterator[tuple[str, str]]:
    """The second-level sections of a page, each with the page's introduction, by their headings."""
    introduction, *others = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    yield page.stem, introduction
    for section in others:
        heading, _, text = section.partition("\n")
        yield heading, text


@pytest.mark.parametrize(
    "page",
    [page for page in PROSE if "reference" not in page.parts],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_every_measured_figure_has_its_command_machine_and_date(page: Path) -> None:
    introduction = next(sections(page))[1]
    wrong = []
    for heading, text in sections(page):
        figures = _FIGURE.findall(_BLOCK.sub("", text))
        around = introduction + heading + text
        missing = [
            name
            for name, sought in (("command", _COMMAND), ("CPU", _MACHINE), ("date", _DATE))
            if not sought.search(around)
        ]
        if figures and missing:
            wrong.append((heading, figures[:3], missing))
    assert wrong == []
