"""The places for a provider's tasks: whatever it has, or may have, takes one."""

from __future__ import annotations

import pytest

from enlarger.infra.database import Database
from enlarger.settings import Limits
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.records import Attempt
from enlarger.tasks.submissions import Waiting
from tests.tasks.world import SOON, World


@pytest.fixture
async def world(database: Database) -> World:
    await AccountStore(database).register_key("key", source="tests")
    return World(database)


async def become(world: World, attempt: Attempt, state: str) -> None:
    match state:
        case "accepted":
            await world.accept(attempt)
        case "unknown":
            await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
        case "to collect":
            await world.succeed(await world.accept(attempt))
        case "succeeded":
            await world.collect(await world.succeed(await world.accept(attempt)))
        case "refused":
            await world.attempts.refused(attempt, "busy", code="429", final=False)
        case "failed":
            await world.attempts.failed(await world.accept(attempt), "no", code="501", ends_task=True)
        case "abandoned":
            await world.abandon(await world.accept(attempt))


@pytest.mark.parametrize(
    ("state", "full"),
    [
        *[(state, True) for state in ("submitting", "accepted", "unknown", "to collect")],
        *[(state, False) for state in ("succeeded", "refused", "failed", "abandoned")],
    ],
)
async def test_what_a_provider_has_or_may_have_takes_a_place(world: World, state: str, full: bool) -> None:
    await become(world, await world.begin(limits=Limits(1)), state)
    other = (await world.claim()).task
    assert isinstance(await world.try_begin(other, "replicate", limits=Limits(1)), Attempt), "each has its own"
    assert await world.attempts.is_full("kie", most=1) == full
    assert not await world.attempts.is_full("kie", most=2)
    assert isinstance(await world.try_begin((await world.claim()).task, limits=Limits(1)), Waiting if full else Attempt)
