"""Steps that tests of the API share: tasks made by it, and ended as a worker would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx2

from enlarger.protocol.records import Made
from enlarger.server import Service
from enlarger.server.upload_files import store_picture
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import ResultFile, Task, TaskResult

CREATE = "/api/v1/jobs/createTask"
RECORD = "/api/v1/jobs/recordInfo"
URL = "https://example.com/a.png"
BODY = {"model": "topaz/image-upscale", "input": {"image_url": URL, "upscale_factor": "2"}}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


async def create(api: httpx2.AsyncClient, body: dict[str, Any] = BODY, **options: Any) -> str:
    reply = (await api.post(CREATE, json=body, **options)).json()
    assert reply["code"] == 200, reply
    return str(reply["data"]["taskId"])


async def record(api: httpx2.AsyncClient, task_id: str) -> dict[str, Any]:
    reply = (await api.get(RECORD, params={"taskId": task_id})).json()
    assert reply["code"] == 200, reply
    data: dict[str, Any] = reply["data"]
    return data


async def claim(service: Service, task_id: str) -> Task:
    """Take a task as a worker would."""
    claimed = await service.tasks.claim(task_id, "local")
    assert claimed is not None
    return claimed


async def finish(
    service: Service, task: str | Task, *, fail: bool = False, account_id: str = DEFAULT, cost: Decimal = Decimal(0)
) -> Task:
    """End a task as a worker would: one that was claimed before, or one that is claimed for it by its id."""
    claimed = await claim(service, task) if isinstance(task, str) else task
    if fail:
        await service.tasks.fail(claimed, "422", "The picture is a GIF.")
    else:
        file = await store_picture(service, account_id, PNG, name="result.png")
        result = ResultFile(id=file.id, name=file.name, expires_at=file.expires_at)
        made = Made(provider="local", engine="openvino-cpu", width=8, height=6, seconds=1.5)
        await service.tasks.succeed(claimed, TaskResult(files=(result,), made=made), [], cost=cost)
    return claimed
