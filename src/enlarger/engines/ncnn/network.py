"""Networks as ncnn runs them: on the CPU in 32-bit or brain floats, on a GPU by Vulkan in half floats."""

from __future__ import annotations

import ncnn
import numpy as np

from enlarger.engines.backend import Device
from enlarger.engines.networks import NATIVE_SCALE, NetworkSpec, Pixels, out_of_memory
from enlarger.engines.reducing import reduce
from enlarger.engines.weights import Weights
from enlarger.errors import EngineUnavailable

_OUT_OF_MEMORY = -100
"""What ncnn returns for every allocation that fails."""
_SOFTWARE = 3
"""ncnn's type of a Vulkan device that is the CPU in truth (VK_PHYSICAL_DEVICE_TYPE_CPU)."""


def vulkan_devices() -> list[Device]:
    """The devices that Vulkan knows, in ncnn's order: graphics cards first, then what is part of the CPU."""
    infos = [ncnn.get_gpu_info(index) for index in range(ncnn.get_gpu_count())]
    return [
        Device(info.device_name(), version=str(info.driver_version()), chosen_by_itself=info.type() != _SOFTWARE)
        for info in infos
    ]


class NcnnNetwork:
    """A network loaded by ncnn."""

    def __init__(
        self,
        spec: NetworkSpec,
        *,
        scale: int,
        weights: Weights,
        threads: int,
        brain_floats: bool = False,
        gpu: bool = False,
    ) -> None:
        """Load the network for the `scale` 1, 2 or 4, on the CPU or on the first device of Vulkan.

        Raises EngineUnavailable when the weights' files are not usable.
        """
        self.spec = spec
        self.scale = scale
        self._net = ncnn.Net()
        options = self._net.opt
        options.num_threads = threads
        options.use_vulkan_compute = gpu
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = gpu
        options.use_bf16_storage = brain_floats
        if self._net.load_param(str(weights.param)) or self._net.load_model(str(weights.bin)):
            raise EngineUnavailable(f"ncnn cannot read the weights {weights.param} and {weights.bin}.")

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile. Raises EngineOutOfMemory when there is too little memory for it."""
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))  # ncnn looks into this array, and keeps no copy
        extractor = self._net.create_extractor()
        extractor.input("data", ncnn.Mat(planes))
        code, output = extractor.extract("output")
        if code == _OUT_OF_MEMORY or output.empty():
            raise out_of_memory(tile)
        if code:
            raise RuntimeError(f"ncnn failed with the code {code}")
        pixels: Pixels = np.array(output).transpose(1, 2, 0)
        return pixels if self.scale == NATIVE_SCALE else reduce(pixels, NATIVE_SCALE // self.scale)
