"""Where hosted providers announce the ends of tasks: taken in here, read and believed, or not, by a worker."""

from __future__ import annotations

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_404_NOT_FOUND

from enlarger.infra.webhook_urls import PATH
from enlarger.protocol.webhook import LARGEST_BYTES, Webhook
from enlarger.providers.registry import PROVIDERS, spec_of
from enlarger.server.bodies import AnyRequest, received
from enlarger.server.dependencies import Service


@post(
    PATH + "/{provider:str}/{reference:str}/{signature:str}",
    status_code=HTTP_200_OK,
    include_in_schema=False,
    request_max_body_size=LARGEST_BYTES,
)
async def take_webhook(
    request: AnyRequest,
    service: NamedDependency[Service],
    provider: FromPath[str],
    reference: FromPath[str],
    signature: FromPath[str],
) -> Response[dict[str, str]]:
    """A provider tells something about a task. Whoever knows the address may; what it says is looked at elsewhere."""
    if not service.webhook_urls.check(provider, reference, signature):
        return Response({"status": "unknown"}, status_code=HTTP_404_NOT_FOUND)
    async with received(request) as raw:
        body = bytes(raw)
    kept = ("content-type", *(spec_of(provider).webhook_headers if provider in PROVIDERS else ()))
    headers = {name: value for name, value in request.headers.items() if name.startswith(kept)}
    webhook = Webhook(headers=headers, body=body)
    await service.attempts.announce(reference, msgspec.to_builtins(webhook))
    return Response({"status": "ok"})
