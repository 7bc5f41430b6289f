"""What a service says of its providers when it starts."""

from __future__ import annotations

import re

import pytest

from enlarger.all_settings import load_settings
from enlarger.cli.greeting import describe_providers, offered
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings

_OWN = "enl_abcdefgh"


def said(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return "\n".join(describe_providers(load_settings()))


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({}, ""),
        ({"KIE_API_KEY": "k"}, "k"),
        ({"KIE_API_KEY": " "}, ""),
        ({"KIE_API_KEY": "k", "ENLARGER_KIE_API_KEY": "wins"}, "wins"),
        ({"KIE_API_KEY": _OWN, "ENLARGER_KIE_API_KEY": "wins"}, "wins"),
        ({"KIE_API_KEY": "k", "ENLARGER_KIE_API_KEY": _OWN}, ""),
        ({"KIE_API_KEY": "k", "ENLARGER_KIE_API_KEY": ""}, ""),
        ({"KIE_API_KEY": _OWN}, ""),
        ({"KIE_API_KEY": "mine", "ENLARGER_API_KEY": "mine"}, ""),
        ({"KIE_API_KEY": "mine", "ENLARGER_API_KEY": "other"}, "mine"),
    ],
)
def test_only_a_key_that_is_not_our_own_turns_kie_on(
    environment: dict[str, str], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = said(monkeypatch, **environment)
    settings = read_settings(KieSettings)
    assert (settings.kie_unconfigured is None) is bool(key)
    assert not key or settings.kie_key[1] == key
    source = "ENLARGER_KIE_API_KEY" if "ENLARGER_KIE_API_KEY" in environment else "KIE_API_KEY"
    if key:
        assert f"on    kie ({source}), local (this machine)" in text
    else:
        assert re.search(rf"off   kie: not set up, .*\b{source}\b", text)
    assert "off   replicate: not set up, set REPLICATE_API_TOKEN" in text
    assert not any(value in text for value in environment.values() if value.strip(" k"))


def test_the_sandbox_is_named_first_and_takes_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(monkeypatch, ENLARGER_SANDBOX="1", KIE_API_KEY="k")
    assert text.startswith("  SANDBOX: every task gets a made-up picture")
    assert "on    sandbox (ENLARGER_SANDBOX or --sandbox)" in text
    assert "off   kie: everything runs in the sandbox" in text


def test_routes_decide_what_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(monkeypatch, ENLARGER_SANDBOX="1", KIE_API_KEY="k", ENLARGER_ROUTES="video=sandbox; local")
    assert "SANDBOX: tasks that ENLARGER_ROUTES gives to it" in text
    assert "on    local (this machine), sandbox" in text
    assert "off   kie: ENLARGER_ROUTES leaves it out" in text


def test_what_is_switched_off_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ENLARGER_MODELS_OFF" not in said(monkeypatch)
    text = said(monkeypatch, ENLARGER_MODELS_OFF="z-image, video")
    assert "  off   models: z-image, video (ENLARGER_MODELS_OFF)" in text
    assert offered(load_settings())["modelsOff"] == ("z-image", "video")
