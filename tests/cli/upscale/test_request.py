"""What `enlarger upscale` says of models and errors, in photographers' words."""

from __future__ import annotations

import errno

import pytest

from enlarger.catalog import get_model, list_models
from enlarger.cli.upscale.report import in_words
from enlarger.cli.upscale.request import UpscaleRequest, check_request, find_model
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
