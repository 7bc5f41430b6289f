"""Parts of pages that are written from the code, between two comments that name them."""

from __future__ import annotations

import re
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


def rewrite(page: Path, name: str, part: str) -> None:
    """Write a page with another part `name`. Raises ValueError for a page without that part."""
    page.write_text(replace(page.read_text(encoding="utf-8"), name, part), encoding="utf-8")
