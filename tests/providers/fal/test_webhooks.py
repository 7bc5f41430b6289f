"""Which webhooks are believed, and with which keys."""

from __future__ import annotations

import asyncio
import base64
from contextlib import closing
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from enlarger.errors import AcceptanceUnknown
from enlarger.protocol.webhook import Webhook
from enlarger.providers.fal.webhooks import KEPT_SECONDS, SIGNATURE, TIMESTAMP, USER_ID, read_keys
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer, Request
from enlarger.testing.listener import Listener
from tests.providers.fal.steps import accept
from tests.providers.fal_rig import FalRig, announce
from tests.providers.rig import remember


async def ended(rig: FalRig) -> tuple[Any, Webhook]:
    """A request that has ended, and its webhook."""
    sent = await accept(rig)
    rig.advance(rig.seconds)
    assert sent.provider_task_id
    return sent, rig.webhook(sent.provider_task_id)


def keys_asked(rig: FalRig) -> int:
    return rig.service.requests.counts["keys"]


async def test_the_keys_are_asked_for_once_a_day(opened: Any) -> None:
    async with opened as rig:
        for day in range(2):
            for _ in range(3):
                sent, webhook = await ended(rig)
                assert await rig.provider.verify_webhook(webhook, sent) is not None
            assert keys_asked(rig) == day + 1
            rig.advance(KEPT_SECONDS)


async def test_a_key_that_has_changed_is_asked_for_at_once(opened: Any) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        assert await rig.provider.verify_webhook(webhook, sent) is not None
        rig.service.change_key()
        rig.advance(60)
        sent, webhook = await ended(rig)
        assert await rig.provider.verify_webhook(webhook, sent) is not None
        assert keys_asked(rig) == 2


async def test_an_unknown_key_makes_nobody_ask_more_than_once_a_minute(opened: Any) -> None:
    async with opened as rig:
        sent, _ = await ended(rig)
        for _ in range(5):
            forged = rig.webhook(sent.provider_task_id, signed=False)
            assert await rig.provider.verify_webhook(forged, sent) is None
        assert keys_asked(rig) == 1
        rig.advance(60)
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id, signed=False), sent) is None
        assert keys_asked(rig) == 2
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is not None


@pytest.mark.parametrize("fault", [InjectedFault.SERVER_ERROR, InjectedFault.NO_DATA, InjectedFault.CUT_BEFORE])
async def test_keys_that_cannot_be_had_leave_it_to_a_question(opened: Any, fault: InjectedFault) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        rig.service.script("keys", [fault])
        assert await rig.provider.verify_webhook(webhook, sent) is None
        assert await rig.provider.verify_webhook(webhook, sent) is None
        assert keys_asked(rig) == 1
        rig.advance(60)
        assert await rig.provider.verify_webhook(webhook, sent) is not None


async def test_old_keys_are_good_while_new_ones_cannot_be_had_and_for_a_day_at_most(opened: Any) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        assert await rig.provider.verify_webhook(webhook, sent) is not None
        rig.service.script("keys", [InjectedFault.SERVER_ERROR] * 2)
        rig.advance(60)
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id, signed=False), sent) is None
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is not None
        rig.advance(KEPT_SECONDS)
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None


@pytest.mark.parametrize(("seconds", "believed"), [(299, True), (301, False), (-300, True), (-301, False)])
async def test_a_webhook_of_another_time_is_not_believed(opened: Any, seconds: float, believed: bool) -> None:
    async with opened as rig:
        sent, _ = await ended(rig)
        body = rig.service.announcement(sent.provider_task_id)
        webhook = announce(rig.service, body, at=rig.clock() - seconds)
        assert (await rig.provider.verify_webhook(webhook, sent) is not None) == believed


