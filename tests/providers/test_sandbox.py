"""The sandbox: it accepts everything, remembers nothing, and does what a prompt tells it."""

from __future__ import annotations

import base64
import wave
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image

from enlarger.catalog import Model, build_input_or_raise, get_model, list_models
from enlarger.catalog.schema import example
from enlarger.engines import lettering
from enlarger.engines.media import MP4, WAV, sniff_media
from enlarger.errors import ResultGone, SubmissionRefused
from enlarger.providers import Accepted, Report, Submission
from enlarger.providers.sandbox import SandboxProvider, drawing
from enlarger.providers.sandbox.drawing import clean
from enlarger.providers.sandbox.pictures import read_url
from enlarger.providers.sandbox.settings import SandboxSettings
from enlarger.settings import read_settings
from tests.pictures import load, photo, save
from tests.providers.rig import make_order

SENT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def sandbox(*, after: float = 60.0, **settings: Any) -> SandboxProvider:
    """A sandbox, so many seconds after everything was submitted."""
    return SandboxProvider(read_settings(SandboxSettings, **settings), now=lambda: SENT + timedelta(seconds=after))


def submission(model: str, input: dict[str, Any], *, task_id: str = "a" * 32, hook: str | None = None) -> Submission:
    request = sandbox().prepare(get_model(model), input)
    return Submission(task_id=task_id, request=request, submitted_at=SENT, webhook_url=hook)


def prompt(text: str, **more: Any) -> Submission:
    return submission("google/nano-banana", {"prompt": text, **more})


async def pixels(report: Report, folder: Path, number: int = 0) -> Any:
    target = folder / "result"
    await sandbox().fetch(report.outputs[number], target)
    return load(target)


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
async def test_every_model_of_the_catalogue_gives_what_it_promises(model: Model) -> None:
    provider = sandbox()
    input = build_input_or_raise(model, example(model))
    order = make_order(provider, "a" * 32, model, input)

    accepted = await provider.submit(order)
    assert isinstance(accepted, Accepted)
    sent = Submission(
        task_id=order.task_id,
        request=order.request,
        submitted_at=SENT,
        provider_task_id=accepted.provider_task_id,
    )
    report = await provider.poll(sent)

    assert (report.state, report.provider_task_id, report.cost) == ("succeeded", accepted.provider_task_id, Decimal(0))
    assert report == await sandbox().poll(sent)
    if model.output.media == "data":
        assert report.data is not None
        assert not report.outputs
        return
    wanted = input.get(model.output.count_field or "", model.output.count)
    assert len(set(report.outputs)) == len(report.outputs) == int(wanted)


async def test_a_video_is_an_mp4_file(tmp_path: Path) -> None:
    report = await sandbox().poll(submission("bytedance/v1-lite-text-to-video", {"prompt": "a room"}))
    await sandbox().fetch(report.outputs[0], tmp_path / "result")
    assert sniff_media((tmp_path / "result").read_bytes()) is MP4


async def test_a_sound_is_a_wav_file(tmp_path: Path) -> None:
    report = await sandbox().poll(submission("elevenlabs/text-to-speech-turbo-2-5", {"text": "Hello"}))
    await sandbox().fetch(report.outputs[0], tmp_path / "result")
    with wave.open(str(tmp_path / "result")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate(), sound.getnframes()) == (
            1,
            2,
            8000,
            800,
        )
    assert sniff_media((tmp_path / "result").read_bytes()) is WAV


async def test_each_of_several_pictures_is_another_one(tmp_path: Path) -> None:
    report = await sandbox().poll(submission("ideogram/character", {"prompt": "a room", "num_images": "3"}))
    assert len({(await pixels(report, tmp_path, number)).tobytes() for number in range(3)}) == 3


async def test_a_task_ends_when_its_time_has_passed() -> None:
    task = prompt("a room")

    looks = [await sandbox(after=after, sandbox_seconds=4).poll(task) for after in (-1, 0, 3, 4, 400)]

    assert [look.state for look in looks] == ["running"] * 3 + ["succeeded"] * 2
    assert [look.progress for look in looks] == [0, 0, 75, 100, 100]
    assert looks[3] == looks[4]
    assert looks[3].ended_at == SENT + timedelta(seconds=4)
    assert (await sandbox(after=0, sandbox_seconds=0).poll(task)).state == "succeeded"


async def test_which_tasks_fail_follows_from_the_seed() -> None:
    tasks = [submission("google/nano-banana", {"prompt": "a"}, task_id=f"{number:032x}") for number in range(200)]

    async def failed(**settings: Any) -> list[int]:
        provider = sandbox(**settings)
        return [n for n, task in enumerate(tasks) if (await provider.poll(task)).state == "failed"]

    some = await failed(sandbox_failures=0.25)
    assert 25 <= len(some) <= 75
    assert await failed(sandbox_failures=0.25) == some
    assert await failed(sandbox_failures=0.25, sandbox_seed=1) != some
    assert set(some) < set(await failed(sandbox_failures=0.5))
    assert len(await failed(sandbox_failures=1)) == 200
    assert await failed(sandbox_failures=0) == []


