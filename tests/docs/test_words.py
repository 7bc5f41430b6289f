"""The documentation's words: spelled right, plain, and none of those that readers stumbled over."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT

PROSE = [page for page in PAGES if page.name != "changelog.md"]
"""What is written today; the changelog is history."""
_CODE = re.compile(r"^```.*?^```|<!--.*?-->|`[^`\n]+`|\]\([^)]*\)|https?://\S+", re.MULTILINE | re.DOTALL)
_LISTED = [line.split("->") for line in (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").splitlines()]
AVOIDED = [(re.compile(rf"\b{pair[0]}\b", re.IGNORECASE), pair[1]) for pair in _LISTED if len(pair) == 2]
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_LABEL = re.compile(r"^[^:.]{1,40}: ")
"""What a list item begins with: the name of the thing that it describes."""
_HEADLESS = re.compile(r"^(?:Who|What|Whose|How|Which) [^?]*\.$")


def prose(page: Path) -> str:
    """A page without its code, comments and addresses, line by line."""
    return _CODE.sub(lambda match: re.sub(r"[^\n]+", "X", match[0]), page.read_text(encoding="utf-8"))


def sentences(page: Path) -> Iterator[str]:
    """The sentences of a page's paragraphs and list items; tables and headings have other rules."""
    lines = ["" if line.startswith(("#", "|")) else line for line in prose(page).splitlines()]
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", "\n".join(lines)):
        plain = re.sub(r"\([^()]*\)", "", " ".join(paragraph.split())).replace("**", "")
        plain = _LABEL.sub("", re.sub(r"^(?:[-*]|\d+\.) +", "", plain))
        yield from _SENTENCE.split(plain)


@pytest.mark.parametrize(
    "page",
    [page for page in PROSE if page.name != "contributing.md"],  # its glossary lists some of them
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_words_that_readers_stumble_over_are_avoided(page: Path) -> None:
    found = [
        f"line {number}: {match[0]!r}, write {instead}"
        for number, line in enumerate(prose(page).splitlines(), 1)
        for pattern, instead in AVOIDED
        for match in pattern.finditer(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "page",
    [page for page in PROSE if page.parent.name != "models"],  # they are lists of fields and prices
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_sentences_have_a_subject_and_one_fact(page: Path) -> None:
    """None starts with a clause as its subject ("What nobody can do is refused"), or chains three facts by colons."""
    headless = [sentence for sentence in sentences(page) if _HEADLESS.match(sentence)]
    chains = [sentence for sentence in sentences(page) if len(re.findall(r"[:;] ", sentence)) > 1]
    assert (headless, chains) == ([], [])


def test_words_are_spelled_right() -> None:
    """By codespell, in pages and in code: its dictionary has common misspellings."""
    places = ["README.md", "docs", "src/enlarger", "scripts", "bench", "deploy"]
    command = [sys.executable, "-m", "codespell_lib", *places]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
