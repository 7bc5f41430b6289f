"""`enlarger providers`, `budgets` and `orphans`, on a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from enlarger.all_settings import load_settings
from enlarger.cli.app import app
from enlarger.cli.service_parts import whole_service
from enlarger.errors import SubmissionRefused
from enlarger.infra.database import Database
from enlarger.infra.listener import Listener
from enlarger.providers.local import LocalEngine
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.polls import NEWS
from enlarger.tasks.provider_states import ProviderStates, worker_name
from tests.waiting import until

_TASK = "0123456789abcdef0123456789abcde"
_NO_CREDITS = "The KIE account has no credits left: top it up."

Enlarger = Callable[..., Awaitable[Result]]


@pytest.fixture
def enlarger(database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> Enlarger:
    """Runs a command against the test's database, on a terminal of 100 columns that shows no colours."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    async def start(*arguments: str) -> Result:
        return await asyncio.to_thread(run, *arguments)

    return start


@pytest.fixture
async def busy_day(database: Database) -> None:
    """Attempts of every kind, health and budgets."""
    await AccountStore(database).add("shop", credits=None, create_limit=None, query_limit=None)
    pool = database.pool
    states = ("succeeded", "failed", "unknown", "accepted", "submitting", "skipped", "unknown", "succeeded")
    for number, state in enumerate(states):
        await pool.execute(
            "INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256)"
            " VALUES ($1, 'shop', 'topaz/image-upscale', '{}', 'https://shop.example.com', '')",
            f"{_TASK}{number}",
        )
        await pool.execute(
            "INSERT INTO attempts (task_id, epoch, provider, state, provider_task_id, dollars, started_at, accepted_at,"
            " finished_at, ended_at, abandoned_at, error) SELECT $1, 1, 'kie', $2, $3, 0.05, now() - $4::interval,"
            " CASE WHEN $3::text IS NOT NULL THEN now() - $4::interval + interval '1.5 seconds' END,"
            " CASE WHEN $2 = 'succeeded' THEN now() - $4::interval + interval '61 seconds' END,"
            " CASE WHEN $2 = 'succeeded' THEN now() END,"
            " CASE WHEN $5 THEN now() END, CASE WHEN $5 THEN 'the reply was lost' END",
            f"{_TASK}{number}",
            state,
            f"kie-{number}" if state in ("succeeded", "accepted") else None,
            timedelta(minutes=2 + number),
            number >= 6,
        )
    late = await pool.fetchval("SELECT id FROM attempts WHERE task_id = $1", f"{_TASK}7")
    await pool.execute(
        "INSERT INTO files (id, account_id, task_id, attempt_id, key, name, mime_type, size, sha256, expires_at)"
        " VALUES ($1, 'shop', $2, $3, 'k', 'picture.png', 'image/png', 1, '', now() + interval '1 day')",
        "f" * 32,
        f"{_TASK}7",
        late,
    )
    await ProviderStates(database).write("kie", "suspended", _NO_CREDITS, 600)
    await ProviderStates(database).write("replicate", "throttled", "too many", -1)
    await pool.execute(
        "INSERT INTO spending SELECT 'provider', 'kie', to_char(now() AT TIME ZONE 'UTC', format), dollars"
        " FROM (VALUES ('YYYY-MM-DD', 1.2), ('YYYY-MM', 30)) AS sums (format, dollars)"
    )


async def test_providers_are_shown_with_their_health_work_and_dollars(enlarger: Enlarger, busy_day: None) -> None:
    await enlarger("budgets", "set", "provider", "kie", "--day", "5")
    shown = await enlarger("providers")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    head, kie, replicate, fal, local = (line.split() for line in lines[:5])
    assert head[:4] == ["provider", "state", "open", "sent"]
    assert " ".join(kie) == "kie not set up 3 7 3 1 2 1.5/1.5 61/61 1.20 of 5 30.00"
    assert replicate[:4] == ["replicate", "not", "set", "up"]
    assert fal[:4] == ["fal", "not", "set", "up"]
    assert local[:3] == ["local", "ok", "-"]
    assert "set KIE_API_KEY" in shown.stdout
    assert "sandbox" not in shown.stdout


