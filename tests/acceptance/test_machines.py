"""One service on several machines, whose cables are cut: each is a network namespace, and all processes are real."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from enlarger.errors import DatabaseUnavailable
from enlarger.infra.database import Connection, open_database
from tests.acceptance.conftest import Start
from tests.acceptance.machines.cluster import Cluster, carried_out, cluster, said, slowed
from tests.acceptance.machines.network import Network, NoNetworks, network
from tests.conftest import MakePhoto
from tests.waiting import until

_MACHINES = ("front", "one", "two")
_LOCK = "SELECT FROM accounts WHERE id = 'default' FOR UPDATE"
_LOCKED = "SELECT true FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%FOR UPDATE'"


@pytest.fixture
def net(pytestconfig: pytest.Config) -> Iterator[Network]:
    """A network; where none can be made, tests are skipped, or fail with `--need-namespaces`."""
    try:
        with network(*_MACHINES) as made:
            yield made
    except NoNetworks as error:
        (pytest.fail if pytestconfig.option.need_namespaces else pytest.skip)(str(error))


@pytest.fixture
async def service(net: Network, start: Start, used_before: Path, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with cluster(net, net.machines[1], start, used_before, tmp_path) as running:
        yield running


async def test_a_machine_that_joins_takes_the_bulk_and_one_that_is_cut_off_loses_nothing(
    service: Cluster, make_photo: MakePhoto
) -> None:
    """The first machine is slow: it works on one picture as long as the second one has others to do."""
    _, _, one, two = service.network.machines
    picture = await service.upload(make_photo("photo.png"))
    first = await service.start_worker(one)
    early = [await service.create("real-esrgan/fast", picture)]
    await until(service.ended(early))
    paid = await service.create("topaz/image-upscale", picture)
    await until(service.at_work(paid))
    with slowed(first):
        late = [await service.create("real-esrgan/fast", picture) for _ in range(4)]
        second = await service.start_worker(two)
        await until(service.ended(late))
        await until(carried_out(second, late))
        await until(carried_out(first, early))
        assert await service.attempts(paid) == ["submitting"], "the first machine still has its picture"

        service.network.cut(one)
        await until(service.ended([paid]))
        await until(carried_out(second, [*late, paid]))
        assert await service.attempts(paid) == ["failed", "succeeded"]

    async def gave_up() -> bool:  # without a packet that says that the connections are gone
        return {"dispatch", "collect", "deliver"} <= {line["entrypoint"] for line in said(first, "queue_lost")}

    await until(gave_up)
    service.network.mend(one)
    await until(first.says("claim_lost"))
    assert await second.end(signal.SIGTERM) == 0, second.text

    last = await service.create("real-esrgan/fast", picture)
    await until(service.ended([last]))
    await until(carried_out(first, [*early, last]))
    assert await service.attempts(paid) == ["failed", "succeeded"]
    ledger = await service.server.fetch("SELECT kind, credits FROM ledger WHERE task_id = $1 ORDER BY id", paid)
    assert [row["kind"] for row in ledger] == ["reserve", "settle"]
    assert await service.server.fetchval("SELECT count(*) FROM files WHERE task_id = $1", paid) == 1


async def test_an_api_that_is_cut_off_comes_back_and_a_worker_that_is_cut_off_does_not_keep_its_locks(
    service: Cluster,
) -> None:
    front, one = service.front, service.network.machines[2]
    assert (await service.ask("GET", "/readyz")).status_code == 200
    let_go = threading.Event()
    locking = asyncio.create_task(asyncio.to_thread(one.call, partial(_lock, service, let_go)))
    await until(lambda: service.server.fetchval(_LOCKED))
    service.network.cut(front)
    service.network.cut(one)

    async def ready() -> bool:
        reply = await service.ask("GET", "/readyz")
        assert reply.status_code in (200, 503)
        return reply.status_code == 200

    async def unready() -> bool:
        return not await ready()

    await until(unready)
    assert (await service.ask("GET", "/healthz")).status_code == 200
    service.network.mend(front)
    await until(ready)

    await service.server.execute(_LOCK, timeout=180)  # waits until Postgres has noticed
    service.network.mend(one)
    let_go.set()
    await locking


def _lock(service: Cluster, let_go: threading.Event) -> None:
    """Keep a row locked, in a loop of one's own, until `let_go`; a transaction that was cut off has failed by then."""

    async def work(connection: Connection) -> None:
        await connection.execute(_LOCK)
        await asyncio.to_thread(let_go.wait)

    async def lock() -> None:
        async with open_database(service.settings["DATABASE_URL"]) as database:
            with suppress(DatabaseUnavailable):
                await database.run(work)

    asyncio.run(lock())
