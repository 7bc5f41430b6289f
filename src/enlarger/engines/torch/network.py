"""Networks as PyTorch runs them: on a GPU in half floats; on the CPU, for tests, in 32-bit floats."""

from __future__ import annotations

import platform
from typing import Literal

import numpy as np
import torch

from enlarger.engines.backend import Device
from enlarger.engines.ncnn.format import WeightReader, read_layers
from enlarger.engines.networks import Pixels, out_of_memory
from enlarger.engines.reducing import reduce
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.torch.graph import Graph
from enlarger.engines.weights.files import Weights
from enlarger.errors import NetworkUnsupported

Kind = Literal["cuda", "mps", "cpu"]
"""As PyTorch names its devices."""


def find_device(kind: Kind) -> Device | None:
    """The GPU of this kind that PyTorch uses by default; None when there is none, or PyTorch was built without it."""
    if kind == "cuda" and torch.cuda.is_available():
        return Device(torch.cuda.get_device_name(), version=f"CUDA {torch.version.cuda}")
    if kind == "mps" and torch.backends.mps.is_available():
        return Device(f"Apple {platform.machine()}", version=platform.mac_ver()[0])
    return None


class TorchNetwork:
    """A network whose weights are on a device of PyTorch's."""

    def __init__(self, spec: NetworkSpec, *, scale: int, weights: Weights, kind: Kind, half: bool) -> None:
        """Load the network for a `scale` that divides its native one, in `half` or in 32-bit floats.

        Raises EngineUnavailable when the weights' files are not usable, NetworkUnsupported when the network has a
        layer that is not known here.
        """
        self.spec = spec
        self.scale = scale
        self._device = torch.device(kind)
        self._dtype = torch.float16 if half else torch.float32
        # NVIDIA's tensor cores read a pixel's channels one after the other.
        self._layout = torch.channels_last if kind == "cuda" else torch.contiguous_format
        torch.backends.cudnn.benchmark = True  # most tiles have one size: the fastest kernels for it are worth a search
        self._graph = self._read(weights)

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile. Raises EngineOutOfMemory when the device has too little memory for it."""
        try:
            with torch.inference_mode():
                planes = self._to_device(np.ascontiguousarray(tile.transpose(2, 0, 1))[np.newaxis])
                output = self._graph(planes.contiguous(memory_format=self._layout))
                pixels: Pixels = output[0].permute(1, 2, 0).float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            if self._device.type == "cuda":
                torch.cuda.empty_cache()
            raise out_of_memory(tile) from error
        return pixels if self.scale == self.spec.native_scale else reduce(pixels, self.spec.native_scale // self.scale)

    def _read(self, weights: Weights) -> Graph:
        if weights.is_onnx:
            raise NetworkUnsupported("PyTorch does not read ONNX files")
        layers, reader = read_layers(weights.param), WeightReader(weights.bin)
        try:
            return Graph(layers, reader, to_device=self._to_device, layout=self._layout)
        except (LookupError, ValueError, RuntimeError) as error:
            if not self.spec.own:
                raise
            raise NetworkUnsupported(f"{self.spec.name} has layers that are not understood here: {error}") from error

    def _to_device(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values).to(self._device, self._dtype)
