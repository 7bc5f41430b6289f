"""How long a small picture waits while a large one is enlarged, and how much that delays the large one.

    uv run python -m bench.lanes [--small 0.3] [--large 24] [--middle 1.5] [--network real-esrgan-fast] [--rounds 3]

A picture of `--large` megapixels is started but not finished; how long a small one would have to wait for it is
computed from its progress. One of `--middle` megapixels is enlarged twice, alone and with a small one in between.
Compare the results only if the machine has no other work.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from enlarger.engines.lanes import Lanes
from enlarger.engines.messages import Order
from enlarger.engines.process import EngineProcess
from enlarger.engines.weights.files import INSTALLED

_MEMORY = 4 << 30
_ENGINE = "openvino-cpu"
_KNOWN = 0.02
"""The share of a picture after which its speed is known."""


def make_picture(folder: Path, name: str, megapixels: float) -> Path:
    """Write a picture with sides of 3:2, of coloured noise."""
    height = round(math.sqrt(megapixels * 1e6 / 1.5))
    small = np.random.default_rng(1).integers(0, 255, (height // 16, height * 3 // 32, 3), np.uint8)
    path = folder / f"{name}.png"
    Image.fromarray(small).resize((height * 3 // 2, height), Image.Resampling.BICUBIC).save(path, compress_level=1)
    return path


def make_order(picture: Path, network: str) -> Order:
    """An order that doubles a picture's sides, as a JPEG."""
    return Order(
        source=str(picture),
        target=f"{picture}.jpg",
        network=network,
        factor=2,
        format="jpg",
        memory=_MEMORY,
        max_pixels=10**9,
        max_side=10**6,
    )


class Bench:
    """Runs orders in two lanes."""

    def __init__(self, cache: Path, network: str) -> None:
        self._network = network

        def start_engine() -> EngineProcess:
            return EngineProcess(cache=cache, weights=INSTALLED, memory=_MEMORY, engine=_ENGINE, order_seconds=1e5)

        self._lanes = Lanes(start_engine, _MEMORY)
        self._progress: list[tuple[float, float]] = []
        """The progress of the large picture: times and fractions."""
        self._working = asyncio.Event()

    async def run(self, picture: Path, *, long: bool) -> float:
        """Enlarge a picture; returns the seconds, including the start of the process."""
        began = time.perf_counter()
        await self._lanes.run(make_order(picture, self._network), self._note if long else ignore, long=long)
        return time.perf_counter() - began

    async def beside(self, large: Path, small: Path) -> tuple[float, float]:
        """The seconds for a small picture beside a large one, and those that the large one still needed then."""
        long = await self._begin(large)
        (began, first), (now, last) = self._progress[0], self._progress[-1]
        waits = (now - began) * (1 - last) / (last - first)
        took = await self.run(small, long=False)
        long.cancel()
        await asyncio.wait((long,))
        return took, waits

    async def between(self, middle: Path, small: Path) -> tuple[float, float]:
        """The seconds for a picture with a small one in between, and for the small one."""
        long = await self._begin(middle)
        took = await self.run(small, long=False)
        return await long, took

    async def close(self) -> None:
        await self._lanes.close()

    async def _begin(self, picture: Path) -> asyncio.Task[float]:
        """Start a picture, and return when its speed is known."""
        self._progress.clear()
        self._working.clear()
        run = asyncio.create_task(self.run(picture, long=True))
        await self._working.wait()
        return run

    async def _note(self, fraction: float) -> None:
        if fraction > 0:
            self._progress.append((time.perf_counter(), fraction))
        if fraction > _KNOWN:
            self._working.set()


async def ignore(_: float) -> None:
    pass


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=float, default=0.3)
    parser.add_argument("--large", type=float, default=24)
    parser.add_argument("--middle", type=float, default=1.5)
    parser.add_argument("--network", default="real-esrgan-fast")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="enlarger-bench-") as name:
        folder = Path(name)
        small, middle, large = (
            make_picture(folder, one, getattr(options, one)) for one in ("small", "middle", "large")
        )
        bench = Bench(folder / "cache", options.network)
        await bench.run(small, long=False)
        for _ in range(options.rounds):
            print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {options.network}")
            print(f"{options.small:g} megapixels alone: {await bench.run(small, long=False):.1f} s", flush=True)
            took, waits = await bench.beside(large, small)
            print(f"beside {options.large:g}: {took:.1f} s; the large one needs another {waits:.0f} s", flush=True)
            alone = await bench.run(middle, long=True)
            together, took = await bench.between(middle, small)
            print(f"{options.middle:g} alone: {alone:.1f} s")
            print(
                f"with {options.small:g} in between: {together:.1f} s, of which the small one took {took:.1f} s",
                flush=True,
            )
        await bench.close()


if __name__ == "__main__":
    asyncio.run(main())
