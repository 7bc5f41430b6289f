"""Reads PyTorch networks of the architectures that spandrel knows, and exports them to ONNX."""

from __future__ import annotations

import math
import pickle
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import spandrel
import torch
from torch import Tensor, nn

from enlarger.engines.openvino.onnx import OnnxNetwork
from enlarger.engines.resources import available_cpus
from enlarger.errors import EngineOutOfMemory, EngineUnavailable

LEAST_DECIBELS = 60.0
"""The least PSNR of what OpenVINO makes of the ONNX file against what PyTorch makes of the network."""
_OPSET = 17
_SAFE = (2, 6)
"""The first version of PyTorch whose `weights_only` runs no code that a file holds (CVE-2025-32434)."""
_SIDE = 32
"""The side of the pictures that are tried, or half or a third of it: attention windows have up to 32 pixels a side."""
_MOST_MULTIPLE = 64
"""The largest multiple that a trial's pictures can test."""


def export_network(file: Path, target: Path) -> int:
    """Write the network in `file` to `target` as ONNX, and return what the sides of its input must be a multiple of.

    Raises EngineUnavailable if the file holds anything but weights, the network is not a supported image network, or
    the ONNX file does not match it; the message continues a sentence after "cannot be used:".
    """
    descriptor = describe(read_weights(file))
    multiple = find_multiple(descriptor.size_requirements)
    side = max(_SIDE, multiple)
    _export(descriptor, target, make_picture(2 * side, 3 * side))
    for height, width in ((side, 2 * side), (3 * side, side)):
        compare(descriptor, target, make_picture(height, width))
    return multiple


def read_weights(file: Path) -> dict[str, Any]:
    """Return the weights in `file`. Code that it may contain is not run."""
    with _told(f"its file is damaged, or no {file.suffix} file with a network's weights"):
        weights = safetensors.torch.load_file(file) if file.suffix == ".safetensors" else _unpickle(file)
    if not isinstance(weights, dict):
        raise EngineUnavailable("it holds no weights with their names, as a state_dict does")
    return weights


def _unpickle(file: Path) -> Any:
    if tuple(map(int, re.findall(r"\d+", torch.__version__)[:2])) < _SAFE:
        raise EngineUnavailable(
            f"PyTorch {torch.__version__} may run code that the file holds: install 2.6 or later, or get the network as"
            " .safetensors"
        )
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if not (found := re.search(r"(?i)global:? ([\w.]+\.\w+)", str(error))):
            raise
        raise EngineUnavailable(
            f"it holds more than weights ({found[1][:80]}), which is not loaded because it can be code that runs then:"
            " get it as .safetensors, or with its state_dict alone"
        ) from None


def describe(weights: dict[str, Any]) -> Any:
    """Spandrel's descriptor of the network that has these weights: an ImageModelDescriptor, in 32-bit floats."""
    with _told("its weights do not fit the architecture that their names are of"):
        try:
            descriptor = spandrel.ModelLoader().load_from_state_dict(spandrel.canonicalize_state_dict(weights))
        except spandrel.UnsupportedModelError:
            raise EngineUnavailable("its architecture is not one of those that spandrel knows") from None
    if not isinstance(descriptor, spandrel.ImageModelDescriptor):
        raise EngineUnavailable("it fills in masked parts, and one that enlarges or cleans up pictures is needed")
    if descriptor.purpose == "FaceSR":
        raise EngineUnavailable("it restores single faces, and one that enlarges or cleans up pictures is needed")
    channels = descriptor.input_channels, descriptor.output_channels
    if channels != (3, 3):
        raise EngineUnavailable(f"it takes {channels[0]} channels and makes {channels[1]}, and three each are needed")
    descriptor.float().eval()
    return descriptor


def find_multiple(required: Any) -> int:
    """The least power of two whose multiples meet spandrel's SizeRequirements. Raises EngineUnavailable."""
    if required.square:
        raise EngineUnavailable("it takes square pictures only")
    multiple = 1
    while multiple < required.minimum or multiple % required.multiple_of:
        multiple *= 2
        if multiple > _MOST_MULTIPLE:
            raise EngineUnavailable(
                f"it takes only sides of at least {required.minimum} that are multiples of"
                f" {required.multiple_of}, which is too coarse for tiles"
            )
    return multiple


