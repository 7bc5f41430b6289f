"""What users have asked for, written down before anything is done about it.

    new ──task made──> running ──result delivered──> done
     └───────────────────┴──────────────────────────> failed, cancelled

A job that is `new` or `running` is open: whatever dies, the next start of the bot goes on with it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import msgspec

from enlarger.bot.actions import Action
from enlarger.bot.sql import sql
from enlarger.infra.database import Connection, Database

State = Literal["new", "running", "done", "failed", "cancelled"]
OPEN = ("new", "running")
_DOUBLE_TAP_SECONDS = 3.0

update_id: ContextVar[int | None] = ContextVar("update_id", default=None)
"""Telegram's number of the update that is being handled: the same one, delivered twice, makes one job."""


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a job's task has made. Its picture is in the service's storage, found by `Job.task_id`."""

    credits: Decimal | None = None
    """What was charged."""
    seconds: float | None = None
    file_id: str | None = None
    """Telegram's, of the picture that the user was sent; of a photo it is one that Telegram has shrunk."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a user has asked for."""

    id: int
    user_id: int
    chat_id: int
    message_id: int | None
    """The message that shows progress; none before it is sent, and none after the result took its place."""
    action: Action
    photo_ids: list[str]
    """Telegram's file_ids, in the order in which `Action.input` names them."""
    idempotency_key: str
    sent: dict[str, Any] | None
    """The input with the uploaded photos, so that the very same request can be made again; none once it has ended."""
    task_id: str | None
    state: State
    result: JobResult | None
    error: str | None
    """Why it failed, in English, for those who run the bot."""
    created_at: datetime
    ended_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in OPEN


class JobStore:
    """The `bot_jobs` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, user_id: int, chat_id: int, action: Action, photo_ids: Sequence[str], *, at_once: int
    ) -> tuple[Job, bool] | None:
        """Write a job down, and whether it is new; None when the user has `at_once` open jobs already.

        The update that is being handled makes each job once, also when Telegram delivers it again; and a button that is
        pressed twice within moments begins one job.
        """
        key = _key(user_id, action, photo_ids)
        wish = {"action": msgspec.to_builtins(action), "photo_ids": list(photo_ids)}

        async def work(connection: Connection) -> tuple[Job, bool] | None:
            await sql.lock_bot_user(connection, user_id=user_id)
            twin = await sql.find_bot_twin(
                connection, idempotency_key=key, user_id=user_id, **wish, seconds=_DOUBLE_TAP_SECONDS
            )
            if twin is not None:
                return _read(twin), False
            if await sql.count_open_bot_jobs(connection, user_id=user_id) >= at_once:
                return None
            row = await sql.insert_bot_job(
                connection,
                user_id=user_id,
                chat_id=chat_id,
                **wish,
                idempotency_key=key,
            )
            return _read(row), True

        return await self._database.run(work)

    async def find(self, job_id: int, user_id: int) -> Job | None:
        """A user's job; None when there is none of this id."""

        async def work(connection: Connection) -> Any:
            return await sql.find_bot_job(connection, id=job_id, user_id=user_id)

        row = await self._database.read(work)
        return None if row is None else _read(row)

    async def open(self, user_id: int) -> list[Job]:
        """The user's open jobs, oldest first."""
        return [job for job in await self.all_open() if job.user_id == user_id]

    async def all_open(self) -> list[Job]:
        """Everybody's open jobs, oldest first."""

        async def work(connection: Connection) -> list[Job]:
            return [_read(row) async for row in sql.list_open_bot_jobs(connection)]

        return await self._database.read(work)

    async def latest(self, user_id: int) -> Job | None:
        """The user's newest job that is done."""
        done = await self.history(user_id, most=1, done=True)
        return done[0] if done else None

    async def history(self, user_id: int, *, most: int = 10, done: bool = False) -> list[Job]:
        """The user's jobs, newest first, perhaps only those that are done."""

        async def work(connection: Connection) -> list[Job]:
            rows = sql.list_bot_jobs(connection, user_id=user_id, done=done, most=most)
            return [_read(row) async for row in rows]

        return await self._database.read(work)

    async def change(
        self,
        job: Job,
        *,
        message_id: int | None = None,
        sent: dict[str, Any] | None = None,
        task_id: str | None = None,
    ) -> Job:
        """Note what has become of an open job; with a task it is running. A job that has ended stays as it is."""

        async def work(connection: Connection) -> Any:
            return await sql.change_bot_job(
                connection, id=job.id, message_id=message_id, sent=sent, task_id=task_id
            ) or await sql.find_bot_job(connection, id=job.id, user_id=job.user_id)

        return _read(await self._database.run(work))

    async def end(
        self,
        job: Job,
        state: Literal["done", "failed", "cancelled"],
        *,
        result: JobResult | None = None,
        error: str | None = None,
    ) -> Job:
        """An open job has ended. One that had ended before stays as it was."""

        async def work(connection: Connection) -> Any:
            return await sql.end_bot_job(
                connection,
                id=job.id,
                state=state,
                result=None if result is None else msgspec.to_builtins(result, str_keys=True),
                error=error,
            ) or await sql.find_bot_job(connection, id=job.id, user_id=job.user_id)

        return _read(await self._database.run(work))


def _key(user_id: int, action: Action, photo_ids: Sequence[str]) -> str:
    number = update_id.get()
    if number is None:
        return uuid.uuid4().hex
    what = msgspec.json.encode([number, user_id, action, list(photo_ids)], order="deterministic")
    return hashlib.sha256(what).hexdigest()[:32]


def _read(row: Any) -> Job:
    return msgspec.convert(dict(row), Job, strict=False)
