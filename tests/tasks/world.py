"""Tasks, their attempts and their money over one database, for tests."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from enlarger.infra.database import Database
from enlarger.protocol.records import Made
from enlarger.settings import Limits
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Attempt, NewFile, ResultFile, Task, TaskResult
from enlarger.tasks.store import TaskStore
from enlarger.tasks.submissions import Claim, Waiting
from tests.new_task import new_task

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
        task, _ = await self.tasks.create(new_task(**changes))
        return task

    async def claim(self, task: Task | None = None) -> Claim:
        claim = await self.attempts.claim_for_dispatch((task or await self.create()).id)
        assert claim is not None
        return claim

    async def try_begin(self, claim: Task, provider: str = "kie", **changes: Any) -> Attempt | Waiting:
        values: dict[str, Any] = {
            "reference": secrets.token_hex(16),
            "request": {"model": "a/b", "input": {"prompt": "a house"}},
            "dollars": Decimal("0.02"),
            "deadline": 600.0,
            "limits": Limits(100),
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
