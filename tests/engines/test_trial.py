"""A network of the user's own is tried before it is used: its scale is found, or it is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.backends import BACKENDS
from enlarger.engines.trial import network_files, try_network
from enlarger.errors import EngineUnavailable
from tests.engines.tiny_networks import convolution, deconvolution, halving, keeping, repeating, write_network
from tests.engines.tiny_onnx import write_repeating_onnx

pytestmark = pytest.mark.integration  # processes of their own


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_the_scale_of_an_ncnn_network_is_found(scale: int, tmp_path: Path) -> None:
    layers = [convolution(keeping(3), pad=1), deconvolution(repeating(scale), stride=scale)]
    assert try_network(write_network(tmp_path, layers).param).native_scale == scale


@pytest.mark.parametrize("scale", [2, 4])
def test_the_scale_of_an_onnx_network_is_found(scale: int, tmp_path: Path) -> None:
    write_repeating_onnx(tmp_path / "tiny.onnx", scale)
    assert try_network(tmp_path / "tiny.onnx").native_scale == scale


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
    black = write_network(tmp_path, [convolution(np.zeros((3, 3, 1, 1), np.float32))], "black")
    with pytest.raises(EngineUnavailable, match="one colour all over"):
        try_network(black.param)
    write_repeating_onnx(tmp_path / "grey.onnx", 2, channels=1)
    with pytest.raises(EngineUnavailable, match="no picture of three channels"):
        try_network(tmp_path / "grey.onnx")


def test_what_is_to_be_known_of_a_network_is_found(tmp_path: Path) -> None:
    """How far its pixels depend on others, what its borders lose, and what sides it takes."""
    far = keeping(81)
    far[range(3), range(3), 40, 0] = 0.25
    trial = try_network(write_network(tmp_path, [convolution(far, pad=40)]).param)
    assert (trial.context, trial.margin, trial.multiple) == (48, 0, 1)
    trial = try_network(write_network(tmp_path, [convolution(keeping(5)), deconvolution(repeating(2), stride=2)]).param)
    assert (trial.native_scale, trial.context, trial.margin, trial.multiple) == (2, 12, 2, 1)
    there, back = halving()
    trial = try_network(write_network(tmp_path, [convolution(there, stride=2), deconvolution(back, stride=2)]).param)
    assert (trial.native_scale, trial.margin, trial.multiple) == (1, 0, 2)


def test_the_memory_of_a_pixel_is_measured(tmp_path: Path) -> None:
    wide, narrow = np.zeros((4096, 3, 1, 1), np.float32), np.zeros((3, 4096, 1, 1), np.float32)
    wide[range(3), range(3)] = narrow[range(3), range(3)] = 1  # or nothing would be seen of the picture
    layers = [convolution(wide), convolution(narrow)]
    trial = try_network(write_network(tmp_path, layers).param)
    assert 4096 * 4 < trial.bytes_per_pixel * BACKENDS["ncnn-cpu"].memory < 4096 * 4 * 8
    layers = [convolution(wide.repeat(80, axis=0)), convolution(np.zeros((3, 80 * 4096, 1, 1), np.float32))]
    huge = write_network(tmp_path, layers, "huge").param
    with pytest.raises(EngineUnavailable, match=r"cannot be used: (it ran out of memory|it crashed)"):
        try_network(huge)


def test_a_network_that_looks_at_the_whole_picture_is_refused(tmp_path: Path) -> None:
    """Each tile would get another brightness."""
    with pytest.raises(EngineUnavailable, match="cannot be cut into tiles for it"):
        try_network(write_network(tmp_path, [("InstanceNorm 0=3 1=0.00001 2=0", ())]).param)


@pytest.mark.parametrize("name", ["tiny.param", "tiny.bin", "tiny.onnx"])
@pytest.mark.parametrize("share", [0, 0.5])
def test_damaged_files_are_refused_in_a_sentence(name: str, share: float, tmp_path: Path) -> None:
    write_network(tmp_path, [convolution(keeping(3), pad=1)])
    write_repeating_onnx(tmp_path / "tiny.onnx", 2)
    damaged = tmp_path / name
    damaged.write_bytes(damaged.read_bytes()[: round(damaged.stat().st_size * share)])
    with pytest.raises(EngineUnavailable, match=r"^The network tiny\.\w+ cannot be used: [^\n]+\.$"):
        try_network(network_files(damaged)[0])


def test_files_that_are_no_networks_are_refused_in_a_sentence(tmp_path: Path) -> None:
    for name, says in (
        ("a.txt", r"choose a \.param, \.onnx, \.pth or \.safetensors file"),
        ("a.bin", r"choose a \.param, \.onnx, \.pth or \.safetensors file"),
        ("none.onnx", r"there is no file .*none\.onnx"),
    ):
        (tmp_path / name).write_bytes(b"not a network")
        (tmp_path / "none.onnx").unlink(missing_ok=True)
        with pytest.raises(EngineUnavailable, match=says):
            network_files(tmp_path / name)
    (tmp_path / "alone.param").write_text("7767517\n1 1\nInput in 0 1 blob0\n")
    with pytest.raises(EngineUnavailable, match=r"there is no file .*alone\.bin"):
        network_files(tmp_path / "alone.param")


def test_limits_on_bytes_and_seconds_are_kept(tmp_path: Path) -> None:
    weights = write_network(tmp_path, [deconvolution(repeating(2), stride=2)])
    with pytest.raises(EngineUnavailable, match="more than 0 MiB"):
        network_files(weights.param, most_bytes=10)
    with pytest.raises(EngineUnavailable, match=r"took longer than 0\.01 seconds"):
        try_network(weights.param, seconds=0.01)
