"""The engine of this machine as a provider; what all providers promise is in test_conformance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from enlarger.catalog import get_model
from enlarger.errors import (
    EngineUnavailable,
    PictureUnreadable,
    ProviderSilent,
    ResultGone,
    RouteUnfit,
    StaleClaim,
    SubmissionRefused,
)
from enlarger.protocol.webhook import Webhook
from enlarger.providers import Order, Report, Submission
from enlarger.providers import local as local_module
from enlarger.providers.local import LocalProvider
from enlarger.settings import load_settings
from tests.conftest import MakePhoto
from tests.pictures import load
from tests.providers.rig import no_progress


@pytest.fixture
async def local(cache: Path) -> AsyncIterator[LocalProvider]:
    provider = LocalProvider(load_settings(), cache)
    yield provider
    await provider.close()


@pytest.fixture
def order(make_photo: MakePhoto, tmp_path: Path) -> Order:
    (tmp_path / "work").mkdir()
    return Order(
        task_id="a" * 32,
        model=get_model("real-esrgan/fast"),
        input={"image_url": "https://example.com/a.png", "upscale_factor": "2", "output_format": "webp"},
        picture=make_photo("a.png"),
        workspace=tmp_path / "work",
    )


async def test_a_picture_is_enlarged_as_the_route_says(local: LocalProvider, order: Order, tmp_path: Path) -> None:
    shares: list[float] = []

    async def note(share: float) -> None:
        shares.append(share)

    report = await local.submit(order, note)

    assert isinstance(report, Report)
    assert (report.provider_task_id, report.state, report.progress) == (order.task_id, "succeeded", 100)
    assert (report.cost, report.ended_at) == (Decimal(0), None)
    made = report.made
    assert made is not None
    assert (made.provider, made.engine, made.network) == ("local", "openvino-cpu", "real-esrgan-fast")
    assert (made.source_width, made.source_height, made.width, made.height) == (48, 36, 96, 72)
    assert made.seconds == report.seconds
    assert shares == sorted(shares)
    await local.fetch(report.outputs[0], tmp_path / "copy.webp")
    assert load(tmp_path / "copy.webp").shape == (72, 96, 3)
    assert Path(report.outputs[0]).exists()


async def test_a_fixed_factor_comes_from_the_route(local: LocalProvider, order: Order) -> None:
    crisp = msgspec.structs.replace(
        order, model=get_model("recraft/crisp-upscale"), input={"image": "https://a.example"}
    )

    report = await local.submit(crisp, no_progress)

    assert isinstance(report, Report)
    assert report.made is not None
    assert (report.made.width, report.made.network) == (192, "real-esrgan-x4plus")


async def test_the_engines_errors_are_told_as_they_are(local: LocalProvider, order: Order) -> None:
    assert order.picture is not None
    order.picture.write_bytes(order.picture.read_bytes()[:200])

    with pytest.raises(PictureUnreadable, match="damaged or cut short"):
        await local.submit(order, no_progress)


async def test_an_error_in_progress_calls_the_work_off(
    local: LocalProvider, order: Order, make_photo: MakePhoto
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
        await local.submit(long, cancelled)

    assert isinstance(await local.submit(order, no_progress), Report)


async def test_a_model_without_a_local_route_is_not_run(local: LocalProvider, order: Order) -> None:
    with pytest.raises(RouteUnfit, match="google/nano-banana does not run on this machine"):
        await local.submit(msgspec.structs.replace(order, model=get_model("google/nano-banana")), no_progress)


async def test_nothing_is_kept(local: LocalProvider, order: Order, tmp_path: Path) -> None:
    submission = Submission(
        task_id=order.task_id, model=order.model, input=order.input, submitted_at=datetime(2026, 11, 21, tzinfo=UTC)
    )
    webhook = Webhook(headers={}, body=b"{}")

    with pytest.raises(ResultGone):
        await local.look(submission)
    assert await local.find(submission, taken=frozenset()) is None
    assert await local.read_webhook(webhook, submission) is None
    assert local.webhook_task_id(webhook) is None
    await local.cancel(order.task_id)
    with pytest.raises(ResultGone):
        await local.fetch(str(tmp_path / "nothing"), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    with pytest.raises(ProviderSilent):
        await local.upload(tmp_path / "a.png", name="a.png", mime_type="image/png")


async def test_a_probe_says_that_weights_or_libraries_are_missing(
    order: Order, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "weights"
    empty.mkdir()
    bare = LocalProvider(load_settings(weights_dir=empty), cache)

    with pytest.raises(SubmissionRefused, match="ENLARGER_WEIGHTS_DIR") as raised:
        await bare.probe()
    assert raised.value.reason == "down"
    with pytest.raises(EngineUnavailable, match="ENLARGER_WEIGHTS_DIR"):
        await bare.submit(order, no_progress)
    await bare.close()

    monkeypatch.setattr(local_module, "_LIBRARIES", ("pyvips", "no_such_library"))
    with pytest.raises(SubmissionRefused, match=r"no_such_library.*enlarger\[local\]"):
        await bare.probe()
