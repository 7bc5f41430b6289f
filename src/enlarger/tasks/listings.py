"""Lists of tasks for people: filtered, page by page, and quick however many tasks there are.

Every list is a bounded number of steps in an index. Where a filter has no index of its own, which are the model and
the prompt, so many tasks are looked through at a time, and the reader is told how far that went.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec

from enlarger.infra.database import Connection, Database
from enlarger.protocol.records import State
from enlarger.tasks.records import Task, to_task
from enlarger.tasks.sql import sql
from enlarger.tasks.store import check_id, unknown_task

LOOK = 5000
"""How many tasks are looked through at a time for a model or a text."""
MOST_COUNTED = 1000
"""How far the tasks in a state are counted."""
STATES: tuple[State, ...] = get_args(State)
_PREFIX = re.compile(r"(?=.*\d)[0-9a-f]{6,32}")
"""The beginning of a task's id: with six digits it is one of 17 million, and without a numeral it may be a word."""
_CURSOR = re.compile(r"(\d{1,17})-([0-9a-f]{32})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks are wanted."""

    account_id: str | None
    """None is all accounts, for administrators."""
    states: tuple[State, ...] = ()
    """As the database has them; empty is any."""
    model: str | None = None
    search: str = ""
    """The beginning of a task's id, or a part of its prompt."""
    since: datetime | None = None
    until: datetime | None = None
    """Tasks that were created before this."""

    @property
    def prefix(self) -> str | None:
        """What is searched for, if that is the beginning of an id."""
        return self.search if _PREFIX.fullmatch(self.search) else None

    @property
    def filters(self) -> bool:
        """Whether tasks have to be looked through."""
        return bool(self.model or self.search)


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list."""

    tasks: list[Task]
    following: str | None
    """The cursor of the next page, if there may be one."""
    looked: int
    """How many tasks were looked through to find these."""
    until: datetime | None = None
    """When the oldest task that was looked at was created, if the search can go on from there."""


class TaskListings:
    """The `tasks` table, as lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, wanted: Listing, *, after: str = "", most: int, look: int = LOOK) -> Page:
        """Return a page of at most `most` tasks, newest first, from the cursor `after` on.

        A cursor that is not one counts as none.
        """
        if wanted.prefix is not None:
            return await self._by_prefix(wanted, wanted.prefix, most)
        look = look if wanted.filters else most + 1
        before, before_id = _start(wanted, after)
        values = {
            "states": wanted.states or STATES,
            "model": wanted.model,
            "text": f"%{_escaped(wanted.search)}%" if wanted.search else None,
            "since": wanted.since,
            "before": before,
            "before_id": before_id,
            "look": look,
            "most": most + 1,
        }

        async def work(connection: Connection) -> Any:
            if wanted.account_id is None:
                return await sql.look_through_all_tasks(connection, **values)
            return await sql.look_through_tasks(connection, account_id=wanted.account_id, **values)

        row = await self._database.read(work)
        tasks = await self._tasks(row["ids"])
        if len(tasks) > most:
            last = tasks[most - 1]
            return Page(tasks=tasks[:most], following=cursor(last.created_at, last.id), looked=row["looked"])
        if wanted.filters and row["looked"] == look:
            following = cursor(row["oldest"], row["oldest_id"])
            return Page(tasks=tasks, following=following, looked=row["looked"], until=row["oldest"])
        return Page(tasks=tasks, following=None, looked=row["looked"])

    async def count(self, wanted: Listing) -> dict[State, int]:
        """Count the tasks of an account, or of all, in the time of `wanted` by state, up to MOST_COUNTED in each."""
        values = {"states": STATES, "since": wanted.since, "before": wanted.until, "most": MOST_COUNTED}

        async def work(connection: Connection) -> dict[State, int]:
            if wanted.account_id is None:
                found = sql.count_all_listed_tasks(connection, **values)
            else:
                found = sql.count_listed_tasks(connection, account_id=wanted.account_id, **values)
            return {row["state"]: row["count"] async for row in found}

        return await self._database.read(work)

    async def get(self, task_id: str) -> Task:
        """Return a task of any account, for administrators. Raises UnknownTask."""
        check_id(task_id)

        async def work(connection: Connection) -> Any:
            return await sql.find_any_task(connection, id=task_id)

        row = await self._database.read(work)
        if row is None:
            raise unknown_task()
        return to_task(row)

    async def choose(self, account_id: str | None, ids: Sequence[str]) -> list[Task]:
        """Return those of an account's tasks, or of all, that have one of these ids, newest first."""
        return [task for task in await self._tasks(ids) if account_id in (None, task.account_id)]

    async def _tasks(self, ids: Sequence[str]) -> list[Task]:
        async def work(connection: Connection) -> list[Task]:
            return [to_task(row) async for row in sql.find_listed_tasks(connection, ids=ids)]

        return await self._database.read(work) if ids else []

    async def _by_prefix(self, wanted: Listing, prefix: str, most: int) -> Page:
        async def work(connection: Connection) -> list[Task]:
            found = sql.find_tasks_by_prefix(connection, prefix=prefix, most=most)
            return [to_task(row) async for row in found]

        found = await self._database.read(work)
        tasks = sorted((task for task in found if _fits(task, wanted)), key=lambda task: task.created_at, reverse=True)
        return Page(tasks=tasks, following=None, looked=len(found))


def cursor(at: datetime, task_id: str = "") -> str:
    """Return the cursor of the page that begins after a task, or before a moment."""
    return f"{(at - _EPOCH) // _MICROSECOND}-{task_id}"


def _start(wanted: Listing, after: str) -> tuple[datetime | None, str]:
    match = _CURSOR.fullmatch(after)
    if match is None:
        return wanted.until, ""
    at = _EPOCH + int(match[1]) * _MICROSECOND
    return (at, match[2] or "") if wanted.until is None or at < wanted.until else (wanted.until, "")


def _fits(task: Task, wanted: Listing) -> bool:
    return (
        wanted.account_id in (None, task.account_id)
        and (not wanted.states or task.state in wanted.states)
        and wanted.model in (None, task.model)
        and (wanted.since is None or task.created_at >= wanted.since)
        and (wanted.until is None or task.created_at < wanted.until)
    )


def _escaped(text: str) -> str:
    """Return a text as a pattern of LIKE that only it matches."""
    return re.sub(r"([\\%_])", r"\\\1", text)
