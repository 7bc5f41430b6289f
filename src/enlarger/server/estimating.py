"""The estimate in the record of an open task."""

from __future__ import annotations

import msgspec

from enlarger.catalog import get_model
from enlarger.errors import DatabaseUnavailable, UnknownModel
from enlarger.protocol.records import Estimate, TaskRecord
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.requests import base_url
from enlarger.settings import Limits
from enlarger.tasks.estimates import UNKNOWN
from enlarger.tasks.records import Task
from enlarger.tasks.wire import to_record


async def to_estimated_record(request: AnyRequest, service: Service, task: Task) -> TaskRecord:
    """The record of a task, with an estimate as long as it is open."""
    record = to_record(task, service.links, base_url(request, service))
    return record if task.ended else msgspec.structs.replace(record, estimate=await estimate(service, task))


async def estimate(service: Service, task: Task) -> Estimate:
    """How long an open task will still take, as far as that is known."""
    try:
        model = get_model(task.model)
        outlook = await service.estimates.outlook()
    except (UnknownModel, DatabaseUnavailable):
        return UNKNOWN
    provider = next(iter(service.routing.available(model)), None)
    return outlook.estimate(
        task,
        provider=provider,
        limits=service.limits.get(provider or "", Limits()),
        usual=model.duration.usual,
        now=service.database.now(),
    )
