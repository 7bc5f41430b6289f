"""What the documents say is so: links lead somewhere, tables have what the code has."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pydantic import AliasChoices
from scripts import write_cli, write_http_api, write_models, write_settings
from scripts.generated import replace
from typer.main import get_command

from enlarger import KieApiClient, TaskStatus
from enlarger.all_settings import load_settings, settings_class
from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.load import families
from enlarger.cli import exit_codes, settings_file
from enlarger.cli.app import app
from enlarger.cli.task_document import task_document
from enlarger.client.options import VARIABLES
from enlarger.server.new_task import parse_create_task
from enlarger.settings import Rate
from enlarger.testing import StandIn
from tests.interior.telegram import TOKEN, Telegram
from tests.pictures import photo, save

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / "docs/start/install.md"
MODELS = ROOT / "docs/reference/models"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_every_setting_is_described_with_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENLARGER_ALLOW_PRIVATE", "ENLARGER_ENGINE"):  # the tests' own
        monkeypatch.delenv(name)
    described = rows(ROOT / "docs/reference/settings.md")
    known = {variable_of(name): name for name in settings_class().model_fields}
    of_clients = set(settings_file.VARIABLES) - set(known) | {"ENLARGER_CONFIG", "NO_COLOR", "TELEGRAM_API_URL"}
    assert set(described) - {"serve", "worker", "bot"} == set(known) | of_clients
    defaults = load_settings()
    for variable, name in known.items():
        value = getattr(defaults, name)
        if name != "data_dir" and value not in (None, (), ""):
            assert described[variable][1].strip("`") == _shown(value), variable


def variable_of(name: str) -> str:
    """What a setting is called in the environment."""
    alias = settings_class().model_fields[name].validation_alias
    names = alias.choices if isinstance(alias, AliasChoices) else [alias]
    return next((str(one) for one in names if one and str(one).isupper()), f"ENLARGER_{name.upper()}")


def _shown(value: object) -> str:
    """A setting's value, as it is given in the environment."""
    match value:
        case bool():
            return str(int(value))
        case float():
            return f"{value:g}"
        case Rate():
            return f"{value.times}/{value.seconds:g}"
        case _:
            return str(value)


def test_every_command_is_described_with_an_example() -> None:
    page = (ROOT / "docs/reference/cli.md").read_text()
    described = dict(re.findall(r"^### enlarger ([a-z -]+)\n(.*?)(?=^##)", f"{page}\n##", re.MULTILINE | re.DOTALL))
    assert set(described) == set(_commands(get_command(app)))
    for name, text in described.items():
        assert re.search(rf"^\$ (?:\w+=\S+ )*enlarger {name}\b", text, re.MULTILINE), name


def _commands(group: Any, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        if inner is None or command.invoke_without_command:
            yield prefix + name
        if inner is not None:
            yield from _commands(command, f"{prefix}{name} ")


def test_every_exit_code_is_described_with_its_errors() -> None:
    described = {name: cells for name, cells in rows(ROOT / "docs/reference/cli.md").items() if name.isdigit()}
    kinds = {str(one.code): {kind.__name__ for kind in one.kinds} for one in exit_codes.CODES}
    others = (exit_codes.OK, exit_codes.ERROR, exit_codes.USAGE)
    assert set(described) == set(kinds) | {str(code) for code in others}
    for code, cells in described.items():
        assert set(re.findall(r"`([A-Z]\w+)`", cells[1])) == kinds.get(code, set()), code


def test_the_keys_of_a_task_are_described() -> None:
    described = {key for name in rows(ROOT / "docs/reference/cli.md") for key in re.findall(r"\w+", name)}
    assert set(task_document(TaskStatus(task_id="x", state="success", raw={}))) <= described


@pytest.mark.parametrize("write", [write_cli, write_settings], ids=lambda write: str(write.PAGE.stem))
def test_a_page_that_is_written_from_the_code_is_current(write: Any) -> None:
    page = write.PAGE.read_text()
    for name, part in write.parts().items():
        assert page == replace(page, name, part), f"{name}: run `make docs`"


def test_every_model_that_runs_here_is_described_with_its_fields() -> None:
    listed = set(rows(MODELS / "index.md"))
    for model in list_models(provider="local"):
        assert model.id in listed
        section = section_of(model)
        described = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
        assert list(described) == list(model.input), model.id
        for name, field in model.input.items():
            assert ", ".join(map(str, field.enum)) in described[name], (model.id, name)


def test_the_fields_of_our_own_models_are_explained() -> None:
    """Those that no hosted service has: sizes and controls."""
    explained = set(rows(MODELS / "index.md"))
    controls = set(get_model("real-esrgan/x4plus").input) - {"image_url", "output_format"}
    assert controls <= explained


def section_of(model: Model) -> str:
    """What the page of its family says about a model."""
    family = next(name for name, ids in families().items() if model.id in ids)
    return (MODELS / f"{family}.md").read_text().split(f"\n## {model.id}\n")[1].split("\n## ")[0]


def test_the_pages_of_models_are_up_to_date() -> None:
    written = write_models.pages()
    assert {page.name for page in MODELS.iterdir()} == set(written), "run `make docs`"
    for name, text in written.items():
        assert (MODELS / name).read_text() == text, f"run `make docs`: {name}"


def test_every_page_of_models_is_in_the_sites_navigation() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]
    (reference,) = (group["Reference"] for group in site if "Reference" in group)
    (listed,) = (entry["Models"] for entry in reference if "Models" in entry)
    index, *pages = listed
    assert index == "reference/models/index.md"
    wanted = sorted(write_models.TITLES.items(), key=lambda item: item[1].casefold())
    assert pages == [{title: f"reference/models/{family}.md"} for family, title in wanted]
    assert set(write_models.TITLES) == set(families())


def test_the_example_of_every_model_can_be_sent() -> None:
    for model in list_models():
        (body,) = re.findall(r"^```json\n(.*?)^```", section_of(model), re.MULTILINE | re.DOTALL)
        wanted = parse_create_task(body.encode(), locale="en")
        assert wanted.model == model
        assert wanted.warnings == (), model.id


def test_the_page_of_the_http_api_is_up_to_date() -> None:
    page = write_http_api.PAGE.read_text()
    assert write_http_api.render(page) == page, "run `make docs`"


def test_the_schema_of_the_catalogue_is_up_to_date() -> None:
    script = ROOT / "scripts/write_schema.py"
    written = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "src/enlarger/catalog/models/schema.json").read_text() == written, "run `make docs`"


def test_every_option_of_the_sdk_is_described() -> None:
    described = rows(ROOT / "docs/guides/python-sdk.md")
    taken = inspect.signature(KieApiClient).parameters
    assert set(taken) <= set(described)
    for name, variable in VARIABLES.items():
        assert described[name][0].strip("`") == variable


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


_CODE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


_NEEDS_A_SERVICE = {"openai-clients.md"}  # tests/acceptance/test_sandbox.py runs it
_RUN = [page for page in PAGES if page.name not in _NEEDS_A_SERVICE and _CODE.search(page.read_text())]


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


async def run_page(page: Path, kie_stand_in: StandIn | None = None) -> None:
    """Run the Python of a page, block by block; its tests are given the stand-in."""
    for code in _CODE.findall(page.read_text()):
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
