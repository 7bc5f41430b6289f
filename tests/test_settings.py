"""A setting that is wrong is one sentence: its name, what is wrong with it, and what it has to be."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from enlarger.all_settings import load_settings, settings_class
from enlarger.catalog import get_model
from enlarger.errors import ConfigurationError
from enlarger.settings import variables_of

_ENGINES = get_model("auto").fields()["engine"].enum
_FREE_TEXT = re.compile(r"it must be|it must start with")
_CODE = re.compile(r"input|valid|parse|string|interpret", re.IGNORECASE)


def wrong_values() -> Iterator[tuple[str, str]]:
    """Every setting that does not take just any text, with values that it does not take."""
    for name in type(load_settings()).model_fields:
        for value in ("?", "-1", "nan", "ftp://x"):
            try:
                load_settings(**{name: value})
            except ConfigurationError:
                yield name, value


_WRONG = list(wrong_values())


def test_most_settings_are_checked() -> None:
    assert len({name for name, _ in _WRONG}) > 25


@pytest.mark.parametrize(("name", "value"), _WRONG)
def test_every_setting_tells_what_it_has_to_be(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_settings(**{name: value})
    sentence = str(raised.value)
    assert name.upper() in sentence
    assert _FREE_TEXT.search(sentence), sentence
    assert not _CODE.search(sentence.replace("must be", "")), sentence


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("ENLARGER_PATIENCE", "abc", "A setting is wrong. ENLARGER_PATIENCE: it must be a number."),
        ("ENLARGER_SANDBOX", "maybe", "A setting is wrong. ENLARGER_SANDBOX: it must be true or false."),
        ("ENLARGER_PORT", "1.5", "A setting is wrong. ENLARGER_PORT: it must be a whole number."),
        ("ENLARGER_UNKNOWN", "ask", "A setting is wrong. ENLARGER_UNKNOWN: it must be 'fail' or 'resubmit'."),
        (
            "ENLARGER_ENGINE",
            "foo",
            f"A setting is wrong. ENLARGER_ENGINE: it must be one of {', '.join(map(str, _ENGINES))}.",
        ),
        (
            "ENLARGER_MODELS_DIR",
            "/nowhere/models",
            "A setting is wrong. ENLARGER_MODELS_DIR: it must be a folder that exists: create it, or correct the path.",
        ),
        ("ENLARGER_MAX_MEGAPIXELS", "0", "A setting is wrong. ENLARGER_MAX_MEGAPIXELS: it must be greater than 0."),
    ],
)
def test_wrong_variables(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert str(raised.value) == sentence


def test_several_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLARGER_PATIENCE", "abc")
    monkeypatch.setenv("ENLARGER_PORT", "x")
    with pytest.raises(ConfigurationError) as raised:
        load_settings()
    assert str(raised.value).startswith("2 settings are wrong. ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENLARGER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("KIE_CALLBACK_URL", "app"),
        ("ENLARGER_KIE_CREATES", "often"),
    ],
)
def test_the_variable_that_was_set_is_named(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=rf"^A setting is wrong\. {variable}: it must"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "variable"),
    [(name, one) for name, field in settings_class().model_fields.items() for one in variables_of(name, field)],
)
def test_every_variable_that_an_error_may_name_sets_its_field(
    name: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "?")
    try:
        assert name in load_settings().model_fields_set
    except ConfigurationError as error:
        assert f" {variable}: " in str(error)  # noqa: PT017 - either is right
