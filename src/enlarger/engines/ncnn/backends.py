"""The backends of ncnn. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial

from enlarger.engines.backend import Backend, Device, Loading, this_cpu
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable


def _best_gpu() -> Device:
    from enlarger.engines.ncnn.network import best_gpu

    device = best_gpu()
    if device is None:
        raise EngineUnavailable("no GPU with a Vulkan driver was found")
    return device


def _load(loading: Loading, *, brain_floats: bool = False, gpu: bool = False) -> Network:
    from enlarger.engines.ncnn.network import NcnnNetwork

    return NcnnNetwork(
        loading.spec,
        scale=loading.scale,
        weights=loading.weights,
        threads=loading.threads,
        brain_floats=brain_floats,
        gpu=gpu,
    )


NCNN = (
    # The memory was measured at tiles of 256 pixels: 56 kB a pixel in 32-bit floats, 45 kB in brain floats.
    Backend(name="ncnn-cpu", library="ncnn", precision="f32", memory=5, find=this_cpu, load=_load),
    Backend(
        name="ncnn-cpu-bf16",
        library="ncnn",
        precision="bf16",
        memory=4,
        find=this_cpu,
        load=partial(_load, brain_floats=True),
    ),
    Backend(
        name="ncnn-vulkan", library="ncnn", precision="fp16", gpu=True, find=_best_gpu, load=partial(_load, gpu=True)
    ),
)
