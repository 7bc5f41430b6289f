"""What the documents say is so: links lead somewhere, tables have what the code has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from enlarger.catalog import list_models
from enlarger.settings import Settings, load_settings

_ROOT = Path(__file__).parents[1]
_PAGES = sorted([*_ROOT.glob("*.md"), *_ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    headings = _HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def rows(page: Path) -> dict[str, list[str]]:
    """The tables' rows, cells without their back-ticks, by the first cell."""
    lines = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip("` "): row[1:] for row in cells}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_every_setting_is_described_with_its_default() -> None:
    described = rows(_ROOT / "docs" / "settings.md")
    known = {f"ENLARGER_{name.upper()}": name for name in Settings.model_fields}
    known["DATABASE_URL"] = known.pop("ENLARGER_DATABASE_URL")
    assert set(described) - {"ENLARGER_BASE_URL"} == set(known)
    defaults = load_settings()
    for variable, name in known.items():
        shown = described[variable][0].strip("`")
        value = getattr(defaults, name)
        if name != "data_dir" and value not in (None, ()):
            assert shown == f"{value:g}" if isinstance(value, float) else shown == str(value), variable


def test_every_model_that_runs_here_is_described_with_its_fields() -> None:
    described = rows(_ROOT / "docs" / "api.md")
    for model in list_models(provider="local"):
        fields = described[model.id][0]
        if fields == "the same":
            continue
        assert set(re.findall(r"`(\w+)`", fields)) <= set(model.input), model.id
        for name in re.findall(r"`(\w+)`", fields):
            assert ", ".join(map(str, model.input[name].enum)) in fields, model.id


@pytest.mark.parametrize(
    ("script", "page"),
    [
        ("docs/write_models.py", "docs/models.md"),
        ("docs/write_schema.py", "src/enlarger/catalog/models/schema.json"),
    ],
)
def test_what_is_made_from_the_catalogue_is_up_to_date(script: str, page: str) -> None:
    written = subprocess.run([sys.executable, _ROOT / script], capture_output=True, text=True, check=True).stdout
    assert (_ROOT / page).read_text() == written, "run `make docs`"


_CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "page", [page for page in _PAGES if _CODE.search(page.read_text())], ids=lambda page: page.name
)
def test_python_in_the_documents_runs(page: Path) -> None:
    for code in _CODE.findall(page.read_text()):
        exec(compile(code, str(page), "exec"), {})
