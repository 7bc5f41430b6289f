"""Claims of the documents that can be counted, listed or run: they are what the code has."""

from __future__ import annotations

import inspect
import re
import shlex
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from enlarger import KieApiClient
from enlarger.all_settings import settings_class
from enlarger.bot import actions, texts
from enlarger.bot.actions import Photo
from enlarger.catalog import UNKNOWN_FIELD, conditions, faults, file_faults, leftovers, list_models
from enlarger.catalog.messages import translator
from enlarger.cli import settings_file
from enlarger.cli.app import app
from enlarger.cli.commands import accounts
from enlarger.infra.webhook_urls import PATH as WEBHOOKS
from enlarger.interior import QUALITIES, list_styles
from enlarger.providers.health import HealthConfig
from enlarger.providers.sandbox import script
from enlarger.server import Service, create_app, new_task, openapi_document
from enlarger.server.access import PUBLIC
from enlarger.server.bodies import FORM_BODY_BYTES, INLINE_BODY_BYTES, SMALL_BODY_BYTES
from enlarger.worker.deliver import DeliverConfig
from tests.faults.plan import CELLS, MISHAPS
from tests.test_docs import PAGES, ROOT, rows, variable_of

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MENTION = re.compile(r"`(?:uv run )?(?:[A-Z_]+=\S+ )*enlarger ([a-z][^`{]*)`")
_VARIABLE = re.compile(r"\b(?:ENLARGER|KIE)_[A-Z_]*[A-Z]\b")
_ROUTE = re.compile(r"(?<![\w/.:}])(/(?:api|v1|healthz|readyz)\b[\w/{}.-]*)")
_UNITS = {"s": 1, "min": 60, "h": 3600}
_SOURCES = sorted((ROOT / "src" / "enlarger").rglob("*.py"))


def words_of(name: str) -> str:
    """A page's text in one line."""
    return " ".join((ROOT / name).read_text().split())


