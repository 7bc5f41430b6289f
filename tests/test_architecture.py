"""The pictures of docs/how/architecture.md are those of the code."""

from __future__ import annotations

from scripts.write_architecture import PAGE, render, task


def test_the_pictures_are_current() -> None:
    page = PAGE.read_text()
    assert render(page) == page, "run `make docs`"


def test_a_picture_that_is_out_of_date_is_drawn_anew() -> None:
    page = "# A page\n<!-- drawn: task -->\nyesterday\n<!-- end -->\nand its words\n"
    assert render(page) == f"# A page\n<!-- drawn: task -->\n{task()}\n<!-- end -->\nand its words\n"


def test_every_queue_is_filled_and_consumed() -> None:
    lines = task().splitlines()
    queues = {line.split("[[")[0].strip() for line in lines if "[[" in line}
    assert queues == {"dispatch", "engine", "engine_long", "collect", "deliver"}
    assert queues == {line.split(" ==> ")[0].strip() for line in lines if " ==> " in line}
    assert queues == {line.split(" --> ")[1] for line in lines if " --> " in line}
