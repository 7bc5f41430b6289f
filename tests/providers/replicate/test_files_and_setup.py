"""Where the token is sent, probes and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.errors import ConfigurationError, ProviderSilent, SubmissionRefused
from enlarger.providers.replicate.provider import _OwnFiles
from enlarger.testing import InjectedFault
from tests.providers.replicate.steps import provider_at


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://api.replicate.com/v1/files/abc", True),
        ("https://api.replicate.com/v1/account", False),
        ("https://api.replicate.com/v1/files/../account", False),
        ("https://api.replicate.com.example.com/v1/files/abc", False),
        ("http://api.replicate.com/v1/files/abc", False),
        ("https://api.replicate.com:8443/v1/files/abc", False),
        ("https://replicate.delivery/v1/files/abc", False),
    ],
)
def test_the_token_goes_to_replicates_own_files_alone(url: str, sent: bool) -> None:
    auth = _OwnFiles("https://api.replicate.com/v1", "token")
    [request] = auth.auth_flow(httpx2.Request("GET", url))
    assert ("authorization" in request.headers) == sent


async def test_an_own_file_can_be_fetched(opened: Any, tmp_path: Path) -> None:
    async with opened as rig:
        (tmp_path / "a.png").write_bytes(b"bytes")
        url = await rig.provider.upload(tmp_path / "a.png", name="a.png", mime_type="image/png")
        await rig.provider.fetch(f"{url}/download", tmp_path / "b.png")
        assert (tmp_path / "b.png").read_bytes() == b"bytes"


async def test_a_probe_says_what_is_wrong(opened: Any) -> None:
    async with opened as rig:
        for fault, reason in ((InjectedFault.FORBIDDEN, "access"), (InjectedFault.TOO_MANY, "busy")):
            rig.service.script("account", [fault])
            with pytest.raises(SubmissionRefused) as raised:
                await rig.provider.probe()
            assert raised.value.reason == reason
        rig.service.script("account", [InjectedFault.SERVER_ERROR])
        with pytest.raises(ProviderSilent):
            await rig.provider.probe()


@pytest.mark.parametrize(
    "wrong",
    [
        {"replicate_api_token": " "},
        {"replicate_api_token": "тайна"},
        {"url": "no-url"},
        {"replicate_webhook_key": "whsec_!"},
        {"replicate_proxy": "no proxy"},
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        provider_at(**wrong)
    assert "REPLICATE" in str(raised.value) or "proxy" in str(raised.value)
    assert not any(value.strip() and value in str(raised.value) for value in wrong.values())
