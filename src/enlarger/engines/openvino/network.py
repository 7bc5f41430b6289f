"""OpenVINO on the CPU, or on an Intel GPU.

The graph is built from the ncnn files once and kept in a cache folder, with OpenVINO's own compiled form beside it;
a cache that is damaged or belongs to other versions is made anew.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from enlarger.engines.backend import Device
from enlarger.engines.ncnn.format import WeightReader, read_layers
from enlarger.engines.networks import Pixels, out_of_memory
from enlarger.engines.openvino.graph import Ranges, build_graph, build_reducer
from enlarger.engines.openvino.onnx_graph import read_onnx
from enlarger.engines.openvino.quiet import ov
from enlarger.engines.openvino.ranges import read_ranges
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import Weights
from enlarger.errors import EngineUnavailable, NetworkUnsupported

_GRAPH_VERSION = 3
"""To be raised when `graph` changes, so that graphs cached before are not used any longer."""

Precision = Literal["f32", "bf16", "fp16", "int8"]
_GPU_OPTIONS: dict[str, object] = {"INFERENCE_PRECISION_HINT": "f16"}
DeviceName = Literal["CPU", "GPU"]
"""As OpenVINO calls them; `GPU` is the first Intel GPU."""


def has_brain_floats() -> bool:
    """Whether this CPU computes in 16-bit brain floats by itself."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def intel_gpu() -> Device | None:
    """Find this machine's Intel GPU with an OpenCL driver. Only for a process that may crash: drivers do."""
    core = ov.Core()
    if not any(name.partition(".")[0] == "GPU" for name in core.available_devices):
        return None
    return Device(core.get_property("GPU", "FULL_DEVICE_NAME"))


class OpenVinoNetwork:
    """A network compiled for this machine's CPU or GPU."""

    def __init__(
        self,
        spec: NetworkSpec,
        *,
        scale: int,
        weights: Weights,
        cache: Path,
        threads: int,
        precision: Precision = "f32",
        device: DeviceName = "CPU",
    ) -> None:
        """Load the network for a `scale` that divides its native one. With `int8` some layers stay in floats.

        `threads` and all precisions but `fp16` apply to the CPU only.

        Raises EngineUnavailable when the weights' files are not usable, or the network is not known in `int8`.
        """
        self.spec = spec
        self.scale = scale
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            **(_GPU_OPTIONS if device == "GPU" else _cpu_options(precision, threads)),
        }
        core = ov.Core()
        ranges = read_ranges(spec.name) if precision == "int8" else {}
        graph = partial(_stored_graph, spec, weights, ranges, cache)
        self._steps = [_compile_cached(core, graph, device, options).create_infer_request()]
        if scale < spec.native_scale:
            reducer = core.compile_model(build_reducer(spec.native_scale // scale), device, options)
            self._steps.append(reducer.create_infer_request())

    def __call__(self, tile: Pixels) -> Pixels:
        """Enlarge a tile; the array returned is valid until the next call.

        Raises EngineOutOfMemory when the process may not have the memory for it.
        """
        pixels = tile[np.newaxis]
        try:
            for step in self._steps:
                step.infer([pixels], share_inputs=True)
                pixels = step.get_output_tensor().data
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or "alloc" in str(error).lower():
                raise out_of_memory(tile) from error
            raise
        output: Pixels = pixels[0]
        return output


def _cpu_options(precision: Precision, threads: int) -> dict[str, object]:
    computed_in = "f32" if precision == "f32" or not has_brain_floats() else "bf16"
    return {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": computed_in}


def _compile_cached(
    core: ov.Core, make_graph: Callable[[], Path], device: DeviceName, options: dict[str, object]
) -> ov.CompiledModel:
    graph = make_graph()
    try:
        return core.compile_model(graph, device, {**options, "CACHE_DIR": str(graph.parent)})
    except RuntimeError:
        # What a full disk or a cut copy left behind; nothing in it that cannot be made again.
        shutil.rmtree(graph.parent, ignore_errors=True)
        graph = make_graph()
        return core.compile_model(graph, device, {**options, "CACHE_DIR": str(graph.parent)})


def _stored_graph(spec: NetworkSpec, weights: Weights, ranges: Ranges, cache: Path) -> Path:
    """The network's graph on disk, made when it is not there; two processes may do this at once."""
    folder = cache / f"{spec.name.replace('/', '-')}-{_fingerprint(weights, ranges)}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".making-", dir=cache))
        if spec.own:
            _forget_others(folder, cache, spec)
        try:
            model = _read(spec, weights, ranges)
            ov.save_model(model, made / "graph.xml", compress_to_fp16=False)
            made.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder / "graph.xml"


def _forget_others(folder: Path, cache: Path, spec: NetworkSpec) -> None:
    """Remove what is cached of networks of the user's own that had the same name before."""
    for other in cache.glob(f"{spec.name.partition('@')[0].replace('/', '-')}@*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _read(spec: NetworkSpec, weights: Weights, ranges: Ranges) -> ov.Model:
    """The network's graph, from its files. Raises EngineUnavailable."""
    if weights.is_onnx:
        return read_onnx(weights.param)
    layers, reader = read_layers(weights.param), WeightReader(weights.bin)
    try:
        return build_graph(layers, reader, name=spec.name, ranges=ranges)
    except (EngineUnavailable, LookupError, ValueError, RuntimeError) as error:
        if not spec.own or isinstance(error, NetworkUnsupported):
            raise
        # ncnn has run it, so what is not understood is a kind of layer or of weights that is not known here.
        raise NetworkUnsupported(f"OpenVINO's graph cannot be made of it ({str(error).rstrip('.')}).") from error


def _fingerprint(weights: Weights, ranges: Ranges) -> str:
    digest = hashlib.blake2b(f"{_GRAPH_VERSION} {ov.__version__} {sorted(ranges.items())}".encode(), digest_size=8)
    for path in dict.fromkeys((weights.param, weights.bin)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
