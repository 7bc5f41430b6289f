"""Probes, traits and settings of the provider."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

import pytest

from enlarger.errors import ConfigurationError, ProviderSilent, SubmissionRefused
from enlarger.infra.safe_http import Allowed
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from enlarger.testing import StandIn
from enlarger.testing.exchange import Answer, page, refusal, success
from tests.providers.kie.answers import Answering, order, submission
from tests.providers.kie_rig import KieRig, open_rig, settings_for


async def test_a_probe_without_credits_is_refused(tmp_path: Path) -> None:
    async with open_rig(tmp_path, credits=0) as rig:
        with pytest.raises(SubmissionRefused) as raised:
            await rig.provider.probe()
    assert raised.value.reason == "credits"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (success(-3.5), "credits"),
        (refusal(402, "No."), "credits"),
        (refusal(401, "No."), "access"),
        (page(HTTPStatus.FORBIDDEN), "access"),
        (refusal(429, "No."), "busy"),
        (refusal(455, "No."), "down"),
    ],
)
async def test_a_probe_says_why_nothing_would_be_taken(answering: Answering, answer: Answer, reason: str) -> None:
    provider, requests = answering(answer)

    with pytest.raises(SubmissionRefused) as raised:
        await provider.probe()

    assert raised.value.reason == reason
    assert [request.path for request in requests] == ["/api/v1/chat/credit"]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(sent="nothing"),
        page(HTTPStatus.BAD_GATEWAY),
        page(HTTPStatus.OK),
        refusal(500, "Oh no."),
        success(None),
        success("12"),
        success(True),
    ],
)
async def test_a_probe_that_is_not_answered_says_nothing(answering: Answering, answer: Answer) -> None:
    provider, _ = answering(answer)

    with pytest.raises(ProviderSilent):
        await provider.probe()


async def test_cancel_asks_nobody(rig: KieRig) -> None:
    await rig.provider.cancel(submission())

    assert not sum(rig.service.requests.counts.values())


def test_its_traits_are_those_of_a_service_without_a_list() -> None:
    assert not KieProvider.traits.lists
    assert KieProvider.traits.keeps_seconds == 24 * 3600


@pytest.mark.parametrize(
    ("key", "configured"),
    [(None, False), ("", False), (" ", False), ("enl_our-own", False), (" enl_our-own", False), ("theirs", True)],
)
def test_a_key_of_our_own_is_not_one_for_kie(key: str | None, *, configured: bool) -> None:
    settings = read_settings(KieSettings, kie_api_key=key)

    assert (settings.kie_unconfigured is None) is configured
    if not configured:
        with pytest.raises(ConfigurationError, match="KIE_API_KEY"):
            KieProvider(settings, Allowed.parse(()))


@pytest.mark.parametrize(
    "changes",
    [
        {"kie_base_url": "api.kie.ai"},
        {"kie_base_url": "http://2130706433/secret"},
        {"kie_upload_url": "https://user:secret@example.com"},
        {"kie_proxy": "secret proxy"},
        {"kie_webhook_key": "whsec_secret!"},
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(changes: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        KieProvider(read_settings(KieSettings, kie_api_key="key", **changes), Allowed.parse(()))

    assert "secret" not in str(raised.value)


async def test_by_the_clock_on_the_wall_it_works_as_well() -> None:
    with StandIn(seconds=0) as service:
        provider = KieProvider(settings_for(service), Allowed.parse(()))
        sent = order()
        outcome = await provider.submit(sent)
        report = await provider.poll(submission(provider_task_id=outcome.provider_task_id))
        await provider.close()

    assert report.state == "succeeded"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENLARGER_KIE_BASE_URL", "kie-address"),
        ("ENLARGER_KIE_UPLOAD_URL", "https://someone:secret@kie.example"),
        ("ENLARGER_KIE_PROXY", "somewhere"),
        ("ENLARGER_KIE_API_KEY", "ключ"),
        ("KIE_API_KEY", "ключ"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_as_it_is_set(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "key-of-the-tests")
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as raised:
        KieProvider(read_settings(KieSettings), Allowed.parse(()))
    assert re.findall(r"\w*KIE_\w+", str(raised.value)) == [variable]
    assert value not in str(raised.value)
