"""How providers stand, what they did lately and what they cost: for those who run the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from enlarger.infra.database import Database
from enlarger.tasks.budgets import Budget, BudgetStore
from enlarger.tasks.provider_states import ProviderStates, Work

_HOUR = 3600.0


class ProviderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's status, activity and cost."""

    provider: str
    configured: bool
    missing: str | None
    """How to set it up, if it is not."""
    unused: str | None
    """Why it gets no tasks, whatever the model is, although it is set up."""
    state: Literal["ok", "throttled", "open", "suspended"]
    reason: str | None
    until: datetime | None
    """When it gets tasks or is probed again."""
    last_hour: Work
    budget: Budget


async def read_status(
    database: Database, shown: Mapping[str, bool], unconfigured: Mapping[str, str], unused: Mapping[str, str]
) -> list[ProviderStatus]:
    """The status of the providers in `shown`, in its order.

    Its values are whether a provider is listed even if it is not set up and has done nothing. `unconfigured` and
    `unused` are the reasons why providers are not set up or get no tasks.
    """
    states = {state.name: state for state in await ProviderStates(database).all()}
    work = {one.name: one for one in await ProviderStates(database).work(seconds=_HOUR)}
    budgets = {one.name: one for one in await BudgetStore(database).all() if one.kind == "provider"}
    rows = []
    for name, always in shown.items():
        if not always and name in unconfigured and name not in work:
            continue
        state = states.get(name)
        well = state is None or state.state == "ok" or (state.state == "throttled" and not state.seconds)
        rows.append(
            ProviderStatus(
                provider=name,
                configured=name not in unconfigured,
                missing=unconfigured.get(name),
                unused=None if name in unconfigured else unused.get(name),
                state="ok" if state is None or well else state.state,
                reason=None if state is None or well else state.reason,
                until=None if state is None or well else database.now() + timedelta(seconds=state.seconds or 0),
                last_hour=work.get(name) or Work(name=name),
                budget=budgets.get(name) or Budget(kind="provider", name=name, day_cap=None, month_cap=None),
            )
        )
    return rows
