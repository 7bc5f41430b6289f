"""Lists of tasks for people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.listings import LOOK, MOST_COUNTED, STATES, Listing, TaskListings, cursor
from enlarger.tasks.sql import sql
from tests.tasks.many import fill
from tests.tasks.plans import plan_nodes
from tests.tasks.world import World

OWN = Listing(account_id="default")
ALL = Listing(account_id=None)


def but(wanted: Listing, **changes: Any) -> Listing:
    return msgspec.structs.replace(wanted, **changes)


@pytest.fixture
async def listings(database: Database) -> TaskListings:
    """Of 3,000 tasks, of which 300 are another account's."""
    async with database.pool.acquire() as connection:
        await fill(connection, 3000)
    return TaskListings(database)


async def all_of(listings: TaskListings, wanted: Listing, *, most: int = 700, look: int = 10_000) -> list[str]:
    """The ids of all pages, one after the other."""
    found: list[str] = []
    after = ""
    while True:
        page = await listings.find(wanted, after=after, most=most, look=look)
        found += [task.id for task in page.tasks]
        if page.following is None:
            return found
        after = page.following


async def test_pages_have_every_task_once_newest_first(listings: TaskListings, database: Database) -> None:
    rows = await database.pool.fetch("SELECT * FROM tasks ORDER BY created_at DESC, id DESC")
    assert await all_of(listings, ALL) == [row["id"] for row in rows]
    assert await all_of(listings, OWN) == [row["id"] for row in rows if row["account_id"] == "default"]
    wanted = but(OWN, states=("fail", "waiting"))
    assert await all_of(listings, wanted, most=10) == [
        row["id"] for row in rows if row["account_id"] == "default" and row["state"] in ("fail", "waiting")
    ]


async def test_tasks_created_at_the_same_time_are_each_listed_once(listings: TaskListings, database: Database) -> None:
    await database.pool.execute("UPDATE tasks SET created_at = now() WHERE state = 'fail'")
    found = await all_of(listings, but(ALL, states=("fail",)), most=7)
    assert len(found) == len(set(found)) == 149


@pytest.mark.parametrize("look", [100, 10_000])
async def test_a_search_in_small_steps_finds_everything(listings: TaskListings, look: int) -> None:
    assert len(await all_of(listings, but(OWN, model="topaz/image-upscale"), look=look)) == 3
    assert len(await all_of(listings, but(OWN, search="LAKE number 299"), look=look)) == 10
    assert await all_of(listings, but(OWN, search="number_299"), look=look) == []
    assert await all_of(listings, but(OWN, search="100%"), look=look) == []


async def test_a_page_says_how_far_the_search_went(listings: TaskListings) -> None:
    page = await listings.find(but(OWN, search="nowhere"), most=20, look=100)
    assert (page.tasks, page.looked) == ([], 100)
    assert page.until is not None
    rest = await listings.find(but(OWN, search="nowhere"), after=page.following or "", most=20, look=10_000)
    assert (rest.looked, rest.following, rest.until) == (2600, None, None)


async def test_the_beginning_of_an_id_finds_its_task(listings: TaskListings, database: Database) -> None:
    task_id = await database.pool.fetchval("SELECT id FROM tasks WHERE account_id = 'default' LIMIT 1")
    for search in (task_id, task_id[:8]):
        assert [task.id for task in (await listings.find(but(OWN, search=search), most=20)).tasks] == [task_id]
        assert (await listings.find(but(OWN, search=search, model="other"), most=20)).tasks == []
        assert (await listings.find(but(ALL, account_id="other", search=search), most=20)).tasks == []


async def test_a_time_bounds_lists_and_counts(listings: TaskListings, database: Database) -> None:
    now = await database.pool.fetchval("SELECT max(created_at) + interval '1 minute' FROM tasks")
    hour = but(ALL, since=now - timedelta(minutes=60), until=now - timedelta(minutes=30))
    assert len(await all_of(listings, hour, most=7)) == 30
    assert (await listings.count(hour))["waiting"] == 9
    late = cursor(now + timedelta(days=1))
    assert len((await listings.find(hour, after=late, most=100)).tasks) == 30


async def test_counts_stop_at_a_maximum(listings: TaskListings) -> None:
    assert await listings.count(OWN) == {
        "waiting": 36, "queuing": 0, "generating": 0, "success": MOST_COUNTED, "fail": 0
    }  # fmt: skip
    assert (await listings.count(ALL))["fail"] == 149


async def test_an_invalid_cursor_begins_at_the_first_page(listings: TaskListings) -> None:
    first = await listings.find(OWN, most=5)
    for after in ("x", "-", "99999999999999999999-", "1-zz", "9" * 17 + "-"):
        assert (await listings.find(OWN, after=after, most=5)).tasks == first.tasks


async def test_tasks_are_chosen_by_their_ids_and_account(database: Database) -> None:
    await AccountStore(database).add("default", credits=None, create_limit=None, query_limit=None)
    world = World(database)
    tasks = [await world.create() for _ in range(3)]
    listings = TaskListings(database)
    ids = [task.id for task in tasks]
    assert [task.id for task in await listings.choose("default", [*ids, "f" * 32])] == ids[::-1]
    assert await listings.choose("other", ids) == []
    assert (await listings.get(ids[0])).id == ids[0]


_BEFORE = {"since": None, "before": None}
_LOOK = {**_BEFORE, "before_id": "", "look": 21, "model": None, "most": 21}
_QUERIES: dict[str, dict[str, Any]] = {
    "look_through_tasks": {"states": STATES, "text": None, "account_id": "default", **_LOOK},
    "look_through_all_tasks": {"states": STATES, "text": None, **_LOOK},
    "find_listed_tasks": {"ids": ["a" * 32] * 21},
    "find_tasks_by_prefix": {"prefix": "abc123", "most": 20},
    "count_listed_tasks": {"account_id": "default", **_BEFORE, "most": MOST_COUNTED, "states": STATES},
    "count_all_listed_tasks": {**_BEFORE, "most": MOST_COUNTED, "states": STATES},
}
"""The values of the lists' statements, in the order in which they stand there."""
_LONG: dict[str, Any] = {"text": "%nowhere%", "look": LOOK}


async def test_no_list_reads_the_whole_table(database: Database) -> None:
    """With the plan for these values, and with the generic one, which Postgres may use after a few calls."""
    async with database.pool.acquire() as connection:
        await fill(connection, 100_000)
        for name, values in _QUERIES.items():
            for changes in [{}, _LONG] if "look" in values else [{}]:
                query = getattr(sql, name).sql
                given = {**values, **changes}.values()
                for mode in ("force_custom_plan", "force_generic_plan"):
                    await connection.execute(f"SET plan_cache_mode = {mode}")
                    nodes = await plan_nodes(connection, query, *given, analyze=True)
                    scans = [node for node in nodes if node.get("Relation Name") == "tasks"]
                    assert scans, name
                    for node in scans:
                        assert "Index" in node["Node Type"] or node["Node Type"] == "Bitmap Heap Scan", (name, mode)
                    read = max(node["Actual Rows"] * node["Actual Loops"] for node in scans)
                    assert read <= 5 * max(MOST_COUNTED, changes.get("look", 0)), (name, mode)
