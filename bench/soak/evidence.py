"""What is known when a soak has settled: rows, the providers' records, files, and callbacks."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from bench.soak.app import Wanted
from bench.soak.providers import Books, Made
from bench.soak.receivers import Told

Row = Mapping[str, Any]
_OF_TASKS = ("attempts", "events", "files", "deliveries", "ledger")
_OTHERS = ("accounts", "spending", "budgets", "pgqueuer", "rate_limits")
LEFT = """
SELECT (SELECT count(*) FROM open_tasks) AS open,
       (SELECT count(*) FROM deliveries WHERE state = 'pending') AS owed,
       (SELECT count(*) FROM deliveries WHERE state = 'pending' AND next_try_at < now() + interval '20 seconds') AS due,
       (SELECT count(*) FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown')
        AND (abandoned_at IS NULL OR report IS NOT NULL)) AS attempts,
       (SELECT count(*) FROM pgqueuer) AS queue
"""
"""What has not ended. Attempts that are left when their task has ended are polled for another day."""


@dataclass
class Case:
    """Everything known about one task."""

    wanted: Wanted
    task: Row | None
    attempts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    deliveries: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def attempts_at(self, provider: str) -> list[Row]:
        """Its submissions to a provider."""
        return [one for one in self.attempts if one["provider"] == provider and one["state"] != "skipped"]

    def attempt_of(self, made: Made) -> Row | None:
        """The submission that became this task of a provider."""
        return next((one for one in self.attempts_at(made.provider) if one["provider_task_id"] == made.id), None)

    def made_by(self, attempt: Row) -> Made | None:
        """The provider's task for a submission."""
        wanted = attempt["provider"], attempt["provider_task_id"]
        return next((one for one in self.made if (one.provider, one.id) == wanted), None)


@dataclass
class Evidence:
    """Everything that is audited."""

    cases: list[Case]
    strangers: list[Row]
    """Tasks that the app does not know about."""
    tables: Mapping[str, list[Row]]
    books: Books


async def gather(url: str, wanted: Mapping[int, Wanted], told: Mapping[str, list[Told]], books: Books) -> Evidence:
    """Read the database, and collect what belongs to each task."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tables: dict[str, list[Row]] = {
                name: [dict(row) for row in await connection.fetch(f"SELECT * FROM {name}")]  # noqa: S608 - our names
                for name in ("tasks", *_OF_TASKS, *_OTHERS)
            }
    finally:
        await connection.close()
    of_task: dict[str, defaultdict[str, list[Row]]] = {name: defaultdict(list) for name in _OF_TASKS}
    for name in _OF_TASKS:
        for row in tables[name]:
            of_task[name][row["task_id"] or ""].append(row)
    made: defaultdict[int, list[Made]] = defaultdict(list)
    for one in books.made:
        made[one.number].append(one)
    by_key = {row["idempotency_key"]: row for row in tables["tasks"]}
    cases = []
    for number, task_wanted in wanted.items():
        case = Case(
            task_wanted, by_key.pop(hashlib.sha256(f"soak-{number}".encode()).hexdigest(), None), made=made[number]
        )
        if case.task is not None:
            task_id = case.task["id"]
            case.told = told.get(task_id, [])
            for name in _OF_TASKS:
                setattr(case, name, of_task[name][task_id])
            for rows in (case.attempts, case.events, case.ledger):
                rows.sort(key=lambda row: row["id"])
        cases.append(case)
    return Evidence(cases, list(by_key.values()), tables, books)


def stored(folder: Path) -> set[str]:
    """The keys of all files in a storage's folder, without its marker file."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.name != ".enlarger"}


def story(case: Case) -> Iterator[str]:
    """Everything known about a task, for a person who looks for the cause of a violation."""
    began = case.task["created_at"] if case.task is not None else None
    for event in case.events:
        assert began is not None
        yield f"{(event['at'] - began).total_seconds():7.2f} s  {event['state']} {event['progress'] or ''}".rstrip()
    for one in case.attempts:
        yield (
            f"attempt {one['id']} at {one['provider']}: {one['state']} ({one['error']}), its id"
            f" {one['provider_task_id']}, ${one['dollars']}, began {one['started_at']:%H:%M:%S.%f},"
            f" accepted {one['accepted_at']}, abandoned {one['abandoned_at']}"
        )
    for made in case.made:
        yield f"{made.provider} has {made.id}: {made.state}, at {made.created:.2f}"
    yield f"ledger {[(one['kind'], str(one['credits'])) for one in case.ledger]}"
    yield f"told {[one.state for one in case.told]}"
