"""A task whose GPU fails goes on in smaller tiles, or on the next engine, and says so."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from enlarger.engines.messages import Outcome
from enlarger.engines.process import EngineProcess
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import BadOutput, EngineError, EngineOutOfMemory, EngineUnavailable
from tests.conftest import MakePhoto
from tests.engines.fakes import ENGINE_MODULE
from tests.engines.test_process import ignore, order

pytestmark = pytest.mark.integration  # processes of their own


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EngineProcess]:
    process = EngineProcess(
        cache=tmp_path / "cache", weights=INSTALLED, memory=3 << 30, module=ENGINE_MODULE, order_seconds=120
    )
    yield process
    await process.close()


async def run(engine: EngineProcess, make_photo: MakePhoto, factor: int = 2) -> Outcome:
    outcome = await engine.run(order(make_photo("a.png", 300, 200), factor=factor), ignore)
    assert (outcome.width, outcome.height) == (300 * factor, 200 * factor)
    return outcome


async def test_the_outcome_names_engine_device_and_precision(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "steady gpu")
    outcome = await run(engine, make_photo)
    assert (outcome.engine, outcome.device, outcome.precision, outcome.note) == ("gpu", "fake", "bf16", None)


async def test_a_gpu_with_little_memory_works_in_smaller_tiles(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "steady gpu-cramped")
    outcome = await run(engine, make_photo)
    assert (outcome.engine, outcome.note) == ("gpu-cramped", None)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is the kernel's")
async def test_the_limit_of_the_engines_memory_stops_no_gpu(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "steady gpu-mapping")
    outcome = await run(engine, make_photo)
    assert (outcome.engine, outcome.note) == ("gpu-mapping", None)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gpu-full", "ran out of memory"),
        ("gpu-lost", "the device is lost"),
        ("gpu-crash", "The engine's process was killed"),
        ("gpu-nan", "not numbers"),
        ("gpu-black", "black"),
    ],
)
async def test_the_next_engine_does_what_a_gpu_cannot(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch, name: str, why: str
) -> None:
    monkeypatch.setenv("FAKES", f"steady {name}")
    for _ in range(2):  # also later ones: the GPU is not tried again
        outcome = await run(engine, make_photo)
        assert (outcome.engine, outcome.precision) == ("steady", "f32")
        assert outcome.note is not None
        assert outcome.note.startswith(f"The engine {name} failed (")
        assert why in outcome.note
        assert outcome.note.endswith("); steady has done the work instead.")


async def test_both_passes_of_a_factor_of_8_fall_back(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "steady gpu-lost")
    assert (await run(engine, make_photo, factor=8)).engine == "steady"


async def test_the_next_engine_keeps_to_the_tile_that_was_asked_for(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "cpu-cramped gpu-nan")
    asked = msgspec.structs.replace(order(make_photo("a.png", 300, 200)), tile=96)
    assert (await engine.run(asked, ignore)).engine == "cpu-cramped"


async def test_a_cpu_without_memory_stays_an_error(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another engine would need as much; the sentence says what to do."""
    monkeypatch.setenv("FAKES", "steady cpu-full")
    with pytest.raises(EngineOutOfMemory, match="ENLARGER_ENGINE_MEMORY"):
        await run(engine, make_photo)


async def test_where_no_other_engine_is_left_the_failure_is_told(
    engine: EngineProcess, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKES", "gpu-nan")
    with pytest.raises(BadOutput, match="not numbers"):
        await run(engine, make_photo)
    monkeypatch.setenv("FAKES", "missing")
    await engine.close()
    with pytest.raises(EngineUnavailable, match="No engine runs real-esrgan-fast on this machine: missing"):
        await run(engine, make_photo)


@pytest.mark.parametrize(("name", "says"), [("gpu-lost", "the device is lost"), ("gpu-crash", "process was killed")])
async def test_an_engine_chosen_by_hand_has_no_substitute(
    tmp_path: Path, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.setenv("FAKES", f"steady {name}")
    engine = EngineProcess(
        cache=tmp_path, weights=INSTALLED, memory=3 << 30, engine=name, module=ENGINE_MODULE, order_seconds=120
    )
    with pytest.raises(EngineError, match=says):
        await run(engine, make_photo)
    await engine.close()


async def test_a_network_that_the_engine_chosen_by_hand_does_not_know_runs_on_another(
    make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAKES", "unknowing steady")
    process = EngineProcess(
        cache=tmp_path / "cache",
        weights=INSTALLED,
        memory=3 << 30,
        engine="unknowing",
        module=ENGINE_MODULE,
        order_seconds=120,
    )
    try:
        outcome = await run(process, make_photo)
        assert outcome.engine == "steady"
        assert outcome.note == (
            "The engine unknowing cannot run real-esrgan-fast (The layer 7 is a Crop, which is not known here);"
            " steady has done the work instead."
        )
        asked = msgspec.structs.replace(order(make_photo("b.png")), engine="steady")
        assert (await process.run(asked, ignore)).note is None  # it is what was asked for
    finally:
        await process.close()
