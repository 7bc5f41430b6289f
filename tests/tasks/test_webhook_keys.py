from __future__ import annotations

import pytest

from enlarger.errors import ConfigurationError
from enlarger.infra.database import Database
from enlarger.protocol.signatures import is_key
from enlarger.settings import load_settings
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.webhook_keys import webhook_keys


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
