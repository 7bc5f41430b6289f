"""Converts a PyTorch network to ONNX in a separate process, with packages that the user has installed.

python -m enlarger.engines.torch.conversion FILE TARGET   writes TARGET, an ONNX file, and prints a Conversion
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

from enlarger.engines.limited_process import ask, begin
from enlarger.errors import EngineOutOfMemory, EngineUnavailable

PYTORCH = (".pth", ".pt", ".ckpt", ".safetensors")
"""The suffixes of PyTorch's model files."""
_PACKAGES = ("torch", "spandrel", "onnx")
_SECONDS = 600.0
"""On a busy machine importing PyTorch takes up to half a minute, and exporting a large network a few minutes."""


class Conversion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a network that was converted, or why it could not be."""

    multiple: int = 1
    """What the sides of its input must be a multiple of, at least: a power of two."""
    why_not: str | None = None


def check_packages(file: Path) -> None:
    """Raise EngineUnavailable, with the command that installs them, if packages for converting `file` are missing."""
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        installer = f"{sys.executable} -m pip install"
        if find_spec("pip") is None:
            installer = f"uv pip install --python {sys.executable}"
        raise EngineUnavailable(
            f"The file {file.name} is PyTorch's, and converting it needs packages that do not come with Enlarger: run"
            f" `{installer} {' '.join(missing)}`, or convert it to .onnx elsewhere."
        )


def convert(file: Path, target: Path, *, seconds: float = _SECONDS) -> Conversion:
    """Write the network in `file` to `target` as ONNX, for pictures of any height and width.

    Raises EngineUnavailable, in one sentence, when it cannot be converted, or takes longer than `seconds`.
    """
    module, paths = "enlarger.engines.torch.conversion", (str(file.resolve()), str(target.resolve()))
    try:
        done = ask(module, *paths, answer=Conversion, seconds=seconds, doing="converting it to ONNX")
    except EngineUnavailable as error:
        done = Conversion(why_not=str(error))
    if done.why_not is not None:
        raise EngineUnavailable(f"The network {file.name} cannot be used: {done.why_not}.")
    return done


def main() -> None:
    """Convert the file that the command line names."""
    tell = begin(_SECONDS)
    tell(_convert(*map(Path, sys.argv[1:])))


def _convert(file: Path, target: Path) -> Conversion:
    try:
        from enlarger.engines.torch.exporting import export_network
    except ImportError as error:
        return Conversion(why_not=f"PyTorch, spandrel or onnx cannot be loaded ({error})")
    try:
        return Conversion(multiple=export_network(file, target))
    except EngineUnavailable as error:
        return Conversion(why_not=str(error))
    except (EngineOutOfMemory, MemoryError):
        return Conversion(why_not="converting it to ONNX ran out of memory")


if __name__ == "__main__":
    main()
