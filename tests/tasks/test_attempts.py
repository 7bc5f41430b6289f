"""What is known of submissions only ever grows: one open at a time, ends are ends, and what comes too late is kept."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from enlarger.errors import BudgetReached, StaleClaim
from enlarger.infra.database import Database
from enlarger.protocol.records import Made
from enlarger.tasks.accounts import DEFAULT, AccountStore
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.budgets import BudgetStore
from enlarger.tasks.orphans import OrphanStore
from enlarger.tasks.polls import NEWS
from enlarger.tasks.records import Attempt, NewFile, NewTask, ResultFile, Task, TaskResult
from enlarger.tasks.store import TaskStore
from enlarger.tasks.submissions import Claim, Full

SOON, LATER = timedelta(seconds=100), timedelta(seconds=500)
WEBHOOK = {"headers": {}, "body": "e30="}
REPORT = {"state": "succeeded"}


class World:
    """The stores, and the steps of a worker in one word each."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tasks = TaskStore(database)
        self.attempts = AttemptStore(database)

    async def create(self, **changes: Any) -> Task:
        values = {
            "id": secrets.token_hex(16),
            "account_id": DEFAULT,
            "model": "google/nano-banana",
            "input": {"prompt": "a house"},
            "base_url": "http://service",
            "request_sha256": b"",
        }
        task, _ = await self.tasks.create(NewTask(**{**values, **changes}))
        return task

    async def claim(self, task: Task | None = None) -> Claim:
        claim = await self.attempts.claim_for_dispatch((task or await self.create()).id)
        assert claim is not None
        return claim

    async def try_begin(self, claim: Task, provider: str = "kie", **changes: Any) -> Attempt | Full:
        values: dict[str, Any] = {
            "reference": secrets.token_hex(16),
            "request": {"model": "a/b", "input": {"prompt": "a house"}},
            "dollars": Decimal("0.02"),
            "deadline": 600.0,
            "most": 100,
        }
        return await self.attempts.begin(claim, provider, **{**values, **changes})

    async def begin(self, claim: Task | None = None, provider: str = "kie", **changes: Any) -> Attempt:
        attempt = await self.try_begin(claim or (await self.claim()).task, provider, **changes)
        assert isinstance(attempt, Attempt)
        return attempt

    async def accept(self, attempt: Attempt | None = None, provider_task_id: str | None = None) -> Attempt:
        attempt = attempt or await self.begin()
        await self.attempts.accepted(attempt, provider_task_id or secrets.token_hex(4), poll_in=SOON)
        return await self.attempt(attempt)

    async def succeed(self, attempt: Attempt, provider_task_id: str = "a") -> Attempt:
        await self.attempts.succeeded(attempt, provider_task_id, REPORT, finished_at=None, keeps=3600.0, asked=True)
        return await self.attempt(attempt)

    async def collect(self, attempt: Attempt, files: list[NewFile] | None = None) -> bool:
        files = [stored(attempt)] if files is None else files
        return await self.attempts.collected(attempt, result_of(files), files, cost=Decimal(0), dollars=None)

    async def abandon(self, attempt: Attempt, *, resubmit: bool = False) -> None:
        await self.overdue(attempt)
        await self.give_up(attempt, resubmit=resubmit)

    async def overdue(self, attempt: Attempt) -> None:
        await self.database.pool.execute("UPDATE attempts SET deadline_at = now() WHERE id = $1", attempt.id)

    async def give_up(self, attempt: Attempt, *, resubmit: bool = False) -> bool:
        return await self.attempts.abandon(
            attempt, "no answer", certain=True, code="408", message="Nobody knows.", resubmit=resubmit, poll_in=LATER
        )

    async def attempt(self, attempt: Attempt) -> Attempt:
        """As it is now."""
        return next(one for one in await self.attempts.of_task(attempt.task_id) if one.id == attempt.id)

    async def task(self, of: Attempt | Task) -> Task:
        """As it is now."""
        return await self.tasks.get(DEFAULT, of.task_id if isinstance(of, Attempt) else of.id)

    async def queue(self) -> list[str]:
        rows = await self.database.pool.fetch("SELECT entrypoint, payload FROM pgqueuer ORDER BY id")
        return [row["entrypoint"] for row in rows]

    async def drain(self) -> None:
        """As if workers had done everything that is in the queue."""
        await self.database.pool.execute("DELETE FROM pgqueuer")

    async def poll_in(self, attempt: Attempt) -> float | None:
        """Seconds until it is looked at."""
        seconds = "SELECT extract(epoch FROM next_poll_at - now())::float8 FROM attempts WHERE id = $1"
        found: float | None = await self.database.pool.fetchval(seconds, attempt.id)
        return found

    async def spent(self, kind: str = "provider") -> Decimal:
        spent: Decimal = await self.database.pool.fetchval(
            "SELECT coalesce(sum(dollars), 0) FROM spending WHERE kind = $1 AND length(period) = 10", kind
        )
        return spent


