"""Fields of an input, as they are typed."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from enlarger.catalog import Model, build_input, get_model, list_models
from enlarger.catalog.schema import example
from enlarger.cli.assignments import check_input, find_model, read_input
from enlarger.cli.streams import Piped
from enlarger.errors import InvalidInput, UnknownModel


def test_text_json_and_lists_are_told_apart() -> None:
    assert read_input(["prompt=a = b", "seed:=7", "flags:=[true, null]", "tag=x", "tag=y", "empty="]) == {
        "prompt": "a = b",
        "seed": 7,
        "flags": [True, None],
        "tag": ["x", "y"],
        "empty": "",
    }


def test_an_at_sign_names_a_file_and_two_are_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("photo.jpg").touch()
    assert read_input(["image=@photo.jpg"]) == {"image": Path("photo.jpg")}
    assert read_input(["image=@~/photo.jpg"]) == {"image": tmp_path / "photo.jpg"}
    assert read_input(["prompt=@@home"]) == {"prompt": "@home"}


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("prompt", "is not FIELD=VALUE"),
        ("=x", "is not FIELD=VALUE"),
        (":=1", "is not FIELD=VALUE"),
        ("seed:=a b", "'a b' is not JSON"),
        ("image=@nowhere.jpg", "there is no nowhere.jpg"),
        ("image=@" + "x" * 5000, "there is no x"),
        ("image=@~nobody-of-that-name/x", "there is no ~nobody"),
    ],
)
def test_what_cannot_be_read_is_told(assignment: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_input([assignment])


def test_an_input_is_checked_with_its_files_before_anything_is_sent(tmp_path: Path) -> None:
    picture = tmp_path / "a picture.jpg"
    picture.touch()
    files = {"prompt": "x", "image_urls": [picture, "https://example.com/b.jpg"]}
    assert check_input("nano-banana-edit", files) == ("google/nano-banana-edit", [])
    assert check_input("google/nano-banana-edit", {"prompt": "x", "image_urls": str(picture)})[1] == []
    with pytest.raises(InvalidInput, match="'prompt' is required"):
        check_input("google/nano-banana", {})


_MISTYPED = [
    ("google/nano-banana", {"prompt": "x", "promt": "y"}, "'promt' (did you mean 'prompt'?)"),
    ("google/nano-banana", {"prompt": "x", "Aspect_Ration": "1:1"}, "'Aspect_Ration' (did you mean 'aspect_ratio'?)"),
    ("google/nano-banana", {"prompt": "x", "zzz": 1}, "google/nano-banana has no field 'zzz': "),
    ("googel/nano-banana", {"prompt": "x"}, "no model googel/nano-banana (did you mean 'google/nano-banana'?)"),
    ("qq/ww", {"a": 1}, "The catalogue has no model qq/ww: "),
]


@pytest.mark.parametrize(("name", "input", "says"), _MISTYPED)
def test_what_the_catalogue_does_not_know_is_told_with_the_nearest_name(
    name: str, input: dict[str, Any], says: str
) -> None:
    model, notes = check_input(name, input)
    assert model == name
    assert len(notes) == 1
    assert says in notes[0]
    assert notes[0].endswith(": it is sent as it is.")
    with pytest.raises(InvalidInput, match=re.escape(says.rstrip(": "))) as refused:
        check_input(name, input, strict=True)
    assert refused.value.faults


def test_a_mistyped_model_is_told_with_the_nearest_name() -> None:
    assert find_model("nano-banana-edit").id == "google/nano-banana-edit"
    with pytest.raises(UnknownModel, match=r"no model 'googel/nano-banana' \(did you mean 'google/nano-banana'\?\)"):
        find_model("googel/nano-banana")
    with pytest.raises(UnknownModel, match=r"no model 'qq/ww': `enlarger models` lists them"):
        find_model("qq/ww")


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_mistyped_field_of_any_model_is_told(model: Model) -> None:
    name = max(model.fields(), key=len)
    typo = name[:-2] + name[-1] + name[-2] + "x"
    given = {field: value for field, value in example(model).items() if field != name}
    if build_input(model, given).faults:  # the field is needed, so its absence is told
        with pytest.raises(InvalidInput, match=name):
            check_input(model.id, {**given, typo: "x"})
        return
    _, notes = check_input(model.id, {**given, typo: "x"})
    assert any(repr(typo) in note and "did you mean" in note for note in notes), notes


def test_a_field_that_another_one_replaces_is_told_and_strict_takes_it() -> None:
    given = {"prompt": "x", "image_urls": ["https://example.com/a.jpg"], "aspect_ratio": "1:1", "image_size": "1:1"}
    for strict in (False, True):
        _, notes = check_input("google/nano-banana-edit", given, strict=strict)
        assert len(notes) == 1
        assert "'image_size' is left out" in notes[0]


_FORM = get_model("google/nano-banana-edit").fields()


def test_a_file_is_read_where_text_is_wanted_and_uploaded_where_a_picture_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prompt.txt").write_bytes(b"\xef\xbb\xbfa quiet\r\nroom\n")
    Path("a.png").write_bytes(b"\x89PNG\xff")
    Path("sizes.json").write_text("[1, 2]")
    typed = ["prompt=@prompt.txt", "image_urls=@a.png", "more:=@sizes.json"]
    assert read_input(typed, form=_FORM) == {
        "prompt": "a quiet\nroom",
        "image_urls": Path("a.png"),
        "more": [1, 2],
    }
    with pytest.raises(InvalidInput, match=r"a\.png is not UTF-8 text"):
        read_input(["prompt=@a.png"], form=_FORM)
    # Nobody knows what fields of other models take.
    assert read_input(["words=@prompt.txt", "thing=@a.png"]) == {"words": "a quiet\nroom", "thing": Path("a.png")}


@pytest.mark.parametrize(
    ("content", "typed", "document", "expected"),
    [
        (b"a room\n", ["prompt=@-"], None, {"prompt": "a room"}),
        (b"[7]", ["seed:=@-"], None, {"seed": [7]}),
        (b'{"prompt": "x", "seed": 1}', ["seed:=2"], "-", {"prompt": "x", "seed": 2}),
        (b'{"prompt": "x"}', [], "@-", {"prompt": "x"}),
        (b"", [], '{"prompt": "y"}', {"prompt": "y"}),
    ],
)
def test_fields_come_from_stdin_and_from_json(
    content: bytes, typed: list[str], document: str | None, expected: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_input(typed, document, form=_FORM) == expected


def test_a_picture_from_stdin_is_a_file_for_as_long_as_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\x89PNG\r\n\x1a\n")))
    with Piped() as piped:
        path = read_input(["image_urls=@-"], form=_FORM, piped=piped)["image_urls"]
        assert path.name == "stdin.png"
        assert path.stat().st_size == 8
    assert not path.exists()


@pytest.mark.parametrize("document", ["[1]", "{", "nothing", '"a"', "", "null"])
def test_json_that_is_no_object_is_told(document: str) -> None:
    with pytest.raises(InvalidInput, match="--input-json is not a JSON object"):
        read_input([], document)


@pytest.mark.parametrize(
    ("typed", "document"), [(["prompt=@-", "image_urls=@-"], None), (["prompt=@-"], "-"), (["a=@-", "a=@-"], "@-")]
)
def test_stdin_can_be_named_once(typed: list[str], document: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{}")))
    with pytest.raises(InvalidInput, match="named twice"), Piped() as piped:
        read_input(typed, document, form=_FORM, piped=piped)


@pytest.mark.parametrize(
    ("model", "field"), [("topaz/image-upscale", "image_url"), ("google/nano-banana-edit", "image_urls")]
)
@pytest.mark.parametrize("name", ["phto.jpg", "pictures/phto.jpg", "~/phto.jpg"])
def test_a_file_that_is_not_there_is_named(
    model: str, field: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.jpg").touch()
    given = {"prompt": "x", "upscale_factor": "2", field: ["here.jpg", name] if field.endswith("s") else name}
    with pytest.raises(InvalidInput, match=f"names '{name}', and there is no such file: .*FIELD=@FILE.*URL"):
        check_input(model, given)


@pytest.mark.parametrize("value", ["data:image/png;base64,%%", "!" * 300 + ".jpg", "a picture"])
def test_what_is_no_name_of_a_file_is_not_called_one(value: str) -> None:
    with pytest.raises(InvalidInput, match="neither a whole"):
        check_input("topaz/image-upscale", {"image_url": value, "upscale_factor": "2"})


@pytest.mark.parametrize("member", ["promt", "mood"])
def test_a_question_is_not_followed_by_a_full_stop(member: str) -> None:
    given = {"multi_shots": True, "multi_prompt": [{"prompt": "a", "duration": 5, member: "x"}]}
    given |= {"prompt": "a", "duration": "5", "mode": "std", "sound": False}
    _, notes = check_input("kling-3.0/video", given)
    with pytest.raises(InvalidInput) as caught:
        check_input("kling-3.0/video", given, strict=True)
    assert f"no member '{member}'" in notes[0]
    for said in (*notes, str(caught.value)):
        assert said.endswith("did you mean 'prompt'?" if member == "promt" else "it has prompt, duration.")
