"""`enlarger models` and `quote`: every model of the catalogue, with nothing in it that nobody knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from enlarger.catalog import build_input, list_models, quote
from enlarger.catalog.schema import example
from enlarger.cli.app import app
from enlarger.cli.assignments import read_input
from enlarger.cli.models import say_quote, show_model, show_models, show_quote
from enlarger.cli.options import INPUT_HELP
from enlarger.cli.output import Output, Style
from enlarger.errors import InvalidInput
from tests.pictures import photo, save

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


@pytest.mark.parametrize(
    "typed",
    [
        ["image_url=photo.png", "upscale_factor=4"],
        ["image_url=@photo.png", "upscale_factor:=4"],
        ['image_url:=["photo.png"]', 'upscale_factor:="4"'],
    ],
)
def test_a_quote_reads_fields_as_run_does(
    typed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save(photo(600, 20), Path("photo.png"))
    show_quote(Output(Style.QUIET), "topaz/image-upscale", typed)
    assert capsys.readouterr().out == "20\n"


@pytest.mark.parametrize("typed", ["prompt", "image_url=@nowhere.png", "upscale_factor:=4 4"])
def test_what_run_does_not_read_a_quote_does_not(typed: str) -> None:
    with pytest.raises(InvalidInput) as at_run:
        read_input([typed])
    with pytest.raises(InvalidInput) as at_quote:
        show_quote(Output(Style.QUIET), "topaz/image-upscale", [typed])
    assert str(at_run.value) == str(at_quote.value)


def test_there_is_one_help_for_fields() -> None:
    said = {parameter.help for command in get_command(app).commands.values()  # type: ignore[attr-defined]
            for parameter in command.params if "-i" in parameter.opts}  # fmt: skip
    assert said == {INPUT_HELP}
