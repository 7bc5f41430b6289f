"""Commands, settings and routes that pages and messages mention exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from enlarger.all_settings import settings_class
from enlarger.cli import settings_file
from enlarger.cli.app import app
from enlarger.server import Service, create_app
from tests.docs.pages import PAGES, ROOT, resolve, variable_of, words_of

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)

_MENTION = re.compile(r"`(?:uv run )?(?:[A-Z_]+=\S+ )*enlarger ([a-z][^`{]*)`")

_VARIABLE = re.compile(r"\b(?:ENLARGER|KIE)_[A-Z_]*[A-Z]\b")

_ROUTE = re.compile(r"(?<![\w/.:}])(/(?:api|v1|healthz|readyz)\b[\w/{}.-]*)")

_SOURCES = sorted((ROOT / "src" / "enlarger").rglob("*.py"))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if _SHELL.search(page.read_text())], ids=lambda page: page.name
)
def test_command_lines_are_such_as_the_commands_understand(page: Path) -> None:
    for line in "\n".join(_SHELL.findall(page.read_text())).replace("\\\n", " ").splitlines():
        typed = re.sub(r"^(?:\w+=\S* )+", "", line.strip()).removeprefix("uv run ")
        if typed.startswith("enlarger ") and "enlarger …" not in typed:
            command, words = resolve(shlex.split(re.split(r" [|<>] ", typed)[0], comments=True)[1:])
            if words != ["--help"]:
                command.make_context(command.name, words)


def test_the_examples_of_the_commands_are_such_as_they_understand() -> None:
    for line in re.findall(r"^\$ (.+)$", (ROOT / "docs/reference/cli.md").read_text(), re.MULTILINE):
        typed = re.sub(r"^(?:\w+=\S* )+", "", line)
        command, words = resolve(shlex.split(re.split(r" [|<>] ", typed)[0])[1:])
        command.make_context(command.name, words)


def test_commands_that_are_mentioned_exist() -> None:
    """In documents, helps, docstrings and messages, with options that they have."""
    wrong = []
    for file in (*PAGES, *_SOURCES):
        for mention in _MENTION.findall(re.sub(r'"\s*\n\s*f?"', "", file.read_text())):
            command, words = resolve(mention.replace("…", "").split())
            options = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
            given = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)}
            if command.name == app.info.name or not given <= options | {"--help", "-h"}:
                wrong.append((file.name, mention))
    assert wrong == []


def test_variables_that_are_mentioned_exist() -> None:
    known = {variable_of(name) for name in settings_class().model_fields} | set(settings_file.VARIABLES)
    known |= {"ENLARGER_CONFIG", "ENLARGER_DATABASE_URL"}
    renamed = {"ENLARGER_FETCH_ALLOW", "ENLARGER_RESULT_DAYS", "ENLARGER_UPLOAD_DAYS"}
    for file in (*PAGES, *_SOURCES):
        strange = set(_VARIABLE.findall(file.read_text())) - known
        assert strange <= (renamed if file.name == "changelog.md" else set()), file.name


def test_every_variable_that_is_read_is_described() -> None:
    """Except those of libraries and terminals: certificates, proxies, buckets."""
    described = words_of("docs/reference/settings.md")
    code = "\n".join(file.read_text() for file in _SOURCES)
    read = re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"|_variable\(\"([A-Z_]+)\"\)", code)
    names = {name for pair in read for name in pair if name} - {"SSL_CERT_FILE", "SSL_CERT_DIR", "TERM"}
    assert "TELEGRAM_API_URL" in names
    assert not [name for name in names if f"`{name}`" not in described]


def test_what_config_keeps_is_described() -> None:
    kept, _, others = (ROOT / "docs/reference/settings.md").read_text().partition("## Only in the environment")
    assert "`enlarger config set` saves every setting above" in others
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", kept, re.MULTILINE))
    assert listed == set(settings_file.all_variables())
    assert not listed & set(re.findall(r"^\| `([A-Z_]+)` \|", others, re.MULTILINE))


async def test_routes_that_are_described_exist_and_all_are(service: Service) -> None:
    schema = create_app(service).openapi_schema.to_schema()
    routes = {f"{method.upper()} {path}" for path, item in schema["paths"].items() for method in item}
    page = (ROOT / "docs/reference/http-api.md").read_text()
    described = set(re.findall(r"`((?:GET|POST|DELETE) /[^\s`]*)`(?:$|:$| \|)", page, re.MULTILINE))
    described = {route.partition("?")[0] for route in described}
    assert described == {route for route in routes if not route.startswith("HEAD ")}
    mentioned = set(_ROUTE.findall(re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)))
    paths = {route.partition(" ")[2] for route in routes}
    assert not [one for one in mentioned if not any(path.startswith(re.sub("[A-Z]+/.*", "", one)) for path in paths)]
