"""A task's life as a picture: a row for its states, one for each attempt, and one for its callback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from enlarger.catalog.messages import Translate
from enlarger.console.views import provider_title, say_seconds, state_name
from enlarger.tasks.deliveries import Try
from enlarger.tasks.records import Attempt, Event, Task
from enlarger.tasks.wire import shown_state

WIDTH = 1000
"""Of the picture, in its own units; it is stretched to the page."""
_LEAST = 4
"""The width of what took no time."""
_LEAST_SECONDS = 1.0


@dataclass(frozen=True)
class Bar:
    """A part of a row: what was done from when to when."""

    kind: str
    """`waiting`, `working`, `collecting`, `good`, `bad` or `unknown`, which decides its colour."""
    x: float
    width: float
    said: str


@dataclass(frozen=True)
class Row:
    """One line of the picture."""

    title: str
    bars: tuple[Bar, ...]
    said: str
    """The same in words."""


@dataclass(frozen=True)
class Timeline:
    """The picture, and the moments of its axis."""

    rows: tuple[Row, ...]
    seconds: str
    """How long it is."""


def steps(events: Sequence[Event], tr: Translate) -> list[dict[str, Any]]:
    """Return the state changes among a task's events, each with how long the previous state lasted."""
    found: list[dict[str, Any]] = []
    for event in events:
        state = shown_state(event.state)
        if found and found[-1]["state"] == state:
            continue
        after = say_seconds((event.at - found[-1]["at"]).total_seconds(), tr) if found else ""
        found.append({"state": state, "title": state_name(state, tr), "at": event.at, "after": after})
    return found


def draw(
    task: Task, events: Sequence[Event], attempts: Sequence[Attempt], tries: Sequence[Try], now: datetime, tr: Translate
) -> Timeline:
    """Lay out the picture. It ends with the task, or now; tries to send the callback after that are at its edge."""
    end = max(task.completed_at or now, task.created_at + timedelta(seconds=_LEAST_SECONDS))
    if task.completed_at and tries:
        room = (end - task.created_at) / 5
        end += min(room, max(tries[-1].at - end, timedelta(0)) + room / 4)
    scale = _Scale(task.created_at, end)
    rows = [_states(task, events, scale, now, tr)]
    rows += [_attempt(attempt, scale, task.completed_at or now, tr) for attempt in attempts]
    if tries:
        rows.append(_callback(task, tries, scale, tr))
    return Timeline(tuple(rows), say_seconds((end - task.created_at).total_seconds(), tr))


class _Scale:
    """Where moments are in the picture."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self._start = start
        self._seconds = (end - start).total_seconds()

    def bar(self, kind: str, start: datetime, end: datetime, said: str) -> Bar:
        first, last = self._at(start), self._at(end)
        width = max(last - first, _LEAST)
        return Bar(kind, round(min(first, WIDTH - width), 1), round(width, 1), said)

    def _at(self, moment: datetime) -> float:
        share = (moment - self._start).total_seconds() / self._seconds
        return min(1.0, max(0.0, share)) * WIDTH


def _states(task: Task, events: Sequence[Event], scale: _Scale, now: datetime, tr: Translate) -> Row:
    kinds = {"waiting": "waiting", "generating": "working", "success": "good", "fail": "bad"}
    changes = [(task.created_at, "waiting"), *((event.at, shown_state(event.state)) for event in events)]
    if task.completed_at and changes[-1][1] != task.state:  # its events are no longer kept
        changes.append((task.completed_at, shown_state(task.state)))
    bars: list[Bar] = []
    words: list[str] = []
    for (start, state), (end, _) in zip(_merged(changes), [*_merged(changes)[1:], (now, "")], strict=True):
        name = state_name(state, tr)  # type: ignore[arg-type]
        ended = state in ("success", "fail")
        took = "" if ended else say_seconds((end - start).total_seconds(), tr)
        words.append(name if ended else f"{name} · {took}")
        bars.append(scale.bar(kinds[state], start, start if ended else end, words[-1]))
    return Row(tr("Task"), tuple(bars), " → ".join(words))


def _merged(changes: Sequence[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """Return changes without those to the same state, which are changes of the progress."""
    merged: list[tuple[datetime, str]] = []
    for at, state in changes:
        if not merged or merged[-1][1] != state:
            merged.append((at, state))
    return merged


def _attempt(attempt: Attempt, scale: _Scale, last: datetime, tr: Translate) -> Row:
    bars = tuple(scale.bar(*part) for part in _parts(attempt, last, tr))
    took = say_seconds(((attempt.ended_at or last) - attempt.started_at).total_seconds(), tr)
    name = attempt_name(attempt, tr)
    said = name if attempt.state == "skipped" else f"{name} · {took}"
    return Row(provider_title(attempt.provider, tr), bars, said)


def _parts(attempt: Attempt, last: datetime, tr: Translate) -> Iterator[tuple[str, datetime, datetime, str]]:
    """Yield what an attempt consisted of: submitting it, the provider's work, fetching its result, and its end."""
    start = attempt.started_at
    end = attempt.ended_at or last
    name = attempt_name(attempt, tr)
    if attempt.state == "skipped":
        yield "waiting", start, start, name
        return
    if attempt.accepted_at:
        yield "waiting", start, attempt.accepted_at, tr("Submitting")
        start = attempt.accepted_at
    if attempt.finished_at and attempt.finished_at > start:
        yield "working", start, min(attempt.finished_at, end), tr("Running")
        start = min(attempt.finished_at, end)
        yield "collecting", start, end, tr("Fetching the result")
    else:
        yield "unknown" if attempt.state == "unknown" else "working", start, end, name
    if attempt.state in ("succeeded", "failed"):
        yield "good" if attempt.state == "succeeded" else "bad", end, end, name


def _callback(task: Task, tries: Sequence[Try], scale: _Scale, tr: Translate) -> Row:
    bars = tuple(
        scale.bar(
            "good" if one.accepted else "bad",
            one.at,
            one.at + timedelta(milliseconds=one.milliseconds),
            f"{one.number}: {one.answer}",
        )
        for one in tries
    )
    said = tr.tr_count("{n} attempt to send it", "{n} attempts to send it", tries[-1].number)
    if task.completed_at:
        after = say_seconds(max(0.0, (tries[-1].at - task.completed_at).total_seconds()), tr)
        said += " · " + tr("the last one {time} after the end", time=after)
    return Row(tr("Callback"), bars, said)


def attempt_name(attempt: Attempt, tr: Translate) -> str:
    """Return the state of an attempt in a few words."""
    names = {
        "skipped": tr("Skipped"),
        "submitting": tr("Submitting"),
        "accepted": tr("Running"),
        "unknown": tr("Unknown"),
        "succeeded": tr("Done"),
        "failed": tr("Failed"),
    }
    return names[attempt.state]
