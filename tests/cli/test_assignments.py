"""Fields of an input, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from enlarger.cli.assignments import check_input, read_assignments
from enlarger.errors import InvalidInput


def test_text_json_and_lists_are_told_apart() -> None:
    assert read_assignments(["prompt=a = b", "seed:=7", "flags:=[true, null]", "tag=x", "tag=y", "empty="]) == {
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
    assert read_assignments(["image=@photo.jpg"]) == {"image": Path("photo.jpg")}
    assert read_assignments(["image=@~/photo.jpg"]) == {"image": tmp_path / "photo.jpg"}
    assert read_assignments(["prompt=@@home"]) == {"prompt": "@home"}


@pytest.mark.parametrize(
    ("assignment", "says"),
    [
        ("prompt", "is not FIELD=VALUE"),
        ("=x", "is not FIELD=VALUE"),
        (":=1", "is not FIELD=VALUE"),
        ("seed:=a b", "'a b' is no JSON"),
        ("image=@nowhere.jpg", "there is no nowhere.jpg"),
        ("image=@" + "x" * 5000, "there is no x"),
        ("image=@~nobody-of-that-name/x", "there is no ~nobody"),
    ],
)
def test_what_cannot_be_read_is_told(assignment: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_assignments([assignment])


def test_an_input_is_checked_with_its_files_before_anything_is_sent(tmp_path: Path) -> None:
    picture = tmp_path / "a picture.jpg"
    picture.touch()
    files = {"prompt": "x", "image_urls": [picture, "https://example.com/b.jpg"]}
    assert check_input("nano-banana-edit", files) == ("google/nano-banana-edit", [])
    assert check_input("google/nano-banana-edit", {"prompt": "x", "image_urls": str(picture)})[1] == []
    with pytest.raises(InvalidInput, match="'prompt' is required"):
        check_input("google/nano-banana", {})


def test_what_the_catalogue_does_not_know_is_noted_and_goes_as_it_is() -> None:
    model, notes = check_input("google/nano-banana", {"prompt": "x", "promt": "y"})
    assert model == "google/nano-banana"
    assert len(notes) == 1
    assert "has no field 'promt'" in notes[0]
    assert check_input("new/model", {"a": 1}) == (
        "new/model",
        ["The catalogue has no model new/model: its input is sent as it is."],
    )
