"""A key's caps on the wire: they hold whether or not its account has a balance."""

from __future__ import annotations

from decimal import Decimal

import httpx2
import pytest

from enlarger.catalog import get_model, quote
from enlarger.server import Service
from enlarger.tasks.accounts import Caps
from enlarger.tasks.ledger import to_credits
from tests.server.several import api, database_url, fleet
from tests.server.steps import CREATE, URL

__all__ = ["api", "database_url", "fleet"]  # fixtures: one process and four

_MODEL, _INPUT = "topaz/image-upscale", {"image_url": URL, "upscale_factor": "2"}
_BODY = {"model": _MODEL, "input": _INPUT}
_PRICE = to_credits(quote(get_model(_MODEL), _INPUT).amount)


@pytest.mark.parametrize("credits", [None, Decimal(1000)], ids=["without a balance", "with one"])
@pytest.mark.parametrize("span", ["hour", "day", "total"])
async def test_a_cap_holds_with_and_without_a_balance(
    api: httpx2.AsyncClient, service: Service, credits: Decimal | None, span: str
) -> None:
    await service.accounts.add("shop", credits=credits, create_limit=None, query_limit=None)
    key, _ = await service.accounts.make_key("shop", name=None, caps=Caps(**{span: Decimal(2 * _PRICE)}))
    headers = {"Authorization": f"Bearer {key}"}
    codes = [(await api.post(CREATE, json=_BODY, headers=headers)).json()["code"] for _ in range(3)]
    assert codes == [200, 200, 433]
    other, _ = await service.accounts.make_key("shop", name=None, caps=Caps())
    assert (await api.post(CREATE, json=_BODY, headers={"Authorization": f"Bearer {other}"})).json()["code"] == 200
