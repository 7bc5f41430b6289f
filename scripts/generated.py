"""Parts of pages that are written from the code, between two comments that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def replace(text: str, name: str, part: str) -> str:
    """A page's text with another part `name`. Raises ValueError for a page without that part."""
    begin, end = f"<!-- begin: {name} (make docs) -->", f"<!-- end: {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"The page needs one {begin} and one {end}.")
    pattern = re.escape(begin) + r".*?" + re.escape(end)
    return re.sub(pattern, lambda _: f"{begin}\n\n{part.strip()}\n\n{end}", text, flags=re.DOTALL)


def render(page: Path, parts: Mapping[str, str]) -> str:
    """A page's text with these parts, by their names. Raises ValueError for a page without one of them."""
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = replace(text, name, part)
    return text


def rewrite(page: Path, parts: Mapping[str, str]) -> None:
    """Write a page with these parts, by their names. Raises ValueError for a page without one of them."""
    page.write_text(render(page, parts), encoding="utf-8")


def table(columns: Iterable[str], rows: Iterable[str]) -> str:
    """A table in Markdown; each row is a line of it."""
    head = list(columns)
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *rows])
