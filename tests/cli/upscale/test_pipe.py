"""`-` of `enlarger upscale`: stdin in, stdout out."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from enlarger.cli.upscale.pipe import piped
from enlarger.cli.upscale.wish import Choice
from enlarger.errors import InvalidInput


def test_stdin_is_a_file_and_the_result_goes_to_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: False)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"small")))
    monkeypatch.setattr("sys.stdout", out)
    with piped(["-"], Choice(Path("-"))) as (names, choice):
        assert Path(names[0]).read_bytes() == b"small"
        assert choice.output is not None
        choice.output.mkdir()
        (choice.output / "stdin@4x.png").write_bytes(b"large")
    assert out.buffer.getvalue() == b"large"
    assert not Path(names[0]).exists()


def test_files_stay_as_they_are() -> None:
    with piped(["a", "b", "a"], Choice(Path("out"))) as (names, choice):
        assert names == ["a", "b"]
        assert choice.output == Path("out")


@pytest.mark.parametrize(("files", "output"), [(["-"], None), (["a", "b"], "-")])
def test_what_cannot_be_is_refused(files: list[str], output: str | None) -> None:
    with pytest.raises(InvalidInput), piped(files, Choice(Path(output) if output else None)):
        pass
