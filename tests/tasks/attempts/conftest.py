"""A world, and a database whose commits take place although they seem not to."""

from __future__ import annotations

from typing import Any

import pytest

from enlarger.infra.database import Database
from enlarger.tasks.accounts import AccountStore
from tests.tasks.world import World


@pytest.fixture
async def world(database: Database) -> World:
    await AccountStore(database).register_key("key", source="tests")
    return World(database)


@pytest.fixture
def commits_once_too_often(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transaction is done again, as when Postgres dies after a commit and before it says so."""
    run = world.database.run

    async def twice(work: Any) -> Any:
        await run(work)
        return await run(work)

    monkeypatch.setattr(world.database, "run", twice)
