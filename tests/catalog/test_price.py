"""Prices: exact where the input decides them, else the most that they can be."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from enlarger.catalog import build_input_or_raise, get_model, list_models, quote
from enlarger.catalog.describe import say_price
from enlarger.catalog.preview import preview
from enlarger.catalog.schema import example
from tests.pictures import photo, save

_URL = "https://example.com/a.png"


@pytest.mark.parametrize(
    ("model", "payload", "credits"),
    [
        ("google/nano-banana", {"prompt": "x"}, 4),
        ("nano-banana-pro", {"prompt": "x", "resolution": "2K"}, 18),
        ("nano-banana-pro", {"prompt": "x", "resolution": "4K"}, 24),
        ("grok-imagine/text-to-image", {"prompt": "x"}, 4),
        ("grok-imagine/text-to-image", {"prompt": "x", "enable_pro": True}, 5),
        ("grok-imagine/image-to-image", {"prompt": "x", "image_urls": _URL}, 8),
        ("ideogram/character", {"prompt": "x", "reference_image_urls": _URL, "num_images": 3}, 54),
        ("flux1-kontext", {"prompt": "x", "model": "flux-kontext-max"}, 10),
        ("qwen3/image-to-image", {"prompt": "x", "image_urls": [_URL, _URL]}, 5.8),
        ("seedream/5-pro-image-to-image", {"prompt": "a room", "image_urls": [_URL] * 3, "quality": "high"}, 15),
        ("happyhorse/text-to-video", {"prompt": "x", "resolution": "1080p", "duration": 10}, 480),
        ("kling-2.6/text-to-video", {"prompt": "x", "duration": "10", "sound": True, "aspect_ratio": "1:1"}, 220),
        ("hailuo/02-text-to-video-pro", {"prompt": "x"}, 57),
        ("bytedance/seedance-2", {"prompt": "a room", "resolution": "720p", "duration": 5}, 205),
        ("recraft/remove-background", {"image": _URL}, 1),
        ("real-esrgan/fast", {"image_url": _URL}, 0),
    ],
)
def test_a_price_that_the_input_decides_is_exact(model: str, payload: dict[str, Any], credits: float) -> None:
    spec = get_model(model)
    priced = quote(spec, build_input_or_raise(spec, payload))
    assert (priced.amount, priced.exact, priced.why) == (credits, True, None)
    assert priced.usd == pytest.approx(credits * 0.005)


@pytest.mark.parametrize(("pictures", "more"), [(1, 0), (5, 0), (6, 4), (9, 16)])
def test_inputs_beyond_those_that_are_free_cost_more_and_fewer_cost_no_less(pictures: int, more: float) -> None:
    model = get_model("minimax-h3/reference-to-video")
    payload = {"prompt": "x", "resolution": "768P", "duration": 6, "reference_image_urls": [_URL] * pictures}
    assert quote(model, build_input_or_raise(model, payload)).amount == 6 * 8 + more


@pytest.mark.parametrize(
    ("size", "credits"), [((512, 400), 10), ((513, 400), 20), ((1025, 9), 40), ((9, 9000), 40), ((9, 9), 10)]
)
def test_a_price_by_the_results_size_follows_from_the_pictures(size: tuple[int, int], credits: float) -> None:
    model = get_model("topaz/image-upscale")
    priced = quote(model, build_input_or_raise(model, {"image_url": _URL, "upscale_factor": 4}), size=size)
    assert (priced.amount, priced.exact) == (credits, True)


@pytest.mark.parametrize(
    ("model", "input", "most", "why"),
    [
        ("bytedance/seedance-2", {"resolution": "720p", "duration": 5}, 41 * 5, None),
        (
            "bytedance/seedance-2",
            {"resolution": "720p", "duration": 5, "reference_video_urls": [_URL]},
            25 * (5 + 15),
            "it depends on the length of the input's video",
        ),
        ("happyhorse/text-to-video", {"resolution": "1080p", "duration": 1}, 48, None),
        ("happyhorse/text-to-video", {"duration": 5}, 48 * 5, "it depends on resolution"),
        ("happyhorse/text-to-video", {"resolution": "720p"}, 28 * 15, "it depends on the length of the result"),
        (
            "happyhorse/text-to-video",
            {},
            48 * 15,
            "it depends on resolution; it depends on the length of the result",
        ),
        ("minimax-h3/text-to-video", {"resolution": "2K"}, 13 * 15, "it depends on the length of the result"),
        ("bytedance/seedance-2", {"resolution": "480p"}, 19 * 15, "it depends on the length of the result"),
    ],
)
def test_seconds_that_nothing_says_are_the_most_that_there_can_be(
    model: str, input: dict[str, Any], most: float, why: str | None
) -> None:
    priced = quote(get_model(model), {"prompt": "x", **input})
    assert (priced.amount, priced.exact, priced.why) == (most, why is None, why)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_picture_in_the_input_is_measured(suffix: str, tmp_path: Any) -> None:
    model = get_model("topaz/image-upscale")
    for width, credits in ((512, 10), (1024, 20)):
        picture = save(photo(width, 20), tmp_path / f"{width}.{suffix}").read_bytes()
        inline = base64.b64encode(picture).decode()
        assert quote(model, build_input_or_raise(model, {"image": inline, "upscale_factor": 4})).amount == credits


@pytest.mark.parametrize(
    ("model", "payload", "most", "why"),
    [
        ("topaz/image-upscale", {"image_url": _URL}, 40, "output"),
        ("infinitalk/from-audio", {"image_url": _URL, "audio_url": _URL, "prompt": "x"}, 45, "length of the result"),
        ("grok-imagine-image-2-0/text-to-image", {"prompt": "x", "aspect_ratio": "1:1"}, 12, "how many pictures"),
        ("qwen/text-to-image", {"prompt": "x"}, 4.2, "the result's size"),
        ("wan/3-0-video", {"prompt": "x", "duration": -1}, 960, "length of the result"),
        ("wan/3-0-video", {"prompt": "x", "reference_video_urls": [_URL]}, 640, "length of the input's video"),
        ("bytedance/seedance-2-5", {"prompt": "x", "duration": -1}, 1890, "length of the result"),
        ("bytedance/seedream-v4-text-to-image", {"prompt": "x", "max_images": 6}, 30, "how many pictures"),
    ],
)
def test_what_cannot_be_known_is_the_most_that_it_can_be(
    model: str, payload: dict[str, Any], most: float, why: str
) -> None:
    spec = get_model(model)
    priced = quote(spec, build_input_or_raise(spec, payload))
    assert (priced.amount, priced.exact) == (most, False)
    assert why in (priced.why or "")


def test_a_model_without_a_known_price_says_so() -> None:
    priced = quote(get_model("wan/2-6-flash-image-to-video"), {})
    assert (priced.amount, priced.usd, priced.exact) == (None, None, False)


def test_every_model_has_a_quote_for_its_example() -> None:
    for model in list_models():
        priced = quote(model, example(model))
        assert say_price(model)
        if model.price.rules:
            assert priced.amount is not None
            assert 0 <= priced.amount <= 7000, model.id
            assert priced.exact == (priced.why is None)


def test_a_preview_shows_nothing_that_is_secret_or_long() -> None:
    shown = preview(
        {
            "task_id": "281e5b0aaaaaaaaaaaaaaaaaaaaf39b9",
            "image_urls": [
                "https://u:secret@secret@a.example/bot-token/b.png?key=secret",
                "data:image/png;base64,AAAA",
            ],
            "prompt": "a room with https://b.example/c?d=secret in it " + "word " * 50,
            "image": "QUJD" * 100,
            "seed": 5,
        }
    )
    assert shown["task_id"] == "281e5b0***f39b9"
    assert shown["image_urls"] == ["https://a.example/…", "<image/png>"]
    assert "secret" not in str(shown)
    assert len(shown["prompt"]) == 81
    assert len(shown["image"]) < 20
    assert shown["seed"] == 5


@pytest.mark.parametrize("duration", ["-1", "0", "86400", "100000", "1e9", "nan", "inf", "long"])
def test_what_is_no_length_is_taken_for_an_unknown_one(duration: str) -> None:
    model = get_model("happyhorse/text-to-video")
    input = {"prompt": "x", "resolution": "1080p"}
    assert quote(model, {**input, "duration": duration}) == quote(model, input)
