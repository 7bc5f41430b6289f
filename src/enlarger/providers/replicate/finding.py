"""Whether a submission whose answer was lost is among Replicate's predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import msgspec

from enlarger.infra.webhook_urls import same_submission
from enlarger.providers.replicate.answers import is_id
from enlarger.providers.replicate.reports import read_time

_LONGEST_WAY = timedelta(seconds=300)
"""How long a submission may be under way before a prediction is made of it."""


class SoughtSubmission(msgspec.Struct, frozen=True, kw_only=True):
    """A submission, in Replicate's words."""

    model: str
    input: Mapping[str, Any]
    webhook: str | None
    submitted_at: datetime
    earliest: datetime
    """No prediction that was made before can be its own."""


class Match(Enum):
    """Whether a prediction is the submission's own."""

    NO = "no"
    PERHAPS = "perhaps"
    """It cannot be told from the record."""
    ALIKE = "alike"
    """It is of the same model and input, and of about the same time."""
    YES = "yes"
    """It has the webhook, whose URL is nobody else's."""


def compare(record: Mapping[str, Any], wanted: SoughtSubmission) -> Match:
    """Whether a prediction is the submission's own."""
    named = record.get("webhook")
    if named is not None and wanted.webhook is not None:
        if same_submission(str(named), wanted.webhook):
            return Match.YES
        if _host(named) == _host(wanted.webhook):
            return Match.NO
    model = record.get("model")
    if model is not None and model != wanted.model:
        return Match.NO
    created_at = read_time(record.get("created_at"))
    if created_at is not None and created_at < wanted.earliest:
        return Match.NO
    late = created_at is None or created_at > wanted.submitted_at + _LONGEST_WAY
    if record.get("data_removed") is True or model is None:
        return Match.PERHAPS
    if record.get("input") != wanted.input:
        # It may keep inputs in another form than they were sent in: of what was made at the time nothing is ruled out.
        return Match.NO if late and created_at is not None else Match.PERHAPS
    return Match.PERHAPS if late or named is not None else Match.ALIKE


def _host(url: object) -> list[str]:
    return str(url).split("/")[:3]


class Search:
    """What was seen of the list so far."""

    def __init__(self, wanted: SoughtSubmission, taken: frozenset[str]) -> None:
        self._wanted = wanted
        self._taken = taken
        self._alike: list[tuple[float, str]] = []
        self.found: str | None = None
        """The prediction that surely is the submission's own."""
        self.doubtful: bool = False
        """Whether one may be, and the list does not say so."""

    @property
    def likely(self) -> str | None:
        """Of those that are alike the one made nearest to the submission's time; None where there is none."""
        return min(self._alike)[1] if self._alike else None

    def see(self, records: Sequence[object]) -> bool:
        """Look through a page; says whether what comes after it is too old to matter."""
        old = False
        for record in records:
            if not isinstance(record, Mapping) or not is_id(record.get("id")):
                self.doubtful = True
                continue
            created_at = read_time(record.get("created_at"))
            old = created_at is not None and created_at < self._wanted.earliest
            if not old and record["id"] not in self._taken:
                self._weigh(record, created_at)
        return old

    def _weigh(self, record: Mapping[str, Any], created_at: datetime | None) -> None:
        match compare(record, self._wanted):
            case Match.YES:
                self.found = record["id"]
            case Match.ALIKE if created_at is not None:
                distance = abs((created_at - self._wanted.submitted_at).total_seconds())
                self._alike.append((distance, record["id"]))
            case Match.PERHAPS:
                self.doubtful = True
