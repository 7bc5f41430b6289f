"""The backends of OpenVINO. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial

from enlarger.engines.backend import Backend, Device, Loading, this_cpu
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable


def _cpu_with_brain_floats() -> Device:
    from enlarger.engines.openvino.network import has_brain_floats

    if not has_brain_floats():
        raise EngineUnavailable("this CPU does not compute in brain floats (AVX-512 BF16 or AMX)")
    return this_cpu()


def _load(loading: Loading, *, brain_floats: bool) -> Network:
    from enlarger.engines.openvino.network import OpenVinoNetwork

    return OpenVinoNetwork(
        loading.spec,
        scale=loading.scale,
        weights=loading.weights,
        cache=loading.cache,
        threads=loading.threads,
        brain_floats=brain_floats,
    )


OPENVINO = (
    Backend(
        name="openvino-cpu",
        library="openvino",
        precision="f32",
        find=this_cpu,
        load=partial(_load, brain_floats=False),
    ),
    Backend(
        name="openvino-cpu-bf16",
        library="openvino",
        precision="bf16",
        find=_cpu_with_brain_floats,
        load=partial(_load, brain_floats=True),
    ),
)
