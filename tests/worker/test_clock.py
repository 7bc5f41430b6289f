"""Every duty of a worker, and every link, goes by the database's clock: here that is hours ahead of the machine's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from enlarger.errors import SubmissionRefused
from enlarger.infra.clock import DatabaseClock, machine_time
from enlarger.infra.database import Database
from enlarger.server import Service
from enlarger.server.upload_files import store_picture
from enlarger.tasks.accounts import DEFAULT
from tests.conftest import MakePhoto
from tests.worker.hosted import Floor, silent, succeeded

AHEAD = timedelta(hours=2)
"""More than any deadline here, and than the time for which a provider keeps results."""


class Ahead(DatabaseClock):
    """As if the database had said so."""

    def now(self) -> datetime:
        return machine_time() + AHEAD


def soon(time: datetime, database: Database, days: float) -> bool:
    return abs(time - database.now() - timedelta(days=days)) < timedelta(minutes=5)


async def test_files_expire_by_it(service: Service, floor: Floor, make_photo: MakePhoto, database: Database) -> None:
    database.clock = Ahead()
    picture = make_photo("a.png").read_bytes()
    upload = await store_picture(service, DEFAULT, picture, name="a.png")
    assert soon(upload.expires_at, database, service.settings.uploads_days)
    floor.kie.files["https://kie.example/a"] = [picture]
    attempt = await floor.submit()
    floor.kie.says = succeeded("kie-1", "https://kie.example/a")
    attempt = await floor.poll(attempt)
    await floor.collector()(str(attempt.id))
    result = (await floor.task(attempt)).result
    assert result is not None
    assert soon(result.files[0].expires_at, database, 14)


async def test_links_expire_by_it(service: Service, database: Database) -> None:
    link = service.links.make("0" * 32, "a.png", machine_time() + AHEAD / 2)
    assert service.links.check(link) is not None
    database.clock = Ahead()
    with pytest.raises(TimeoutError):
        service.links.check(link)


async def test_a_machine_that_is_behind_gives_up_what_is_late(floor: Floor, database: Database) -> None:
    """Its clock says that there is time left; the database's says that there is none."""
    database.clock = DatabaseClock(lambda: machine_time() - AHEAD)
    attempt = await floor.submit()
    floor.kie.says = silent()
    assert (await floor.poll(attempt)).abandoned_at is None
    await floor.overdue(attempt)
    assert (await floor.poll(attempt)).abandoned_at is not None
    assert (await floor.task(attempt)).fail_code == "408"


async def test_a_machine_that_is_ahead_waits_as_long_as_others(floor: Floor, database: Database) -> None:
    database.clock = DatabaseClock(lambda: machine_time() + 12 * AHEAD)
    floor.kie.files["https://kie.example/a"] = [silent("away")]
    waiting, attempt = await floor.submit(), await floor.submit()
    floor.kie.says = succeeded("kie-2", "https://kie.example/a")
    attempt = await floor.poll(attempt)
    assert await floor.collector()(str(attempt.id)) is not None
    assert (await floor.task(attempt)).state == "generating"
    floor.kie.says = silent()
    assert (await floor.poll(waiting)).abandoned_at is None


async def test_a_task_waits_for_a_provider_by_it(floor: Floor, database: Database) -> None:
    task = await floor.make()
    for provider in (floor.kie, floor.replicate):
        provider.answers = [SubmissionRefused("busy", reason="busy") for _ in range(4)]
    assert await floor.dispatcher(patience=3600)(task.id) is not None
    database.clock = Ahead()
    assert await floor.dispatcher(patience=3600)(task.id) is None
    assert (await floor.task(task)).state == "fail"


async def test_a_result_is_waited_for_by_it(floor: Floor, database: Database) -> None:
    floor.kie.files["https://kie.example/a"] = [silent("away")]
    attempt = await floor.submit()
    floor.kie.says = succeeded("kie-1", "https://kie.example/a")
    attempt = await floor.poll(attempt)
    assert await floor.collector()(str(attempt.id)) is not None
    database.clock = Ahead()
    assert await floor.collector()(str(attempt.id)) is None
    assert (await floor.task(attempt)).fail_message == "away"