def stored(attempt: Attempt) -> NewFile:
    file_id = secrets.token_hex(16)
    return NewFile(
        id=file_id,
        account_id=DEFAULT,
        task_id=attempt.task_id,
        key=f"results/{file_id}",
        name="a.png",
        mime_type="image/png",
        size=3,
        sha256=b"x",
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )


def result_of(files: list[NewFile]) -> TaskResult:
    named = tuple(ResultFile(id=file.id, name=file.name, expires_at=file.expires_at) for file in files)
    return TaskResult(files=named, made=Made(provider="kie", engine="test"))


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


# Submitting


async def test_a_submission_is_written_down_with_all_that_is_known_of_it(world: World) -> None:
    claim = await world.claim()
    assert (claim.task.state, claim.task.epoch, claim.attempts) == ("queuing", 1, ())
    attempt = await world.begin(claim.task, reference="name", deadline=60.0)
    assert (attempt.state, attempt.epoch, attempt.provider, attempt.reference) == ("submitting", 1, "kie", "name")
    assert attempt.request == {"model": "a/b", "input": {"prompt": "a house"}}
    assert attempt.dollars == Decimal("0.02")
    assert attempt.deadline_at is not None
    assert 59 < (attempt.deadline_at - attempt.started_at).total_seconds() < 61
    assert await world.spent() == await world.spent("account") == Decimal("0.02")
    assert (await world.task(attempt)).state == "queuing"
    assert await world.poll_in(attempt) is None


async def test_the_database_allows_one_open_attempt_at_a_time(world: World) -> None:
    first = await world.begin()
    insert = "INSERT INTO attempts (task_id, epoch, provider, state) VALUES ($1, 9, 'replicate', $2)"
    for state in ("submitting", "accepted", "unknown"):
        await world.database.pool.execute("UPDATE attempts SET state = $1 WHERE id = $2", state, first.id)
        for another in ("submitting", "accepted", "unknown"):
            with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_open"):
                await world.database.pool.execute(insert, first.task_id, another)
    with pytest.raises(asyncpg.UniqueViolationError, match="attempts_one_open"):
        await world.begin((await world.tasks.get(DEFAULT, first.task_id)), "replicate")
    assert await world.spent() == Decimal("0.02")
    await world.database.pool.execute(insert, first.task_id, "skipped")


async def test_who_comes_second_has_nothing_to_submit(world: World) -> None:
    task = await world.create()
    turns = await asyncio.gather(*(world.attempts.claim_for_dispatch(task.id) for _ in range(5)))
    begun = []
    for claim in turns:
        assert claim is not None
        try:
            begun.append(await world.begin(claim.task))
        except StaleClaim:
            continue
    assert len(begun) == 1
    assert begun[0].epoch == 5
    await world.accept(begun[0])
    assert await world.attempts.claim_for_dispatch(task.id) is None


async def test_no_task_is_submitted_that_has_ended(world: World) -> None:
    claim = await world.claim()
    await world.tasks.cancel(DEFAULT, claim.task.id)
    with pytest.raises(StaleClaim):
        await world.begin(claim.task)
    with pytest.raises(StaleClaim):
        await world.attempts.hand_to_engine(claim.task)
    assert await world.attempts.claim_for_dispatch(claim.task.id) is None
    assert await world.attempts.of_task(claim.task.id) == []
    assert await world.spent() == 0


