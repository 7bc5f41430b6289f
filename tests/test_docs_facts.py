"""Claims of the documents that can be counted, listed or run: they are what the code has."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from scripts import write_errors, write_python, write_routes
from scripts.generated import replace
from typer.main import get_command

import enlarger
from enlarger import KieApiClient, errors, interior, testing
from enlarger.all_settings import load_settings, settings_class
from enlarger.bot import actions, texts
from enlarger.bot.actions import Photo
from enlarger.catalog import UNKNOWN_FIELD, conditions, faults, file_faults, leftovers, list_models
from enlarger.catalog.messages import translator
from enlarger.cli import settings_file
from enlarger.cli.app import app
from enlarger.cli.commands import accounts
from enlarger.cli.exit_codes import exit_code
from enlarger.infra.fetch import FETCH_MEGABYTES, FETCH_SECONDS
from enlarger.infra.webhook_urls import PATH as WEBHOOKS
from enlarger.interior import QUALITIES, list_styles
from enlarger.protocol.prefer import LONGEST_WAIT
from enlarger.protocol.records import TaskRecord, encode_callback
from enlarger.providers.health import HealthConfig
from enlarger.providers.sandbox import script
from enlarger.server import Service, create_app, new_task, openapi_document
from enlarger.server.access import PUBLIC
from enlarger.server.bodies import FORM_BODY_BYTES, INLINE_BODY_BYTES, MAX_UPLOAD_BYTES, SMALL_BODY_BYTES
from enlarger.server.credit import NO_LIMIT
from enlarger.server.new_task import LONGEST_KEY, MOST_BESIDE_BYTES, MOST_INPUT_BYTES
from enlarger.server.older import older_routes
from enlarger.tasks import provider_states
from enlarger.worker.callback import ANSWER_SECONDS
from enlarger.worker.deliver import DeliverConfig
from enlarger.worker.sweep import IDEMPOTENCY_DAYS
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
    kept, _, others = (ROOT / "docs/reference/settings.md").read_text().partition("## Only in the environment")
    assert "`enlarger config set` saves every setting above" in others
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", kept, re.MULTILINE))
    assert listed == set(settings_file.all_variables())
    assert not listed & set(re.findall(r"^\| `([A-Z_]+)` \|", others, re.MULTILINE))


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
    described = {code for cell in rows(ROOT / "docs/reference/errors.md") for code in re.findall(r"\w+", cell)}
    source = "".join(map(inspect.getsource, (faults, leftovers, conditions, file_faults, new_task)))
    codes = set(re.findall(r'(?:InputIssue|_refuse)\(\s*[\w\[\]]+,\s*"(\w+)"', source)) | {UNKNOWN_FIELD}
    assert codes <= described


def test_when_callbacks_are_sent_again() -> None:
    page = words_of("docs/guides/callbacks.md")
    (pauses, tries, hours) = found(
        r"retries after (.+?), each ±20 %, and then gives up: (\d+) tries in about (\d+) hours", page
    )
    parts = re.findall(r"(\d+) (s|min|h)", pauses)
    assert [int(number) * _UNITS[unit] for number, unit in parts] == list(DeliverConfig().pauses)
    assert f"for about {hours} hours" in inspect.getsource(openapi_document)
    assert int(tries) == len(DeliverConfig().pauses) + 1
    assert int(hours) == round(sum(DeliverConfig().pauses) / 3600)
    (seconds,) = found(r"Answer 2xx within (\d+) seconds", page)
    assert int(seconds) == ANSWER_SECONDS


# Numbers


def test_the_numbers_of_models() -> None:
    for name in ("README.md", "docs/index.md"):
        assert int(found(r"all of KIE's (\d+) models", words_of(name))[0]) == len(list_models(provider="kie"))
    overview = words_of("docs/index.md")
    here, replicate, fal, several = found(
        r"(\d+) models on this machine's .* (\d+) of them at Replicate .* (\d+) of them at fal .* run (\d+) of the",
        overview,
    )
    hosted = [set(model.routes) for model in list_models()]
    assert int(here) == len(list_models(provider="local"))
    assert int(replicate) == len(list_models(provider="replicate"))
    assert int(fal) == len(list_models(provider="fal"))
    assert int(several) == len([routes for routes in hosted if "kie" in routes and len(routes) > 1])
    assert all("kie" in routes for routes in hosted if routes)


def test_the_number_of_styles() -> None:
    assert "one of twenty styles" in words_of("README.md")
    assert len(list_styles()) == 20


def test_the_numbers_in_the_table_of_differences() -> None:
    page = words_of("docs/start/moving-from-kie.md")
    settings, delivering = load_settings(), DeliverConfig()

    def numbers(pattern: str) -> list[float]:
        return [float(one) for one in found(pattern, page)]

    assert numbers(r"kept for (\d+) days") == [IDEMPOTENCY_DAYS]
    assert numbers(r"`Prefer: wait=n`, at most (\d+) seconds") == [LONGEST_WAIT]
    assert numbers(r"at most (\d+) MB in (\d+) seconds; a hosted") == [FETCH_MEGABYTES, FETCH_SECONDS]
    assert numbers(r"at most (\d+) MB; (\d+) MB by `fileUrl`") == [MAX_UPLOAD_BYTES / 1e6, FETCH_MEGABYTES]
    assert numbers(r"\| ([\d.]+) MB, of which (\d+) kB") == [int(INLINE_BODY_BYTES / 1e5) / 10, MOST_INPUT_BYTES / 1000]
    assert numbers(r"up to (\d+) kB are kept") == [MOST_BESIDE_BYTES / 1000]
    assert numbers(r"(\d+) days \(`ENLARGER_RESULTS_DAYS`\)") == [settings.results_days]
    assert numbers(r"(\d+) days \(`ENLARGER_UPLOADS_DAYS`\)") == [settings.uploads_days]
    assert numbers(r"(\d+) days after the end \(`ENLARGER_TASKS_DAYS`\)") == [settings.tasks_days]
    assert numbers(r"\| (\d+) attempts over about (\d+) hours") == [
        len(delivering.pauses) + 1,
        round(sum(delivering.pauses) / 3600),
    ]
    assert numbers(r"here; (\d+) for an account without one") == [NO_LIMIT]
    defaults = inspect.signature(accounts.add).parameters
    assert numbers(r"\| (\d+) createTask in 10 seconds") == [defaults["creates"].default]
    assert numbers(r"\| (\d+) recordInfo in a second") == [defaults["queries"].default]


def test_the_older_routes_in_the_table_of_differences() -> None:
    page = words_of("docs/start/moving-from-kie.md")
    (served,) = found(r"Older routes\*\* \| \| \| \| (.+?) \| `generate`", page)
    starts = {path.removesuffix("/generate") for route in older_routes() for path in route.paths}
    assert set(re.findall(r"`(.+?)`", served)) == {start for start in starts if not start.endswith("record-info")}


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
    page = rows(ROOT / "docs/guides/sandbox-and-testing.md")
    described = {re.split(r"[ \]]", name)[1] for name in page if name.startswith("[sandbox")}
    assert described == set(found(r"\(\?P<word>([\w|]+)\)", script.COMMAND.pattern)[0].split("|"))


def test_how_a_providers_health_is_judged() -> None:
    page = words_of("docs/operate/providers.md")
    health = HealthConfig()
    assert (health.submit_failures, health.poll_failures) == (3, 5)
    assert "Three submissions or five polls in a row failed" in page
    (first_pause,) = found(r"Without one the pause is (\d+) seconds, and doubles each time up to a minute", page)
    assert (int(first_pause), health.longest_throttled) == (health.throttled, 60)
    (of_open,) = found(r"then one task is accepted\. The first probe is after (\d+) seconds", page)
    assert int(of_open) == health.open
    (first, longest) = found(r"The first one is after (\d+) seconds, and pauses double up to (\d+) minutes", page)
    assert (int(first), int(longest) * 60) == (health.first_probe, provider_states.LONGEST_PAUSE)
    (patience,) = found(r"`ENLARGER_PATIENCE` seconds \((\d+) by default\)", page)
    assert int(patience) == settings_class().model_fields["patience"].default


def test_the_models_with_several_providers_are_listed() -> None:
    page = write_routes.PAGE.read_text()
    assert page == write_routes.render(page), "run `make docs`"


def test_for_how_long_idempotency_keys_are_remembered() -> None:
    (days,) = found(r"remembers one for (\d+) days", words_of("docs/operate/accounts.md"))
    assert int(days) == IDEMPOTENCY_DAYS


def rows_of(name: str, pattern: str) -> dict[str, int]:
    return {what: int(number) for number, what in re.findall(pattern, (ROOT / name).read_text())}


# The SDK


def test_every_method_of_the_client_is_described() -> None:
    pages = (ROOT / "docs/guides/python-sdk.md").read_text() + (ROOT / "docs/guides/files.md").read_text()
    methods = {name for name, _ in inspect.getmembers(KieApiClient, inspect.isfunction) if not name.startswith("_")}
    assert not [name for name in methods if not re.search(rf"\b{name}\b", pages)]


# Promises


def test_every_promise_names_tests_that_pytest_collects() -> None:
    page = (ROOT / "docs/how/reliability.md").read_text().partition("## The fault matrix")[0]
    promises = page.split("\n### ")[1:]
    assert len(promises) > 15
    tests = [found(r"\*\*Tests:\*\* (.+?)(?=\n- |\n\n|$)", re.sub(r"\n  ", " ", promise))[0] for promise in promises]
    assert all("`tests/" in one for one in tests)
    named = {name for one in tests for name in re.findall(r"`(tests/[\w/]+\.py)`", one)}
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *sorted(named)]
    done = subprocess.run(collect, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert named <= collected, named - collected


def test_the_fault_matrix_is_as_large_as_it_is_said_to_be() -> None:
    page = words_of("docs/how/reliability.md")
    (faults_, boundaries) = found(r"one of (\d+) faults at one of (\w+) boundaries", page)
    assert int(faults_) == sum(map(len, MISHAPS.values()))
    assert (boundaries, len(MISHAPS)) == ("five", 5)
    assert int(found(r"That makes (\d+) cells", page)[0]) == len(CELLS)


def test_the_references_of_the_sdk_are_up_to_date() -> None:
    python, page = write_python.PAGE.read_text(), write_errors.PAGE.read_text()
    assert replace(python, write_python.PART, write_python.part()) == python, "run `make docs`"
    for name, lines in write_errors.parts():
        assert replace(page, name, lines) == page, "run `make docs`"


def test_everything_public_is_in_the_reference() -> None:
    shown: dict[str, set[str]] = {}
    for module, names in write_python.SECTIONS.values():
        shown.setdefault(module, set()).update(names)
    public = {name for name in enlarger.__all__ if not hasattr(errors, name)} - {"__version__"}
    assert shown["enlarger"] == public
    assert shown["enlarger.testing"] == set(testing.__all__)
    assert shown["enlarger.interior"] >= set(interior.__all__)


def test_every_error_of_a_client_says_whether_a_retry_is_safe() -> None:
    described = rows(write_errors.PAGE)
    for kind in write_errors.of_clients():
        words, retry = described[kind.__name__][1:]
        assert words, kind
        assert retry, kind
        assert "Retry: " in str(kind.__doc__), kind


def test_how_long_an_idempotency_key_lives() -> None:
    page = words_of("docs/guides/errors-and-retries.md")
    assert int(found(r"(\d+) days after the task was created", page)[0]) == IDEMPOTENCY_DAYS
    assert int(found(r"1 to (\d+) characters", page)[0]) == LONGEST_KEY


def test_exit_codes_that_the_guide_explains() -> None:
    page = (ROOT / "docs/guides/errors-and-retries.md").read_text()
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    kinds = {errors.ServiceUnavailable, errors.WaitTimeout, errors.SubmissionUnknown}
    assert explained == {exit_code(kind("x")) for kind in kinds}


def test_the_body_of_a_callback() -> None:
    (shown,) = found(r"## The body ```json (.+?) ```", words_of("docs/guides/callbacks.md"))
    given = json.loads(shown)
    read = msgspec.convert(given["data"], TaskRecord)
    assert encode_callback(read) == given
    assert list(encode_callback(read)["data"]) == list(given["data"])
    assert read.enlarger
