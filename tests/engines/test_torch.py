"""PyTorch computes what OpenVINO does: on the CPU here, where it is installed; GPUs are measured before their use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.engines.backends import BACKENDS
from enlarger.engines.networks import NETWORKS, Pixels
from enlarger.engines.openvino.network import OpenVinoNetwork
from enlarger.engines.padding import padded
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import EngineUnavailable, NetworkUnsupported
from tests.pictures import photo, psnr

torch = pytest.importorskip("torch", reason="PyTorch, which the user brings, is not installed")

from enlarger.engines.torch.network import TorchNetwork  # noqa: E402

_STRANGE = """7767517
2 2
Input data 0 1 data
GELU made_up 1 1 data out
"""
_SPECS = [spec for spec in NETWORKS.values() if spec.name == spec.measured_as]
"""Of those with the same layers one."""


def floats(width: int, height: int) -> Pixels:
    return np.asarray(photo(width, height) / 255, np.float32)


def load(spec: NetworkSpec, scale: int) -> TorchNetwork:
    return TorchNetwork(spec, scale=scale, weights=WeightsFolders().find(spec.weights), kind="cpu", half=False)


@pytest.mark.parametrize("spec", _SPECS, ids=lambda spec: str(spec.name))
def test_the_output_is_that_of_openvino(spec: NetworkSpec, cache: Path) -> None:
    try:
        weights = WeightsFolders().find(spec.weights)
    except EngineUnavailable:
        pytest.skip(f"the weights of {spec.name} are not installed")
    picture, scale = floats(41, 27), spec.native_scale
    expected = padded(OpenVinoNetwork(spec, scale=scale, weights=weights, cache=cache, threads=2))(picture)
    output = padded(load(spec, scale))(picture)
    assert output.shape == (27 * scale, 41 * scale, 3)
    assert psnr(output.clip(0, 1), expected.clip(0, 1), full=1) >= 60


def test_outputs_of_several_tiles_are_each_ones_own() -> None:
    network = load(NETWORKS["real-esrgan-fast"], 4)
    first = floats(40, 32)
    expected = network(first).copy()
    network(floats(32, 24))
    assert np.array_equal(network(first), expected)


def test_a_layer_that_is_not_known_is_told(tmp_path: Path) -> None:
    spec = NETWORKS["real-esrgan-fast"]
    (tmp_path / f"{spec.weights.stem}.param").write_text(_STRANGE)
    (tmp_path / f"{spec.weights.stem}.bin").write_bytes(b"")
    weights = WeightsFolders(own=str(tmp_path)).find(spec.weights)
    with pytest.raises(NetworkUnsupported, match="made_up is a GELU"):
        TorchNetwork(spec, scale=4, weights=weights, kind="cpu", half=False)


@pytest.mark.parametrize("kind", ["cuda", "mps"])
def test_a_machine_without_such_a_gpu_is_told(kind: str) -> None:
    if torch.cuda.is_available() if kind == "cuda" else torch.backends.mps.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(EngineUnavailable, match=f"this build of PyTorch finds no GPU for {kind.upper()}"):
        BACKENDS[f"torch-{kind}"].device()
