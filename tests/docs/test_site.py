"""The documentation's site builds without a warning, every link in it leads somewhere, and it fetches nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.pages import ROOT

NAV = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]


class Page(HTMLParser):
    """The links, anchors and fetched files of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given:
            self.fetched.append(given["src"])
        elif tag == "link" and "canonical" not in given.get("rel", ""):
            self.fetched.append(given.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env={"NO_COLOR": "1"})
    said = re.sub(r"\x1b\[[\d;]*m", "", built.stdout + built.stderr)
    assert built.returncode == 0, said.partition("Traceback")[0]
    return folder / "site"


def pages_of(nav: Any) -> Iterator[str]:
    """The files that the navigation names."""
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from pages_of(entry)


def test_every_page_is_in_the_navigation_once() -> None:
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert sorted(pages_of(NAV)) == sorted(pages)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """The built pages, by their files."""
    files = [file for file in site.rglob("*.html") if file.name != "404.html"]
    return {file: Page(file.read_text(encoding="utf-8")) for file in files}


def test_every_link_leads_to_a_page_and_an_anchor(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) == len(list(pages_of(NAV)))
    wrong = []
    for path, page in pages.items():
        for link in page.links + page.fetched:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            exists = target.exists() and (
                not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].anchors
            )
            if not exists:
                wrong.append((path.relative_to(site).as_posix(), link))
    assert wrong == []


def test_no_page_fetches_anything_from_elsewhere(pages: dict[Path, Page]) -> None:
    assert {source for page in pages.values() for source in page.fetched if urlsplit(source).netloc} == set()
