"""`enlarger models install`: weights that are here are not fetched again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from enlarger.cli.output import Output, Style
from enlarger.cli.weights import install_weights
from enlarger.engines import foreground
from enlarger.engines.networks import NETWORKS
from enlarger.engines.weights.files import fetched_folder
from enlarger.infra.data_directory import DataDirectory
from tests.hidden_packages import hide_span, hide_u2net


def test_weights_that_are_here_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both kinds: a pair of ncnn files, and an ONNX file."""
    hide_span(monkeypatch, tmp_path)
    hide_u2net(monkeypatch, tmp_path)
    data_dir, folders = tmp_path / "data", []
    for file in (NETWORKS["span-x4"].weights, foreground.WEIGHTS):
        folder = fetched_folder(file.package, DataDirectory(data_dir).weights)
        folder.mkdir(parents=True)
        for suffix in file.suffixes:
            (folder / f"{file.stem}{suffix}").touch()
        folders.append(str(folder))
    install_weights(Output(Style.JSON), ["span", "cut-out"], [], data_dir)
    assert [row["folder"] for row in json.loads(capsys.readouterr().out)] == folders
