"""Who may be called now, so that no receiver of callbacks waits for another.

A receiver is a scheme, a host and a port. It is called by a few deliveries at a time, and by one as long as nothing is
known of it or its last try had no answer; the others stand in its line, out of the queue, and hold no place. Of the
places of a worker half are closed to receivers that were slow or did not answer, and a quarter is for those alone that
are known to be quick: however many receivers hang, the quick ones find a place, and new ones too.

What is known is each process's own, and a few tries old at most: nothing is lost with it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from dataclasses import dataclass
from enum import StrEnum

_AT_ONCE = 4
"""Deliveries to one receiver at a time."""
_QUICK_SECONDS = 3.0
_MOST_KNOWN = 10_000


class Kind(StrEnum):
    """What is to be expected of a receiver. The values are the names of the lines that kinds stand in."""

    QUICK = "*quick"
    NEW = "*new"
    SLOW = "*slow"


@dataclass(frozen=True, slots=True)
class Visit:
    """A delivery that is under way."""

    receiver: str
    kind: Kind


class Receivers:
    """The receivers that a worker with `places` places calls."""

    def __init__(self, places: int) -> None:
        self._known: OrderedDict[str, float | None] = OrderedDict()  # seconds until the last answer; None without one
        self._visits: Counter[str] = Counter()
        self._slow = 0
        self._not_quick = 0
        self._for_slow = max(1, places // 2)
        self._for_not_quick = max(2, places * 3 // 4)

    def line(self, receiver: str) -> str | None:
        """The line to stand in before a receiver may be called; None when it may be called at once."""
        if self._places_at(receiver) <= 0:
            return receiver
        kind = self._kind(receiver)
        return kind if self._places_for(kind) <= 0 else None

    def enter(self, receiver: str) -> Visit:
        """Begin to call a receiver that has no line."""
        visit = Visit(receiver, self._kind(receiver))
        self._visits[receiver] += 1
        self._count(visit, 1)
        return visit

    def leave(self, visit: Visit, seconds: float | None) -> None:
        """A call is over: it was answered after so many seconds, or not at all."""
        self._visits[visit.receiver] -= 1
        if not self._visits[visit.receiver]:
            del self._visits[visit.receiver]
        self._count(visit, -1)
        self._known[visit.receiver] = seconds
        self._known.move_to_end(visit.receiver)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)

    def places(self, receiver: str) -> dict[str, int]:
        """How many may be called from the lines now: from that of a receiver, and from those of kinds."""
        free = {receiver: self._places_at(receiver)}
        free |= {kind.value: min(self._places_for(kind), _AT_ONCE) for kind in (Kind.NEW, Kind.SLOW)}
        return {line: number for line, number in free.items() if number > 0}

    def _kind(self, receiver: str) -> Kind:
        if receiver not in self._known:
            return Kind.NEW
        seconds = self._known[receiver]
        return Kind.QUICK if seconds is not None and seconds < _QUICK_SECONDS else Kind.SLOW

    def _places_at(self, receiver: str) -> int:
        most = 1 if self._known.get(receiver) is None else _AT_ONCE
        return most - self._visits[receiver]

    def _places_for(self, kind: Kind) -> int:
        if kind is Kind.QUICK:
            return _AT_ONCE  # the queue gives no more rows than there are places
        not_quick = self._for_not_quick - self._not_quick
        return not_quick if kind is Kind.NEW else min(not_quick, self._for_slow - self._slow)

    def _count(self, visit: Visit, change: int) -> None:
        self._slow += change * (visit.kind is Kind.SLOW)
        self._not_quick += change * (visit.kind is not Kind.QUICK)