async def test_a_commit_that_was_cut_off_begins_once(world: World, commits_once_too_often: None) -> None:
    claim = await world.claim()
    attempt = await world.begin(claim.task, most=1)
    assert [one.id for one in await world.attempts.of_task(claim.task.id)] == [attempt.id]
    assert await world.spent() == Decimal("0.02")


async def test_what_a_lost_worker_was_sending_is_unknown(world: World) -> None:
    attempt = await world.begin()
    assert await world.attempts.claim_for_dispatch(attempt.task_id) is None
    found = await world.attempt(attempt)
    assert (found.state, found.abandoned_at) == ("unknown", None)
    assert "nobody can say" in (found.error or "").lower()
    assert (await world.task(attempt)).state == "generating"
    assert await world.poll_in(attempt) == pytest.approx(0, abs=30)


async def test_a_turn_knows_what_was_tried(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.refused(attempt, "no such size", code="422", final=True)
    await world.attempts.skip((await world.task(attempt)), "replicate", "not set up")
    claim = await world.claim(await world.task(attempt))
    assert [(one.provider, one.state, one.error) for one in claim.attempts] == [
        ("kie", "failed", "no such size"),
        ("replicate", "skipped", "not set up"),
    ]


async def test_the_same_reason_to_skip_is_written_down_once(world: World) -> None:
    task = (await world.claim()).task
    for reason in ("too busy", "too busy", "no credits", "too busy"):
        await world.attempts.skip(task, "kie", reason)
    await world.attempts.skip(task, "replicate", "too busy")
    found = [(one.provider, one.error) for one in await world.attempts.of_task(task.id)]
    assert found == [("kie", "too busy"), ("kie", "no credits"), ("replicate", "too busy")]
    assert await world.spent() == 0


async def test_a_provider_has_no_more_tasks_than_it_may(world: World) -> None:
    first = await world.begin(most=1)
    waiting = (await world.claim()).task
    assert isinstance(await world.try_begin(waiting, most=1), Full)
    assert isinstance(await world.try_begin(waiting, "replicate", most=1), Attempt)
    assert await world.spent() == Decimal("0.04")
    await world.abandon(first)
    assert isinstance(await world.try_begin((await world.claim()).task, most=1), Attempt)


async def test_no_more_begin_at_once_than_a_provider_may_have(world: World) -> None:
    turns = [(await world.claim()).task for _ in range(8)]
    outcomes = await asyncio.gather(*(world.try_begin(claim, most=3) for claim in turns))
    assert sum(isinstance(outcome, Attempt) for outcome in outcomes) == 3


async def test_a_budget_that_is_reached_leaves_nothing(world: World) -> None:
    await BudgetStore(world.database).set("provider", "kie", day=Decimal("0.03"))
    await world.begin()
    claim = (await world.claim()).task
    with pytest.raises(BudgetReached):
        await world.begin(claim)
    assert await world.attempts.of_task(claim.id) == []
    assert await world.spent() == await world.spent("account") == Decimal("0.02")


# What becomes of it


async def test_a_refusal_gives_the_money_back_and_leaves_the_turn(world: World) -> None:
    attempt = await world.begin()
    await world.drain()
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    found = await world.attempt(attempt)
    assert (found.state, found.error, found.error_code, found.final) == ("failed", "too many", "429", False)
    assert found.ended_at is not None
    assert found.dollars == await world.spent() == 0
    assert await world.queue() == [], "who sent it goes on with the next provider"
    await world.begin(await world.task(attempt), "replicate")


async def test_what_was_unknown_turns_out_as_accepted(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    assert await world.poll_in(attempt) == pytest.approx(100, abs=30)
    accepted = await world.accept(attempt, "theirs")
    assert (accepted.state, accepted.provider_task_id, accepted.error) == ("accepted", "theirs", None)
    assert accepted.accepted_at is not None
    assert await world.queue() == ["dispatch"], "only the row from the beginning"


async def test_what_was_unknown_turns_out_as_refused_and_goes_elsewhere(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.drain()
    await world.attempts.refused(await world.attempt(attempt), "kie does not have it", code="500", final=False)
    assert await world.queue() == ["dispatch"]
    assert await world.spent() == 0
    claim = await world.claim(await world.task(attempt))
    assert claim.task.state == "generating", "its app was told so already"
    await world.begin(claim.task, "replicate")


@pytest.mark.parametrize("end", ["refused", "failed", "collected"])
async def test_what_comes_after_the_end_changes_nothing(world: World, end: str) -> None:
    attempt = await world.begin(reference="name")
    match end:
        case "refused":
            await world.attempts.refused(attempt, "too many", code="429", final=False)
        case "failed":
            await world.attempts.failed(attempt, "black", code="501", ends_task=False, dollars=Decimal("0.01"))
        case "collected":
            await world.collect(await world.succeed(attempt))
    await world.overdue(attempt)
    ended, task, spent = await world.attempt(attempt), await world.task(attempt), await world.spent()
    await world.drain()
    for late in (attempt, ended):
        await world.accept(late, "other")
        await world.attempts.unknown(late, "no answer", poll_in=SOON)
        await world.attempts.refused(late, "too late", code="500", final=True)
        await world.attempts.failed(late, "too late", code="500", ends_task=True)
        await world.attempts.polled(late, again_in=SOON, asked=True, progress=50)
        await world.succeed(late, "other")
        await world.give_up(late, resubmit=True)
        await world.attempts.announce("name", WEBHOOK)
    assert await world.attempt(attempt) == ended
    assert await world.task(attempt) == task
    assert (await world.queue(), await world.spent(), await world.poll_in(attempt)) == ([], spent, None)


async def test_news_may_come_twice(world: World, commits_once_too_often: None) -> None:
    attempt = await world.accept(provider_task_id="theirs")
    await world.drain()
    await world.succeed(attempt, "theirs")
    assert await world.queue() == ["collect"]
    assert await world.collect(attempt)
    assert (await world.task(attempt)).state == "success"
    failing = await world.accept()
    await world.attempts.failed(failing, "broken", code="501", ends_task=True)
    assert (await world.task(failing)).fail_message == "broken"


async def test_a_success_that_is_told_before_the_submission_is_answered_counts(world: World) -> None:
    attempt = await world.begin()
    told = await world.succeed(attempt, "theirs")
    assert (told.state, told.provider_task_id, told.report) == ("accepted", "theirs", REPORT)
    assert (await world.task(attempt)).state == "generating"
    assert await world.accept(attempt, "theirs") == told
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    assert await world.attempt(attempt) == told


async def test_a_failure_sends_the_task_to_the_next_provider(world: World) -> None:
    attempt = await world.accept()
    await world.drain()
    await world.attempts.failed(attempt, "overloaded", code="500", ends_task=False, dollars=Decimal("0.005"))
    assert await world.queue() == ["dispatch"]
    assert await world.spent() == Decimal("0.005")
    (tried,) = (await world.claim(await world.task(attempt))).attempts
    assert (tried.state, tried.final, tried.error_code) == ("failed", True, "500")


async def test_a_failure_that_is_told_before_the_submission_is_answered_wakes_somebody(world: World) -> None:
    """The row of the worker that still waits for the answer is no reason not to."""
    attempt = await world.begin()
    await world.database.pool.execute("UPDATE pgqueuer SET status = 'picked'")
    await world.attempts.failed(attempt, "overloaded", code="500", ends_task=False)
    rows = await world.database.pool.fetch("SELECT entrypoint, status FROM pgqueuer")
    assert [(row["entrypoint"], row["status"]) for row in rows] == [("dispatch", "queued")]


async def test_a_failure_for_the_inputs_sake_ends_the_task(world: World) -> None:
    attempt = await world.accept()
    await world.attempts.failed(attempt, "not allowed", code="422", ends_task=True)
    task = await world.task(attempt)
    assert (task.state, task.fail_code, task.fail_message) == ("fail", "422", "not allowed")
    assert await world.spent() == 0


async def test_a_task_is_not_given_up_while_a_provider_may_have_it(world: World) -> None:
    claim = (await world.claim()).task
    attempt = await world.begin(claim)
    await world.attempts.give_up(claim, "500", "nobody")
    assert (await world.task(attempt)).state == "queuing"
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    await world.attempts.give_up(claim, "429", "nobody")
    assert (await world.task(attempt)).fail_message == "nobody"
    with pytest.raises(StaleClaim):
        await world.attempts.give_up(claim, "500", "again")


# Waiting no longer


async def test_an_attempt_that_is_given_up_ends_its_task_and_stays_counted(world: World) -> None:
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.abandon(attempt)
    found, task = await world.attempt(attempt), await world.task(attempt)
    assert (found.state, found.error) == ("unknown", "no answer")
    assert found.abandoned_at is not None
    assert (task.state, task.fail_code, task.fail_message) == ("fail", "408", "Nobody knows.")
    assert await world.spent() == Decimal("0.02")
    assert await world.poll_in(attempt) is None, "nobody knows whom to ask for"
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert (orphan.id, orphan.state) == (attempt.id, "unknown")


async def test_nothing_is_given_up_before_its_time_whatever_a_workers_clock_says(world: World) -> None:
    attempt = await world.accept(await world.begin())
    assert not await world.give_up(attempt)
    assert (await world.attempt(attempt)).abandoned_at is None
    assert (await world.task(attempt)).state == "generating"


async def test_a_task_is_submitted_once_more_and_not_a_third_time(world: World) -> None:
    first = await world.accept()
    await world.drain()
    await world.abandon(first, resubmit=True)
    assert await world.queue() == ["dispatch"]
    assert await world.poll_in(first) == pytest.approx(500, abs=30)
    second = await world.begin((await world.claim(await world.task(first))).task)
    await world.drain()
    await world.abandon(second, resubmit=True)
    assert await world.queue() == []
    assert (await world.task(first)).state == "fail"
    assert await world.spent() == Decimal("0.04")


async def test_a_late_success_of_an_abandoned_attempt_is_the_tasks(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    other = await world.accept(await world.begin((await world.claim(await world.task(late))).task))
    await world.succeed(late)
    assert await world.collect(late)
    task = await world.task(late)
    assert task.state == "success"
    found, given_up = await world.attempt(late), await world.attempt(other)
    assert (found.state, found.abandoned_at) == ("succeeded", None), "its task has it after all"
    assert given_up.abandoned_at is not None
    assert await world.poll_in(other) == pytest.approx(0, abs=30), "so that it is called off"
    assert await world.attempts.provider_task(task.id, "kie") == late.provider_task_id
    assert await OrphanStore(world.database).newest(most=10) == []


async def test_a_success_that_comes_after_the_end_is_an_orphan_with_its_files(world: World) -> None:
    late = await world.accept()
    await world.abandon(late)
    ended = await world.task(late)
    await world.succeed(late)
    file = stored(late)
    assert not await world.collect(late, [file])
    assert await world.task(late) == ended
    found = await world.attempt(late)
    assert (found.state, found.dollars) == ("succeeded", Decimal("0.02"))
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert (orphan.id, [one.id for one in orphan.files]) == (late.id, [file.id])
    assert await world.attempts.provider_task(late.task_id, "kie") is None


async def test_a_late_failure_of_an_abandoned_attempt_does_not_touch_its_task(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    await world.drain()
    for ends_task in (False, True):
        await world.attempts.failed(late, "broken", code="501", ends_task=ends_task)
    assert (await world.task(late)).state == "generating"
    assert await world.queue() == []
    assert (await world.attempt(late)).state == "failed"


@pytest.mark.parametrize("state", ["submitting", "unknown", "accepted"])
async def test_a_cancelled_task_abandons_its_attempt(world: World, state: str) -> None:
    attempt = await world.begin()
    if state == "unknown":
        await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    if state == "accepted":
        await world.accept(attempt)
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    found = await world.attempt(attempt)
    assert (found.state, found.error) == (state, "cancelled")
    assert found.abandoned_at is not None
    if state == "accepted":
        assert await world.poll_in(attempt) == pytest.approx(0, abs=30)
    if state == "submitting":  # and now the answer comes
        assert (await world.accept(attempt)).state == "accepted"
        assert await world.poll_in(attempt) is not None
    assert (await world.task(attempt)).fail_code == "cancelled"


async def test_a_result_that_waits_to_be_collected_is_not_given_up(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    await world.abandon(attempt, resubmit=True)
    assert (await world.attempt(attempt)).abandoned_at is None
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    assert await world.attempts.to_collect(attempt.id) is not None
    assert not await world.collect(attempt)


# Looking


async def test_what_is_due_is_given_to_one_poller_alone(world: World) -> None:
    made = [await world.accept() for _ in range(6)]
    replicates = await world.accept(await world.begin(provider="replicate"))
    due, wait = await world.attempts.due("kie", most=10, lease=SOON)
    assert due == []
    assert wait == pytest.approx(100, abs=30)
    await world.database.pool.execute("UPDATE attempts SET next_poll_at = now()")
    found = await asyncio.gather(*(world.attempts.due("kie", most=2, lease=SOON) for _ in range(4)))
    ids = [one.attempt.id for due, _ in found for one in due]
    assert sorted(ids) == [one.id for one in made]
    assert {one.model for due, _ in found for one in due} == {"google/nano-banana"}
    assert await world.poll_in(made[0]) == pytest.approx(100, abs=30), "they come back by themselves"
    ((one,), _) = await world.attempts.due("replicate", most=2, lease=SOON)
    assert one.attempt.id == replicates.id


async def test_nothing_is_due_where_there_is_nothing(world: World) -> None:
    assert await world.attempts.due("kie", most=10, lease=SOON) == ([], None)


async def test_progress_is_shown_and_never_says_done_before_it_is(world: World) -> None:
    attempt = await world.accept()
    for progress, shown in ((40, 40), (20, 40), (100, 99)):
        await world.attempts.polled(attempt, again_in=SOON, asked=True, progress=progress)
        assert (await world.task(attempt)).progress == shown
    await world.attempts.polled(attempt, again_in=LATER, asked=False)
    assert (await world.attempt(attempt)).polls == 3
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)


@asynccontextmanager
async def hearing(database: Database) -> AsyncIterator[asyncio.Queue[str]]:
    """What is told in the channel of the news."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    connection = await database.connect(name="ear")
    try:
        await connection.add_listener(NEWS, lambda *told: heard.put_nowait(str(told[3])))
        yield heard
    finally:
        await connection.close()


async def test_an_announcement_is_looked_at_at_once_and_rings(world: World) -> None:
    attempt = await world.accept(await world.begin(reference="name"))
    async with hearing(world.database) as heard:
        await world.attempts.announce("nobodys", WEBHOOK)
        await world.attempts.announce("name", WEBHOOK)
        assert await asyncio.wait_for(heard.get(), 10) == "kie"
        assert heard.empty()
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.id, due.attempt.webhook) == (attempt.id, WEBHOOK)


async def test_an_announcement_between_two_looks_is_not_lost(world: World) -> None:
    attempt = await world.accept(await world.begin(reference="name"))
    await world.attempts.announce("name", WEBHOOK)
    ((first,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    second = {**WEBHOOK, "body": "e31="}
    await world.attempts.announce("name", second)
    await world.attempts.polled(first.attempt, again_in=LATER, asked=True)
    ((again,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert again.attempt.webhook == second
    await world.attempts.polled(again.attempt, again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook is None
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)


@pytest.mark.parametrize("outcome", ["accepted", "unknown"])
async def test_an_announcement_before_the_answer_is_looked_at_after_it(world: World, outcome: str) -> None:
    attempt = await world.begin(reference="name")
    await world.attempts.announce("name", WEBHOOK)
    if outcome == "accepted":
        await world.accept(attempt)
    else:
        await world.attempts.unknown(attempt, "no answer", poll_in=LATER)
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.state, due.attempt.webhook) == (outcome, WEBHOOK)


async def test_an_announcement_in_the_last_moment_counts(world: World) -> None:
    """It came while the provider was asked for the last time."""
    attempt = await world.accept(await world.begin(reference="name"))
    await world.attempts.announce("name", WEBHOOK)
    await world.abandon(attempt)
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert (due.attempt.abandoned_at, due.attempt.webhook) == (None, WEBHOOK)
    await world.abandon(due.attempt)
    assert (await world.attempt(attempt)).abandoned_at is not None


async def test_who_does_not_know_that_it_was_found_meanwhile_does_not_give_it_up(world: World) -> None:
    """Of two that looked, the slower one found nothing."""
    attempt = await world.begin()
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.overdue(attempt)
    found = await world.accept(attempt)
    assert not await world.give_up(attempt, resubmit=True)
    assert await world.attempt(attempt) == found
    assert await world.give_up(found, resubmit=True)


async def test_an_announcement_is_kept_while_nothing_else_names_the_providers_task(world: World) -> None:
    attempt = await world.begin(reference="name")
    await world.attempts.unknown(attempt, "no answer", poll_in=SOON)
    await world.attempts.announce("name", WEBHOOK)
    await world.attempts.polled(await world.attempt(attempt), again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook == WEBHOOK
    assert await world.poll_in(attempt) == pytest.approx(500, abs=30)
    await world.accept(attempt)
    await world.attempts.polled(await world.attempt(attempt), again_in=LATER, asked=True)
    assert (await world.attempt(attempt)).webhook is None


# Collecting


async def test_a_result_ends_the_task_with_its_files(world: World) -> None:
    attempt = await world.accept()
    await world.drain()
    at = datetime.now(UTC) - timedelta(seconds=5)
    await world.attempts.succeeded(attempt, "theirs", REPORT, finished_at=at, keeps=60.0, asked=True)
    assert await world.queue() == ["collect"]
    found = await world.attempts.to_collect(attempt.id)
    assert found is not None
    assert (found[0].finished_at, found[0].expires_at) == (at, at + timedelta(seconds=60))
    assert found[1].id == attempt.task_id
    file = stored(attempt)
    done = await world.attempts.collected(
        attempt, result_of([file]), [file], cost=Decimal(0), dollars=Decimal("0.0125")
    )
    assert done
    task = await world.task(attempt)
    assert (task.state, task.progress) == ("success", 100)
    assert task.result == result_of([file])
    assert await world.spent() == Decimal("0.0125")
    assert await world.attempts.to_collect(attempt.id) is None
    assert await world.attempts.provider_task(task.id, "kie") == attempt.provider_task_id
    assert await world.attempts.provider_task(task.id, "replicate") is None


async def test_of_two_who_collect_one_wins(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    outcomes = await asyncio.gather(*(world.collect(attempt) for _ in range(4)), return_exceptions=True)
    assert sum(outcome is True for outcome in outcomes) == 1
    assert sum(isinstance(outcome, StaleClaim) for outcome in outcomes) == 3
    assert await world.database.pool.fetchval("SELECT count(*) FROM files") == 1


async def test_a_commit_that_was_cut_off_collects_once(world: World, commits_once_too_often: None) -> None:
    attempt = await world.succeed(await world.accept())
    assert await world.collect(attempt)
    late = await world.succeed(await world.accept())
    await world.tasks.cancel(DEFAULT, late.task_id)
    assert not await world.collect(late)
    assert await world.database.pool.fetchval("SELECT count(*) FROM files") == 2


async def test_ids_that_are_some_attempts_are_known(world: World) -> None:
    await world.accept(provider_task_id="a")
    await world.accept(await world.begin(provider="replicate"), "b")
    await world.begin()
    taken = await world.attempts.taken("kie", "google/nano-banana", within=timedelta(days=1))
    assert taken == {"a"}
    assert await world.attempts.taken("kie", "another", within=timedelta(days=1)) == set()
    await world.database.pool.execute("UPDATE attempts SET started_at = now() - interval '2 days'")
    assert await world.attempts.taken("kie", "google/nano-banana", within=timedelta(days=1)) == set()


async def test_a_provider_has_each_task_for_one_attempt_alone(world: World) -> None:
    await world.accept(provider_task_id="theirs")
    with pytest.raises(asyncpg.UniqueViolationError):
        await world.accept(provider_task_id="theirs")


# What has fallen out of the queue


async def test_forgotten_tasks_are_woken_unless_a_provider_has_them(world: World) -> None:
    submitting, accepted, unknown = await world.begin(), await world.accept(), await world.begin()
    await world.attempts.unknown(unknown, "no answer", poll_in=SOON)
    fresh, given_up = await world.claim(), await world.accept()
    await world.abandon(given_up, resubmit=True)
    await world.drain()
    assert await world.tasks.wake_forgotten(older_than=timedelta(minutes=1)) == []
    await world.database.pool.execute("UPDATE tasks SET updated_at = now() - interval '2 minutes'")
    woken = await world.tasks.wake_forgotten(older_than=timedelta(minutes=1))
    assert set(woken) == {submitting.task_id, fresh.task.id, given_up.task_id}
    assert accepted.task_id not in woken
    assert await world.tasks.wake_forgotten(older_than=timedelta(minutes=1)) == [], "they are in the queue"


async def test_forgotten_results_are_collected_after_all(world: World) -> None:
    attempt = await world.succeed(await world.accept())
    collected = await world.succeed(await world.accept(), "b")
    await world.collect(collected)
    await world.drain()

    async def wake() -> list[str]:
        await world.attempts.wake_uncollected(older_than=timedelta(minutes=1), most=10)
        rows = await world.database.pool.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'collect'")
        return [row["payload"].decode() for row in rows]

    assert await wake() == []
    await world.database.pool.execute("UPDATE attempts SET finished_at = now() - interval '2 minutes'")
    assert await wake() == await wake() == [str(attempt.id)]


async def test_this_machine_does_not_touch_what_a_hosted_provider_may_have(world: World) -> None:
    attempt = await world.begin()
    assert await world.tasks.claim(attempt.task_id, "local") is None
    await world.attempts.refused(attempt, "too many", code="429", final=False)
    assert await world.tasks.claim(attempt.task_id, "local") is not None
    assert await world.attempts.claim_for_dispatch(attempt.task_id) is None
    assert "engine" in await world.queue()


async def test_what_this_machine_was_doing_ends_with_a_late_result(world: World) -> None:
    late = await world.accept()
    await world.abandon(late, resubmit=True)
    claim = await world.tasks.claim(late.task_id, "local")
    assert claim is not None
    await world.succeed(late)
    assert await world.collect(late)
    with pytest.raises(StaleClaim):
        await world.tasks.start_generating(claim)
    local = (await world.attempts.of_task(late.task_id))[-1]
    assert (local.provider, local.state) == ("local", "failed")
    assert local.ended_at is not None


async def test_an_attempt_of_an_ended_task_that_nobody_answers_for_becomes_unknown(world: World) -> None:
    """The worker died while it was sending, and the app has called its task off meanwhile."""

    async def resolve(minutes: int) -> str:
        update = "UPDATE attempts SET started_at = now() - make_interval(mins => $1)"
        await world.database.pool.execute(update, minutes)
        await world.attempts.note_lost(older_than=timedelta(minutes=5))
        return (await world.attempt(attempt)).state

    attempt = await world.begin()
    await world.tasks.cancel(DEFAULT, attempt.task_id)
    assert await resolve(4) == "submitting"
    assert await resolve(6) == "unknown"
    (orphan,) = await OrphanStore(world.database).newest(most=10)
    assert orphan.id == attempt.id


async def test_what_is_not_looked_at_any_longer_stays_unknown_and_counted(world: World) -> None:
    attempt = await world.accept()
    await world.attempts.stop_polling(attempt, "it is still at work")
    assert (await world.attempt(attempt)).state == "accepted", "somebody waits for it"
    await world.abandon(attempt)
    await world.attempts.stop_polling(attempt, "it is still at work")
    assert (await world.attempt(attempt)).state == "unknown"
    assert await world.poll_in(attempt) is None
    assert await world.spent() == Decimal("0.02")
