"""What credit an account has left."""

from __future__ import annotations

from litestar import get
from litestar.di import NamedDependency

from enlarger.server.dependencies import Service
from enlarger.server.openapi import refuses
from enlarger.server.replies import Reply, success
from enlarger.tasks.accounts import Caller
from enlarger.tasks.wire import to_number

NO_LIMIT = 1_000_000_000
"""The credit of an account without a balance: clients compare it with a price, so it has to be a number."""


@get(
    "/api/v1/chat/credit",
    summary="Show the remaining credit",
    tags=["Service"],
    response_description="A number of credits.",
    responses=refuses(401),
)
async def credit(service: NamedDependency[Service], caller: NamedDependency[Caller]) -> Reply[float | int]:
    """The account's credit as a number.

    An account without a balance is unlimited. Clients compare the number with a price, so it is then 1000000000, and
    `msg` says why.
    """
    balance = await service.ledger.balance(caller.account_id)
    if balance is None:
        return success(NO_LIMIT, message="This account has no balance: it is not limited.")
    return success(to_number(balance))
