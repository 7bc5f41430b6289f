"""A task may ask for an engine or a precision of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from enlarger.catalog import Model, list_models
from enlarger.engines.auto import candidates
from enlarger.engines.backends import BACKENDS
from enlarger.engines.denoising import MOST
from enlarger.engines.messages import AUTO
from enlarger.engines.process import EngineProcess
from enlarger.engines.tiling import smallest_tile
from enlarger.engines.weights.files import INSTALLED
from enlarger.errors import EngineError, InvalidInput
from tests.conftest import MakePhoto
from tests.engines.fakes import ENGINE_MODULE
from tests.engines.test_process import ignore, order

OWN = [model for model in list_models() if model.engine and model.engine.controls]


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineProcess]:
    monkeypatch.setenv("FAKES", "steady quick missing gpu-nan")
    process = EngineProcess(
        cache=tmp_path / "cache", weights=INSTALLED, memory=3 << 30, module=ENGINE_MODULE, order_seconds=120
    )
    yield process
    await process.close()


@pytest.mark.integration
async def test_each_task_has_the_engine_that_it_asks_for(engine: EngineProcess, make_photo: MakePhoto) -> None:
    plain = order(make_photo("a.png"))
    for asked, used in (
        ({"engine": "steady"}, "steady"),
        ({"engine": "quick"}, "quick"),
        ({"precision": "f32"}, "steady"),
        ({"strength": 0}, "lanczos"),
    ):
        outcome = await engine.run(msgspec.structs.replace(plain, **asked), ignore)
        assert outcome.engine == used, asked
        assert (outcome.network is None) == (used == "lanczos")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"engine": "missing"}, "engine", "The engine missing does not run on this machine: there is none: choose"),
        ({"engine": "warp"}, "engine", "There is no engine 'warp': choose one of steady, quick, missing, gpu-nan"),
        ({"precision": "int8"}, "precision", "No engine runs real-esrgan-fast in int8 on this machine: choose another"),
    ],
)
async def test_what_this_machine_lacks_is_refused_with_the_reason(
    engine: EngineProcess, make_photo: MakePhoto, asked: dict[str, str], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        await engine.run(msgspec.structs.replace(order(make_photo("a.png")), **asked), ignore)
    assert caught.value.field == field


@pytest.mark.integration
async def test_an_engine_that_is_asked_for_has_no_substitute(engine: EngineProcess, make_photo: MakePhoto) -> None:
    asked = msgspec.structs.replace(order(make_photo("a.png")), engine="gpu-nan")
    with pytest.raises(EngineError, match="not numbers"):
        await engine.run(asked, ignore)
    assert (await engine.run(msgspec.structs.replace(asked, engine="steady"), ignore)).engine == "steady"


@pytest.mark.integration
@pytest.mark.parametrize(
    ("asked", "noted"), [({"precision": "int8"}, False), ({"engine": "half-knowing"}, True)], ids=str
)
async def test_a_denoiser_that_it_cannot_run_goes_to_another_engine(
    tmp_path: Path, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], noted: bool
) -> None:
    monkeypatch.setenv("FAKES", "steady half-knowing")
    process = EngineProcess(
        cache=tmp_path / "cache", weights=INSTALLED, memory=3 << 30, module=ENGINE_MODULE, order_seconds=120
    )
    try:
        for denoise in (50, 0):
            wanted = msgspec.structs.replace(order(make_photo("a.png")), denoise=denoise, **asked)
            outcome = await process.run(wanted, ignore)
            assert (outcome.engine, outcome.precision, outcome.denoise) == ("half-knowing", "int8", denoise)
            assert outcome.note == (
                "The engine half-knowing cannot run waifu2x-denoise-3 (The layer 7 is a Crop, which is not known here);"
                " steady has run that instead."
                if noted and denoise
                else None
            )
    finally:
        await process.close()


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.id)
def test_the_catalogue_knows_the_engines_and_the_networks_smallest_tiles(model: Model) -> None:
    assert model.engine is not None
    fields = model.input
    assert fields["engine"].enum == tuple(BACKENDS)
    assert set(fields["precision"].enum) == {backend.precision for backend in BACKENDS.values()}
    networks = candidates(model.engine.network)
    assert fields["tile"].minimum == max(map(smallest_tile, networks))
    assert (fields["denoise"].minimum, fields["denoise"].maximum) == (0, MOST)
    assert fields["denoise"].default == (None if model.engine.network == AUTO else 0)
    assert {fields["tile"].maximum} == {network.tile_limit for network in networks}


def test_the_models_of_this_machine_alone_have_the_controls() -> None:
    """But for those that enlarge nothing, or have a network for each level of noise and enlarge as often as it does."""
    own = [model for model in list_models() if model.providers() == ("local",)]
    enlarging = [model for model in own if model.engine and model.engine.order == "enlarge"]
    assert {model.id for model in OWN} == {
        model.id for model in enlarging if model.engine and not model.engine.networks
    }
