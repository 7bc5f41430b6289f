"""Numbers and lists on the pages are those of the code."""

from __future__ import annotations

import inspect
import re

from enlarger.all_settings import load_settings, settings_class
from enlarger.bot import actions, texts
from enlarger.bot.actions import Photo
from enlarger.catalog import UNKNOWN_FIELD, conditions, faults, file_faults, leftovers, list_models
from enlarger.catalog.messages import translator
from enlarger.cli.commands import accounts
from enlarger.infra.fetch import FETCH_MEGABYTES, FETCH_SECONDS
from enlarger.infra.webhook_urls import PATH as WEBHOOKS
from enlarger.interior import QUALITIES, list_styles
from enlarger.protocol.prefer import LONGEST_WAIT
from enlarger.providers.health import HealthConfig
from enlarger.providers.sandbox import script
from enlarger.server import new_task, openapi_document
from enlarger.server.access import PUBLIC
from enlarger.server.bodies import FORM_BODY_BYTES, INLINE_BODY_BYTES, MAX_UPLOAD_BYTES, SMALL_BODY_BYTES
from enlarger.server.credit import NO_LIMIT
from enlarger.server.new_task import MOST_BESIDE_BYTES, MOST_INPUT_BYTES
from enlarger.server.older import older_routes
from enlarger.tasks import provider_states
from enlarger.worker.callback import ANSWER_SECONDS
from enlarger.worker.deliver import DeliverConfig
from enlarger.worker.sweep import IDEMPOTENCY_DAYS
from tests.docs.pages import ROOT, found, rows, rows_of, words_of

_UNITS = {"s": 1, "min": 60, "h": 3600}


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


def test_for_how_long_idempotency_keys_are_remembered() -> None:
    (days,) = found(r"remembers one for (\d+) days", words_of("docs/operate/accounts.md"))
    assert int(days) == IDEMPOTENCY_DAYS
