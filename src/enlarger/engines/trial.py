"""Tries a network of unknown origin once, in a process that it may crash, exhaust or hang, and finds its scale.

python -m enlarger.engines.trial FILE   prints a Trial
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from enlarger.engines.devices import how_it_ended
from enlarger.engines.networks import Pixels
from enlarger.engines.resources import limit_memory
from enlarger.errors import EngineError, EngineUnavailable

SCALES = (1, 2, 3, 4, 8)
"""How much a network may enlarge."""
_SIDE = 64
"""Input pixels a side: a multiple of what networks with strides need."""
_MIB = 1 << 20
_MOST_BYTES = 512 * _MIB
"""Of a network's files together; those that are passed around have at most 70 MB."""
_MEMORY = 3072 * _MIB
_SECONDS = 60.0
_PYTORCH = (".pth", ".pt", ".ckpt", ".safetensors")


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How a trial ended."""

    scale: int | None = None
    why_not: str | None = None


def try_network(file: Path, *, seconds: float = _SECONDS, most_bytes: int = _MOST_BYTES) -> int:
    """Run the network in `file`, a `.param` with its `.bin` beside it or an `.onnx`, and return its scale.

    Raises EngineUnavailable, in one sentence, when it is no network that makes a picture of three channels from
    another, or has more than `most_bytes`, or takes longer than `seconds`.
    """
    files = network_files(file)
    for one in files:
        if not one.is_file():
            raise EngineUnavailable(f"The network {file.name} cannot be used: there is no file {one}.")
    if sum(one.stat().st_size for one in files) > most_bytes:
        raise EngineUnavailable(f"The network {file.name} has more than {most_bytes // _MIB} MiB, which is the limit.")
    command = [sys.executable, "-m", "enlarger.engines.trial", str(file.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(
            f"The network {file.name} cannot be used: a tile of {_SIDE}x{_SIDE} pixels took longer than {seconds:g}"
            " seconds."
        ) from None
    try:
        trial = msgspec.json.decode(done.stdout, type=Trial)
    except msgspec.MsgspecError:
        trial = Trial(why_not=how_it_ended(done.returncode, done.stderr))
    if trial.scale is None:
        raise EngineUnavailable(f"The network {file.name} cannot be used: {trial.why_not}.")
    return trial.scale


def network_files(file: Path) -> list[Path]:
    """The files of the network that `file` is named for. Raises EngineUnavailable for a kind that is not known."""
    match file.suffix.lower():
        case ".param":
            return [file, file.with_suffix(".bin")]
        case ".onnx":
            return [file]
        case suffix if suffix in _PYTORCH:
            raise EngineUnavailable(
                f"The file {file.name} is PyTorch's, which this version does not load: convert it to .onnx, or to"
                " ncnn's .param and .bin."
            )
    raise EngineUnavailable(f"The file {file.name} is no network that is known here: choose a .param or an .onnx file.")


def main() -> None:
    """Try the network that the command line names."""
    stdout = os.dup(1)
    os.dup2(2, 1)  # libraries print to stdout
    limit_memory(_MEMORY)
    file = Path(sys.argv[1])
    try:
        run = _open_onnx(file) if file.suffix.lower() == ".onnx" else _open_ncnn(file)
        trial = _judge(run(np.random.default_rng(7).random((_SIDE, _SIDE, 3), np.float32)))
    except (EngineError, RuntimeError, MemoryError, ValueError) as error:
        lines = str(error).replace(f"{file.parent}{os.sep}", "").strip().splitlines() or ["it ran out of memory"]
        trial = Trial(why_not=lines[-1].strip().rstrip("."))
    os.write(stdout, msgspec.json.encode(trial))


def _judge(output: Pixels) -> Trial:
    if output.ndim != 3 or output.shape[2] != 3:
        return Trial(why_not="its output is no picture of three channels")
    height, width = output.shape[:2]
    scale = height // _SIDE
    if (height, width) != (scale * _SIDE, scale * _SIDE) or scale not in SCALES:
        choices = ", ".join(map(str, SCALES[:-1]))
        return Trial(
            why_not=f"it makes {width}x{height} pixels of {_SIDE}x{_SIDE}, and a side of {choices} or {SCALES[-1]}"
            " times as many is needed"
        )
    if not np.isfinite(output).all():
        return Trial(why_not="its output has values that are not numbers")
    return Trial(scale=scale)


def _open_ncnn(file: Path) -> Callable[[Pixels], Pixels]:
    import ncnn

    from enlarger.engines.ncnn.format import read_layers

    layers = read_layers(file)
    if [layer.kind for layer in layers].count("Input") != 1:
        raise EngineUnavailable("it does not have one input")
    net = ncnn.Net()
    options = net.opt
    options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
    if net.load_param(str(file)) or net.load_model(str(file.with_suffix(".bin"))):
        raise EngineUnavailable("ncnn cannot read its files")

    def run(tile: Pixels) -> Pixels:
        planes = np.ascontiguousarray(tile.transpose(2, 0, 1))  # kept until the end: ncnn does not
        extractor = net.create_extractor()
        extractor.input(layers[0].outputs[0], ncnn.Mat(planes).clone())
        code, output = extractor.extract(layers[-1].outputs[0])
        if code or output.empty():
            raise EngineUnavailable("ncnn cannot run it on a picture of three channels")
        return np.moveaxis(np.array(output), 0, -1)

    return run


def _open_onnx(file: Path) -> Callable[[Pixels], Pixels]:
    from enlarger.engines.openvino.quiet import ov

    core = ov.Core()
    model = core.read_model(file)
    if len(model.inputs) != 1:
        raise EngineUnavailable("it does not have one input")
    model.reshape([1, 3, _SIDE, _SIDE])
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(tile: Pixels) -> Pixels:
        output = np.array(compiled([tile.transpose(2, 0, 1)[np.newaxis]])[0])
        return np.moveaxis(output[0], 0, -1)

    return run


if __name__ == "__main__":
    main()
