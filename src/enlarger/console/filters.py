"""The filters of the task list, as its address has them: links can be shared, and Back works."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias, get_args
from urllib.parse import urlencode

import msgspec
from litestar.datastructures import FormMultiDict, MultiDict

from enlarger.catalog import get_model
from enlarger.catalog.messages import Translate
from enlarger.console.views import STATES, state_name
from enlarger.errors import InvalidInput
from enlarger.protocol.records import State
from enlarger.tasks.listings import MOST_COUNTED, Listing
from enlarger.tasks.sessions import Visitor
from enlarger.tasks.wire import kept_states, shown_state

_LONGEST_SEARCH = 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


Values: TypeAlias = MultiDict[Any] | FormMultiDict
"""A query or a form: names that may have several values."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is filtered by; everything may be empty."""

    state: tuple[State, ...] = ()
    q: str = ""
    """The beginning of a task's id, or a part of a prompt."""
    model: str = ""
    since: str = ""
    """A day in UTC, as `YYYY-MM-DD`."""
    until: str = ""
    """The last day."""
    account: str = ""
    """For administrators, whose empty value is all accounts."""

    @classmethod
    def read(cls, values: Values, visitor: Visitor) -> Filters:
        """Read a query or a form; what makes no sense counts as not given."""
        states = [value for value in values.getall("state", []) if value in get_args(State)]
        return cls(
            state=tuple(dict.fromkeys(states)),
            q=_text(values, "q")[:_LONGEST_SEARCH],
            model=_text(values, "model")[:_LONGEST_SEARCH],
            since=_text(values, "since") if _day(_text(values, "since")) else "",
            until=_text(values, "until") if _day(_text(values, "until")) else "",
            account=_text(values, "account") if visitor.admin else "",
        )

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return self != Filters()

    @property
    def rare(self) -> bool:
        """Whether one of those filters is used that are folded away otherwise."""
        return bool(self.model or self.since or self.until or self.account)

    def pairs(self, **more: str) -> list[tuple[str, str]]:
        """Return names and values, as a query or a form has them, without those that are empty."""
        single: Mapping[str, str] = {name: getattr(self, name) for name in ("q", "model", "since", "until", "account")}
        pairs = [("state", state) for state in self.state] + list({**single, **more}.items())
        return [(name, value) for name, value in pairs if value]

    def address(self, path: str, **more: str) -> str:
        """Return the address of a page with these filters."""
        query = urlencode(self.pairs(**more))
        return f"{path}?{query}" if query else path

    def listing(self, visitor: Visitor) -> Listing:
        """Return what to look for. Raises InvalidInput for a model that the catalogue does not have."""
        until = _day(self.until)
        return Listing(
            account_id=(self.account or None) if visitor.admin else visitor.caller.account_id,
            states=tuple(kept_states(self.state)),
            model=get_model(self.model).id if self.model else None,
            search=self.q,
            since=_day(self.since),
            until=until + timedelta(days=1) if until else None,
        )


def chips(filters: Filters, counts: Mapping[State, int], tr: Translate) -> list[dict[str, Any]]:
    """Return the states to choose from, each with how many tasks are in it: up to 1,000, then "1000+".

    How many have a model or a text is not known without looking through all of them, so then there are no numbers.
    """
    shown: dict[State, int] = {}
    for state, count in counts.items():
        shown[shown_state(state)] = shown.get(shown_state(state), 0) + count
    return [
        {
            "state": state,
            "title": state_name(state, tr),
            "count": "" if filters.q or filters.model else say_count(shown.get(state, 0)),
            "chosen": state in filters.state,
        }
        for state in STATES
    ]


def say_count(count: int) -> str:
    """Return a number that was counted up to MOST_COUNTED."""
    return f"{MOST_COUNTED}+" if count >= MOST_COUNTED else str(count)


def known_model(filters: Filters) -> bool:
    """Whether the catalogue has the model that is filtered by."""
    try:
        return not filters.model or bool(get_model(filters.model))
    except InvalidInput:
        return False


def _text(values: Values, name: str) -> str:
    found = values.getall(name, [])
    return str(found[0]).strip().replace("\0", "") if found else ""


def _day(text: str) -> datetime | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        day = datetime.fromisoformat(text).replace(tzinfo=UTC)
        day + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return day
