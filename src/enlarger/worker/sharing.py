"""Leaves tasks that this worker's engine cannot run to other workers."""

from __future__ import annotations

import asyncio

import structlog

from enlarger.errors import EngineCrashed, EngineError, EngineOutOfMemory, EngineUnavailable
from enlarger.infra.wait_for_any import wait_for_any
from enlarger.tasks.records import Task
from enlarger.tasks.workers import WorkerStore

_PAUSE_SECONDS = 1.0
_THIS_MACHINE = (EngineUnavailable, EngineOutOfMemory, EngineCrashed)
"""Errors that may not occur on another machine: missing weights, libraries or memory. The system kills a process that
needs too much memory, which looks like a crash."""

_log = structlog.get_logger("enlarger.worker")


class Sharing:
    """Leaves a worker's tasks to other workers when it cannot run them itself."""

    def __init__(
        self, workers: WorkerStore, worker_id: str, stopping: asyncio.Event, *, pause: float = _PAUSE_SECONDS
    ) -> None:
        """After leaving a task to the others, this worker takes none for `pause` seconds."""
        self._workers = workers
        self._worker_id = worker_id
        self._stopping = stopping
        self._pause = pause

    async def leave(self, task_id: str) -> bool:
        """Leave a task to the others if this worker cannot run it and another may; returns whether it did."""
        if not await self._workers.leave_to_others(task_id, self._worker_id):
            return False
        await wait_for_any(self._stopping, seconds=self._pause)
        return True

    async def decline(self, claim: Task, error: EngineError) -> bool:
        """Leave a claimed task that has failed here to another worker; False if no other may be able to run it.

        Raises StaleClaim.
        """
        if not isinstance(error, _THIS_MACHINE):
            return False
        declined = await self._workers.decline(claim, self._worker_id, str(error))
        if declined:
            _log.warning("task_declined", task_id=claim.id, model=claim.model, reason=str(error))
        return declined
