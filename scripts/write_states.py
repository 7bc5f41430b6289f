"""Draws the states of tasks and attempts from the statements that change them: `python -m scripts.write_states`.

A statement of `tasks/*.sql` without a label is an error, so the pictures lack no transition.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.generated import DOCS, ROOT
from scripts.svg import AMBER, BLUE, GREEN, GREY, RED, Drawing, Point

PICTURES = DOCS / "images/architecture"
_STATEMENT = re.compile(r"^-- name: (\w+).*?(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
_UPDATE = re.compile(r"\bUPDATE (\w+) SET\b(.*?)(?=\bUPDATE\b|\bRETURNING\b|;|\Z)", re.DOTALL)
_VALUE = re.compile(r"(?:\A|,)\s*state = (?:'(\w+)'|(:state)\b|CASE (.*?) END)", re.DOTALL)
_BEFORE = re.compile(r"\bstate (?:IN \(([^)]*)\)|= ('\w+'))")
_OPEN = {"tasks": ("waiting", "queuing", "generating"), "attempts": ("submitting", "accepted", "unknown")}
_VIEWS = {"open_tasks": "tasks", "open_attempts": "attempts", "unfinished_attempts": "attempts"}
_LABELS: Mapping[str, str] = {
    "claim_task": "claimed",
    "claim_for_dispatch": "claimed",
    "start_generating": "the engine starts",
    "show_generating": "submitted",
    "release_task": "released",
    "succeed_task": "result stored",
    "fail_task": "failed, or cancelled by the app",
    "note_accepted": "accepted",
    "note_report": "success reported",
    "note_unknown": "answer lost",
    "note_lost": "worker lost",
    "note_interrupted": "restored from a backup",
    "note_refused": "refused",
    "note_failure": "failure reported",
    "note_collected": "result stored",
    "abandon": "deadline",
    "stop_polling": "given up",
    "close_lost_attempts": "worker lost",
    "end_local_attempt": "the engine ends",
    "end_other_attempts": "task ended",
}

Transitions = Mapping[tuple[str, str], list[str]]


@dataclass(frozen=True)
class _Route:
    """Where an arrow runs, and where its labels are."""

    start: Point
    end: Point
    label: Point
    anchor: str = "middle"
    bends: tuple[Point, Point] | None = None


def render() -> dict[Path, str]:
    """The pictures, by their files."""
    return {PICTURES / "task-states.svg": tasks(), PICTURES / "attempt-states.svg": attempts()}


def transitions(table: str) -> Transitions:
    """What changes a state of `tasks` or `attempts` into another, as labels, by both states."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, before, after in _changes(table):
        if before != after:
            found[before, after].add(_LABELS[name])
    order = [*_LABELS.values()]
    return {pair: sorted(labels, key=order.index) for pair, labels in found.items()}


def _changes(table: str) -> Iterator[tuple[str, str, str]]:
    for path in sorted((ROOT / "src/enlarger/tasks").glob("*.sql")):
        for statement in _STATEMENT.finditer(path.read_text()):
            for update in _UPDATE.finditer(re.sub(r"--.*", "", statement[0])):
                written, _, where = update[2].partition("WHERE")
                value = _VALUE.search(written)
                if value and _VIEWS.get(update[1], update[1]) == table:
                    for before in _sources(table, written, where):
                        yield from ((statement[1], before, after) for after in _values(value))


def _values(value: re.Match[str]) -> list[str]:
    """The states that are written; a parameter is how the engine ends an attempt."""
    if value[2]:
        return ["succeeded", "failed"]
    return [value[1]] if value[1] else re.findall(r"(?:THEN|ELSE) '(\w+)'", value[3])


def _sources(table: str, written: str, where: str) -> list[str]:
    """The states that a statement changes: those that it names, or else all in which nothing has ended."""
    stay = re.findall(r"CASE state WHEN '(\w+)' THEN state", written)
    if "provider WHEN 'local'" in written or "provider = 'local'" in where:
        return ["submitting"]  # an attempt of this machine's engine is accepted by nobody
    named = _BEFORE.search(where)
    states = re.findall(r"\w+", named[1] or named[2]) if named else _OPEN[table]
    return [state for state in states if state not in stay]


