"""Waiting for a task's end inside a request. Who goes away meanwhile changes nothing about the task."""

from __future__ import annotations

import asyncio

from enlarger.errors import EnlargerError
from enlarger.server.dependencies import Service
from enlarger.tasks.records import Task


async def wait_for_end(service: Service, task: Task, seconds: float) -> Task:
    """The task when it has ended; as it was seen last when it has not within `seconds`, or the service is stopped."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    with service.listener.waiter(task.id) as waiter:
        while True:
            waiter.clear()
            task = await _look(service, task)
            rest = until - clock()
            if task.ended or rest <= 0 or service.listener.stopping:
                return task
            await service.listener.wait(waiter, rest)


async def _look(service: Service, task: Task) -> Task:
    """The task as it is now; as it was while that cannot be known: it is made, so its id is answered in any case."""
    try:
        return await service.tasks.get(task.account_id, task.id)
    except EnlargerError:
        return task
