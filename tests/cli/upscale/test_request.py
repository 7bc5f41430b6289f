"""What `enlarger upscale` says of models and errors, in photographers' words."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from enlarger.catalog import get_model, list_models
from enlarger.cli.upscale.report import in_words
from enlarger.cli.upscale.request import UpscaleRequest, check_request, find_model, payload
from enlarger.errors import InputRefused, InvalidInput, UnknownModel


@pytest.mark.parametrize("name", ["real-esrgan/x4pluss", "google/nano-bananna", "topaz/video-upscal", "nothing"])
def test_only_models_that_enlarge_pictures_are_suggested(name: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        find_model(name)
    said = str(caught.value)
    for model in list_models():
        if model.id in said:
            assert "upscale" in model.tasks
            assert model.picture_field() is not None


def test_a_near_miss_is_put_right() -> None:
    with pytest.raises(UnknownModel, match="did you mean real-esrgan/x4plus"):
        find_model("real-esrgan/x4pluss")


def test_a_model_that_takes_a_prompt_says_so() -> None:
    with pytest.raises(InvalidInput, match="google/nano-banana takes a prompt, so it cannot be used here"):
        check_request(UpscaleRequest("google/nano-banana", "4", None), get_model("google/nano-banana"), None)


def test_an_option_that_the_model_does_not_have_is_named() -> None:
    request = UpscaleRequest("topaz/image-upscale", "4", None, quality=90)
    with pytest.raises(InvalidInput, match="image-upscale has no such option: leave --quality out"):
        check_request(request, get_model("topaz/image-upscale"), None)


def test_errors_have_no_advice_for_developers() -> None:
    refused = InputRefused("The jpg picture is damaged.", code=422, remedy="`enlarger models show MODEL` says more.")
    assert in_words(refused) == "The jpg picture is damaged."
    assert in_words(OSError(errno.ENOSPC, "No space left on device", "/x")) == "No space left on device."


def checked(model: str = "real-esrgan/fast", **asked: Any) -> UpscaleRequest:
    request = UpscaleRequest(model, asked.pop("factor", None), None, **asked)
    return check_request(request, get_model(model), None)


@pytest.mark.parametrize(
    ("asked", "mark", "sent"),
    [
        ({}, "@4x", {"upscale_factor": "4"}),
        ({"factor": "1.50"}, "@1.5x", {"upscale_factor": "1.5"}),
        ({"factor": "3x"}, "@3x", {"upscale_factor": "3"}),
        ({"size": "4000x3000"}, "@4000x3000", {"size": "4000x3000"}),
        ({"long_side": 4000}, "@4000px", {"long_side": 4000}),
        ({"megapixels": 24.0}, "@24MP", {"megapixels": 24.0}),
        ({"strength": 0}, "@4x-strength0", {"upscale_factor": "4", "strength": 0}),
        ({"strength": 100}, "@4x", {"upscale_factor": "4", "strength": 100}),
        ({"denoise": "50"}, "@4x-denoise50", {"upscale_factor": "4", "denoise": 50}),
        ({"denoise": "0"}, "@4x", {"upscale_factor": "4"}),
        ({"denoise": "0", "model": "auto/upscale"}, "@4x-denoise0", {"upscale_factor": "4", "denoise": 0}),
        ({"denoise": "30", "strength": 60}, "@4x-denoise30-strength60",
         {"upscale_factor": "4", "denoise": 30, "strength": 60}),
        ({"denoise": "3", "model": "real-cugan/x2", "factor": "2"}, "@2x-denoise3",
         {"upscale_factor": "2", "denoise": "3"}),
        ({"denoise": "Conservative", "model": "real-cugan/x2", "factor": "2"}, "@2x", {"upscale_factor": "2"}),
        ({"denoise": "1", "model": "waifu2x/photo", "factor": "2"}, "@2x", {"upscale_factor": "2"}),
        (
            {"long_side": 4000, "strength": 60, "tile": 128, "precision": "f32"},
            "@4000px-strength60",
            {"long_side": 4000, "strength": 60, "tile": 128, "precision": "f32"},
        ),
        ({"engine": "ncnn-cpu"}, "@4x", {"upscale_factor": "4", "engine": "ncnn-cpu"}),
        ({"model": "topaz/image-upscale", "factor": "2"}, "@2x", {"upscale_factor": "2"}),
        ({"model": "waifu2x/photo"}, "@2x", {"upscale_factor": "2"}),
        ({"model": "waifu2x/denoise"}, "@1x", {}),
        ({"model": "real-cugan/x3"}, "@3x", {"upscale_factor": "3"}),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_sent_and_in_the_results_name(
    asked: dict[str, Any], mark: str, sent: dict[str, Any]
) -> None:
    request = checked(**asked)
    assert request.mark == mark
    assert payload(get_model(request.model), request, "u") == {"image_url": "u", **sent}


@pytest.mark.parametrize(
    ("asked", "option", "says"),
    [
        ({"factor": "17"}, "--factor", "--factor is 17: choose a number from 1 to 16"),
        ({"factor": "large"}, "--factor", "--factor is large: choose a number from 1 to 16"),
        ({"factor": "3", "model": "topaz/image-upscale"}, "--factor", "--factor is 3: choose one of 1, 2, 4, 8"),
        ({"factor": "2", "long_side": 9}, "--long-side", "--factor and --long-side each say how large"),
        ({"size": "9x9", "megapixels": 9.0}, "--megapixels", "--size and --megapixels each say how large"),
        ({"size": "large"}, "--size", "--size is 'large': write it like 4000x3000"),
        ({"long_side": 20_001}, "--long-side", "--long-side is 20001: give 20000 or less"),
        ({"megapixels": 0.0}, "--megapixels", "--megapixels is 0: give 0.01 or more"),
        ({"strength": 101}, "--strength", "--strength is 101: give 100 or less"),
        ({"denoise": "101"}, "--denoise", "--denoise is 101: give 100 or less"),
        ({"denoise": "-1"}, "--denoise", "--denoise is -1: give 0 or more"),
        ({"denoise": "much"}, "--denoise", r"--denoise must be a whole number \('much'\)"),
        ({"denoise": "4", "model": "real-cugan/x2", "factor": "2"}, "--denoise", "choose one of conservative, 0, 1"),
        ({"denoise": "50", "model": "topaz/image-upscale"}, "--denoise", "has no such option: leave --denoise out"),
        ({"tile": 10}, "--tile", "--tile is 10: give 56 or more"),
        ({"engine": "warp"}, "--engine", "--engine is 'warp': choose one of openvino-cpu, "),
        ({"precision": "f8"}, "--precision", "--precision is 'f8': choose one of f32, bf16"),
        ({"engine": "ncnn-cpu", "precision": "f32"}, "--precision", "leave --engine or --precision out"),
        ({"strength": 0, "model": "topaz/image-upscale"}, "--strength", "has no such option: leave --strength out"),
        ({"long_side": 9, "model": "recraft/crisp-upscale"}, "--long-side", "no such option: leave --long-side out"),
    ],
)
def test_a_wrong_option_is_named_with_the_remedy(asked: dict[str, Any], option: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        checked(**asked)
    assert caught.value.field == option