def tasks() -> str:
    """A task's states. Every open state leads to both ends, so these arrows begin at the frame of the open ones."""
    found = dict(transitions("tasks"))
    drawing = Drawing(700, 390, "The states of a task")
    drawing.parts.append('<rect x="8" y="8" width="684" height="242" rx="10" fill="none" stroke="#b8c2cc"/>')
    drawing.text(20, 30, "open", colour=GREY, anchor="start")
    places = {"waiting": (84, 125), "queuing": (336, 125), "generating": (616, 125)}
    ends = {"success": (190, 355, GREEN), "fail": (440, 355, RED)}
    for name, (x, y) in places.items():
        _state(drawing, name, (x, y), AMBER if name == "waiting" else BLUE)
    for name, (x, y, colour) in ends.items():
        _state(drawing, name, (x, y), colour)
        labels = [found.pop((state, name)) for state in places]
        if labels.count(labels[0]) != len(labels):
            raise ValueError(f"Not every open state leads to {name} in the same way: draw them one by one.")
        drawing.arrow((x, 250), (x, y - 22), colour)
        drawing.label(x + 10, 295, labels[0], anchor="start")
    routes = {
        ("waiting", "queuing"): _Route((146, 118), (274, 118), (210, 110)),
        ("queuing", "generating"): _Route((398, 118), (554, 118), (476, 67)),
        ("waiting", "generating"): _Route((84, 103), (616, 103), (264, 50), "start", ((150, -4), (550, -4))),
        ("queuing", "waiting"): _Route((274, 134), (146, 134), (210, 151)),
        ("generating", "queuing"): _Route((554, 134), (398, 134), (476, 151)),
        ("generating", "waiting"): _Route((616, 147), (84, 147), (350, 232), "middle", ((550, 236), (150, 236))),
    }
    _arrows(drawing, found, routes)
    return drawing.render()


def attempts() -> str:
    """An attempt's states."""
    drawing = Drawing(700, 430, "The states of an attempt")
    places = {"submitting": (72, 200), "accepted": (330, 110), "unknown": (330, 300)}
    for name, place in places.items():
        _state(drawing, name, place, AMBER if name == "unknown" else BLUE)
    _state(drawing, "succeeded", (618, 110), GREEN)
    _state(drawing, "failed", (618, 300), RED)
    _state(drawing, "skipped", (618, 390), GREY)
    drawing.label(546, 394, ["written at once when a provider is skipped"], anchor="end")
    routes = {
        ("submitting", "accepted"): _Route((120, 178), (268, 116), (172, 122)),
        ("submitting", "unknown"): _Route((120, 222), (268, 294), (140, 285)),
        ("submitting", "succeeded"): _Route((72, 178), (618, 88), (330, 32), "middle", ((80, 20), (580, 20))),
        ("submitting", "failed"): _Route((134, 200), (556, 290), (408, 241), "start", ((330, 190), (490, 180))),
        ("accepted", "unknown"): _Route((315, 132), (315, 278), (306, 150), "end"),
        ("unknown", "accepted"): _Route((345, 278), (345, 132), (354, 160), "start"),
        ("accepted", "succeeded"): _Route((392, 110), (556, 110), (474, 102)),
        ("accepted", "failed"): _Route((392, 118), (618, 278), (598, 190), "start", ((500, 130), (610, 180))),
        ("unknown", "failed"): _Route((392, 306), (556, 306), (474, 325)),
    }
    _arrows(drawing, transitions("attempts"), routes)
    return drawing.render()


def _state(drawing: Drawing, name: str, place: Point, colour: str) -> None:
    drawing.box(place[0] - 62, place[1] - 22, 124, 44, colour)
    drawing.text(place[0], place[1] + 5, name, size=14, bold=True, code=True)


def _arrows(drawing: Drawing, found: Transitions, routes: Mapping[tuple[str, str], _Route]) -> None:
    """The transitions, each with its labels. Raises ValueError where the code has others than the picture."""
    if set(found) != set(routes):
        raise ValueError(f"Transitions without an arrow, or arrows without one: {sorted(set(found) ^ set(routes))}")
    for route in routes.values():
        drawing.arrow(route.start, route.end, bends=route.bends)
    for pair, route in routes.items():
        drawing.label(*route.label, found[pair], anchor=route.anchor)


if __name__ == "__main__":
    for path, picture in render().items():
        path.write_text(picture)
