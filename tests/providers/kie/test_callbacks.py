"""Which of KIE's callbacks are believed, and what they say."""

from __future__ import annotations

import functools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.errors import ProviderSilent
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.webhook import Webhook
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from tests.providers.kie.answers import SUCCEEDED, TASK_ID, record, submission
from tests.providers.kie_rig import WEBHOOK_KEY, KieRig, announce, settings_for
from tests.providers.rig import heard


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_an_old_callback_is_not_believed(rig: KieRig, seconds: float) -> None:
    rig.advance(86_400)
    webhook = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock() + seconds)
    other = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock() + seconds * 0.9)

    assert await rig.provider.verify_webhook(webhook, submission()) is None
    assert await rig.provider.verify_webhook(other, submission()) is not None
    assert rig.provider.webhook_task_id(webhook) == TASK_ID


async def test_without_a_key_no_callback_is_believed(rig: KieRig) -> None:
    provider = KieProvider(settings_for(rig.service, kie_webhook_key=""), Allowed.parse(()), clock=rig.clock)
    webhook = announce(SUCCEEDED, key=WEBHOOK_KEY, at=rig.clock())

    assert await provider.verify_webhook(webhook, submission()) is None
    assert provider.webhook_task_id(webhook) == TASK_ID
    await provider.close()


async def test_a_task_that_was_only_heard_of_has_to_be_the_submissions_own(rig: KieRig) -> None:
    own, other = await heard(rig), await heard(rig)

    assert (await rig.provider.poll(own)).state == "running"
    moved = msgspec.structs.replace(own, webhook_url=str(own.webhook_url).replace("127.0.0.1:9", "moved.example"))
    assert (await rig.provider.poll(moved)).state == "running"
    with pytest.raises(ProviderSilent, match="for another submission"):
        await rig.provider.poll(msgspec.structs.replace(own, provider_task_id=other.provider_task_id))


async def test_a_callback_that_tells_no_end_has_the_service_asked(rig: KieRig) -> None:
    webhook = announce(record("success"), key=WEBHOOK_KEY, at=rig.clock())

    assert await rig.provider.verify_webhook(webhook, submission()) is None


@pytest.mark.parametrize("task_id", ["", "x" * 500, "a\x00b", "é", " \n"])
async def test_an_id_that_is_none_is_not_handed_on(rig: KieRig, task_id: str) -> None:
    webhook = announce({**SUCCEEDED, "taskId": task_id}, key=WEBHOOK_KEY, at=rig.clock())

    assert rig.provider.webhook_task_id(webhook) is None
    assert await rig.provider.verify_webhook(webhook, submission(provider_task_id=None)) is None


@functools.cache
def nobody() -> KieProvider:
    """A provider that connects to nobody."""
    return KieProvider(read_settings(KieSettings, kie_api_key="key"), Allowed.parse(()))


@given(body=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["data", "taskId", "task_id", "state", "resultJson", "failCode", "completeTime"]), inner
    ),
    max_leaves=12,
).map(lambda value: msgspec.json.encode(value) if not isinstance(value, int) else b"7"))  # fmt: skip
def test_no_body_of_a_callback_is_too_strange(body: bytes) -> None:
    named = nobody().webhook_task_id(Webhook(headers={}, body=body))

    assert named is None or (named and named.isprintable())
