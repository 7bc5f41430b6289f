from __future__ import annotations

from collections import defaultdict, deque

from hypothesis import given
from hypothesis import strategies as st

from enlarger.worker.receivers import Receivers, Visit

PLACES = 8


def enter(receivers: Receivers, *names: str) -> list[Visit]:
    visits = []
    for name in names:
        assert receivers.line(name) is None, name
        visits.append(receivers.enter(name))
    return visits


def told(receivers: Receivers, name: str, seconds: float | None) -> None:
    """Somebody has called a receiver and knows it now."""
    receivers.leave(receivers.enter(name), seconds)


def test_a_receiver_that_nobody_knows_is_called_by_one() -> None:
    receivers = Receivers(PLACES)
    (visit,) = enter(receivers, "a")
    assert receivers.line("a") == "a"
    assert receivers.line("b") is None
    receivers.leave(visit, 0.1)
    assert receivers.line("a") is None


def test_a_receiver_that_answers_is_called_by_a_few_and_one_that_does_not_by_one() -> None:
    receivers = Receivers(PLACES)
    told(receivers, "a", 10.0)
    enter(receivers, "a", "a", "a")
    told(receivers, "a", None)
    assert receivers.line("a") == "a"


def test_receivers_that_hang_leave_places_for_new_ones_and_those_for_quick_ones() -> None:
    receivers = Receivers(PLACES)
    hanging = [f"hanging {number}" for number in range(PLACES)]
    for name in hanging:
        told(receivers, name, None)
    told(receivers, "quick", 0.1)
    enter(receivers, *hanging[:4])
    assert receivers.line(hanging[4]) == "*slow"
    enter(receivers, "new 1", "new 2")
    assert receivers.line("new 3") == "*new"
    enter(receivers, "quick", "quick")
    assert receivers.places("quick") == {"quick": 2}


def test_who_leaves_makes_room_in_the_lines_that_it_was_in_the_way_of() -> None:
    receivers = Receivers(PLACES)
    hanging = [f"hanging {number}" for number in range(5)]
    for name in hanging:
        told(receivers, name, None)
    visits = enter(receivers, *hanging[:4])
    assert "*slow" not in receivers.places("hanging 0")
    receivers.leave(visits[0], None)
    assert receivers.places("hanging 0") == {"hanging 0": 1, "*slow": 1, "*new": 3}
    assert receivers.line("hanging 4") is None


def test_what_is_known_does_not_grow_for_ever() -> None:
    receivers = Receivers(PLACES)
    for number in range(10_050):
        told(receivers, f"receiver {number}", 0.1)
    assert len(receivers._known) == 10_000
    assert receivers._visits == {}


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3), st.sampled_from([0.1, 5.0, None])), max_size=150))
def test_nobody_waits_in_a_line_for_ever(arrivals: list[tuple[int, int, float | None]]) -> None:
    """Deliveries arrive, wait and are called as `Deliverer` does it, and all of them are made."""
    receivers = Receivers(PLACES)
    lines: dict[str, deque[tuple[str, float | None]]] = defaultdict(deque)
    under_way: list[tuple[Visit, float | None]] = []
    made = 0

    def arrive(name: str, seconds: float | None) -> None:
        line = receivers.line(name)
        if line is not None:
            lines[line].append((name, seconds))
            return
        under_way.append((receivers.enter(name), seconds))
        assert sum(visit.receiver == name for visit, _ in under_way) <= 4
        assert sum(visit.kind == "*slow" for visit, _ in under_way) <= PLACES // 2
        assert sum(visit.kind != "*quick" for visit, _ in under_way) <= PLACES * 3 // 4

    def end(index: int) -> None:
        nonlocal made
        visit, seconds = under_way.pop(index % len(under_way))
        receivers.leave(visit, seconds)
        made += 1
        called = [
            lines[line].popleft()
            for line, places in receivers.places(visit.receiver).items()
            for _ in range(min(places, len(lines[line])))
        ]
        for name, patience in called:
            arrive(name, patience)

    for name, ends, seconds in arrivals:
        arrive(f"receiver {name}", seconds)
        for _ in range(min(ends, len(under_way))):
            end(ends)
    while under_way:
        end(0)
    assert made == len(arrivals)
    assert not any(lines.values())
