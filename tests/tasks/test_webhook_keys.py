from __future__ import annotations

import pytest

from enlarger.all_settings import load_settings
from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database
from enlarger.protocol.signatures import is_key
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.webhook_keys import drop_former, rotate, webhook_keys


async def test_keys_that_are_set_are_used(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_WEBHOOK_KEY", " new key, whsec_Zm9v ,")
    settings = load_settings()
    assert await webhook_keys(settings, AccountStore(database)) == ["new key", "whsec_Zm9v"]
    assert "new key" not in repr(settings)


@pytest.mark.parametrize("value", [None, "", " , "])
async def test_without_any_one_is_made_and_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv("ENLARGER_WEBHOOK_KEY", value)
    (key,) = await webhook_keys(load_settings(), AccountStore(database))
    assert key.startswith("whsec_")
    assert is_key(key)
    assert await webhook_keys(load_settings(), AccountStore(database)) == [key]


async def test_what_cannot_be_a_key_is_told_without_telling_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_WEBHOOK_KEY", "good,whsec_!secret!")
    with pytest.raises(ConfigurationError, match="ENLARGER_WEBHOOK_KEY: what follows whsec_ must be base64") as raised:
        await webhook_keys(load_settings(), AccountStore(database))
    assert "secret!" not in str(raised.value)


async def test_a_rotated_key_comes_first_and_the_one_before_it_signs_until_it_is_dropped(database: Database) -> None:
    settings, accounts = load_settings(), AccountStore(database)
    await rotate(settings, accounts)  # also where no key was asked for yet
    first, before = await webhook_keys(settings, accounts)
    await rotate(settings, accounts)
    second, kept = await webhook_keys(settings, accounts)
    assert kept == first
    assert len({before, first, second}) == 3
    await drop_former(settings, accounts)
    assert await webhook_keys(settings, accounts) == [second]


async def test_keys_that_are_set_are_rotated_where_they_are_set(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_WEBHOOK_KEY", "secret-of-the-operator")
    for change in (rotate, drop_former):
        with pytest.raises(ConfigurationError, match="put the new key before the old one") as raised:
            await change(load_settings(), AccountStore(database))
        assert "secret-of-the-operator" not in str(raised.value)
