"""`enlarger models` and `quote`: every model of the catalogue, with nothing in it that nobody knows."""

from __future__ import annotations

import re

import pytest

from enlarger.catalog import build_input, list_models, quote
from enlarger.catalog.schema import example
from enlarger.cli.models import say_quote, show_model, show_models
from enlarger.cli.output import Output, Style

_UNKNOWN = re.compile(r"\b(?:None|nan|NonexNone)\b|\(\)")


def test_every_model_is_shown_without_what_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(Style.HUMAN)
    show_models(output, kind=None, task=None, provider=None)
    for model in list_models():
        show_model(output, model.id)
        said = capsys.readouterr().out.partition("example")[0]
        assert not _UNKNOWN.search(said), said


def test_every_model_has_a_quote_in_words() -> None:
    for model in list_models():
        for payload in (build_input(model, example(model)).input, {}):
            said = say_quote(quote(model, payload))
            assert not _UNKNOWN.search(said), said