async def test_why_a_provider_gets_no_tasks_is_told_with_the_time(
    enlarger: Enlarger, busy_day: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "secret-key-of-kie")
    shown = await enlarger("providers")
    text = " ".join(shown.stdout.split())
    assert f"kie is suspended: {_NO_CREDITS.rstrip('.')}. It is probed again at " in text
    assert "secret-key" not in shown.output
    assert (await enlarger("providers", "--quiet")).stdout.split("\n")[:4] == [
        "kie suspended",
        "replicate not-set-up",
        "fal not-set-up",
        "local ok",
    ]
    kie, replicate, *_ = json.loads((await enlarger("providers", "--json")).stdout)
    assert (kie["state"], kie["configured"], kie["reason"]) == ("suspended", True, _NO_CREDITS)
    assert kie["last_hour"]["unknown"] == 2
    assert kie["last_hour"]["result"] == [61, 61]
    assert (kie["budget"]["today"], kie["budget"]["day_cap"]) == ("1.200000", None)
    assert (replicate["state"], replicate["configured"]) == ("ok", False)  # its rest is over
    assert "REPLICATE_API_TOKEN" in replicate["missing"]


async def test_what_is_wrong_with_the_routes_is_told(enlarger: Enlarger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_ROUTES", "kei")
    shown = await enlarger("providers")
    assert shown.exit_code == 1
    assert "'kei', which is no provider" in " ".join(shown.output.split())


async def test_a_check_asks_and_gives_tasks_again_to_who_was_out(
    enlarger: Enlarger, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = ProviderStates(database)
    await states.write("local", "suspended", "no access", 600)

    async def probe(self: object) -> None:
        if wrong:
            raise SubmissionRefused("The engine is not there: install it.", reason="down")

    monkeypatch.setattr(LocalEngine, "probe", probe)
    wrong = True
    shown = await enlarger("providers", "check")
    assert shown.exit_code == 1
    assert "local: The engine is not there: install it." in shown.stdout
    assert "kie: not set up, set KIE_API_KEY" in shown.stdout
    assert (await states.all())[0].state == "suspended"
    wrong = False
    shown = await enlarger("providers", "check", "local", "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout) == [
        {"provider": "local", "configured": True, "well": True, "reason": None, "unused": None}
    ]
    assert (await states.all())[0].state == "ok"


@pytest.mark.parametrize(("name", "code", "words"), [("kai", 6, "not a provider"), ("kie", 1, "set KIE_API_KEY")])
async def test_a_check_of_what_is_not_there_says_what_to_do(
    enlarger: Enlarger, name: str, code: int, words: str
) -> None:
    shown = await enlarger("providers", "check", name)
    assert shown.exit_code == code
    assert words in " ".join(shown.output.split())


async def test_budgets_are_set_shown_and_taken_away(enlarger: Enlarger, busy_day: None) -> None:
    set_ = await enlarger("budgets", "set", "provider", "kie", "--day", "5", "--month", "$100.50")
    assert set_.stdout == "provider kie: $5.00 a day, $100.50 a month\n"
    assert (await enlarger("budgets", "set", "account", "shop", "--month", "20")).exit_code == 0
    shown = await enlarger("budgets", "list")
    assert shown.stdout.splitlines()[1].split() == ["provider", "kie", "$1.20", "$5.00", "$30.00", "$100.50"]
    assert shown.stdout.splitlines()[2].split() == ["account", "shop", "$0.00", "no", "limit", "$0.00", "$20.00"]
    shown = await enlarger("budgets", "set", "provider", "kie", "--day", "none", "--json")
    facts = json.loads(shown.stdout)
    assert (facts["day_cap"], facts["month_cap"]) == (None, "100.500000")


@pytest.mark.parametrize(
    "arguments",
    [
        ("provider", "kai", "--day", "5"),
        ("account", "nobody", "--day", "5"),
        ("shop", "kie", "--day", "5"),
        ("provider", "kie"),
        ("provider", "kie", "--day=-1"),
        ("provider", "kie", "--day", "nan"),
        ("provider", "kie", "--month", "1e40"),
        ("provider", "kie", "--month", "0.0000001"),
        ("provider", "kie", "--month", "five"),
    ],
)
async def test_what_cannot_be_a_budget_is_refused(enlarger: Enlarger, arguments: tuple[str, ...]) -> None:
    refused = await enlarger("budgets", "set", *arguments, "--json")
    assert refused.exit_code == 6
    assert json.loads(refused.stdout)["error"]["type"] == "InvalidInput"


async def test_orphans_are_listed_with_what_is_kept_of_them(enlarger: Enlarger, busy_day: None) -> None:
    shown = await enlarger("orphans")
    facts = shown.stdout
    assert "came too late" in facts
    assert "unknown: it may have been paid for" in facts
    assert f"https://shop.example.com/files/{'f' * 32}/picture.png?expires=" in facts
    assert "kie, its task kie-7" in facts
    assert "kie, its task is not known" in facts
    assert f"{_TASK}2" not in facts  # it is waited for
    quiet = await enlarger("orphans", "-q")
    assert sorted(quiet.stdout.split("\n"))[1:] == [f"{_TASK}6 kie -", f"{_TASK}7 kie kie-7"]
    unknown: dict[str, Any] = next(
        one for one in json.loads((await enlarger("orphans", "--json")).stdout) if one["state"] == "unknown"
    )
    assert (unknown["dollars"], unknown["files"], unknown["error"]) == ("0.050000", [], "the reply was lost")


async def test_where_there_is_nothing_commands_say_so(enlarger: Enlarger) -> None:
    assert "None: every paid result" in (await enlarger("orphans")).output
    assert json.loads((await enlarger("orphans", "--json")).stdout) == []
    assert "No limits are set" in (await enlarger("budgets", "list")).output
    assert [row["open"] for row in map(_work, json.loads((await enlarger("providers", "--json")).stdout))] == [0] * 4


def _work(row: dict[str, Any]) -> dict[str, Any]:
    work: dict[str, Any] = row["last_hour"]
    return work


async def test_what_is_set_up_is_said_by_the_service_that_is_running(database: Database, enlarger: Enlarger) -> None:
    alone = await enlarger("providers")
    assert "No service is running" in alone.stdout
    assert "kie: not set up, set KIE_API_KEY" in alone.stdout
    listener = Listener(database, NEWS, name=worker_name(["kie", "local"]))
    async with listener.running():
        await until(ProviderStates(database).at_workers)
        listed = await enlarger("providers", "--json")
        said = await enlarger("providers")
        checked = await enlarger("providers", "check")
    rows = {row["provider"]: row for row in json.loads(listed.stdout)}
    assert {name for name, row in rows.items() if row["configured"]} == {"kie", "local"}
    assert rows["replicate"]["missing"] == "not set up in the service that is running"
    assert "No service is running" not in said.stdout
    assert "kie: set up in the service that is running" in " ".join(checked.stdout.split())


async def shown_of(enlarger: Enlarger) -> tuple[list[str], list[str]]:
    """What the two commands say of each provider that is there."""
    listed = (await enlarger("providers", "--quiet")).stdout.splitlines()
    return listed, (await enlarger("providers", "check")).stdout.splitlines()


async def test_what_a_service_in_the_sandbox_really_uses_is_shown(
    database_url: str, database: Database, enlarger: Enlarger
) -> None:
    """The service was started with `--sandbox`, of which the command's own settings know nothing."""
    settings = load_settings(sandbox=True, database_url=database_url, port=0)
    async with whole_service(settings):
        await until(ProviderStates(database).at_workers)
        listed, checked = await shown_of(enlarger)
        said = " ".join((await enlarger("providers")).stdout.split())
    assert listed == ["kie not-set-up", "replicate not-set-up", "fal not-set-up", "local unused", "sandbox ok"]
    assert "local gets no tasks: everything runs in the sandbox." in said
    assert "local: ok, but it gets no tasks: everything runs in the sandbox" in checked
    assert checked[-1].startswith("sandbox: set up in the service that is running")


async def test_what_these_settings_would_use_is_shown_while_no_service_runs(
    enlarger: Enlarger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_SANDBOX", "1")
    listed, checked = await shown_of(enlarger)
    assert listed == ["kie not-set-up", "replicate not-set-up", "fal not-set-up", "local unused", "sandbox ok"]
    assert checked[:2] == ["local: ok, but it gets no tasks: everything runs in the sandbox", "sandbox: ok"]
    monkeypatch.setenv("ENLARGER_ROUTES", "video=sandbox; kie")
    _, checked = await shown_of(enlarger)
    assert checked[:2] == ["local: ok, but it gets no tasks: ENLARGER_ROUTES leaves it out", "sandbox: ok"]


async def test_a_provider_that_only_this_command_has_is_not_one_of_the_service(
    database: Database, enlarger: Enlarger
) -> None:
    listener = Listener(database, NEWS, name=worker_name(["kie"]))
    async with listener.running():
        await until(ProviderStates(database).at_workers)
        listed, checked = await shown_of(enlarger)
    assert listed == ["kie ok", "replicate not-set-up", "fal not-set-up", "local not-set-up"]
    assert "local: ok, but it gets no tasks: it is not set up in the service that is running" in checked


async def test_a_provider_that_charged_more_is_shown(database: Database, busy_day: None, enlarger: Enlarger) -> None:
    await database.pool.execute("UPDATE attempts SET reserved = 0.04 WHERE state = 'succeeded'")
    assert "kie has charged $0.02 more this month than was reserved, for 2 tasks" in " ".join(
        (await enlarger("providers")).stdout.split()
    )
    assert "kie has charged $0.02 more" in " ".join((await enlarger("budgets", "list")).output.split())
