"""What a watch remembers of files, by a clock that the test sets."""

from __future__ import annotations

from pathlib import Path

from enlarger.cli.watch.memory import RETRIES, Memory, Signature

_PICTURE = Path("a.jpg")
_SMALL, _LARGE = Signature(10, 1, 1), Signature(20, 2, 1)


def test_a_file_is_due_once_it_has_not_changed_for_a_while() -> None:
    memory = Memory(settle=2)
    assert not memory.is_due(_PICTURE, _SMALL, 0)
    assert not memory.is_due(_PICTURE, _LARGE, 1.9)  # it grows
    assert memory.next_due(1.9) == 2
    assert not memory.is_due(_PICTURE, _LARGE, 3.8)
    assert memory.is_due(_PICTURE, _LARGE, 3.9)


def test_another_file_in_its_place_is_a_new_one_even_of_the_same_size_and_time() -> None:
    memory = Memory(settle=2)
    memory.is_due(_PICTURE, _SMALL, 0)
    memory.end(_PICTURE)
    assert not memory.is_due(_PICTURE, _SMALL, 10)
    assert not memory.is_due(_PICTURE, _SMALL._replace(inode=2), 10)
    assert memory.is_due(_PICTURE, _SMALL._replace(inode=2), 12)


def test_a_file_that_is_worked_on_is_not_due_even_if_it_changes_and_is_afterwards() -> None:
    memory = Memory(settle=2)
    memory.is_due(_PICTURE, _SMALL, 0)
    memory.begin(_PICTURE)
    memory.keep_only([])
    assert not memory.is_due(_PICTURE, _LARGE, 5)
    assert memory.next_due(5) is None
    memory.end(_PICTURE)
    memory.is_due(_PICTURE, _LARGE, 6)
    assert memory.is_due(_PICTURE, _LARGE, 8)


def test_a_file_that_fails_is_tried_again_ever_later_and_then_put_aside_until_it_changes() -> None:
    memory, now = Memory(settle=2), 2.0
    memory.is_due(_PICTURE, _SMALL, 0)
    for pause in RETRIES:
        assert memory.is_due(_PICTURE, _SMALL, now)
        memory.begin(_PICTURE)
        assert memory.fail(_PICTURE, now) == pause
        assert not memory.is_due(_PICTURE, _SMALL, now + pause - 1)
        now += pause
    memory.begin(_PICTURE)
    assert memory.fail(_PICTURE, now) is None
    assert not memory.is_due(_PICTURE, _SMALL, now + 1e6)
    assert memory.next_due(now) is None
    memory.is_due(_PICTURE, _LARGE, now)
    assert memory.is_due(_PICTURE, _LARGE, now + 2)


def test_a_file_that_comes_back_is_a_new_one() -> None:
    memory = Memory(settle=2)
    memory.is_due(_PICTURE, _SMALL, 0)
    memory.end(_PICTURE)
    memory.keep_only([])
    memory.is_due(_PICTURE, _SMALL, 3)
    assert memory.is_due(_PICTURE, _SMALL, 5)
