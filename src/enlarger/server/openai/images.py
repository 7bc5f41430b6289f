"""Pictures by the OpenAI API: each request becomes one task or several, and is answered with what they make."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK
from msgspec import UNSET

from enlarger.errors import EnlargerError
from enlarger.protocol.extensions import TASK
from enlarger.protocol.prefer import PREFERENCE_APPLIED, WAIT, read_wait
from enlarger.server.bodies import FORM_BODY_BYTES, INLINE_BODY_BYTES, AnyRequest, release_body
from enlarger.server.dependencies import Service
from enlarger.server.jobs import NewTaskParameters
from enlarger.server.openai.answers import ImagesReply, write_reply
from enlarger.server.openai.errors import (
    IDEMPOTENCY_KEY,
    SHOULD_RETRY,
    ApiErrorReply,
    of_failure,
    of_unfinished,
    on_error,
    refuses,
)
from enlarger.server.openai.fields import (
    AnyImagesRequest,
    ImageEditRequest,
    ImageGenerationRequest,
    ImageUpscaleRequest,
    ImageVariationRequest,
    read_request,
)
from enlarger.server.openai.making import make_tasks
from enlarger.server.openai.streaming import stream_pictures
from enlarger.server.openai_names import Use
from enlarger.server.parameters import takes
from enlarger.server.replies import IMAGES, REPLAYED
from enlarger.server.requests import base_url
from enlarger.server.streams import streamed
from enlarger.server.wait import wait_for_end
from enlarger.tasks.accounts import Caller

_REFUSALS = refuses(400, 401, 404, 408, 409, 413, 429, 500, 503, 504)
_REPLY: dict[str, Any] = {
    "200": {
        "description": "The images; in a stream, an event for each.",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ImagesReply"}},
            "text/event-stream": {"schema": {"type": "string"}},
        },
    }
}
_FORM = "multipart/form-data"


@post(
    IMAGES + "generations",
    status_code=HTTP_200_OK,
    summary="Generate images",
    tags=["OpenAI images"],
    request_max_body_size=INLINE_BODY_BYTES,
    responses=_REFUSALS,
    **takes(NewTaskParameters, body=ImageGenerationRequest, replies=_REPLY),
)
async def generate_images(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Response[ImagesReply]:
    """Images from a prompt. Any field that OpenAI does not have is one of the model's own."""
    return await _answer(request, service, caller, parameters, "generation", ImageGenerationRequest)


@post(
    IMAGES + "edits",
    status_code=HTTP_200_OK,
    summary="Edit images",
    tags=["OpenAI images"],
    request_max_body_size=max(FORM_BODY_BYTES, INLINE_BODY_BYTES),
    responses=_REFUSALS,
    **takes(NewTaskParameters, body=ImageEditRequest, media_type=_FORM, replies=_REPLY),
)
async def edit_images(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Response[ImagesReply]:
    """Images from one image or several (`image`, `image[]`) and a prompt, as a form or as JSON with URLs."""
    return await _answer(request, service, caller, parameters, "edit", ImageEditRequest)


@post(
    IMAGES + "variations",
    status_code=HTTP_200_OK,
    summary="Make variations of an image",
    tags=["OpenAI images"],
    request_max_body_size=max(FORM_BODY_BYTES, INLINE_BODY_BYTES),
    responses=_REFUSALS,
    **takes(NewTaskParameters, body=ImageVariationRequest, media_type=_FORM, replies=_REPLY),
)
async def vary_image(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Response[ImagesReply]:
    """Images like another one, with a model that needs no prompt; other models are refused."""
    return await _answer(request, service, caller, parameters, "variation", ImageVariationRequest)


@post(
    IMAGES + "upscale",
    status_code=HTTP_200_OK,
    summary="Enlarge an image",
    tags=["OpenAI images"],
    request_max_body_size=max(FORM_BODY_BYTES, INLINE_BODY_BYTES),
    responses=_REFUSALS,
    **takes(NewTaskParameters, body=ImageUpscaleRequest, media_type=_FORM, replies=_REPLY),
)
async def upscale_image(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    parameters: NamedDependency[NewTaskParameters],
) -> Response[ImagesReply]:
    """An extension. The image is a file in a form, or a URL in JSON."""
    return await _answer(request, service, caller, parameters, "upscale", ImageUpscaleRequest)


async def _answer(
    request: AnyRequest,
    service: Service,
    caller: Caller,
    parameters: NewTaskParameters,
    use: Use,
    kind: type[AnyImagesRequest],
) -> Response[ImagesReply]:
    await service.maintenance.check()
    prefer = read_wait(parameters.prefer)
    seconds = service.settings.openai_wait if prefer is None else min(prefer, service.settings.openai_wait)
    asked = await read_request(request, kind)
    tasks, replayed = await make_tasks(request, service, caller, parameters, use, asked, seconds)
    fields = asked.fields
    del asked  # it may hold the files
    release_body(request)
    headers = {TASK: ", ".join(task.id for task in tasks)}
    if replayed:
        headers[REPLAYED] = "true"
    if fields.stream is True:
        events = stream_pictures(request, service, tasks, fields, edits=use != "generation")
        headers |= {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        return cast("Response[ImagesReply]", streamed(request, events, media_type="text/event-stream", headers=headers))
    if prefer is not None:
        headers[PREFERENCE_APPLIED] = WAIT
    tasks = await asyncio.gather(*(wait_for_end(service, task, seconds) for task in tasks))
    if not all(task.ended for task in tasks):
        return _refused(request, *of_unfinished(request, tasks), headers)
    if not any(task.result for task in tasks):
        return _refused(request, *of_failure(request, tasks), headers | {SHOULD_RETRY: "false"})
    try:
        body = await write_reply(service, tasks, inline=_inline(fields), base_url=base_url(request, service))
    except EnlargerError as error:
        refusal = on_error(request, error)
        refusal.headers.update(headers)
        return cast("Response[ImagesReply]", refusal)
    headers["Content-Length"] = str(body.length)
    pieces = streamed(request, body.pieces(service), media_type="application/json", headers=headers)
    return cast("Response[ImagesReply]", pieces)


def _inline(fields: AnyImagesRequest) -> bool:
    """Whether the answer has the files themselves: as OpenAI's GPT Image models have, where nothing is said."""
    if fields.response_format is UNSET:
        name = "" if fields.model is UNSET else fields.model.strip().casefold()
        unnamed = not name and not isinstance(fields, ImageUpscaleRequest | ImageVariationRequest)
        return unnamed or name.startswith(("gpt-image", "chatgpt-image"))
    return fields.response_format == "b64_json"


def _refused(request: AnyRequest, status: int, reply: ApiErrorReply, headers: dict[str, str]) -> Response[ImagesReply]:
    if IDEMPOTENCY_KEY not in request.headers:
        headers = headers | {SHOULD_RETRY: "false"}
    refusal = Response(reply, status_code=status, media_type="application/json", headers=headers)
    return cast("Response[ImagesReply]", refusal)
