"""Which pictures `enlarger upscale` takes, where their results go, and what it says of the rest."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enlarger.cli.upscale.files import left_out
from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.plan import entry_of, plan
from enlarger.cli.upscale.request import FileOptions, UpscaleRequest, check_output, parse_output
from enlarger.errors import InvalidInput

_JPEG = b"\xff\xd8\xff\xe0 a photo"
_PNG = b"\x89PNG\r\n\x1a\n a drawing"
_WISH = UpscaleRequest(model="real-esrgan/x4plus", factor="2", format=None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ENLARGER_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def put(path: str, content: bytes = _JPEG) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file


def planned(
    *files: str, file_options: FileOptions | None = None, request: UpscaleRequest = _WISH
) -> tuple[list[str], Report]:
    report = Report()
    jobs = plan(files, request, file_options or FileOptions(), Ledger(), report)
    return [job.target.as_posix() for job in jobs], report


def made(source: Path, target: str, content: bytes = _JPEG, request: UpscaleRequest = _WISH) -> None:
    Ledger().add(entry_of(Job(source, put(target, b"\xff\xd8\xff large")), request, content))


@pytest.mark.usefixtures("here")
def test_folders_within_are_mirrored() -> None:
    put("photos/a.jpg")
    put("photos/2024/may/b.png", _PNG)
    assert planned("photos", file_options=FileOptions(Path("out")))[0] == ["out/a@2x.jpg", "out/2024/may/b@2x.png"]
    assert planned("photos")[0] == ["photos/a@2x.jpg", "photos/2024/may/b@2x.png"]
    assert planned("photos", file_options=FileOptions(recursive=False))[0] == ["photos/a@2x.jpg"]


@pytest.mark.usefixtures("here")
def test_the_output_folder_within_is_no_source() -> None:
    put("photos/a.jpg")
    put("photos/out/old.jpg")
    assert planned("photos", file_options=FileOptions(Path("photos/out")))[0] == ["photos/out/a@2x.jpg"]


@pytest.mark.usefixtures("here")
def test_pictures_are_known_by_their_content() -> None:
    for name in ("a.jfif", "b.jpe", "c.mpo", "d", "e.jpg", "icon@2x.png"):
        put(f"photos/{name}", _PNG if name.endswith("png") else _JPEG)
    names, report = planned("photos")
    assert [Path(name).name for name in names] == [
        "a@2x.jfif", "b@2x.jpe", "c@2x.jpg", "d@2x.jpg", "e@2x.jpg", "icon@2x@2x.png",
    ]  # fmt: skip
    assert not report.left_out
    assert not report.bad


@pytest.mark.parametrize(
    ("content", "suffix", "named"),
    [
        (b"\0\0\0\x18ftyphevc\0\0", ".heics", "sequence of pictures"),
        (b"\0\0\0\x18ftypisom\0\0", ".mp4", "video"),
        (b"II*\0\x08", ".nef", "camera raw file"),
        (b"\xff\x0a", ".jxl", "JPEG XL"),
        (b"8BPS\0\1", ".psd", "Photoshop file"),
        (b"%PDF-1.7", ".pdf", "PDF"),
        (b"<svg xmlns=", ".svg", "SVG"),
        (b"notes, gr\xc3\xbc\xc3\x9fe", ".txt", "text file"),
        (b"PK\x03\x04\0\0", ".zip", "other file"),
        (b"", ".txt", "empty file"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_left_out_is_named(content: bytes, suffix: str, named: str) -> None:
    put(f"photos/x{suffix}", content)
    jobs, report = planned("photos")
    assert not jobs
    assert report.left_out == {named: 1}


@pytest.mark.usefixtures("here")
def test_the_line_about_them_counts_by_kind() -> None:
    for name in ("a.psd", "b.psd"):
        put(f"photos/{name}", b"8BPS\0\1")
    for name in (".DS_Store", "._x.jpg", "Thumbs.db", ".hidden/y.jpg"):
        put(f"photos/{name}")
    put("photos/notes.txt", b"notes")
    assert left_out(planned("photos")[1].left_out) == "3 left out: 2 Photoshop files, 1 text file"


@pytest.mark.usefixtures("here")
def test_a_picture_by_name_that_is_none_is_an_error() -> None:
    put("photos/a.jpg", b"<!doctype html>")
    put("photos/b.jpg", b"")
    assert [name for name, _ in planned("photos")[1].bad] == [str(Path("photos/a.jpg")), str(Path("photos/b.jpg"))]
    put("c.psd", b"8BPS\0\1")
    assert "Photoshop file" in planned("c.psd")[1].bad[0][1]


@pytest.mark.usefixtures("here")
def test_the_same_file_named_twice_is_one_job() -> None:
    put("photos/a.jpg")
    assert planned("photos/a.jpg", "photos", "./photos/../photos/a.jpg")[0] == ["photos/a@2x.jpg"]


@pytest.mark.usefixtures("here")
def test_earlier_results_are_known_by_the_ledger() -> None:
    made(put("photos/a.jpg"), "photos/a@2x.jpg")
    jobs, report = planned("photos")
    assert not jobs
    assert report.skipped == 1
    assert report.left_out == {"earlier result": 1}
    assert planned("photos", file_options=FileOptions(overwrite=True))[0] == ["photos/a@2x.jpg"]


@pytest.mark.usefixtures("here")
def test_another_model_is_not_there_already() -> None:
    made(put("a.jpg"), "a@2x.jpg", request=UpscaleRequest("real-esrgan/fast", "2", None))
    jobs, report = planned("a.jpg")
    assert not jobs
    assert "made with real-esrgan/fast, 2x, as JPG: use --overwrite" in report.bad[0][1]


@pytest.mark.usefixtures("here")
def test_another_format_is_named() -> None:
    made(put("a.jpg"), "b.png", request=UpscaleRequest("real-esrgan/x4plus", "2", "png"))
    request = UpscaleRequest("real-esrgan/x4plus", "2", "webp")
    reason = planned("a.jpg", file_options=FileOptions(Path("b.png")), request=request)[1].bad[0][1]
    assert reason.startswith("b.png already exists, made with real-esrgan/x4plus, 2x, as PNG")


@pytest.mark.usefixtures("here")
def test_the_format_that_a_picture_has_anyway_is_no_other_one() -> None:
    made(put("a.jpg"), "a@2x.jpg")
    assert planned("a.jpg", request=UpscaleRequest("real-esrgan/x4plus", "2", "jpg"))[1].skipped == 1


@pytest.mark.usefixtures("here")
def test_results_that_were_moved_or_copied_are_known_by_their_content() -> None:
    made(put("photos/a.jpg"), "photos/a@2x.jpg")
    os.utime("photos/a@2x.jpg", (1, 1))
    assert planned("photos")[1].left_out == {"earlier result": 1}
    Path("photos").rename("moved")
    jobs, report = planned("moved")
    assert not jobs
    assert (report.skipped, report.left_out) == (1, {"earlier result": 1})


@pytest.mark.usefixtures("here")
def test_a_picture_of_the_users_that_is_called_like_a_result_is_a_picture() -> None:
    put("data/enlarger.json")
    put("photos/icon.png", _PNG)
    put("photos/icon@2x.png", _PNG + b" larger")
    jobs, report = planned("photos")
    assert jobs == ["photos/icon@2x@2x.png"]
    assert report.skipped == 0
    assert "is not a known result" in report.bad[0][1]
    assert planned("photos", file_options=FileOptions(Path("out")))[0] == ["out/icon@2x.png", "out/icon@2x@2x.png"]


@pytest.mark.usefixtures("here")
def test_a_picture_of_the_sandbox_is_made_anew() -> None:
    source = put("a.jpg")
    job = Job(source, put("a@2x.jpg", b"\xff\xd8\xff\xe0 made up"))
    Ledger().add(entry_of(job, _WISH, _JPEG, sandbox=True))
    assert planned("a.jpg")[0] == ["a@2x.jpg"]
    assert planned(".")[1].left_out["earlier result"] == 1
    assert planned("a.jpg", request=replace(_WISH, allow_sandbox=True))[1].skipped == 1


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "other",
    [
        {"quality": 30},
        {"keep_hidden_colours": True},
        {"factor": "4"},
        {"model": "real-esrgan/fast"},
        {"network": "0123abcd"},
    ],
)
def test_a_result_of_another_choice_is_not_taken_for_done(other: dict[str, Any]) -> None:
    request = replace(_WISH, **other)
    put("a.jpg")
    job = Job(Path("a.jpg"), put("out.jpg", b"\xff\xd8\xff\xe0 result"))
    Ledger().add(entry_of(job, request, _JPEG))
    file_options = FileOptions(Path("out.jpg"))
    assert "use --overwrite to make it again" in planned("a.jpg", file_options=file_options)[1].bad[0][1]
    assert planned("a.jpg", file_options=file_options, request=request)[1].skipped == 1


@pytest.mark.usefixtures("here")
def test_pictures_of_one_name_get_results_of_their_own() -> None:
    put("t.bmp", b"BM" + bytes(12) + b"\x28\0\0\0")
    put("t.gif", b"GIF89a")
    put("t.png", _PNG)
    put("t.PNG", _PNG)
    jobs, report = planned(".")
    assert not report.bad
    assert len({name.casefold() for name in jobs}) == 4
    assert {"t@2x.png", "t.bmp@2x.png", "t.gif@2x.png"} < {*jobs, *(name.lower() for name in jobs)}
    put("u.jpg")
    put("u.jpg.png", _PNG)
    put("u.jfif")
    assert planned("u.jpg", "u.jpg.png", request=replace(_WISH, format="png"))[0] == ["u@2x.png", "u.jpg@2x.png"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "names",
    [
        ("a.png", "A.png"),
        ("\u00e9.png", "e\u0301.png"),
        ("\u00c9.png", "e\u0301.png"),
        ("stra\u00dfe.png", "STRASSE.png"),
    ],
)
def test_names_of_which_a_file_system_makes_one_get_results_of_their_own(names: tuple[str, str]) -> None:
    """As those of macOS and Windows do, where the results may be copied to."""
    for name in names:
        put(name, _PNG)
    jobs, report = planned(*names)
    assert not report.bad
    alike = {unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()) for name in jobs}
    assert len(alike) == 2


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "name", ["CON.png", "nul.png", " x .png", "[bold].png", "-o.png", "a\nb.png", "\U0001f5bc.png"]
)
def test_a_strange_name_is_a_name(name: str) -> None:
    put(name, _PNG)
    stem = name.removesuffix(".png")
    assert planned(f"./{name}")[0] == [f"{stem}@2x.png"]


@pytest.mark.usefixtures("here")
def test_links_that_lead_nowhere_or_elsewhere_are_told() -> None:
    put("photos/a.jpg")
    put("elsewhere/b.jpg")
    Path("photos/linked").symlink_to(Path("elsewhere").absolute())
    Path("photos/broken").symlink_to("nothing")
    os.mkfifo("photos/pipe")
    jobs, report = planned("photos")
    assert jobs == ["photos/a@2x.jpg"]
    assert report.left_out == {"linked folder": 1, "broken link": 1, "special file": 1}
    assert planned("photos", file_options=FileOptions(recursive=False))[1].left_out.total() == 2


def test_a_line_that_was_cut_off_spoils_no_other(here: Path) -> None:
    made(put("a.jpg"), "a@2x.jpg")
    ledger = next((here / "state").rglob("upscaled.jsonl"))
    ledger.write_bytes(ledger.read_bytes() + b'{"target":')
    made(put("b.jpg"), "b@2x.jpg", content=_JPEG)
    assert planned("a.jpg", "b.jpg")[1].skipped == 2


@pytest.mark.usefixtures("here")
def test_stdin_is_called_stdin() -> None:
    source = put("secret/stdin")
    file_options = FileOptions(Path("out"), piped={source: "stdin"})
    put("out/stdin@2x.jpg", b"theirs")
    assert planned(str(source), file_options=file_options)[1].bad[0][0] == "stdin"
    put("secret/stdin", b"no picture")
    assert planned(str(source), file_options=file_options)[1].bad[0][0] == "stdin"


@pytest.mark.usefixtures("here")
def test_a_file_of_the_user_is_never_replaced_unasked() -> None:
    source = put("a.jpg")
    put("a@2x.jpg", b"theirs")
    assert "is not a known result" in planned("a.jpg")[1].bad[0][1]
    made(source, "a@2x.jpg")
    put("a@2x.jpg", b"theirs, edited since")
    assert "is not a known result" in planned("a.jpg")[1].bad[0][1]
    jobs, report = planned("a.jpg", file_options=FileOptions(Path("a.jpg"), overwrite=True))
    assert not jobs
    assert "its own place" in report.bad[0][1]


@pytest.mark.usefixtures("here")
def test_long_names_stop_nothing() -> None:
    put("photos/b.jpg")
    put(f"photos/{'ä' * 125}.jpg")
    jobs, _ = planned("photos", "x" * 300 + ".jpg")
    assert len(jobs) == 2
    assert all(len(Path(name).name.encode()) <= 220 for name in jobs)


@pytest.mark.usefixtures("here")
def test_a_bad_place_is_found_first() -> None:
    put("file")
    Path("there.xyz").mkdir()
    for place in ("file", "out.gif", "out.xyz", "out.pngg", "out.ico", "/proc/x", "file/in/it", "x" * 300, ""):
        with pytest.raises(InvalidInput, match="--output"):
            check_output(FileOptions(*parse_output(place)))
    for place in (
        "new",
        "new/deep.png",
        "v1.2",
        ".",
        "..",
        "out.xyz/",
        "there.xyz",
        "out.jpg/",
        "2024.12",
        "my.photos",
    ):
        check_output(FileOptions(*parse_output(place)))
    assert not Path("new").exists()


@pytest.mark.usefixtures("here")
def test_a_slash_at_the_end_means_a_folder() -> None:
    put("a.jpg")
    assert planned("a.jpg", file_options=FileOptions(*parse_output("out.jpg/")))[0] == ["out.jpg/a@2x.jpg"]
    assert planned("a.jpg", file_options=FileOptions(*parse_output("out.jpg")))[0] == ["out.jpg"]


def test_a_data_directory_is_no_folder_of_pictures(here: Path) -> None:
    put("data/enlarger.json", b"{}")
    put("data/files/stored.png", _PNG)
    targets, report = planned(".")
    assert targets == []
    assert not report.left_out


@pytest.mark.parametrize(
    "other",
    [
        {"factor": None, "long_side": 4000},
        {"factor": None, "size": "9x9"},
        {"factor": "1.5"},
        {"strength": 60},
        {"denoise": 50},
    ],
)
@pytest.mark.usefixtures("here")
def test_another_size_or_strength_is_made_anew_beside_the_earlier_result(other: dict[str, Any]) -> None:
    made(put("a.jpg"), "a@2x.jpg")
    request = replace(_WISH, **other)
    names, report = planned("a.jpg", request=request)
    assert names == [f"a{request.mark}.jpg"]
    assert not report.there
    made(Path("a.jpg"), names[0], request=request)
    assert planned("a.jpg", request=request)[1].there


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"factor": None, "long_side": 4000}, "2x"),
        ({"strength": 60}, "2x"),
        ({"denoise": 50}, "2x"),
        ({"engine": "ncnn-cpu"}, "2x"),
        ({"precision": "f32"}, "2x"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_result_in_a_named_file_is_not_taken_for_another(other: dict[str, Any], words: str) -> None:
    one = FileOptions(Path("big.jpg"))
    made(put("a.jpg"), "big.jpg")
    report = planned("a.jpg", request=replace(_WISH, **other), file_options=one)[1]
    assert [f"made with real-esrgan/x4plus, {words}" in reason for _, reason in report.bad] == [True]
    made(Path("a.jpg"), "big.jpg", request=replace(_WISH, **other))
    again = planned("a.jpg", request=replace(_WISH, **other, tile=128), file_options=one)[1]
    assert again.there
    assert not again.bad
    if "denoise" in other:
        assert "2x, as JPG, with denoise 50: use" in planned("a.jpg", file_options=one)[1].bad[0][1]
    wish = replace(_WISH, strength=100)
    assert "use --overwrite" in planned("a.jpg", request=wish, file_options=one)[1].bad[0][1]
