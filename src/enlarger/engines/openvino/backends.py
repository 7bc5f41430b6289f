"""The backends of OpenVINO. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from enlarger.engines.backend import Backend, Device, Loading, this_cpu
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable

if TYPE_CHECKING:
    from enlarger.engines.openvino.network import DeviceName, Precision


def _cpu_with_brain_floats() -> Device:
    from enlarger.engines.openvino.network import has_brain_floats

    if not has_brain_floats():
        raise EngineUnavailable("this CPU does not compute in brain floats (AVX-512 BF16 or AMX)")
    return this_cpu()


def _intel_gpu() -> Device:
    from enlarger.engines.openvino.network import intel_gpu

    device = intel_gpu()
    if device is None:
        raise EngineUnavailable("no Intel GPU with an OpenCL driver was found")
    return device


def _load(loading: Loading, *, precision: Precision, device: DeviceName = "CPU") -> Network:
    from enlarger.engines.openvino.network import OpenVinoNetwork

    return OpenVinoNetwork(
        loading.spec,
        scale=loading.scale,
        weights=loading.weights,
        cache=loading.cache,
        threads=loading.threads,
        precision=precision,
        device=device,
    )


OPENVINO = (
    Backend(
        name="openvino-cpu",
        library="openvino",
        precision="f32",
        find=this_cpu,
        load=partial(_load, precision="f32"),
    ),
    Backend(
        name="openvino-cpu-bf16",
        library="openvino",
        precision="bf16",
        find=_cpu_with_brain_floats,
        load=partial(_load, precision="bf16"),
    ),
    Backend(
        name="openvino-cpu-int8",
        library="openvino",
        precision="int8",
        for_drafts=True,
        find=this_cpu,
        load=partial(_load, precision="int8"),
    ),
    Backend(
        name="openvino-gpu",
        library="openvino",
        precision="fp16",
        gpu=True,
        find=_intel_gpu,
        load=partial(_load, precision="fp16", device="GPU"),
    ),
)