async def test_a_prompt_says_what_shall_happen() -> None:
    order = make_order(sandbox(), "a", get_model("google/nano-banana"), {"prompt": "a room [sandbox refuse]"})
    with pytest.raises(SubmissionRefused) as raised:
        await sandbox().submit(order)
    assert (raised.value.reason, raised.value.code) == ("input", 422)
    assert "a room" not in str(raised.value)

    failed = await sandbox().poll(prompt("a room [Sandbox FAIL]"))
    assert (failed.state, failed.code, failed.faulty_input, failed.outputs) == ("failed", "500", False, ())
    assert failed.message == "The sandbox has failed this task, as its prompt asks for."

    slow = prompt("a room [sandbox slow 90] [sandbox fail]")
    assert (await sandbox(after=89).poll(slow)).state == "running"
    assert (await sandbox(after=90).poll(slow)).state == "failed"
    assert (await sandbox(after=29).poll(prompt("[sandbox slow]"))).state == "running"


async def test_it_can_say_whether_it_took_a_task() -> None:
    provider, none = sandbox(), frozenset[str]()
    lost = prompt("a room")

    found = await provider.find(lost, taken=none)

    assert found is not None
    assert (await provider.poll(lost)).provider_task_id == found.provider_task_id
    assert await provider.find(lost, taken=frozenset({found.provider_task_id})) is None
    assert await provider.find(prompt("[sandbox refuse]"), taken=none) is None
    anew = await provider.find(submission("google/nano-banana", {"prompt": "a room"}, hook="https://h/2"), taken=none)
    assert anew is not None
    assert anew != found


@pytest.mark.parametrize(
    ("model", "input", "size"),
    [
        ("google/nano-banana", {"aspect_ratio": "16:9"}, (1024, 576)),
        ("google/nano-banana", {"aspect_ratio": "auto"}, (1024, 1024)),
        ("nano-banana-pro", {"aspect_ratio": "9:16", "resolution": "2K"}, (1152, 2048)),
        ("nano-banana-2", {"aspect_ratio": "8:1"}, (1024, 128)),
        ("ideogram/v3-text-to-image", {"image_size": "portrait_4_3"}, (768, 1024)),
        ("qwen/text-to-image", {"image_size": "square_hd"}, (1024, 1024)),
        ("4o-image-api", {"size": "3:2"}, (1024, 683)),
        ("flux1-kontext", {"aspectRatio": "21:9"}, (1024, 439)),
        ("google/nano-banana", {"aspect_ratio": "0:0"}, (1024, 1024)),
        ("seedream/5-flash-text-to-image", {"aspect_ratio": "2:3", "size": "1.5K"}, (1024, 1536)),
    ],
)
async def test_a_picture_has_the_size_that_is_asked_for(
    model: str, input: dict[str, Any], size: tuple[int, int], tmp_path: Path
) -> None:
    report = await sandbox().poll(submission(model, {"prompt": "a room", **input}))

    array = await pixels(report, tmp_path)

    assert (array.shape[1], array.shape[0]) == size


async def test_a_picture_is_of_the_format_that_is_asked_for(tmp_path: Path) -> None:
    for wanted, found in (("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")):
        report = await sandbox().poll(prompt("a room", output_format=wanted))
        await sandbox().fetch(report.outputs[0], tmp_path / "result")
        with Image.open(tmp_path / "result") as picture:
            assert picture.format == found


async def test_the_same_task_gives_the_same_picture_and_another_seed_or_input_another(tmp_path: Path) -> None:
    async def drawn(text: str, **settings: Any) -> bytes:
        report = await sandbox(**settings).poll(prompt(text))
        await sandbox().fetch(report.outputs[0], tmp_path / "result")
        return (tmp_path / "result").read_bytes()

    first = await drawn("a room")
    assert await drawn("a room") == first
    assert await drawn("a house") != first
    assert await drawn("a room", sandbox_seed=1) != first


async def test_words_are_drawn_in_any_script_and_are_not_markup(tmp_path: Path) -> None:
    """Each of them leaves another picture than none at all; what is inside is looked at by people."""
    texts = ["", "a < b & c > d", "<b>", "Светлая гостиная", "明亮的客厅", "a\x00b\ud800", "x" * 5000]
    assert (await pixels(await sandbox().poll(prompt("\u200b")), tmp_path)).shape == (1024, 1024, 3)
    seen = {(await pixels(await sandbox().poll(prompt(text)), tmp_path)).tobytes() for text in texts}
    assert len(seen) == len(texts)


