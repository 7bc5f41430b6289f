"""`enlarger models` and `quote`: every model of the catalogue, with nothing in it that nobody knows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from enlarger.catalog import build_input, list_models, quote
from enlarger.catalog.schema import example
from enlarger.cli.app import app
from enlarger.cli.assignments import check_input, read_input
from enlarger.cli.catalogue import format_quote, show_model, show_models, show_quote
from enlarger.cli.options import INPUT_HELP
from enlarger.cli.output import Output, Style
from enlarger.cli.session import Where
from enlarger.errors import InvalidInput, UnknownModel
from tests.cli.loopback import Got, Reply, serving
from tests.own_networks import put_network
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
            said = format_quote(quote(model, payload))
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
    show_quote(Output(Style.QUIET), "topaz/image-upscale", typed, Where())
    assert capsys.readouterr().out == "20\n"


@pytest.mark.parametrize("typed", ["aspect_ration=1:1", "mood=calm"])
def test_a_quote_warns_and_is_strict_as_run_is(typed: str) -> None:
    fields = ["prompt=a room", typed]
    _, notes = check_input("google/nano-banana", read_input(fields))
    asked = ["quote", "google/nano-banana", "-i", fields[0], "-i", typed, "--base-url", "http://127.0.0.1:9"]
    for options in ([], ["-q"]):
        ended = CliRunner().invoke(app, [*asked, *options])
        assert (ended.exit_code, ended.stdout.startswith("4")) == (0, True)
        assert [line.removeprefix("warning: ") for line in ended.stderr.splitlines()] == notes
    assert json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["warnings"] == notes
    with pytest.raises(InvalidInput) as at_run:
        check_input("google/nano-banana", read_input(fields), strict=True)
    refused = CliRunner().invoke(app, [*asked, "--strict"])
    assert str(refused.exception) == str(at_run.value)


@pytest.mark.parametrize("typed", ["prompt", "image_url=@nowhere.png", "upscale_factor:=4 4"])
def test_what_run_does_not_read_a_quote_does_not(typed: str) -> None:
    with pytest.raises(InvalidInput) as at_run:
        read_input([typed])
    with pytest.raises(InvalidInput) as at_quote:
        show_quote(Output(Style.QUIET), "topaz/image-upscale", [typed], Where())
    assert str(at_run.value) == str(at_quote.value)


@pytest.mark.parametrize(
    ("refund", "words"),
    [("unpaid", "unless a hosted provider was, or may have been, paid"), ("all", "all of its credits"), ("new", "")],
)
def test_a_quote_says_what_the_service_gives_back_of_a_cancelled_task(
    refund: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(got: Got) -> Reply:
        data = {"credits": 24, "usd": 0.12, "exact": True, "why": None, "refundOnCancel": refund}
        body = json.dumps({"code": 200, "msg": "success", "data": data}).encode()
        return 200, {"Enlarger-Extensions": "quote"}, body if got.path == "/v1/quote" else b""

    with serving(answer) as url:
        for style in (Style.HUMAN, Style.JSON):
            show_quote(Output(style), "google/nano-banana", ["prompt=a room"], Where(url, "a key"))
    said = capsys.readouterr()
    assert words in " ".join(said.err.split())
    assert bool(words) == bool(said.err)
    price, data = said.out.split("\n", 1)
    assert price == "4 credits ($0.02)", "the catalogue's"
    assert json.loads(data)["refundOnCancel"] == (refund if words else None)


@pytest.mark.parametrize("where", [Where("http://127.0.0.1:9", "a key"), Where("http://127.0.0.1:9"), Where()])
def test_a_quote_needs_no_service(where: Where, capsys: pytest.CaptureFixture[str]) -> None:
    show_quote(Output(Style.HUMAN), "google/nano-banana", ["prompt=a room"], where)
    assert capsys.readouterr() == ("4 credits ($0.02)\n", "")


@pytest.mark.parametrize(("code", "charged"), [("cancelled", 24), ("cancelled", 0), ("501", 24)])
def test_cancelling_says_which_credits_are_kept(code: str, charged: int) -> None:
    record = {"taskId": "a" * 32, "state": "fail", "failCode": code, "creditsConsumed": charged}

    def answer(_: Got) -> Reply:
        body = json.dumps({"code": 200, "msg": "success", "data": record}).encode()
        return 200, {"Enlarger-Extensions": "cancel"}, body

    with serving(answer) as url:
        ended = CliRunner().invoke(app, ["cancel", "a" * 32, "--base-url", url, "--api-key", "a key"])
    outcome = (
        "is cancelled."
        if code == "cancelled"
        else "cannot be cancelled, because it has failed: The service gave no reason (code 501)."
    )
    assert ended.stdout == f"{'a' * 32} {outcome}\n"
    assert ("24 credits are kept" in ended.stderr) == (code == "cancelled" and charged > 0)


def test_there_is_one_help_for_fields() -> None:
    said = {parameter.help for command in get_command(app).commands.values()  # type: ignore[attr-defined]
            for parameter in command.params if "-i" in parameter.opts}  # fmt: skip
    assert said == {INPUT_HELP}


def test_models_that_the_service_has_switched_off_are_marked() -> None:
    entries = [{"model": model.id, "switchedOff": model.id == "z-image"} for model in list_models()]
    body = json.dumps({"code": 200, "data": {"total": len(entries), "models": entries}}).encode()
    with serving(lambda _: (200, {}, body)) as url:
        asked = ["--base-url", url, "--api-key", "a key"]
        table = CliRunner().invoke(app, ["models", *asked]).stdout
        assert [line.split()[0] for line in table.splitlines() if "switched off" in line] == ["z-image"]
        listed = json.loads(CliRunner().invoke(app, ["models", "--json", *asked]).stdout)
        assert [one["model"] for one in listed if one["switchedOff"]] == ["z-image"]
        for name, off in (("z-image", True), ("google/nano-banana", False)):
            assert ("switched off" in CliRunner().invoke(app, ["models", "show", name, *asked]).stdout) == off
            shown = CliRunner().invoke(app, ["models", "show", name, "--json", *asked]).stdout
            assert json.loads(shown)["switchedOff"] is off


def test_networks_of_the_users_own_are_those_of_the_service_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENLARGER_MODELS_DIR", str(tmp_path))
    own = put_network(tmp_path, "here", 3)
    there = {"model": "own/there", "scale": 2, "digest": "abc"}
    body = json.dumps({"code": 200, "data": {"total": 1, "models": [there]}}).encode()
    with serving(lambda _: (200, {}, body)) as url:
        for options, name, scale, digest in (
            (["--base-url", url, "--api-key", "a key"], "own/there", 2, "abc"),
            ([], "own/here", 3, own.digest),
        ):
            listed = json.loads(CliRunner().invoke(app, ["models", "--json", *options]).stdout)
            found = [one for one in listed if one["model"].startswith("own/")]
            assert [(one["model"], one["scale"], one["digest"]) for one in found] == [(name, scale, digest)]
            shown = json.loads(CliRunner().invoke(app, ["models", "show", name, "--json", *options]).stdout)
            assert shown["title"].endswith(f"which enlarges {scale} times")
            other = "own/here" if name == "own/there" else "own/there"
            for command in (["models", "show", other], ["quote", other, "-i", "image_url=https://example.com/a.png"]):
                refused = CliRunner().invoke(app, [*command, *options])
                assert isinstance(refused.exception, UnknownModel)
                assert str(refused.exception) == f"There is no network {other} here: choose one of {name}."
    assert (
        json.loads(CliRunner().invoke(app, ["models", "--json", "--task", "text-to-image"]).stdout)[-1]["scale"] is None
    )


def test_without_an_answer_nothing_is_said_of_what_is_switched_off() -> None:
    for options in (["--base-url", "http://127.0.0.1:9", "--api-key", "a key"], []):
        listed = json.loads(CliRunner().invoke(app, ["models", "--json", *options]).stdout)
        assert {one["switchedOff"] for one in listed} == {None}
