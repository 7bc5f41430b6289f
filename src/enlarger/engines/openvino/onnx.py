"""Networks in ONNX files, run as they are by OpenVINO on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from enlarger.engines.openvino.quiet import ov
from enlarger.errors import EngineOutOfMemory, EngineUnavailable

Tensor = NDArray[np.float32]


class OnnxNetwork:
    """A network compiled for this machine's CPU, in 32-bit floats."""

    def __init__(self, file: Path, *, threads: int) -> None:
        """Load the network. Raises EngineUnavailable when the file is not usable, EngineOutOfMemory as below."""
        options = {
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            self._request = ov.Core().compile_model(file, "CPU", options).create_infer_request()
        except RuntimeError as error:
            if _lacks_memory(error):
                raise _out_of_memory() from error
            raise EngineUnavailable(
                f"The file {file.name} is no network that can be used: remove it, and it is fetched again."
            ) from error

    def __call__(self, input: Tensor) -> Tensor:
        """The first of the network's outputs; the array is valid until the next call.

        Raises EngineOutOfMemory when the process may not have the memory for it.
        """
        try:
            self._request.infer([input], share_inputs=True)
        except (MemoryError, RuntimeError) as error:
            if isinstance(error, MemoryError) or _lacks_memory(error):
                raise _out_of_memory() from error
            raise
        output: Tensor = self._request.get_output_tensor(0).data
        return output


def _lacks_memory(error: Exception) -> bool:
    """Whether it is for want of memory, for values or for another thread's stack."""
    return any(words in str(error).lower() for words in ("alloc", "resource temporarily unavailable"))


def _out_of_memory() -> EngineOutOfMemory:
    return EngineOutOfMemory(
        "The engine ran out of memory: free some on this machine, or raise ENLARGER_ENGINE_MEMORY."
    )
