"""Rows of the database, as records."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

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
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether the state is terminal, and so will never change."""
        return self.state in ("success", "fail")


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
    credits_reserved: Decimal = Decimal(0)
    """What it may cost at most, where its account or key pays with credits."""


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


def to_task(row: asyncpg.Record) -> Task:
    """A row of `tasks`."""
    return msgspec.convert(dict(row), Task)


def to_event(row: asyncpg.Record) -> Event:
    """A row of `events`."""
    return msgspec.convert(dict(row), Event)


def to_file(row: asyncpg.Record) -> StoredFile:
    """A row of `files`."""
    return msgspec.convert(dict(row), StoredFile)
