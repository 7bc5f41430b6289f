"""The pictures of docs/how are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts import write_states
from scripts.generated import ROOT
from scripts.write_architecture import PAGE, packages, pictures, queues, render

_STATEMENTS = re.compile(r"^-- name: (\w+)(.*?)(?=^-- name: |\Z)", re.MULTILINE | re.DOTALL)
DRAWN = {**pictures(), **write_states.render()}


def test_the_table_of_packages_is_current() -> None:
    page = PAGE.read_text()
    assert render(page) == page, "run `make docs`"


def test_a_table_that_is_out_of_date_is_written_again() -> None:
    begin, end = "<!-- begin: packages (make docs) -->", "<!-- end: packages -->"
    assert render(f"# A page\n{begin}\nyesterday\n{end}\n") == f"# A page\n{begin}\n\n{packages()}\n\n{end}\n"


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.name)
def test_the_pictures_are_current(path: Path) -> None:
    assert path.read_text() == DRAWN[path], "run `make docs`"


def test_every_queue_is_filled_and_consumed() -> None:
    filled, takers = queues()
    assert set(takers) == {"dispatch", "engine", "engine_long", "collect", "deliver"}
    assert {queue for to in filled.values() for queue in to} == set(takers)


def test_no_transition_leaves_a_terminal_state() -> None:
    found = write_states.transitions("tasks")
    assert ("queuing", "generating") in found
    assert not {before for before, _ in found} & {"success", "fail"}


def test_only_two_statements_may_write_to_a_task_that_has_ended() -> None:
    """One settles its credits, the other forgets its idempotency key."""
    unguarded = set()
    for path in (ROOT / "src/enlarger/tasks").glob("*.sql"):
        for name, statement in _STATEMENTS.findall(path.read_text()):
            if re.search(r"\bUPDATE tasks SET\b", statement) and not re.search(
                r"\bstate (IN \('waiting'|IN \('queuing'|= 'generating')|\bwaiting_tasks\b", statement
            ):
                unguarded.add(name)
    assert unguarded == {"settle_credits", "forget_idempotency_keys"}
