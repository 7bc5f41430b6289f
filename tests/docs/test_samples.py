"""What a reader can copy: links that lead somewhere, Python that runs, and how to install."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from enlarger.testing import StandIn
from tests.docs.pages import PAGES, PYTHON, ROOT, rows, run_page
from tests.interior.telegram import TOKEN, Telegram
from tests.pictures import photo, save

INSTALL = ROOT / "docs/start/install.md"

_LINK = re.compile(r"\]\(([^)\s]+)\)")

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


_NEEDS_A_SERVICE = {"openai-clients.md"}  # tests/acceptance/test_sandbox.py runs it

_RUN = [page for page in PAGES if page.name not in _NEEDS_A_SERVICE and PYTHON.search(page.read_text())]


@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.name)
@pytest.mark.kie_stand_in(seconds=0, callback_delay=0)
async def test_python_in_the_documents_runs(
    page: Path, kie_stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against stand-ins of the hosted service and of Telegram, in a folder with a photo; `await` may stand anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIE_API_POLLING_INTERVAL", "0.02")
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    picture = save(photo(48, 36), tmp_path / "photo.jpg").read_bytes()
    with Telegram(picture) as telegram:
        monkeypatch.setenv("TELEGRAM_API_URL", telegram.url)
        await run_page(page, kie_stand_in)


def test_the_python_versions_are_the_same_everywhere() -> None:
    """On the page about installing, in what pip is told, in the classifiers, in the lock, and in what CI runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    sentence = re.compile(r"^Python ((?:3\.\d+[, and]+)+3\.\d+) are supported", re.MULTILINE)
    stated = sentence.search(INSTALL.read_text())
    assert stated is not None
    supported = re.findall(r"3\.\d+", stated[1])
    label = "Programming Language :: Python :: 3."
    assert [one.rpartition(" ")[2] for one in project["classifiers"] if one.startswith(label)] == supported
    tested = re.search(r"^for version in (.+); do", (ROOT / ".ci" / "pythons").read_text(), re.MULTILINE)
    assert tested is not None
    assert tested[1].split() == supported
    assert project["requires-python"] == f">={supported[0]}"
    assert tomllib.loads((ROOT / "uv.lock").read_text())["requires-python"] == f">={supported[0]}"


def test_the_extras_are_named_where_installing_is_described() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(rows(INSTALL)) >= set(extras) - {"all"}
    assert {name for name in rows(INSTALL) if re.fullmatch("[a-z]+", name)} == set(extras) - {"all"}
    (everything,) = extras["all"]
    assert set(re.findall(r"\w+", everything)) == {"enlarger", *extras} - {"all"}
