"""The hosted service's routes around tasks: what credit is left, and links for a while."""

from __future__ import annotations

from datetime import timedelta

from litestar import get, post
from litestar.di import NamedDependency
from litestar.status_codes import HTTP_200_OK

from enlarger.errors import InvalidInput
from enlarger.protocol.records import Envelope
from enlarger.server.bodies import AnyRequest
from enlarger.server.openapi import DownloadUrlOperation, JobsOperation, answers
from enlarger.server.replies import Reply, success
from enlarger.server.requests import account_of, base_url, json_object
from enlarger.server.service import Service
from enlarger.tasks.wire import to_number

_NO_LIMIT = 1_000_000_000
"""The credit of an account without a balance: clients compare it with a price, so it has to be a number."""
_LINK_MINUTES = 20


@get(
    "/api/v1/chat/credit",
    summary="What credit is left",
    tags=["Service"],
    operation_class=JobsOperation,
    responses=answers(Envelope[float | int], "A number of credits.", 401),
)
async def credit(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """The account's credit, as a bare number; an account without a balance has more than anything costs."""
    balance = await service.ledger.balance(await account_of(request, service))
    if balance is None:
        return success(_NO_LIMIT, message="This account has no balance: it is not limited.")
    return success(to_number(balance))


@post(
    "/api/v1/common/download-url",
    status_code=HTTP_200_OK,
    summary="A link to a result for 20 minutes",
    tags=["Files"],
    operation_class=DownloadUrlOperation,
    responses=answers(Envelope[str], "The link.", 400, 401, 413, 422),
)
async def download_url(request: AnyRequest, service: NamedDependency[Service]) -> Reply:
    """A link to the same file as `url`, one of the account's results or uploads, that is valid for 20 minutes."""
    account_id = await account_of(request, service)
    url = (await json_object(request, "url")).get("url")
    if not isinstance(url, str) or not url.strip():
        raise InvalidInput("url", "The field 'url' is required: give the URL of a result.")
    try:
        file_id = service.links.check(url.strip())
    except TimeoutError:
        file_id = None
    file = await service.files.get(file_id) if file_id else None
    if file is None or file.account_id != account_id:
        raise InvalidInput("url", "url is wrong")  # the hosted service's own words
    expires_at = min(file.expires_at, service.database.now() + timedelta(minutes=_LINK_MINUTES))
    return success(base_url(request, service) + service.links.make(file.id, file.name, expires_at))
