"""Links to results and uploads that are valid for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from litestar import post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from enlarger.errors import InvalidInput
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.parameters import JsonBody, Url, takes
from enlarger.server.replies import Reply, success
from enlarger.server.requests import base_url
from enlarger.tasks.accounts import Caller

_LINK_MINUTES = 20


class DownloadUrlRequest(JsonBody, frozen=True):
    """The result or upload to make a link for."""

    url: Url
    """The link of a result or an upload of the account."""
    asked_for = "url"

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> Self:
        """The body with these fields. Raises InvalidInput without a URL."""
        url = fields.get("url")
        if not isinstance(url, str) or not url.strip():
            raise InvalidInput("url", "The field 'url' is required: give the URL of a result.")
        return cls(url.strip())


@post(
    "/api/v1/common/download-url",
    status_code=HTTP_200_OK,
    summary="Get a link for 20 minutes",
    tags=["Files"],
    response_description="The link.",
    responses=refuses(400, 401, 413, 422),
    **takes(body=DownloadUrlRequest),
)
async def download_url(
    request: AnyRequest,
    service: NamedDependency[Service],
    caller: NamedDependency[Caller],
    fields: NamedDependency[DownloadUrlRequest],
) -> Reply[str]:
    """Another link to the same file, valid for 20 minutes or until the file expires, whichever is earlier.

    Any other URL, an expired link and another account's link are 422 (`url is wrong`).
    """
    try:
        file_id = service.links.check(fields.url)
    except TimeoutError:
        file_id = None
    file = await service.files.get(file_id) if file_id else None
    if file is None or file.account_id != caller.account_id:
        raise InvalidInput("url", "url is wrong")  # the hosted service's own words
    expires_at = min(file.expires_at, service.database.now() + timedelta(minutes=_LINK_MINUTES))
    return success(base_url(request, service) + service.links.make(file.id, file.name, expires_at))
