"""What the pages for operators say is so: messages are in the code, tables and numbers are the code's."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.doctor.checks import CHECKS
from enlarger.cli.doctor.finding import Status
from enlarger.cli.processes import connections_of
from enlarger.infra.database import Database
from enlarger.infra.migrations import OLDEST_POSTGRES
from enlarger.providers.registry import PROVIDERS
from enlarger.server.access import PUBLIC
from enlarger.server.bodies import INLINE_BODY_BYTES, MAX_UPLOAD_BYTES
from enlarger.settings import MOST_PROCESSES
from enlarger.tasks.sessions import SESSION_SECONDS
from enlarger.tasks.workers import ALIVE_SECONDS
from enlarger.worker.callback import ANSWER_SECONDS
from tests.docs.pages import ROOT, found, words_of

_OPERATE = ROOT / "docs" / "operate"
_DAY = 86_400
_VARIES = re.compile(r"\{[^{}]*\}")
_QUOTED = re.compile(r"``\s?(.+?)\s?``|`([^`]+)`")
_OTHERS = "### Messages of other programs"
_LEAST_WORDS = 4
"""What is shorter is a status, a file or a setting."""


@cache
def sentences() -> tuple[str, ...]:
    """All texts in the code, with … for what differs from one time to another."""
    texts = []
    for file in (ROOT / "src" / "enlarger").rglob("*.py"):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(_VARIES.sub("…", node.value))
    return tuple(re.sub("…+", "…", text) for text in texts)


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    below = page.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"^#{{1,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def table(text: str) -> list[list[str]]:
    """The cells of the rows of a section's tables."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def quoted_messages() -> list[str]:
    page = (_OPERATE / "troubleshooting.md").read_text()
    ours, _, _ = section(page, "## Messages").partition(_OTHERS)
    cells = [cell for row in table(ours) for cell in row[:2]]
    texts = [first or second for cell in cells for first, second in _QUOTED.findall(cell)]
    return [text for text in texts if len(text.split()) >= _LEAST_WORDS]


def test_messages_are_quoted_as_the_code_prints_them() -> None:
    messages = quoted_messages()
    assert len(messages) > 60
    assert [one for one in messages if not any(one in text for text in sentences())] == []


def test_every_check_of_the_doctor_is_described() -> None:
    page = (_OPERATE / "troubleshooting.md").read_text()
    names = re.findall(r"`([^`]+)`", " ".join(row[0] for row in table(section(page, "## The doctor"))))
    statuses = {str(status) for status in Status}
    assert statuses <= set(names)
    checks = [f"provider {name}" for name in PROVIDERS]
    expected = [check.name for check in CHECKS if check.name not in checks]
    described = [name for name in names if name not in statuses]
    assert [name for name in described if name != "provider …"] == expected
    assert "provider …" in described


def test_how_long_things_are_kept() -> None:
    settings = load_settings()
    page = (_OPERATE / "backup.md").read_text()
    rows = {row[0]: row[1:] for row in table(section(page, "## What is kept, and for how long"))}
    for value, setting in (
        (settings.results_days, "ENLARGER_RESULTS_DAYS"),
        (settings.uploads_days, "ENLARGER_UPLOADS_DAYS"),
        (settings.tasks_days, "ENLARGER_TASKS_DAYS"),
    ):
        kept = [cells[0] for cells in rows.values() if setting in cells[1]]
        assert kept
        assert all(one.startswith(f"{value:g} days") for one in kept), setting
    sweep = (ROOT / "src/enlarger/worker/sweep.py").read_text()
    (days,) = found(r"IDEMPOTENCY_DAYS = (\d+)", sweep)
    assert rows["an `Idempotency-Key`"][0].startswith(f"{days} days")
    assert rows["console sessions"][0] == f"{SESSION_SECONDS // _DAY} days"
    (gone,) = found(r"_WORKER_SECONDS = ([\d_]+)", sweep)
    assert rows["workers that disappeared"][0] == f"{int(gone) // _DAY} day"


async def test_the_columns_with_secrets_exist(database: Database) -> None:
    page = (_OPERATE / "network-and-secrets.md").read_text()
    places = re.findall(r"`(\w+)(?:\.(\w+))?`", " ".join(row[0] for row in table(section(page, "### In the database"))))
    columns = await database.pool.fetch("SELECT table_name, column_name FROM information_schema.columns")
    known = {(row["table_name"], row["column_name"]) for row in columns} | {(row["table_name"], "") for row in columns}
    assert len(places) > 6
    assert set(places) <= known