@pytest.mark.parametrize(
    "headers",
    [
        {SIGNATURE: ""},
        {SIGNATURE: "00"},
        {SIGNATURE: "no hex"},
        {SIGNATURE: "ü" * 64},
        {TIMESTAMP: "now"},
        {TIMESTAMP: ""},
        {TIMESTAMP: "9" * 40},
        {USER_ID: "somebody-else"},
        {USER_ID: ""},
        {"x-fal-webhook-request-id": "another"},
    ],
    ids=str,
)
async def test_no_part_of_a_webhook_can_be_changed(opened: Any, headers: dict[str, str]) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        changed = msgspec.structs.replace(webhook, headers={**webhook.headers, **headers})
        assert await rig.provider.verify_webhook(changed, sent) is None
        body = msgspec.structs.replace(webhook, body=webhook.body.replace(b"png", b"gif"))
        assert await rig.provider.verify_webhook(body, sent) is None
        assert await rig.provider.verify_webhook(webhook, sent) is not None


async def test_what_fal_signs_for_another_account_is_not_believed_once_ours_is_known(opened: Any) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        assert await rig.provider.verify_webhook(webhook, sent) is not None
        lost = msgspec.structs.replace(sent, provider_task_id=None)
        assert await rig.provider.verify_webhook(webhook, lost) is not None
        rig.service.user_id = "another-account"
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), lost) is None


async def test_a_lost_submission_is_resolved_and_polled_by_what_its_webhook_names(opened: Any) -> None:
    async with opened as rig:
        order = rig.order()
        rig.service.script("submit", [InjectedFault.CUT_AFTER])
        with pytest.raises(AcceptanceUnknown):
            await rig.provider.submit(order)
        rig.advance(rig.seconds)
        webhook = rig.webhook(rig.taken[0], signed=False)
        named = rig.provider.webhook_task_id(webhook)
        heard = msgspec.structs.replace(remember(rig, order, None), provider_task_id=named, unverified_id=True)
        assert (await rig.provider.poll(heard)).state == "succeeded"
        assert (len(rig.taken), rig.asked) == (1, 1)


async def test_a_webhook_of_a_failure_says_what_a_poll_says(opened: Any) -> None:
    async with opened as rig:
        for kind in (None, "content_policy_violation"):
            rig.service.fail_next("It did not work.", kind=kind)
            sent, webhook = await ended(rig)
            told = await rig.provider.verify_webhook(webhook, sent)
            assert told is not None
            assert told == await rig.provider.poll(sent)
            assert told.state == "failed"


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": None, "payload_error": "Response payload is not JSON serializable."},
        {"payload": {}},
        {"payload": "text"},
        {"status": "A_NEW_WORD"},
        {"status": None},
        {"request_id": "another"},
        {"request_id": None},
    ],
    ids=str,
)
async def test_a_webhook_that_does_not_tell_the_end_leaves_it_to_a_question(
    opened: Any, changes: dict[str, Any]
) -> None:
    async with opened as rig:
        sent, webhook = await ended(rig)
        body = msgspec.json.encode(msgspec.json.decode(webhook.body) | changes)
        signed = announce(rig.service, body, at=rig.clock())
        assert await rig.provider.verify_webhook(signed, sent) is None


async def test_what_is_announced_over_http_is_believed(opened: Any) -> None:
    came: list[Request] = []

    def take(request: Request) -> Answer:
        came.append(request)
        return Answer()

    with closing(Listener(take)) as receiver:
        receiver.start()
        async with opened as rig:
            order = msgspec.structs.replace(rig.order(), webhook_url=f"{receiver.url}/hook")
            sent = await accept(rig, order)
            rig.advance(rig.seconds)
            await asyncio.to_thread(rig.service.wait_for_callbacks)
            [request] = came
            told = await rig.provider.verify_webhook(Webhook(headers=request.headers, body=request.body), sent)
            assert told == await rig.provider.poll(sent)


def test_keys_of_other_kinds_are_passed_over() -> None:
    raw = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    good = {"kty": "OKP", "crv": "Ed25519", "x": x}
    others = [7, {}, {"kty": "RSA", "n": "AQAB"}, good | {"crv": "X25519"}, good | {"x": "AA"}, good | {"x": None}]
    [key] = read_keys({"keys": [*others, good]})
    assert key.public_bytes_raw() == raw
    assert read_keys({}) == read_keys({"keys": "none"}) == ()
    assert len(read_keys({"keys": [good] * 1000})) == 20
