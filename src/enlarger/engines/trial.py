"""Tries a network of unknown origin, in a process that it may crash, exhaust or hang, and finds what is to be known.

python -m enlarger.engines.trial FILE MULTIPLE   prints a Trial; a later one replaces those before it
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from enlarger.engines.backend import Loading
from enlarger.engines.backends import BACKENDS
from enlarger.engines.examining import Examination, Trial
from enlarger.engines.limited_process import ask, begin
from enlarger.engines.networks import Network
from enlarger.engines.resources import available_cpus
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.torch.conversion import PYTORCH, check_packages
from enlarger.engines.weights.files import Weights, WeightsFile
from enlarger.engines.weights.packages import OWN
from enlarger.errors import EngineError, EngineOutOfMemory, EngineUnavailable

_MIB = 1 << 20
_MOST_BYTES = 512 * _MIB
"""Of a network's files together; those that are passed around have at most 70 MB."""
_SECONDS = 300.0
"""The slowest networks that are passed around take 10 on two cores, and a busy machine is ten times slower."""
_OUT_OF_MEMORY = "it ran out of memory, or does not take a picture of three channels"
_BAD_ALLOC = "bad_alloc"
"""Part of the C++ exception for a failed allocation."""


def try_network(file: Path, *, least_multiple: int = 1, seconds: float = _SECONDS) -> Trial:
    """Run the network in `file`, a `.param` with its `.bin` beside it or an `.onnx`.

    The sides of its input are known to have to be multiples of `least_multiple`, a power of two.

    Raises EngineUnavailable, in one sentence, when it is no network that makes a picture of three channels from
    another, or cannot be run in tiles, or takes longer than `seconds`.
    """
    doing, arguments = "trying it on small pictures", (str(file.resolve()), str(least_multiple))
    try:
        trial = ask("enlarger.engines.trial", *arguments, answer=Trial, seconds=seconds, doing=doing)
    except EngineUnavailable as error:
        trial = Trial(why_not=str(error))
    if trial.why_not is not None:
        raise EngineUnavailable(f"The network {file.name} cannot be used: {trial.why_not}.")
    return trial


def network_files(file: Path, *, most_bytes: int = _MOST_BYTES) -> list[Path]:
    """The files of the network that `file` is named for, the one that names it first.

    Raises EngineUnavailable for a kind that is not known, for a file that is not there, for more than `most_bytes`, and
    when a package is missing that the kind needs.
    """
    files = _name_files(file)
    for one in files:
        if not one.is_file():
            raise EngineUnavailable(f"The network {file.name} cannot be used: there is no file {one}.")
    if sum(one.stat().st_size for one in files) > most_bytes:
        raise EngineUnavailable(f"The network {file.name} has more than {most_bytes // _MIB} MiB, which is the limit.")
    if files[0].suffix.lower() in PYTORCH:
        check_packages(file)
    return files


def _name_files(file: Path) -> list[Path]:
    match file.suffix.lower():
        case ".param":
            return [file, file.with_suffix(".bin")]
        case ".bin" if file.with_suffix(".param").is_file():
            return [file.with_suffix(".param"), file]
        case ".onnx":
            return [file]
        case suffix if suffix in PYTORCH:
            return [file]
    raise EngineUnavailable(
        f"The file {file.name} is not a supported network: choose a .param, .onnx, .pth or .safetensors file."
    )


def main() -> None:
    """Try the network that the command line names."""
    tell = begin(_SECONDS)
    file = Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="enlarger-trial-") as cache:
        _try(file, int(sys.argv[2]), Path(cache), tell)


def _try(file: Path, least_multiple: int, cache: Path, tell: Callable[[Trial], None]) -> None:
    try:
        network, memory = _open(file, cache)
        examination = Examination(network, memory, least_multiple)
        trial = examination.examine()
    except (EngineOutOfMemory, MemoryError):
        tell(Trial(why_not=_OUT_OF_MEMORY))
    except (EngineError, RuntimeError, ValueError) as error:
        if _BAD_ALLOC in str(error):
            tell(Trial(why_not=_OUT_OF_MEMORY))
            return
        lines = str(error).replace(f"{file.parent}{os.sep}", "").strip().splitlines() or [type(error).__name__]
        tell(Trial(why_not=lines[-1].strip().rstrip(".")))
    else:
        tell(trial)
        if trial.why_not is None:
            tell(examination.relax(trial))  # which may crash; what was told before holds then


def _open(file: Path, cache: Path) -> tuple[Network, float]:
    """The network as the engine of its format runs it, but bare, and how much memory it takes there."""
    weights = Weights(file, file.with_suffix(".bin") if file.suffix == ".param" else file)
    backend = BACKENDS["openvino-cpu" if weights.is_onnx else "ncnn-cpu"]
    spec = NetworkSpec(
        name="trial",
        weights=WeightsFile(OWN, str(file)),
        native_scale=1,
        context=0,
        feather=0,
        tile_limit=0,
        base_bytes=0,
        bytes_per_pixel=0,
        second_pass="",
        own=True,
    )
    loading = Loading(spec=spec, scale=1, weights=weights, cache=cache, threads=available_cpus())
    return backend.load(loading), backend.memory


if __name__ == "__main__":
    main()