def found(pattern: str, text: str) -> tuple[str, ...]:
    """The groups of a sentence that a page is expected to have."""
    match = re.search(pattern, text)
    assert match is not None, f"there is no {pattern!r}: has the sentence changed?"
    return match.groups()


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left of them."""
    command, inner = None, _commands()
    while words and words[0] in inner:
        command, words = inner[words[0]], words[1:]
        inner = getattr(command, "commands", {})
    return command or get_command(app), words


@cache
def _commands() -> Mapping[str, Any]:
    """All commands: to make them anew for each word would take a minute."""
    return dict(get_command(app).commands)  # type: ignore[attr-defined]


# Commands


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


# Settings


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
    (listed,) = found(r"`enlarger config set` keeps (.+?) in a file of yours", words_of("docs/reference/settings.md"))
    second = set(rows(ROOT / "docs/reference/settings.md")) & set(settings_file.VARIABLES)
    but = set(found(r"all of these but (`\w+` and `\w+`)", listed)[0].replace("`", "").split(" and "))
    others = set(re.findall(r"`(\w+)`", listed)) - but
    assert but == {"ENLARGER_CONFIG", "NO_COLOR"}
    assert others <= second
    table = (ROOT / "docs/reference/settings.md").read_text().partition("`enlarger config set` keeps")[2]
    below = {line.split("`")[1] for line in table.splitlines() if line.startswith("| `")}
    assert set(settings_file.VARIABLES) == (below - but) | others


# The API


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


def test_paths_without_a_key_are_described() -> None:
    page = words_of("docs/reference/http-api.md")
    (said,) = found(r"These paths need no key: (.+?)\. `/metrics`", page)
    named = re.findall(r"`(/[^`]*)`", said)
    for path in PUBLIC:
        assert any(path == one or (one != "/" and path.startswith(one)) for one in named) or path.startswith(
            WEBHOOKS
        ), path
    assert "the addresses for providers' webhooks" in said


def test_the_largest_bodies_are_described() -> None:
    said = {row.split(" | ")[1].split()[0] for row in table_under("Large bodies")}
    assert said == {f"{INLINE_BODY_BYTES / 1e6:.1f}", f"{FORM_BODY_BYTES / 1e6:g}", f"{SMALL_BODY_BYTES / 1e3:g}"}


def table_under(heading: str) -> list[str]:
    """The rows of the first table under a heading of the HTTP API's page."""
    part = (ROOT / "docs/reference/http-api.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [line.strip("| ") for line in part.splitlines() if line.startswith("| ")][2:]


def test_every_fault_of_an_input_is_described() -> None:
    described = {code for cell in rows(ROOT / "docs/guides/inputs.md") for code in re.findall(r"\w+", cell)}
    source = "".join(map(inspect.getsource, (faults, leftovers, conditions, file_faults, new_task)))
    codes = set(re.findall(r'(?:InputIssue|_refuse)\(\s*[\w\[\]]+,\s*"(\w+)"', source)) | {UNKNOWN_FIELD}
    assert codes <= described


def test_when_callbacks_are_sent_again() -> None:
    (pauses,) = found(r"It is sent again after (.+?), each a fifth more or less", words_of("docs/how/states.md"))
    parts = re.findall(r"(\d+) (s|min|h)", pauses)
    assert [int(number) * _UNITS[unit] for number, unit in parts] == list(DeliverConfig().pauses)
    (hours,) = found(r"tried again for \[about (\d+) hours\]", words_of("docs/reference/http-api.md"))
    assert int(hours) == round(sum(DeliverConfig().pauses) / 3600)
    assert f"for about {hours} hours" in inspect.getsource(openapi_document)
    (tries,) = found(r"answered 410, or tried (\d+) times", words_of("docs/how/states.md"))
    assert int(tries) == len(DeliverConfig().pauses) + 1


# Numbers


def test_the_readmes_numbers() -> None:
    readme = words_of("README.md")
    assert int(found(r"all of KIE's (\d+) models", readme)[0]) == len(list_models(provider="kie"))
    assert "one of twenty styles" in readme
    assert len(list_styles()) == 20


def test_what_the_bot_can_do_and_what_it_costs() -> None:
    page = words_of("docs/guides/telegram-bot.md")
    (standard,) = found(r"Standard \(`google/nano-banana-edit`, (\d+) credits\)", page)
    (small, large) = found(r"Pro \(`nano-banana-pro`: (\d+) for 1K and 2K, (\d+) for 4K", page)
    photo = Photo(file_id="x", width=1280, height=960)
    prices = {one: actions.price(actions.clear_space(photo, quality=one)).amount for one in QUALITIES}
    assert prices == {"standard": float(standard), "1K": float(small), "2K": float(small), "4K": float(large)}
    (least, most) = found(r"(\d+) to (\d+) by size, or none", page)
    sizes = [Photo(file_id="x", width=side, height=side) for side in (200, 600, 1280, 2560, 4900)]
    wishes = [actions.enlarge(one, factor=factor, hosted=True) for one in sizes for factor in actions.FACTORS]
    costs = [actions.price(wish).amount or 0 for wish in wishes]
    assert (min(costs), max(costs)) == (float(least), float(most))
    (background,) = found(r"Remove the background \| [^|]+ \| (\d+) \|", page)
    assert actions.price(actions.remove_background(photo)).amount == float(background)
    (everybody,) = found(r"Commands: (.+?)\. ##", page)
    ours = {one.command for one in texts.beginning.commands(translator("en"))}
    assert set(re.findall(r"/(\w+)", everybody)) == ours
    admins = {
        name.split()[0].strip("/`") for name in rows(ROOT / "docs/guides/telegram-bot.md") if name.startswith("/")
    }
    assert admins == {one.command for one in texts.beginning.commands(translator("en"), admin=True)} - ours


def test_the_limits_of_accounts() -> None:
    limits = rows_of("docs/operate/accounts.md", r"\| (\d+) (createTask|recordInfo) in ")
    defaults = inspect.signature(accounts.add).parameters
    assert limits == {"createTask": defaults["creates"].default, "recordInfo": defaults["queries"].default}


def test_the_words_that_the_sandbox_obeys() -> None:
    described = {
        re.split(r"[ \]]", name)[1] for name in rows(ROOT / "docs/guides/sandbox.md") if name.startswith("[sandbox")
    }
    assert described == set(found(r"\(\?P<word>([\w|]+)\)", script.COMMAND.pattern)[0].split("|"))


def test_what_was_tried() -> None:
    page = words_of("docs/operate/providers.md")
    (mishaps, boundaries) = found(r"one of (\d+) mishaps at one of (\w+) boundaries", page)
    assert int(mishaps) == sum(map(len, MISHAPS.values()))
    assert (boundaries, len(MISHAPS)) == ("five", 5)
    assert int(found(r"That makes (\d+) cells", page)[0]) == len(CELLS)


def test_how_a_providers_health_is_judged() -> None:
    page = words_of("docs/operate/providers.md")
    health = HealthConfig()
    assert (health.submit_failures, health.poll_failures) == (3, 5)
    assert "three submissions or five polls in a row" in page
    assert int(found(r"a free request, first tried after (\d+) seconds, is answered", page)[0]) == health.open
    (first,) = found(r"a free request succeeds: tried after (\d+) seconds", page)
    assert int(first) == health.first_probe


def rows_of(name: str, pattern: str) -> dict[str, int]:
    return {what: int(number) for number, what in re.findall(pattern, (ROOT / name).read_text())}


# The SDK


def test_every_method_of_the_client_is_described() -> None:
    pages = "\n".join(page.read_text() for page in (ROOT / "docs/guides").glob("*.md"))
    methods = {name for name, _ in inspect.getmembers(KieApiClient, inspect.isfunction) if not name.startswith("_")}
    assert not [name for name in methods if not re.search(rf"\b{name}\b", pages)]