class _AsDescribed(nn.Module):  # type: ignore[misc] # PyTorch is not installed where types are checked
    """The network as its descriptor runs it: with the extra inputs that some need, and its output clipped to 0..1."""

    def __init__(self, descriptor: Any) -> None:
        super().__init__()
        self.model = descriptor.model
        self._run = descriptor

    def forward(self, picture: Tensor) -> Tensor:
        return self._run(picture)


def _export(descriptor: Any, target: Path, picture: Tensor) -> None:
    name, sides = descriptor.architecture.name, {2: "height", 3: "width"}
    with (
        _told(f"PyTorch cannot export its architecture, {name}, to ONNX for pictures of any size"),
        warnings.catch_warnings(action="ignore"),
        _sizes_stay_dynamic(),
    ):
        # The newer exporter, `dynamo`, refuses or freezes the sizes that most of these architectures compute with.
        torch.onnx.export(
            _AsDescribed(descriptor),
            (picture,),
            target,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes={"input": sides, "output": sides},
            opset_version=_OPSET,
            dynamo=False,
        )


@contextmanager
def _sizes_stay_dynamic() -> Iterator[None]:
    """Keep sizes passed through `torch.tensor` symbolic while tracing, which would otherwise freeze their values."""
    make = torch.tensor

    def tensor(data: Any, **options: Any) -> Tensor:
        if isinstance(data, (list, tuple)) and any(isinstance(item, Tensor) for item in data):
            options.pop("pin_memory", None)
            return torch.stack([torch.as_tensor(item) for item in data]).to(**options)
        return make(data, **options)

    torch.tensor = tensor
    try:
        yield
    finally:
        torch.tensor = make


def compare(descriptor: Any, target: Path, picture: Tensor) -> None:
    """Raise EngineUnavailable if the ONNX file and the network differ on a picture."""
    size = f"{picture.shape[3]}x{picture.shape[2]}"
    with _told(f"PyTorch cannot run it on a picture of {size}"):
        expected = descriptor(picture.clone()).numpy()
    with _told(f"converted to ONNX, it does not run on a picture of {size}"):
        output = OnnxNetwork(target, threads=available_cpus())(picture.numpy())
    if output.shape != expected.shape:
        raise EngineUnavailable(f"converted to ONNX, it makes another size of a picture of {size} than in PyTorch")
    error = float(np.square(output.clip(0, 1) - expected, dtype=np.float64).mean())
    decibels = -10 * math.log10(max(error, 1e-20)) if math.isfinite(error) else 0.0
    if decibels < LEAST_DECIBELS:
        raise EngineUnavailable(
            f"converted to ONNX, it does not do the same as in PyTorch with a picture of {size} ({decibels:.0f} dB, and"
            f" {LEAST_DECIBELS:g} are needed)"
        )


def make_picture(height: int, width: int) -> Tensor:
    """A picture of noise and edges, the same at each call."""
    random = np.random.default_rng(7)
    blocks = random.random((3, height // 8, width // 8), np.float32).repeat(8, axis=1).repeat(8, axis=2)
    return torch.from_numpy(0.7 * blocks + 0.3 * random.random(blocks.shape, np.float32))[None]


@contextmanager
def _told(why_not: str) -> Iterator[None]:
    """Turn any error that is not meant for users into EngineUnavailable with the message `why_not`.

    Running out of memory stays EngineOutOfMemory or MemoryError. Every exception is caught because PyTorch, its
    exporter and spandrel share no base class of errors, and do not validate what a file contains.
    """
    try:
        yield
    except (EngineUnavailable, EngineOutOfMemory, MemoryError):
        raise
    except Exception as error:
        if "alloc" in str(error):
            raise MemoryError from error
        raise EngineUnavailable(why_not) from error
