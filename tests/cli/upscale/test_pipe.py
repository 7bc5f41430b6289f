"""`-` of `enlarger upscale`: stdin in, stdout out."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path

import pytest

from enlarger.cli.upscale.pipe import piped
from enlarger.cli.upscale.request import FileOptions
from enlarger.errors import InvalidInput


def test_stdin_is_a_file_and_the_result_goes_to_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"small")))
    monkeypatch.setattr("sys.stdout", out)
    with piped(["-"], FileOptions(Path("-"))) as (names, file_options):
        assert Path(names[0]).read_bytes() == b"small"
        assert file_options.output is not None
        file_options.output.mkdir()
        (file_options.output / "stdin@4x.png").write_bytes(b"large")
    out.seek(0)
    assert out.read() == "large"
    assert not Path(names[0]).exists()


def test_files_stay_as_they_are() -> None:
    with piped(["a", "b", "a"], FileOptions(Path("out"))) as (names, file_options):
        assert names == ["a", "b"]
        assert file_options.output == Path("out")


def test_a_pipe_is_read_like_stdin_and_called_by_its_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"\x89PNG\r\n\x1a\n...",))
    writer.start()
    with piped([str(pipe)], FileOptions(tmp_path / "out.png")) as (names, file_options):
        writer.join()
        source = Path(names[0])
        assert source.read_bytes().startswith(b"\x89PNG")
        assert source.suffix == ".png"
        assert file_options.name_of(source) == str(pipe)
    assert not source.exists()


@pytest.mark.parametrize(("files", "output"), [(["-"], None), (["/dev/null"], None), (["a", "b"], "-")])
def test_what_cannot_be_is_refused(files: list[str], output: str | None) -> None:
    with pytest.raises(InvalidInput), piped(files, FileOptions(Path(output) if output else None)):
        pass