def test_where_the_service_listens_and_what_it_connects_to() -> None:
    page = words_of("docs/operate/network-and-secrets.md")
    settings = load_settings()
    assert f"| {settings.port} on `{settings.host}` |" in page
    assert f"| {settings.bot_port} on `{settings.bot_host}` |" in page
    for name, field in type(settings).model_fields.items():
        if name.endswith(("_base_url", "_upload_url", "_rest_url")):
            host = str(field.default).partition("://")[2].partition("/")[0]
            assert f"`{host}`" in page, name
            assert f"`ENLARGER_{name.upper()}`" in page


def test_what_a_proxy_has_to_do() -> None:
    page = words_of("docs/operate/deploy.md")
    settings = load_settings()
    (body,) = found(r"accept bodies of (\d+) MB", page)
    assert int(body) == -(-INLINE_BODY_BYTES // 1_000_000)
    assert int(found(r"client_max_body_size (\d+)m;", page)[0]) << 20 >= INLINE_BODY_BYTES
    assert int(found(r"a file of (\d+) MB may be sent", page)[0]) == MAX_UPLOAD_BYTES // 1_000_000
    assert int(found(r"`ENLARGER_OPENAI_WAIT` \((\d+) s\)", page)[0]) == settings.openai_wait
    assert int(found(r"proxy_read_timeout (\d+)s;", page)[0]) > settings.openai_wait
    heartbeat = found(r"heartbeat: float = (\d+)", (ROOT / "src/enlarger/server/dependencies.py").read_text())
    assert found(r"event streams send a line every (\d+) s", page) == heartbeat
    idle = found(r"_HEADER_SECONDS = (\d+)", (ROOT / "src/enlarger/server/listen.py").read_text())
    assert found(r"close idle connections to the service within (\d+) seconds", page) == idle


def test_how_many_connections_processes_have() -> None:
    """Beside their pools `serve` has one that listens, a worker also 3 of its queue, and `up` one more."""
    page = words_of("docs/operate/deploy.md")
    counts = range(1, MOST_PROCESSES + 1)
    serve = max(count * (connections_of("serve", count) + 1) for count in counts)
    assert int(found(r"up to 8 \| (\d+) altogether", page)[0]) == serve
    few, each = found(r"up to 4 \| (\d+) altogether with up to 6 processes, (\d+) each with more", page)
    assert int(few) == max(count * (connections_of("worker", count) + 4) for count in range(1, 7))
    assert int(each) == max(connections_of("worker", count) + 4 for count in range(7, MOST_PROCESSES + 1))
    most, fewer = found(r"\| `up` \| 1 \| (\d+) per process, fewer with more than (\d+)", page)
    assert int(most) == connections_of("up", int(fewer)) + 5 > connections_of("up", int(fewer) + 1) + 5


def test_machines_and_callbacks() -> None:
    page = words_of("docs/operate/deploy.md")
    assert int(found(r"not seen for (\d+) seconds is shown as gone", page)[0]) == ALIVE_SECONDS
    assert int(found(r"`ENLARGER_WORKER_LEASE` \((\d+) seconds\)", page)[0]) == load_settings().worker_lease
    trouble = words_of("docs/operate/troubleshooting.md")
    assert int(found(r"did not answer within (\d+) seconds", trouble)[0]) == ANSWER_SECONDS
    assert int(found(r"`ENLARGER_PATIENCE` \((\d+) minutes\)", trouble)[0]) == load_settings().patience / 60


@pytest.mark.parametrize("page", ["deploy.md", "backup.md"])
def test_the_oldest_postgres(page: str) -> None:
    named = re.findall(r"Postgres \(?(\d+) (?:or|and) later", words_of(f"docs/operate/{page}"))
    assert set(named) == {str(OLDEST_POSTGRES)}


def test_what_answers_without_a_key() -> None:
    (listed,) = found(
        r"Without a key the service answers only (.+?), and the console's", words_of("docs/operate/deploy.md")
    )
    places = re.findall(r"`([^`]+)`", listed)
    exact = {place for place in places if not place.endswith("/") or place == "/"}
    below = tuple(place for place in places if place.endswith("/") and place != "/")
    assert all(path in exact or path.startswith((*below, "/docs")) for path in PUBLIC)
    assert exact <= PUBLIC
