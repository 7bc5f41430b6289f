"""The metrics of a service of several processes: those of all of them, whichever is asked."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from enlarger.infra.database import Database
from enlarger.monitoring.exposition import Exposition
from enlarger.monitoring.siblings import Siblings
from tests.monitoring.scrape import Scrape
from tests.waiting import until

_MEMORY = "process_resident_memory_bytes"


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:  # the path of a socket must not be long
        yield Path(path)


def exposition(database: Database, folder: Path, number: int, *, of: int = 2) -> Exposition:
    return Exposition(database, {}, siblings=Siblings(folder, number, of), fresh=3600)


async def scrape(metrics: Exposition) -> Scrape:
    content, _ = await metrics.write("")
    return Scrape(content.decode())


async def test_whichever_is_asked_tells_the_metrics_of_all(database: Database, folder: Path) -> None:
    first, second = (exposition(database, folder, number) for number in (1, 2))
    async with first.answering(), second.answering():
        for asked in (first, second):
            scraped = await scrape(asked)
            assert all(scraped.get(_MEMORY, process=number) for number in ("1", "2"))
            assert scraped.get(_MEMORY) is None
            assert scraped.get("enlarger_database_connections_max", process="2") == 4
            assert scraped.get("enlarger_database_up") == 1
            assert scraped.get("enlarger_workers") == 0


async def test_one_reading_of_the_database_counts_for_all(database: Database, folder: Path) -> None:
    """Otherwise a counter could go back, when the process that is asked next has read it earlier."""
    first, second = (exposition(database, folder, number) for number in (1, 2))
    async with first.answering(), second.answering():
        took = [(await scrape(asked)).get("enlarger_database_read_seconds") for asked in (second, first, second)]
    assert len(set(took)) == 1


async def test_a_process_that_does_not_run_is_left_out(database: Database, folder: Path) -> None:
    second = exposition(database, folder, 2)
    async with second.answering():
        scraped = await scrape(second)
    assert scraped.get(_MEMORY, process="1") is None
    assert scraped.get(_MEMORY, process="2")
    assert scraped.get("enlarger_database_up") == 1


async def test_a_process_that_does_not_answer_is_left_out(database: Database, folder: Path) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()  # until the other one gives up
        writer.close()

    second = exposition(database, folder, 2)
    async with await asyncio.start_unix_server(silent, folder / "1.metrics"), second.answering():
        scraped = await scrape(second)
    assert asked.is_set()
    assert scraped.get(_MEMORY, process="1") is None
    assert scraped.get("enlarger_database_up") == 1


async def test_a_process_takes_the_place_of_one_that_was_killed(database: Database, folder: Path) -> None:
    (folder / "1.metrics").touch()  # which it has left
    first, second = (exposition(database, folder, number) for number in (1, 2))
    async with first.answering(), second.answering():

        async def both() -> bool:
            return (await scrape(second)).get(_MEMORY, process="1") is not None

        await until(both)
