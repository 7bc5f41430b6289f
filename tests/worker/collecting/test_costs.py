"""What an account pays for a result."""

from __future__ import annotations

from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from enlarger.errors import ProviderSilent, ResultGone
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore, Overcharge
from tests.conftest import MakePhoto
from tests.worker.collecting.steps import A, collect
from tests.worker.hosted import Floor, succeeded
from tests.worker.paid import balance, submit_paid


async def test_an_account_pays_what_the_hosted_service_took(floor: Floor, picture: bytes) -> None:
    floor.kie.files[A] = [picture]
    attempt = await submit_paid(floor, "4")
    assert await balance(floor) == 96
    floor.kie.says = succeeded("kie-1", A, cost=Decimal("0.015"))
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 3
    assert await balance(floor) == 97
    assert await floor.service.ledger.check() == []


async def test_an_account_pays_the_list_price_for_what_ran_elsewhere(floor: Floor, picture: bytes) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.files[A] = [picture]
    attempt = await submit_paid(floor, "6")
    floor.replicate.says = succeeded("replicate-1", A, cost=Decimal("0.5"))
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 4
    assert (await floor.attempt(attempt)).dollars == Decimal("0.5")
    assert await balance(floor) == 96


async def test_a_provider_that_charges_more_than_was_reserved_uses_up_its_budget(floor: Floor, picture: bytes) -> None:
    """Nothing can stop the charge: it is counted in full and reported, and the next task goes elsewhere."""
    budgets = BudgetStore(floor.database)
    await budgets.set("provider", "kie", day=Decimal("0.05"))
    floor.kie.files[A] = [picture]
    attempt = await submit_paid(floor, "4")
    assert attempt.dollars == Decimal("0.02")
    floor.kie.says = succeeded("kie-1", A, cost=Decimal("0.50"))
    await floor.poll(attempt)
    with capture_logs() as logs:
        await collect(floor, attempt)
    assert (await floor.task(attempt)).state == "success"
    assert await balance(floor) == 96, "its account pays at most what was reserved"
    [line] = [line for line in logs if line["event"] == "charged_more"]
    assert (Decimal(line["reserved"]), Decimal(line["dollars"])) == (Decimal("0.02"), Decimal("0.50"))
    assert await budgets.overcharges() == [Overcharge(provider="kie", tasks=1, dollars=Decimal("0.48"))]
    [kie] = [budget for budget in await budgets.all() if budget.name == "kie"]
    assert kie.today == Decimal("0.50")
    assert (await floor.submit()).provider == "replicate"
    assert len(floor.kie.orders) == 1


async def test_a_price_by_size_is_that_of_the_picture_that_was_made(floor: Floor, make_photo: MakePhoto) -> None:
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.files[A] = [make_photo("large.jpg", 3000, 2000).read_bytes()]
    attempt = await submit_paid(
        floor,
        "40",
        model="topaz/image-upscale",
        input={"image_url": "https://93.184.215.14/a.png", "upscale_factor": "2"},
    )
    floor.replicate.says = succeeded("replicate-1", A)
    await floor.poll(attempt)
    await collect(floor, attempt)
    assert (await floor.task(attempt)).credits_consumed == 20, "of a result of 4K"


@pytest.mark.parametrize("lost", [ResultGone("gone"), ProviderSilent("away")])
async def test_an_account_pays_for_nothing_that_it_did_not_get(floor: Floor, lost: Exception) -> None:
    floor.kie.files[A] = [lost]
    attempt = await submit_paid(floor, "4")
    floor.kie.says = succeeded("kie-1", A, cost=Decimal("0.02"))
    await floor.poll(attempt)
    await floor.database.pool.execute("UPDATE attempts SET finished_at = now() - interval '3 minutes'")
    await collect(floor, attempt)
    if isinstance(lost, ProviderSilent):
        assert await balance(floor) == 96, "still set aside"
        await floor.service.tasks.cancel(DEFAULT, attempt.task_id, refund="all")
    assert await balance(floor) == 100
    assert await floor.service.ledger.check() == []
