"""Several workers, with receivers that hang beside receivers that answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from enlarger.infra.callback_hosts import CallbackHosts
from enlarger.infra.queue import queue_manager
from enlarger.infra.queue_listener import QueueListener
from enlarger.infra.safe_http import Allowed
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.entrypoints import DELIVER
from enlarger.tasks.records import NewTask
from enlarger.worker.callback import CallbackSender
from enlarger.worker.deliver import Deliverer
from enlarger.worker.receivers import Receivers
from enlarger.worker.run import handler
from tests.waiting import until
from tests.worker.receivers import App, listening

_PLACES = 8
_FOR_EVER = 3600.0


@asynccontextmanager
async def working(service: Service, *, workers: int) -> AsyncIterator[None]:
    """Workers that deliver, each with what it knows of receivers to itself."""
    stopping = asyncio.Event()
    lanes = []
    async with asyncio.TaskGroup() as group:
        senders = []
        for _ in range(workers):
            sender = CallbackSender(service.links, ["key"], Allowed.parse(("127.0.0.1",)), seconds=_FOR_EVER)
            duty = Deliverer(service.deliveries, sender, CallbackHosts(), Receivers(_PLACES), stopping)
            consumer = queue_manager(QueueListener(service.database.pool), places=_PLACES)
            consumer.entrypoint(DELIVER)(handler(duty))
            group.create_task(
                consumer.run(
                    batch_size=1, dequeue_timeout=timedelta(seconds=1), heartbeat_timeout=timedelta(seconds=30)
                )
            )
            lanes.append(consumer)
            senders.append(sender)
        try:
            yield
        finally:
            stopping.set()
            for consumer in lanes:
                consumer.shutdown.set()
    for sender in senders:
        await sender.aclose()


async def owe(service: Service, app: App, count: int) -> None:
    """Tasks whose callbacks are due now."""
    for _ in range(count):
        number = await service.database.pool.fetchval("SELECT count(*) FROM tasks")
        task, _ = await service.tasks.create(
            NewTask(
                id=f"{number:032x}",
                account_id=DEFAULT,
                model="real-esrgan/fast",
                input={},
                callback_url=app.url,
                base_url="http://service",
                request_sha256=b"",
            )
        )
        await service.tasks.cancel(DEFAULT, task.id)
    await service.database.pool.execute("UPDATE pgqueuer SET execute_after = now() - interval '1 second'")


async def delivered(service: Service, app: App) -> int:
    return int(
        await service.database.pool.fetchval(
            "SELECT count(*) FROM deliveries JOIN tasks ON id = task_id"
            " WHERE callback_url = $1 AND deliveries.state = 'delivered'",
            app.url,
        )
    )


async def test_a_receiver_that_hangs_delays_nobody_else_and_gets_everything_when_it_is_back(service: Service) -> None:
    async with listening() as dead, listening() as healthy:
        dead.open.clear()
        await owe(service, dead, 60)
        await owe(service, healthy, 20)
        async with working(service, workers=2):

            async def healthy_has_all() -> bool:
                return await delivered(service, healthy) == 20

            async def others_stand_in_line() -> bool:
                waiting = await service.database.pool.fetchval(
                    "SELECT count(*) FROM deliveries WHERE waits_for = $1", dead.url.removesuffix("/hook?token=secret")
                )
                queued = await service.database.pool.fetchval(
                    "SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", DELIVER
                )
                return (waiting, queued) == (58, 2)

            async def dead_has_all() -> bool:
                return await delivered(service, dead) == 60

            await until(healthy_has_all)
            await until(others_stand_in_line)
            assert dead.most == 2  # one for each worker
            assert await delivered(service, dead) == 0
            assert healthy.most <= 8

            dead.open.set()
            await until(dead_has_all)
        assert max(Counter(await paths(service)).values()) == 1
        assert len(dead.paths) == 60
        assert dead.most <= 8


async def test_more_dead_receivers_than_places_delay_nobody(service: Service) -> None:
    async with AsyncExitStack() as stack:
        healthy, *dead = [await stack.enter_async_context(listening()) for _ in range(10)]

        async def asked() -> int:
            return sum(app.now for app in dead)

        async def healthy_has_its_first() -> bool:
            return await delivered(service, healthy) == 1

        async def all_who_may_are_asked() -> bool:
            return await asked() == _PLACES * 3 // 4

        async def healthy_has_all() -> bool:
            return await delivered(service, healthy) == 31

        async def nothing_is_left() -> bool:
            return not await service.database.pool.fetchval("SELECT count(*) FROM deliveries WHERE state = 'pending'")

        await stack.enter_async_context(working(service, workers=1))
        await owe(service, healthy, 1)
        await until(healthy_has_its_first)
        for app in dead:
            app.open.clear()
            await owe(service, app, 3)
        await until(all_who_may_are_asked)
        await owe(service, healthy, 30)
        await until(healthy_has_all)
        assert await asked() == _PLACES * 3 // 4
        for app in dead:
            app.open.set()
        await until(nothing_is_left)


async def paths(service: Service) -> list[str]:
    return [row["task_id"] for row in await service.database.pool.fetch("SELECT task_id FROM delivery_tries")]
