"""Networks as ncnn runs them: on the CPU in 32-bit or brain floats, on a GPU by Vulkan in half floats."""

from __future__ import annotations

import ncnn
import numpy as np

from enlarger.engines.backend import Device
from enlarger.engines.ncnn.format import read_layers
from enlarger.engines.networks import Pixels, out_of_memory
from enlarger.engines.reducing import reduce
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import Weights
from enlarger.errors import EngineUnavailable, NetworkUnsupported

_OUT_OF_MEMORY = -100
"""What ncnn returns for every allocation that fails."""
_SOFTWARE = 3
"""ncnn's type of a Vulkan device that is the CPU in truth (VK_PHYSICAL_DEVICE_TYPE_CPU)."""


def best_gpu() -> Device | None:
    """The device of Vulkan that ncnn prefers: a graphics card of its own before one that is part of the CPU."""
    if not ncnn.get_gpu_count():
        return None
    info = ncnn.get_gpu_info(ncnn.get_default_gpu_index())
    return Device(info.device_name(), version=str(info.driver_version()), chosen_by_itself=info.type() != _SOFTWARE)


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
        """Load the network for a `scale` that divides its native one, on the CPU or on the best GPU.

        Raises EngineUnavailable when the weights' files are not usable.
        """
        self.spec = spec
        self.scale = scale
        if weights.is_onnx:
            raise NetworkUnsupported("ncnn does not read ONNX files.")
        layers = read_layers(weights.param)
        inputs = [layer for layer in layers if layer.kind == "Input"]
        if len(inputs) != 1:
            raise NetworkUnsupported(f"It has {len(inputs)} inputs, and one is needed.")
        self._input, self._output = inputs[0].outputs[0], layers[-1].outputs[0]
        self._net = ncnn.Net()
        options = self._net.opt
        options.num_threads = threads
        options.use_vulkan_compute = gpu
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = gpu
        options.use_bf16_storage = brain_floats
        if gpu:
            self._net.set_vulkan_device(ncnn.get_default_gpu_index())
        if self._net.load_param(str(weights.param)) or self._net.load_model(str(weights.bin)):
            raise EngineUnavailable(
                f"ncnn cannot read the weights {weights.param} and {weights.bin}: they are damaged, belong to different"
                " networks, or have layers that ncnn does not know."
            )

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile. Raises EngineOutOfMemory when there is too little memory for it."""
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))
        extractor = self._net.create_extractor()
        # A copy of ncnn's own: it keeps no array alive, and on a GPU it misreads planes that do not end at 16 bytes.
        extractor.input(self._input, ncnn.Mat(planes).clone())
        code, output = extractor.extract(self._output)
        if code == _OUT_OF_MEMORY or output.empty():
            raise out_of_memory(tile)
        if code:
            raise RuntimeError(f"ncnn failed with the code {code}")
        pixels: Pixels = np.array(output).transpose(1, 2, 0)
        return pixels if self.scale == self.spec.native_scale else reduce(pixels, self.spec.native_scale // self.scale)
