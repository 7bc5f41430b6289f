"""Reads networks in ncnn's own format: a text file of layers (`.param`) and a file of weights (`.bin`).

Format: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure. A `.param` file has a magic number,
the counts of layers and blobs, then a line a layer: its kind, its name, how many blobs it reads and writes, their
names, and `key=value` parameters; a key of -23300 - k holds the array of parameter k, its length first.
A `.bin` file has the layers' weights in the order of the layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from enlarger.errors import EngineUnavailable

_MAGIC = "7767517"
_ARRAY_KEY = -23300
_FLAG_FLOAT32 = 0
_FLAG_FLOAT16 = 0x01306B47

Number = int | float
Weights = NDArray[np.float16] | NDArray[np.float32]
Sample = TypeVar("Sample", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Layer:
    """One line of a `.param` file."""

    kind: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    scalars: Mapping[int, Number]
    arrays: Mapping[int, tuple[float, ...]]


def read_layers(path: Path) -> list[Layer]:
    """The layers of a `.param` file, in the order in which they run.

    Raises EngineUnavailable when the file is not a `.param` file or is cut short.
    """
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    try:
        if lines[0].strip() != _MAGIC:
            raise ValueError("its first line is not ncnn's magic number")
        count = int(lines[1].split()[0])
        body = [line for line in lines[2:] if line.strip()]
        if len(body) != count:
            raise ValueError(f"it names {count} layers and holds {len(body)}")
        return [_parse(line) for line in body]
    except (ValueError, IndexError) as error:
        raise EngineUnavailable(f"{path} is not a usable ncnn .param file: {error}.") from error


def _parse(line: str) -> Layer:
    kind, name, reads, writes, *rest = line.split()
    first_output, first_parameter = int(reads), int(reads) + int(writes)
    scalars: dict[int, Number] = {}
    arrays: dict[int, tuple[float, ...]] = {}
    for item in rest[first_parameter:]:
        key, _, value = item.partition("=")
        if int(key) <= _ARRAY_KEY:
            arrays[_ARRAY_KEY - int(key)] = tuple(float(part) for part in value.split(",")[1:])
        else:
            scalars[int(key)] = int(value) if value.lstrip("-").isdigit() else float(value)
    return Layer(
        kind=kind,
        name=name,
        inputs=tuple(rest[:first_output]),
        outputs=tuple(rest[first_output:first_parameter]),
        scalars=scalars,
        arrays=arrays,
    )


class WeightReader:
    """Reads a `.bin` file from its start to its end, a tensor at a time.

    Raises EngineUnavailable when the file is shorter than what is asked of it, or holds a kind of weights that
    these networks do not have.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = path.read_bytes()
        self._offset = 0

    def weights(self, count: int) -> Weights:
        """`count` weights behind a four-byte flag that says how they are stored; padded to four bytes."""
        flag = int(self._take(np.uint32, 1)[0])
        if flag == _FLAG_FLOAT16:
            half = self._take(np.float16, count)
            self._offset += -self._offset % 4
            return half
        if flag == _FLAG_FLOAT32:
            return self.floats(count)
        raise EngineUnavailable(f"{self._path} holds weights of a kind ({flag:#x}) that is not known here.")

    def floats(self, count: int) -> NDArray[np.float32]:
        """`count` plain 32-bit floats, as biases and slopes are stored."""
        return self._take(np.float32, count)

    def finish(self) -> None:
        """Check that every byte has been read."""
        if self._offset != len(self._data):
            left = len(self._data) - self._offset
            raise EngineUnavailable(f"{self._path} does not fit its .param file: {left} bytes are left over.")

    def _take(self, kind: type[Sample], count: int) -> NDArray[Sample]:
        dtype = np.dtype(kind).newbyteorder("<")
        end = self._offset + dtype.itemsize * count
        if end > len(self._data):
            raise EngineUnavailable(f"{self._path} is cut short: it ends {end - len(self._data)} bytes too early.")
        array = np.frombuffer(self._data, dtype, count, self._offset)
        self._offset = end
        return array
