"""The backends of OpenVINO. The library itself is imported only when one of them is asked for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from enlarger.engines.backend import Backend, Device, Loading, this_cpu
from enlarger.engines.networks import Network
from enlarger.errors import EngineUnavailable

if TYPE_CHECKING:
    from enlarger.engines.openvino.network import Precision


def _cpu_with_brain_floats() -> Device:
    from enlarger.engines.openvino.network import has_brain_floats

    if not has_brain_floats():
        raise EngineUnavailable("this CPU does not compute in brain floats (AVX-512 BF16 or AMX)")
    return this_cpu()


def _load(loading: Loading, *, precision: Precision) -> Network:
    from enlarger.engines.openvino.network import OpenVinoNetwork

    return OpenVinoNetwork(
        loading.spec,
        scale=loading.scale,
        weights=loading.weights,
        cache=loading.cache,
        threads=loading.threads,
        precision=precision,
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
)
