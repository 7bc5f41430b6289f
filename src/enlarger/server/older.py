"""The hosted service's routes from before createTask, which apps still call.

For three families the mapping is certain: their requests become tasks, and their records are derived from a task's
record. For the others, `moved` says which model to use with createTask.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_200_OK

from enlarger.catalog import get_model
from enlarger.errors import InvalidInput
from enlarger.protocol.records import CreatedTask, TaskRecord
from enlarger.server.bodies import INLINE_BODY_BYTES, AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.jobs import REFUSALS, NewTaskParameters, TaskIdParameter, create, find_record
from enlarger.server.new_task import ParsedRequest, parse_create_task
from enlarger.server.openapi import refuses
from enlarger.server.parameters import Url, takes
from enlarger.server.replies import Reply, success
from enlarger.server.requests import read_object
from enlarger.tasks.accounts import Caller
from enlarger.translatable import sentence

_VEO_MODELS = ("veo3_fast", "veo3", "veo3_lite", "veo-3-1")
"""The first one is what the hosted service takes where a request names none."""


def _veo_model(fields: dict[str, Any]) -> str:
    name = str(fields.pop("model", None) or _VEO_MODELS[0])
    if get_model(name).id not in _VEO_MODELS:
        message = sentence(
            "This route does not take the model '{name}': use veo3, veo3_fast or veo3_lite, or createTask",
            name=name,
        )
        raise InvalidInput("model", message)
    return name


def _veo(record: TaskRecord) -> dict[str, Any]:
    urls = record.result_urls
    return {"response": {"taskId": record.task_id, "resultUrls": urls, "originUrls": []} if urls else None} | {
        "fallbackFlag": False
    }


def _gpt4o(record: TaskRecord) -> dict[str, Any]:
    states = {"success": "SUCCESS", "fail": "GENERATE_FAILED"}
    progress = record.progress if isinstance(record.progress, int) else 0
    return {
        "response": {"resultUrls": record.result_urls} if record.result_urls else None,
        "status": states.get(record.state, "GENERATING"),
        "progress": f"{progress / 100:.2f}",
    }


def _kontext(record: TaskRecord) -> dict[str, Any]:
    urls = record.result_urls
    return {"response": {"originImageUrl": None, "resultImageUrl": urls[0]} if urls else None}


def _number(code: str | None) -> int | str | None:
    return int(code) if code is not None and code.isdecimal() else code


class OlderCreateRequest(msgspec.Struct, rename="camel"):
    """The body of an older route: the model's fields, without `input` around them."""

    prompt: str
    """What to make."""
    call_back_url: Url | msgspec.UnsetType = msgspec.UNSET
    """Where the callback is sent."""


class _Family(msgspec.Struct, frozen=True):
    """Routes of one family: where they are, which model a request is for, and what its records have of their own."""

    name: str
    start: str
    model: Callable[[dict[str, Any]], str]
    """The model for a request, out of whose fields it takes what createTask's input does not have."""
    own: Callable[[TaskRecord], dict[str, Any]]
    failed: int
    """The `successFlag` of a task that has failed."""

    def operation_id(self, what: str) -> str:
        """The name of one of its routes in the API's description, such as `fluxKontextGenerate`."""
        first, *others = self.start.removeprefix("/api/v1/").replace("-", "/").split("/")
        return first + "".join(map(str.capitalize, [*others, what]))


_FAMILIES = (
    _Family("Veo", "/api/v1/veo", _veo_model, _veo, 3),
    _Family("4o Image", "/api/v1/gpt4o-image", lambda _: "4o-image-api", _gpt4o, 2),
    _Family("FLUX.1 Kontext", "/api/v1/flux/kontext", lambda _: "flux1-kontext", _kontext, 3),
)


def older_routes() -> list[HTTPRouteHandler]:
    """The handlers of all families."""
    return [handler for family in _FAMILIES for handler in (_generate(family), _record_info(family))]


def _generate(family: _Family) -> HTTPRouteHandler:
    @post(
        f"{family.start}/generate",
        operation_id=family.operation_id("generate"),
        summary=f"Create a task ({family.name}, older route)",
        tags=["Older routes"],
        status_code=HTTP_200_OK,
        deprecated=True,
        request_max_body_size=INLINE_BODY_BYTES,
        response_description="The task is created.",
        responses=refuses(*REFUSALS),
        **takes(NewTaskParameters, body=OlderCreateRequest),
    )
    async def generate(
        request: AnyRequest,
        service: NamedDependency[Service],
        caller: NamedDependency[Caller],
        parameters: NamedDependency[NewTaskParameters],
    ) -> Reply[CreatedTask]:
        """As createTask, with the model's fields at the top of the body."""
        return await create(request, service, caller, parameters, read)

    def read(raw: bytes | mmap.mmap, *, locale: str) -> ParsedRequest:
        fields = dict(read_object(raw, "prompt"))
        callback_url = fields.pop("callBackUrl", None)
        body = {"model": family.model(fields), "input": fields, "callBackUrl": callback_url}
        return parse_create_task(msgspec.json.encode(body), locale=locale)

    return generate


def _record_info(family: _Family) -> HTTPRouteHandler:
    @get(
        f"{family.start}/record-info",
        operation_id=family.operation_id("record"),
        summary=f"Get a task's record ({family.name}, older route)",
        tags=["Older routes"],
        deprecated=True,
        response_description="The task as it is now.",
        responses=refuses(400, 401, 422, 429),
        **takes(TaskIdParameter),
    )
    async def record_info(
        request: AnyRequest,
        service: NamedDependency[Service],
        caller: NamedDependency[Caller],
        parameters: NamedDependency[TaskIdParameter],
    ) -> Reply[dict[str, Any]]:
        """A task's record, in this family's own form."""
        record = await find_record(request, service, caller, parameters)
        flags = {"success": 1, "fail": family.failed}
        common: Mapping[str, Any] = {
            "taskId": record.task_id,
            "paramJson": record.param,
            "createTime": record.create_time,
            "completeTime": record.complete_time,
            "successFlag": flags.get(record.state, 0),
            "errorCode": _number(record.fail_code),
            "errorMessage": record.fail_msg,
        }
        return success({**common, **family.own(record)})

    return record_info
