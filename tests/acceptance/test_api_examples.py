"""The recorded examples of the HTTP API are what a sandbox service answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.api_examples import REQUESTS, SETTINGS, record

from enlarger.server.examples import Example, read_examples
from tests.acceptance.services import service_folder, serving

_ANYTHING = "null"
"""The shape of null: a field that may be null may be anything."""


@pytest.fixture(scope="module")
def live(used_before: Path) -> Iterator[list[Example]]:
    """The same requests, sent now."""
    with service_folder("examples", used_before) as folder:
        (client := folder / "client").mkdir()
        with serving(folder, "--sandbox", **SETTINGS) as served:
            yield record(served.url, served.key, client)


def test_the_recorded_requests_are_those_of_the_tool() -> None:
    recorded = [(one.operation, one.title, one.command) for one in read_examples()]
    assert recorded == [(one.operation, one.title, one.command) for one in REQUESTS], "run `make examples`"


def test_live_replies_have_the_shape_of_the_recorded_ones(live: list[Example]) -> None:
    for recorded, now in zip(read_examples(), live, strict=True):
        assert now.status == recorded.status, recorded.command
        assert alike(shape(now.json), shape(recorded.json)), (recorded.command, now.json)
        assert alike(events(now.text), events(recorded.text)), (recorded.command, now.text)


def test_the_recorded_tasks_are_in_the_states_that_the_titles_say() -> None:
    states = [one.json["data"]["state"] for one in read_examples() if one.operation == "recordInfo"]
    assert states == ["waiting", "success", "fail"]


def shape(value: Any) -> Any:
    """A value's type, with those of its members; text that holds JSON counts as what it holds."""
    match value:
        case None:
            return _ANYTHING
        case dict():
            return {name: shape(item) for name, item in value.items()}
        case list():
            return [shape(item) for item in value[:1]]
        case str() if value.startswith("{"):
            return shape(json.loads(value))
        case int() | float() if not isinstance(value, bool):
            return "number"
        case _:
            return type(value).__name__


def events(text: str) -> list[Any]:
    """The shapes of the first and the last event of a stream."""
    data = [line.partition(": ")[2] for line in text.splitlines() if line.startswith("data: ")]
    return [shape(one) for one in data[:1] + data[-1:]]


def alike(one: Any, other: Any) -> bool:
    """Whether two shapes are the same, apart from nulls."""
    if _ANYTHING in (one, other):
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)
