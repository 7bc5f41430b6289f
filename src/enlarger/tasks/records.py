"""Rows of the database, as records."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import asyncpg
import msgspec

from enlarger.protocol.records import Made, State


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task, whole."""

    id: str
    account_id: str
    model: str
    input: dict[str, Any]
    param: str | None
    callback_url: str | None
    base_url: str
    request_sha256: bytes
    state: State
    epoch: int
    progress: int
    result: TaskResult | None
    fail_code: str | None
    fail_message: str | None
    credits_reserved: Decimal
    credits_consumed: Decimal
    answered_by: datetime
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    turn: int = 0
    """Tasks with lower turns start first. Waiting tasks of one account have different turns."""
    trace_parent: str | None = None
    """The span in which it was made, as a W3C `traceparent`."""

    @property
    def ended(self) -> bool:
        """Whether the state is terminal, and so will never change."""
        return self.state in ("success", "fail")


AttemptState = Literal["skipped", "submitting", "accepted", "unknown", "succeeded", "failed"]


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One submission of a task to a provider, or the reason why a provider was passed over."""

    id: int
    task_id: str
    epoch: int
    provider: str
    state: AttemptState
    reference: str | None = None
    """Its name in the URL of the provider's webhook."""
    provider_task_id: str | None = None
    request: dict[str, Any] | None = None
    """What was sent, in the provider's words: a `WireRequest`."""
    sent: dict[str, Any] | None = None
    """Of an attempt that an earlier version made: the input in the catalogue's words, instead of `request`."""
    error: str | None = None
    error_code: str | None = None
    final: bool = True
    """Of a failure: whether this provider is not asked for this task again."""
    dollars: Decimal = Decimal(0)
    """Set aside for it, and once it has ended what it cost."""
    started_at: datetime
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    deadline_at: datetime | None = None
    abandoned_at: datetime | None = None
    """Since then its task goes on, or has ended, without it."""
    polls: int = 0
    fetches: int = 0
    """How often its result could not be fetched."""
    webhook: dict[str, Any] | None = None
    """An announcement that nobody has read yet."""
    report: dict[str, Any] | None = None
    """What the provider told of its success."""
    expires_at: datetime | None = None
    """When the provider deletes what it made."""
    ended_at: datetime | None = None
    trace_parent: str | None = None
    """The span in which it was submitted, as a W3C `traceparent`."""

    @property
    def open(self) -> bool:
        """Whether its task is waiting for it to end."""
        return self.state in ("submitting", "accepted", "unknown") and self.abandoned_at is None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a task's state or progress; ids grow, but not by one."""

    id: int
    task_id: str
    state: State
    progress: int
    at: datetime

    @property
    def last(self) -> bool:
        """Whether the task will have no other."""
        return self.state in ("success", "fail")


class ResultFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a result: all that its link is made of, also after the file itself is gone."""

    id: str
    name: str
    expires_at: datetime


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a task that succeeded made."""

    files: tuple[ResultFile, ...]
    made: Made
    data: dict[str, Any] | None = None
    """A result that is no file."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the storage: an upload, an inline picture, or a result."""

    id: str
    account_id: str
    task_id: str | None
    key: str
    name: str
    mime_type: str
    size: int
    sha256: bytes
    created_at: datetime
    expires_at: datetime

    @property
    def thumbnail_key(self) -> str:
        """Where in the storage its thumbnail is, if one has been made; it is removed with the file."""
        return f"thumbnails/{self.id}.webp"


class NewTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task to be made. Its id is chosen beforehand, so that making it twice makes it once."""

    id: str
    account_id: str
    key_sha256: bytes | None = None
    """The key that it was asked for with."""
    model: str
    input: dict[str, Any]
    """What the model is given."""
    param: str | None = None
    """What the app sent, as its record shows it."""
    callback_url: str | None = None
    base_url: str
    """The address by which the app reached the service; links to results start with it."""
    idempotency_key: str | None = None
    request_sha256: bytes
    answer_seconds: float = 0.0
    """Within so many seconds its app surely has been answered, unless the task ends before."""
    credits_reserved: Decimal = Decimal(0)
    """What it may cost at most, where its account or key pays with credits."""
    for_engine: bool = False
    """Whether it will run on this machine's engine; only known if the account's use of the engine is limited."""
    pixels: int | None = None
    """Of the engine's input picture, or the most that it may have; only known if megapixels are limited."""
    free: bool = False
    """Whether the task may cost nothing, because its model is free or has no known price."""
    trace_parent: str | None = None
    """The span in which it is made, as a W3C `traceparent`."""


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file to be written down."""

    id: str
    account_id: str
    key: str
    name: str
    mime_type: str
    size: int
    sha256: bytes
    expires_at: datetime
    task_id: str | None = None
    attempt_id: int | None = None
    """Of a result that came when its task had ended without it."""


def to_task(row: asyncpg.Record) -> Task:
    """A row of `tasks`."""
    return msgspec.convert(dict(row), Task)


def to_attempt(row: asyncpg.Record) -> Attempt:
    """A row of `attempts`."""
    return msgspec.convert(dict(row), Attempt)


def to_event(row: asyncpg.Record) -> Event:
    """A row of `events`."""
    return msgspec.convert(dict(row), Event)


def to_file(row: asyncpg.Record) -> StoredFile:
    """A row of `files`."""
    return msgspec.convert(dict(row), StoredFile)
