from __future__ import annotations

from typing import Any

import pytest

from enlarger.catalog import build_input, get_model, list_models
from enlarger.catalog.leftovers import changes_result

_ODD: list[Any] = ["\u00b2", "", "two", None, [], {}, True, float("nan"), "1", 1, 1.0, 0, -4]


@pytest.mark.parametrize("value", [4, 4.0, "4", "4.0", " 2 ", 10**30, float("inf"), "9" * 5000], ids=range(8))
def test_more_than_one_picture_changes_the_result(value: Any) -> None:
    assert changes_result("n", value)
    assert changes_result("num_images", value)


@pytest.mark.parametrize("value", _ODD, ids=range(len(_ODD)))
def test_one_or_what_is_no_number_does_not(value: Any) -> None:
    assert not changes_result("n", value)


@pytest.mark.parametrize("value", ["\u00b2", "9" * 5000, 10**400, 10**5000], ids=range(4))
def test_no_number_is_too_odd_for_any_model(value: Any) -> None:
    for model in list_models():
        for name in ("n", "num_images", *model.fields()):
            build_input(model, {name: value})


def test_two_fields_that_contradict_each_other_are_refused() -> None:
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("bytedance/seedream-v4-text-to-image", {"prompt": "x", "max_images": 1, "num_images": 4}, "num_images"),
        ("nano-banana-pro", {"prompt": "x", "resolution": "4K", "quality": "2K"}, "quality"),
        ("real-esrgan/fast", {"image_url": "https://example.com/a.png", "upscale_factor": "2", "scale": "4x"}, "scale"),
    ]
    for model, payload, field in cases:
        assert [(one.field, one.code) for one in build_input(get_model(model), payload).faults] == [
            (field, "contradiction")
        ]
