"""The backends of ncnn. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial

from enlarger.engines.backend import Backend, Device, Loading, this_cpu
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable


def _first_gpu() -> Device:
    from enlarger.engines.ncnn.network import vulkan_devices

    devices = vulkan_devices()
    if not devices:
        raise EngineUnavailable("no GPU with a Vulkan driver was found")
    return devices[0]


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
    Backend(name="ncnn-cpu", library="ncnn", precision="f32", find=this_cpu, load=_load),
    Backend(
        name="ncnn-cpu-bf16", library="ncnn", precision="bf16", find=this_cpu, load=partial(_load, brain_floats=True)
    ),
    Backend(
        name="ncnn-vulkan", library="ncnn", precision="fp16", gpu=True, find=_first_gpu, load=partial(_load, gpu=True)
    ),
)
