"""Files that are left at fal, probes and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from enlarger.errors import ConfigurationError, FileMissing, ProviderSilent, SubmissionRefused
from enlarger.providers.fal.settings import FalSettings
from enlarger.settings import read_settings
from enlarger.testing import InjectedFault
from enlarger.testing.exchange import Answer
from tests.providers.fal.steps import json_of, provider_at, served


async def test_the_key_is_not_sent_to_where_a_file_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"bytes" * 50_000)
    async with served(Answer()) as (storage, put):
        place = f"{storage._base_url}/bucket/a.png"
        async with served(json_of({"upload_url": place, "file_url": place})) as (provider, asked):
            url = await provider.upload(tmp_path / "a.png", name="a.png", mime_type="image/png")
    assert url == place
    [initiate], [sent] = asked, put
    assert (initiate.path, initiate.query) == ("/storage/upload/initiate", {"storage_type": "fal-cdn-v3"})
    assert msgspec.json.decode(initiate.body) == {"content_type": "image/png", "file_name": "a.png"}
    assert initiate.headers["authorization"] == "Key id:secret"
    assert msgspec.json.decode(initiate.headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 86_400
    }
    assert "authorization" not in sent.headers
    assert (sent.method, sent.headers["content-type"], sent.body) == ("PUT", "image/png", b"bytes" * 50_000)
    assert sent.headers["content-length"] == "250000"


@pytest.mark.parametrize(
    ("route", "fault"),
    [
        ("initiate", InjectedFault.SERVER_ERROR),
        ("initiate", InjectedFault.NO_DATA),
        ("upload", InjectedFault.FORBIDDEN),
        ("upload", InjectedFault.CUT_BEFORE),
    ],
)
async def test_an_upload_that_does_not_work_can_be_made_again(
    opened: Any, small_photo: Path, route: str, fault: InjectedFault
) -> None:
    async with opened as rig:
        rig.service.script(route, [fault])
        with pytest.raises(ProviderSilent):
            await rig.provider.upload(small_photo, name="a.jpg", mime_type="image/jpeg")
        url = await rig.provider.upload(small_photo, name="a.jpg", mime_type="image/jpeg")
        assert rig.read_upload(url) == small_photo.read_bytes()


async def test_a_file_that_is_not_there_is_missing(opened: Any, tmp_path: Path) -> None:
    async with opened as rig:
        with pytest.raises(FileMissing):
            await rig.provider.upload(tmp_path / "none", name="a.jpg", mime_type="image/jpeg")


def test_fal_itself_names_https_addresses_alone() -> None:
    provider = provider_at()
    assert provider._is_place("https://v3.fal.media/files/a.png")
    assert not provider._is_place("http://v3.fal.media/files/a.png")
    assert not provider._is_place(None)


@pytest.mark.parametrize(("fault", "reason"), [(InjectedFault.FORBIDDEN, "access"), (InjectedFault.TOO_MANY, "busy")])
async def test_a_probe_says_what_is_wrong(opened: Any, fault: InjectedFault, reason: str) -> None:
    async with opened as rig:
        rig.service.script("token", [fault])
        with pytest.raises(SubmissionRefused) as raised:
            await rig.provider.probe()
        assert raised.value.reason == reason
        rig.service.script("token", [InjectedFault.SERVER_ERROR])
        with pytest.raises(ProviderSilent):
            await rig.provider.probe()


async def test_a_probe_notices_a_wrong_key(opened: Any) -> None:
    async with opened as rig:
        provider = provider_at(rig.service.base_url)
        with pytest.raises(SubmissionRefused) as raised:
            await provider.probe()
        assert raised.value.reason == "access"
        await provider.close()


def test_the_key_goes_to_a_service_of_ones_own_unless_somebody_says_otherwise() -> None:
    assert provider_at()._rest_url == "https://rest.fal.ai"
    assert provider_at("http://127.0.0.1:1/")._rest_url == "http://127.0.0.1:1"
    assert provider_at("http://127.0.0.1:1", fal_rest_url="http://127.0.0.1:2")._rest_url == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"fal_key": " "}, "FAL_KEY"),
        ({"fal_key": "ключ"}, "FAL_KEY"),
        ({"url": "no-url"}, "ENLARGER_FAL_BASE_URL"),
        ({"fal_rest_url": "no-url"}, "ENLARGER_FAL_REST_URL"),
        ({"fal_proxy": "no proxy"}, "ENLARGER_FAL_PROXY"),
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        provider_at(**wrong)


def test_the_key_is_read_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings(FalSettings).fal_unconfigured == "not set up, set FAL_KEY"
    monkeypatch.setenv("FAL_KEY", "id:secret")
    assert read_settings(FalSettings).fal_unconfigured is None
