"""A user's file is never dropped while the task runs, whatever its field is called: over all models."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import Model, build_input, get_model, list_models
from enlarger.catalog.leftovers import holds_file
from enlarger.catalog.schema import example

_A, _B, _C = (f"https://example.com/{name}.png" for name in "abc")
_NAMES = [
    "image", "image_url", "image_urls", "imageUrl", "imageUrls", "images", "image_input", "input_urls", "input_image",
    "filesUrl", "video", "video_url", "video_urls", "audio", "audio_url", "reference_image_urls", "reference_image",
    "first_frame_url", "last_frame_url", "mask_url", "start_image", "img", "photo", "attachments",
]  # fmt: skip


def without_files(model: Model) -> dict[str, Any]:
    fields = model.fields()
    return {name: value for name, value in example(model).items() if fields[name].media is None}


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_file_is_used_or_the_request_is_refused(model: Model) -> None:
    for base in (example(model), without_files(model)):
        for name in _NAMES:
            for value in (_A, [_A], [_A, _B]):
                built = build_input(model, {**base, name: value})
                sent = [value] if isinstance(value, str) else value
                assert built.faults or all(url in json.dumps(built.input) for url in sent), (name, value)


_FILES = st.sampled_from([_A, _B, _C, "data:image/png;base64," + "QUJD" * 20, "asset://asset-20260101-abcde"])


@given(
    model=st.sampled_from(list_models()),
    files=st.dictionaries(st.sampled_from(_NAMES), _FILES | st.lists(_FILES, max_size=3), max_size=4),
    whole=st.booleans(),
)
def test_of_many_files_none_is_dropped(model: Model, files: dict[str, Any], whole: bool) -> None:
    built = build_input(model, {**(example(model) if whole else without_files(model)), **files})
    if not built.faults:
        sent = json.dumps(built.input)
        assert all(json.dumps(file) in sent for value in files.values() for file in ([value] * (value != []))
                   for file in (file if isinstance(file, list) else [file]))  # fmt: skip


@pytest.mark.parametrize(
    ("model", "given", "built"),
    [
        ("bytedance/seedance-2", {"image_url": _A}, {"first_frame_url": _A}),
        ("bytedance/seedance-2", {"image_urls": [_A]}, {"first_frame_url": _A}),
        ("bytedance/seedance-2", {"reference_image_url": _A}, {"reference_image_urls": [_A]}),
        ("bytedance/seedance-2", {"image_url": _A, "reference_image_url": _B}, {"reference_image_urls": [_B, _A]}),
        ("bytedance/seedance-2", {"first_frame_image": _A, "last_frame": _B},
         {"first_frame_url": _A, "last_frame_url": _B}),
        ("minimax-h3/reference-to-video", {"image_urls": [_A, _B]}, {"reference_image_urls": [_A, _B]}),
        ("happyhorse/reference-to-video", {"image": _A}, {"reference_image": [_A]}),
        ("pixverse-v6/transition", {"image": _A, "end_image_url": _B},
         {"first_frame_image_url": _A, "last_frame_image_url": _B}),
        ("4o-image-api", {"image_url": _A}, {"filesUrl": [_A]}),
        ("flux1-kontext", {"image": _A}, {"inputImage": _A}),
        ("wan/2-7-image-to-video", {"image": _A, "audio": _B}, {"first_frame_url": _A, "driving_audio_url": _B}),
        ("wan/2-7-image-to-video", {"video": _C}, {"first_clip_url": _C}),
        ("nano-banana-pro", {"image_input": [_A], "image_urls": [_B, _A]}, {"image_input": [_A, _B]}),
        ("kling/v2-1-pro", {"image": _A, "image_url": _A}, {"image_url": _A}),
        ("wan/2-7-text-to-video", {"aspect_ratio": "9:16"}, {"ratio": "9:16"}),
        ("4o-image-api", {"aspectRatio": "3:2", "n": 2}, {"size": "3:2", "nVariants": 2}),
        ("wan/2-7-image", {"num_images": "2"}, {"n": 2}),
        ("bytedance/seedream-v4-text-to-image", {"num_images": 3}, {"max_images": 3}),
        ("sora-2-text-to-video", {"character_id_list": ["char_1"]}, {"character_id_list": ["char_1"]}),
    ],
)  # fmt: skip
def test_what_can_be_read_one_way_is_read_that_way(model: str, given: dict[str, Any], built: dict[str, Any]) -> None:
    spec = get_model(model)
    base = {name: value for name, value in without_files(spec).items() if name not in built}
    done = build_input(spec, base | given)
    assert done.error is None
    assert {name: done.input.get(name) for name in built} == built


@pytest.mark.parametrize(
    ("model", "given", "field", "code", "says"),
    [
        ("bytedance/seedance-2", {"image_urls": [_A, _B]}, "image_urls", "file_left_out", "'first_frame_url', 'last"),
        ("bytedance/seedance-2", {"image": _A, "first_frame_url": _B}, "image", "too_many", "hold two files"),
        ("recraft/crisp-upscale", {"image": _A, "image_url": _B}, "image_url", "too_many", "'image' and 'image_url'"),
        ("google/nano-banana", {"image_url": _A}, "image_url", "file_left_out", "takes no files"),
        ("topaz/video-upscale", {"video_url": _B, "image": _A}, "image", "file_left_out", "give it in 'video_url'"),
        ("kling/v2-1-pro", {"image_url": _A, "photo": _B}, "photo", "file_left_out", "'tail_image_url'"),
        ("kling/v2-1-pro", {"image_url": _A, "extra": [{"source": _B}]}, "extra", "file_left_out", "would not be used"),
        ("z-image", {"num_images": 3}, "num_images", "value_left_out", "another one without it"),
        ("kling/v2-1-pro", {"image_url": _A, "nsfw_checker": True}, "nsfw_checker", "value_left_out", "another model"),
        ("grok-imagine/image-to-video", {"image_urls": [_A], "task_id": "a1"}, "task_id", "not_together", "combined"),
        ("pixverse-v6/extend", {"video_url": _A, "taskId": "a1"}, "video_url", "not_together", "combined"),
        ("z-image", {"task_id": "281e5b0c"}, "task_id", "value_left_out", "nothing to do with that task"),
        ("bytedance/seedance-2", {"sourceTaskId": "281e5b0c"}, "sourceTaskId", "value_left_out", "builds on a task"),
        ("z-image", {"character_id_list": ["char_1"]}, "character_id_list", "value_left_out", "leave it out"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(model: str, given: dict[str, Any], field: str, code: str, says: str) -> None:
    fault = build_input(get_model(model), {"prompt": "a quiet room"} | given).faults[0]
    assert (fault.field, fault.code) == (field, code)
    assert says in fault.message


@pytest.mark.parametrize(
    "given",
    [
        {"num_images": "1"}, {"nsfw_checker": False}, {"image_input": []}, {"image_url": ""}, {"image": None},
        {"callBackUrl": "https://example.com/done"}, {"webhook": _A}, {"seed": 5}, {"character_id_list": []},
        {"task_id": " "}, {"taskId": None},
    ],
)  # fmt: skip
def test_what_changes_nothing_is_left_out_with_a_warning(given: dict[str, Any]) -> None:
    built = build_input(get_model("gpt-image/1.5-text-to-image"), {"prompt": "x", **given})
    assert built.error is None
    assert {warning.field for warning in built.warnings} == set(given)


def test_a_url_that_cannot_be_read_is_no_file() -> None:
    assert not holds_file("source", "https://[half/a.png")
    assert not holds_file("note", "see https://example.com/a.png")


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_an_earlier_task_is_used_or_the_request_is_refused(model: Model) -> None:
    for name in ("task_id", "taskId", "source_task_id", "parent_task_id"):
        built = build_input(model, {**example(model), name: "an-earlier-task"})
        assert built.faults or "an-earlier-task" in built.input.values(), name