def test_a_prompt_is_cleaned_and_cut() -> None:
    assert clean("  a\n\tb\x00c\ud800 ") == "a b c"
    assert len(clean("word " * 9000)) == 1200


def test_our_font_has_the_scripts_of_our_languages() -> None:
    """Another font's letters, or the boxes for letters that no font has, would be other pictures."""
    assert lettering.font_file() is not None
    boxes = {lettering.line(letter, 900, 40).write_to_memory()[:] for letter in "\ue001\ue002"}
    for letter in "AßЖё你好漢":
        assert lettering.line(letter, 900, 40).write_to_memory()[:] not in boxes


async def test_an_uploaded_picture_is_the_ground(tmp_path: Path) -> None:
    array = np.full((600, 900, 3), (200, 40, 40), np.uint8)
    path = save(array, tmp_path / "a.png")
    provider = sandbox()

    url = await provider.upload(path, name="a.png", mime_type="image/png")

    copy = read_url(url)
    assert copy is not None
    assert (copy.width, copy.height, copy.format) == (900, 600, "png")
    assert len(url) < 60_000
    report = await provider.poll(submission("topaz/image-upscale", {"image_url": url, "upscale_factor": "2"}))
    result = await pixels(report, tmp_path)
    assert result.shape == (1200, 1800, 3)
    red, green, _ = result[-20, -20]
    assert red > 2 * green
    edited = await provider.poll(
        submission("google/nano-banana-edit", {"image_urls": [url], "prompt": "a", "aspect_ratio": "3:4"})
    )
    assert (await pixels(edited, tmp_path)).shape == (1024, 768, 3)


async def test_an_enlarged_picture_keeps_its_format(tmp_path: Path) -> None:
    path = save(photo(40, 30), tmp_path / "a.jpg")
    url = await sandbox().upload(path, name="a.jpg", mime_type="image/jpeg")

    report = await sandbox().poll(submission("recraft/crisp-upscale", {"image": url}))

    await sandbox().fetch(report.outputs[0], tmp_path / "result")
    with Image.open(tmp_path / "result") as picture:
        assert (picture.format, picture.size) == ("JPEG", (160, 120))


async def test_a_result_that_is_too_large_fails_for_its_input(tmp_path: Path) -> None:
    url = await sandbox().upload(save(photo(300, 200), tmp_path / "a.jpg"), name="a.jpg", mime_type="image/jpeg")
    wide = url.replace("width=300", "width=9000")

    by_side = await sandbox().poll(submission("topaz/image-upscale", {"image_url": wide, "upscale_factor": "4"}))
    by_area = await sandbox(max_megapixels=0.1).poll(
        submission("topaz/image-upscale", {"image_url": url, "upscale_factor": "2"})
    )

    assert [report.state for report in (by_side, by_area)] == ["failed", "failed"]
    assert all(report.faulty_input and report.code == "422" for report in (by_side, by_area))
    assert "20000" in (by_side.message or "")
    assert "ENLARGER_MAX_MEGAPIXELS" in (by_area.message or "")


async def test_files_that_are_no_pictures_can_be_uploaded_too(tmp_path: Path) -> None:
    for name, content, mime_type in (("a.txt", b"words", "text/plain"), ("b.png", b"", "image/png; x=y")):
        (tmp_path / name).write_bytes(content)
        url = await sandbox().upload(tmp_path / name, name=name, mime_type=mime_type)
        assert url.startswith("data:")
        assert read_url(url) is None
        report = await sandbox().poll(submission("topaz/image-upscale", {"image_url": url, "upscale_factor": "2"}))
        assert report.state == "succeeded"


@pytest.mark.parametrize(
    "output",
    ["https://example.com/a.png", "sandbox:", "sandbox:????", "sandbox:" + base64.urlsafe_b64encode(b"\x81").decode()],
)
async def test_foreign_addresses_are_not_results(output: str, tmp_path: Path) -> None:
    with pytest.raises(ResultGone):
        await sandbox().fetch(output, tmp_path / "result")
    assert not (tmp_path / "result").exists()


async def test_a_ground_that_is_no_picture_gives_no_result(tmp_path: Path) -> None:
    forged = "data:image/jpeg;width=40;height=30;of=jpg;base64," + base64.b64encode(b"nothing").decode()
    report = await sandbox().poll(submission("topaz/image-upscale", {"image_url": forged, "upscale_factor": "2"}))
    with pytest.raises(ResultGone):
        await sandbox().fetch(report.outputs[0], tmp_path / "result")


async def test_without_a_font_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyvips.Image, "text", lambda *_, **__: pyvips.Image.black(3, 3))
    drawing.check_font.cache_clear()

    with pytest.raises(SubmissionRefused, match=r"enlarger\[sandbox\]") as raised:
        await sandbox().probe()

    assert raised.value.reason == "down"
    drawing.check_font.cache_clear()
