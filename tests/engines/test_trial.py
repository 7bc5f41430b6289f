"""A network of the user's own is tried before it is used: its scale is found, or it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.trial import try_network
from enlarger.errors import EngineUnavailable
from tests.engines.tiny_networks import convolution, deconvolution, keeping, repeating, write_network
from tests.engines.tiny_onnx import write_repeating_onnx

pytestmark = pytest.mark.integration  # processes of their own


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_the_scale_of_an_ncnn_network_is_found(scale: int, tmp_path: Path) -> None:
    layers = [convolution(keeping(3), pad=1), deconvolution(repeating(scale), stride=scale)]
    assert try_network(write_network(tmp_path, layers).param) == scale


@pytest.mark.parametrize("scale", [2, 4])
def test_the_scale_of_an_onnx_network_is_found(scale: int, tmp_path: Path) -> None:
    write_repeating_onnx(tmp_path / "tiny.onnx", scale)
    assert try_network(tmp_path / "tiny.onnx") == scale


def test_what_makes_no_picture_of_a_known_scale_is_refused(tmp_path: Path) -> None:
    five = write_network(tmp_path, [deconvolution(repeating(5), stride=5)], "five")
    with pytest.raises(EngineUnavailable, match=r"^The network five\.param .*makes 320x320 pixels of 64x64"):
        try_network(five.param)
    grey = write_network(tmp_path, [convolution(np.ones((1, 3, 1, 1), np.float32))], "grey")
    with pytest.raises(EngineUnavailable, match="no picture of three channels"):
        try_network(grey.param)
    nan = write_network(tmp_path, [convolution(np.full((3, 3, 1, 1), np.nan, np.float32))], "nan")
    with pytest.raises(EngineUnavailable, match="not numbers"):
        try_network(nan.param)
    write_repeating_onnx(tmp_path / "grey.onnx", 2, channels=1)
    with pytest.raises(EngineUnavailable, match="no picture of three channels"):
        try_network(tmp_path / "grey.onnx")


def test_files_that_are_no_networks_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for name, says in (
        ("a.pth", r"a\.pth is PyTorch's.*convert it to \.onnx"),
        ("a.safetensors", "is PyTorch's"),
        ("a.txt", r"choose a \.param or an \.onnx file"),
        ("a.onnx", r"^The network a\.onnx cannot be used: [^\n]+\.$"),
    ):
        (tmp_path / name).write_bytes(b"not a network")
        with pytest.raises(EngineUnavailable, match=says):
            try_network(tmp_path / name)
    (tmp_path / "alone.param").write_text("7767517\n1 1\nInput in 0 1 blob0\n")
    with pytest.raises(EngineUnavailable, match=r"there is no file .*alone\.bin"):
        try_network(tmp_path / "alone.param")


def test_limits_on_bytes_and_seconds_are_kept(tmp_path: Path) -> None:
    weights = write_network(tmp_path, [deconvolution(repeating(2), stride=2)])
    with pytest.raises(EngineUnavailable, match="more than 0 MiB"):
        try_network(weights.param, most_bytes=10)
    with pytest.raises(EngineUnavailable, match=r"took longer than 0\.01 seconds"):
        try_network(weights.param, seconds=0.01)
