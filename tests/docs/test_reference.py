"""The reference has what the code has, and is written from it."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from scripts import (
    write_cli,
    write_errors,
    write_http_api,
    write_metrics,
    write_models,
    write_python,
    write_routes,
    write_settings,
)
from scripts.generated import render
from typer.main import get_command

from enlarger import TaskStatus
from enlarger.all_settings import load_settings, settings_class
from enlarger.catalog import Model, get_model, list_models
from enlarger.catalog.load import families
from enlarger.cli import exit_codes, settings_file
from enlarger.cli.app import app
from enlarger.cli.task_document import task_document
from enlarger.server.new_task import parse_create_task
from enlarger.settings import Rate
from tests.docs.pages import ROOT, rows, variable_of

MODELS = ROOT / "docs/reference/models"


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


@pytest.mark.parametrize(
    "write",
    [write_cli, write_errors, write_http_api, write_metrics, write_python, write_routes, write_settings],
    ids=lambda write: str(write.PAGE.stem),
)
def test_a_page_that_is_written_from_the_code_is_current(write: Any) -> None:
    assert write.PAGE.read_text() == render(write.PAGE, write.parts()), "run `make docs`"


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


def test_the_schema_of_the_catalogue_is_up_to_date() -> None:
    script = ROOT / "scripts/write_schema.py"
    written = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "src/enlarger/catalog/models/schema.json").read_text() == written, "run `make docs`"
