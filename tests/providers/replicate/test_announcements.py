"""Which announcements are believed, and with which key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from enlarger.testing import InjectedFault
from tests.providers.replicate.steps import accept, record, submission
from tests.providers.replicate_rig import WEBHOOK_KEY, WEBHOOK_URL, announce, open_rig


async def test_the_key_is_asked_for_once_where_none_is_set(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"replicate_webhook_key": None}) as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        assert sent.provider_task_id
        for _ in range(3):
            report = await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent)
            assert report is not None
            assert report.state == "succeeded"
        assert rig.service.requests.counts["secret"] == 1


async def test_a_key_that_cannot_be_had_leaves_it_to_a_question(tmp_path: Path) -> None:
    async with open_rig(tmp_path, settings={"replicate_webhook_key": None}) as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        rig.service.script("secret", [InjectedFault.SERVER_ERROR])
        assert sent.provider_task_id
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None
        assert rig.service.requests.counts["secret"] == 1
        rig.advance(60)
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is not None


async def test_an_old_announcement_is_not_believed(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        rig.advance(rig.seconds)
        assert sent.provider_task_id
        webhook = rig.webhook(sent.provider_task_id)
        rig.advance(301)
        assert await rig.provider.verify_webhook(webhook, sent) is None


async def test_an_announcement_of_something_unfinished_says_nothing(opened: Any) -> None:
    async with opened as rig:
        sent = await accept(rig)
        assert sent.provider_task_id
        assert await rig.provider.verify_webhook(rig.webhook(sent.provider_task_id), sent) is None


async def test_an_announcement_that_names_another_webhook_is_not_believed(opened: Any) -> None:
    async with opened as rig:
        body = msgspec.json.encode(record(webhook="https://example.com/another"))
        webhook = announce(body, key=WEBHOOK_KEY, at=rig.clock())
        assert await rig.provider.verify_webhook(webhook, submission(webhook_url=WEBHOOK_URL)) is None
