"""Finding a submission whose answer was lost among the account's predictions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import ProviderSilent
from enlarger.providers import Accepted
from enlarger.providers.replicate.finding import Search, SoughtSubmission
from enlarger.providers.replicate.provider import ReplicateConfig
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer
from tests.providers.replicate.steps import NOW, accept, lose, served, submission
from tests.providers.replicate_rig import PICTURE, WEBHOOK_URL, open_rig
from tests.providers.rig import heard, make_order


async def test_a_lost_submission_is_found_beyond_the_first_page(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=2) as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER)
        for _ in range(5):
            await accept(rig)
        found = await rig.provider.find(lost, taken=frozenset(rig.taken[1:]))
        assert found == Accepted(rig.taken[0])


async def test_a_lost_submission_is_found_after_the_catalogue_has_changed(opened: Any) -> None:
    """What is looked for is what was sent, not what would be sent today."""
    model, input = get_model("topaz/image-upscale"), {"image_url": PICTURE, "upscale_factor": "2"}
    route = model.routes["replicate"]
    renamed = msgspec.structs.replace(route, model="topazlabs/new-name", fields={**route.fields, "image_url": "photo"})
    later = msgspec.structs.replace(model, routes={"replicate": renamed})
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER, make_order(rig.provider, "1", model, input))
        changed = rig.provider.prepare(later, input)
        assert (changed.model, changed.input) != (lost.request.model, lost.request.input)
        assert await rig.provider.find(lost, taken=frozenset()) == Accepted(rig.taken[0])
        rig.advance(ReplicateConfig().unlisted)
        anew = msgspec.structs.replace(lost, request=changed)
        assert await rig.provider.find(anew, taken=frozenset()) is None, "so it would have been sent again"


async def test_the_list_is_read_no_further_than_the_submission(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=1) as rig:
        for _ in range(4):
            await accept(rig)
        rig.advance(61)
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        rig.advance(180)
        assert await rig.provider.find(lost, taken=frozenset()) is None
        assert rig.service.requests.counts["list"] == 1


def test_a_list_need_not_be_in_the_strict_order_of_time() -> None:
    earliest = NOW - timedelta(minutes=1)
    wanted = SoughtSubmission(model="a/b", input={"prompt": "x"}, webhook=None, submitted_at=NOW, earliest=earliest)
    search = Search(wanted, frozenset())
    old, own = ({"id": name, "model": "a/b", "input": wanted.input} for name in ("old", "own"))
    old["created_at"] = (NOW - timedelta(minutes=2)).isoformat()
    own["created_at"] = NOW.isoformat()
    assert not search.see([old, own])
    assert search.likely == "own"
    assert search.see([own, old])


async def test_a_young_submission_is_not_given_up(opened: Any) -> None:
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        rig.advance(179)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_a_list_that_breaks_off_says_nothing(tmp_path: Path) -> None:
    async with open_rig(tmp_path, page_size=1) as rig:
        lost = await lose(rig, InjectedFault.CUT_BEFORE)
        await accept(rig)
        await accept(rig)
        rig.advance(180)
        for fault in (
            InjectedFault.BAD_GATEWAY,
            InjectedFault.CUT_MIDDLE,
            InjectedFault.NO_DATA,
            InjectedFault.TOO_MANY,
        ):
            rig.service.script("list", [None, fault])
            with pytest.raises(ProviderSilent):
                await rig.provider.find(lost, taken=frozenset())


async def test_a_webhook_that_is_named_decides(tmp_path: Path) -> None:
    async with open_rig(tmp_path, tell_webhooks=True) as rig:
        order = rig.order()
        await accept(rig, msgspec.structs.replace(order, webhook_url=f"{WEBHOOK_URL}-of-another"))
        lost = await lose(rig, InjectedFault.CUT_BEFORE, order)
        rig.advance(180)
        assert await rig.provider.find(lost, taken=frozenset()) is None
        lost = await lose(rig, InjectedFault.CUT_AFTER, order)
        assert await rig.provider.find(lost, taken=frozenset()) == Accepted(rig.taken[-1])


async def test_a_prediction_that_was_only_heard_of_has_to_be_the_submissions_own(tmp_path: Path) -> None:
    async with open_rig(tmp_path, tell_webhooks=True) as rig:
        own, other = await heard(rig), await heard(rig)

        assert (await rig.provider.poll(own)).state == "running"
        with pytest.raises(ProviderSilent, match="for another submission"):
            await rig.provider.poll(msgspec.structs.replace(own, provider_task_id=other.provider_task_id))


async def test_of_two_that_are_alike_the_nearer_one_is_meant(opened: Any) -> None:
    async with opened as rig:
        order = rig.order()
        first = await lose(rig, InjectedFault.CUT_AFTER, order)
        rig.advance(20)
        second = await lose(rig, InjectedFault.CUT_AFTER, order)
        one, two = rig.taken
        assert await rig.provider.find(first, taken=frozenset()) == Accepted(one)
        assert await rig.provider.find(second, taken=frozenset()) == Accepted(two)
        assert await rig.provider.find(second, taken=frozenset({two})) == Accepted(one)


async def test_one_that_is_alike_and_far_too_late_is_doubtful(opened: Any) -> None:
    async with opened as rig:
        order = rig.order()
        lost = await lose(rig, InjectedFault.CUT_BEFORE, order)
        rig.advance(400)
        await accept(rig, order)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_one_whose_input_was_removed_is_doubtful(opened: Any) -> None:
    async with opened as rig:
        lost = await lose(rig, InjectedFault.CUT_AFTER)
        rig.advance(rig.seconds + 3600)
        with pytest.raises(ProviderSilent):
            await rig.provider.find(lost, taken=frozenset())


async def test_the_token_follows_no_address_of_the_list() -> None:
    body = msgspec.json.encode({"results": [], "next": "http://127.0.0.2:9/v1/predictions?cursor=x"})
    async with served(Answer(body=body)) as (provider, requests):
        with pytest.raises(ProviderSilent, match="does not reach back"):
            await provider.find(submission(provider_task_id=None), taken=frozenset())
        assert {request.path for request in requests} == {"/v1/predictions"}
