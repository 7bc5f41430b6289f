"""Limits on the open tasks of an account, and on its use of this machine's engine.

The account is locked while its open tasks are counted, so that requests that come at once, to whatever process, are
counted one after the other. Accounts without limits are neither locked nor counted.
"""

from __future__ import annotations

from typing import Any

import msgspec

from enlarger.errors import RequestLimitReached
from enlarger.infra.database import Connection
from enlarger.settings import ServiceSettings
from enlarger.tasks.records import NewTask
from enlarger.tasks.sql import sql
from enlarger.translatable import sentence

_MEGAPIXEL = 1_000_000
_RETRY_SECONDS = 10.0
"""Retry-After at a limit of open tasks. When one will end is unknown."""


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of an account; None is without limit."""

    open_tasks: int | None = None
    open_megapixels: int | None = None
    """Of the input pictures of its open tasks for this machine's engine."""
    engine_seconds: int | None = None
    """In a day (UTC)."""

    def overridden_by(self, own: AccountLimits) -> AccountLimits:
        """These limits, replaced by an account's `own`, of which None keeps a limit and 0 removes it."""
        return AccountLimits(
            open_tasks=_own_or(own.open_tasks, self.open_tasks),
            open_megapixels=_own_or(own.open_megapixels, self.open_megapixels),
            engine_seconds=_own_or(own.engine_seconds, self.engine_seconds),
        )

    @property
    def concern_engine(self) -> bool:
        """Whether they limit tasks for this machine's engine."""
        return self.open_megapixels is not None or self.engine_seconds is not None


class OwnLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Changes to an account's weight and limits; UNSET keeps the value, or a new account's default."""

    create_limit: int | msgspec.UnsetType | None = msgspec.UNSET
    query_limit: int | msgspec.UnsetType | None = msgspec.UNSET
    """None means no limit."""
    weight: float | msgspec.UnsetType = msgspec.UNSET
    open_limit: int | msgspec.UnsetType | None = msgspec.UNSET
    megapixel_limit: int | msgspec.UnsetType | None = msgspec.UNSET
    engine_limit: int | msgspec.UnsetType | None = msgspec.UNSET
    """For these three, None means the service's default and 0 means no limit."""

    def given(self) -> dict[str, Any]:
        """The values that are set, by the names of the fields."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in values.items() if value is not msgspec.UNSET}


def default_limits(settings: ServiceSettings) -> AccountLimits:
    """The limits of the settings, for accounts that have none of their own."""
    return AccountLimits(
        open_tasks=settings.account_open_tasks,
        open_megapixels=settings.account_open_megapixels,
        engine_seconds=settings.account_engine_seconds,
    )


async def change_limits(connection: Connection, account_id: str, own: OwnLimits) -> bool:
    """Change an account's weight and limits; returns whether there is such an account."""
    given = own.given()
    values = {name: given.get(name) for name in own.__struct_fields__}
    return await sql.change_limits(connection, id=account_id, given=list(given), **values) is not None


async def check_limits(connection: Connection, limits: AccountLimits, new: NewTask) -> None:
    """Raise RequestLimitReached if a task that this transaction has inserted is beyond the limits of its account."""
    if limits.open_tasks is None and not (new.for_engine and limits.concern_engine):
        return
    account = await sql.lock_engine_use(connection, id=new.account_id)
    if new.for_engine:
        _check_engine(limits.engine_seconds, account)
    # A statement of its own: it sees what others committed before they released the account.
    open_tasks = await sql.count_open_tasks(connection, account_id=new.account_id)
    _check_open(limits.open_tasks, open_tasks["tasks"])
    if new.for_engine:
        _check_megapixels(limits.open_megapixels, open_tasks["pixels"], new.pixels or 0)


def _check_engine(most: int | None, account: Any) -> None:
    used: float = account["engine_used"]
    if most is None or used < most:
        return
    raise RequestLimitReached(
        sentence(
            "This account has reached its limit of engine seconds in a day ({used} of {most}): wait until midnight UTC,"
            " or ask the operator of the service for more.",
            used=f"{used:.0f}",
            most=most,
        ),
        account["day_left"],
    )


def _check_open(most: int | None, tasks: int) -> None:
    if most is None or tasks <= most:
        return
    raise RequestLimitReached(
        sentence(
            "This account has reached its limit of open tasks ({open} of {most}): wait until one has ended, or ask the"
            " operator of the service for more.",
            open=tasks - 1,
            most=most,
        ),
        _RETRY_SECONDS,
    )


def _check_megapixels(most: int | None, pixels: int, new: int) -> None:
    """A picture that is larger than the limit is let in when no other is open, because waiting would not help it."""
    if most is None or pixels <= most * _MEGAPIXEL or pixels == new:
        return
    raise RequestLimitReached(
        sentence(
            "The pictures of this account's open tasks have {open} megapixels, this one has {new}, and all together may"
            " have {most}: wait until a task has ended, or ask the operator of the service for more. A picture whose"
            " size is not known yet counts as the largest possible one: upload it first.",
            open=_say(pixels - new),
            new=_say(new),
            most=most,
        ),
        _RETRY_SECONDS,
    )


def _say(pixels: int) -> str:
    """Megapixels with at most one decimal place."""
    return f"{pixels / _MEGAPIXEL:.1f}".removesuffix(".0")


def _own_or(own: int | None, usual: int | None) -> int | None:
    """An account's own limit, of which 0 is without limit, or the usual one."""
    return usual if own is None else own or None
