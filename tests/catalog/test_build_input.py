"""From any payload to an input that validates, or to every reason why not."""

from __future__ import annotations

import base64
import json
import re
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import Field, Model, build_input, build_input_or_raise, faults, get_model, list_models, quote
from enlarger.catalog.messages import translator
from enlarger.catalog.preview import preview
from enlarger.catalog.repair import repair
from enlarger.catalog.schema import example, json_schema
from enlarger.errors import InvalidInput, UnknownModel

_URL = "https://example.com/a.png"
_WITH_FIELDS = [model for model in list_models() if model.fields()]


def codes(model: Model, payload: dict[str, Any], **options: Any) -> dict[str, str]:
    """The faults of a payload: codes by field."""
    return {fault.field: fault.code for fault in build_input(model, payload, **options).faults}


def built(model: str, /, **payload: Any) -> dict[str, Any]:
    return build_input_or_raise(get_model(model), payload)


# Every model


@pytest.mark.parametrize("model", _WITH_FIELDS, ids=lambda model: model.id)
def test_a_models_example_is_built_as_it_stands(model: Model) -> None:
    done = build_input(model, example(model), strict=True)
    assert (done.error, done.warnings) == (None, ())
    assert done.input.items() >= example(model).items()


@pytest.mark.parametrize("model", _WITH_FIELDS, ids=lambda model: model.id)
def test_every_limit_of_every_field_holds(model: Model) -> None:
    """What is beyond the limit of one of a model's forms may fit another, as two pictures do where one does not."""
    good = example(model)
    wrong = []
    form = model.all_forms()[0]
    for name, field in form.items():
        others = [violations(other[name]) for other in model.all_forms()[1:] if name in other]
        for value, code in violations(field):
            if any((value, code) not in other for other in others):
                continue
            found = build_input(model, {**good, name: value}).faults
            if any(fault.field.partition("[")[0] not in form for fault in found):
                continue  # it was judged, and refused, as another of the model's forms
            if {fault.field.partition("[")[0]: fault.code for fault in found}.get(name) != code:
                wrong.append((name, value, code, [(fault.field, fault.code) for fault in found]))
    assert wrong == []


@pytest.mark.parametrize("model", _WITH_FIELDS, ids=lambda model: model.id)
def test_every_required_field_is_missed(model: Model) -> None:
    form, good = model.all_forms()[0], example(model)
    for name, field in form.items():
        if field.required and not model.forms:
            assert codes(model, {key: value for key, value in good.items() if key != name}) == {name: "required"}
            if field.min_length == 0:
                assert codes(model, {**good, name: "  "}) == {}
                continue
            assert codes(model, {**good, name: "  "})[name] == "empty"


def violations(field: Field) -> list[tuple[Any, str]]:
    """Values just beyond each limit of a field, and the code of the fault."""
    listed = field.type == "array"
    type = field.items if listed else field.type
    bad: list[tuple[Any, str]] = []
    if field.enum:
        bad.append(("no such option" if type == "string" else 987_654_321, "not_an_option"))
    elif type in ("string", "task") and field.max_length:
        bad.append(("x" * (field.max_length + 1), "too_long"))
    elif type in ("integer", "number"):
        bad.append(("much", "not_an_integer" if type == "integer" else "not_a_number"))
        if field.minimum is not None:
            bad.append((field.minimum - 1, "too_small"))
        if field.maximum is not None:
            bad.append((field.maximum + 1, "too_large"))
    elif type == "boolean":
        bad.append(("perhaps", "not_a_boolean"))
    elif field.media:
        bad.append(("http://", "not_a_file"))
    if not field.enum and field.min_length and field.min_length > 1:
        bad.append(("x", "too_short"))
    if listed and field.max_items:
        item = {"object": {}, "integer": 1}.get(type, _URL)
        bad = [([value], code) for value, code in bad]
        bad.append(([item] * (field.max_items + 1), "too_many"))
    elif not listed and field.media:
        bad.append(([_URL, _URL], "too_many"))
    return bad


# Repairs


@pytest.mark.parametrize("factor", ["4", 4, 4.0, " 4 "])
def test_a_number_may_be_text_and_text_a_number(factor: object) -> None:
    assert built("topaz/image-upscale", image_url=_URL, upscale_factor=factor)["upscale_factor"] == "4"
    assert built("wan/2-7-text-to-video", prompt="x", duration=factor)["duration"] == 4


@pytest.mark.parametrize(
    "name", ["image", "image_url", "image_base64", "image_urls", "image_input", "input_urls", "imageUrl"]
)
@pytest.mark.parametrize(
    "model", ["recraft/crisp-upscale", "topaz/image-upscale", "google/nano-banana-edit", "nano-banana-pro"]
)
def test_a_picture_may_have_any_of_its_names_and_be_in_a_list_or_not(model: str, name: str) -> None:
    spec = get_model(model)
    own = next(name for name, field in spec.fields().items() if field.media == "image")
    for value in (_URL, [_URL]):
        done = build_input(spec, {"prompt": "x", name: value}, strict="prompt" in spec.fields())
        assert done.input[own] == ([_URL] if spec.fields()[own].type == "array" else _URL)


_RATIOS = ("aspect_ratio", "aspectRatio", "image_size", "ratio", "size")


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_the_ratio_of_the_sides_may_have_any_of_its_names(model: Model) -> None:
    """Where a model has fields for both, each is meant by its own name: `size` may be 1K."""
    fields = model.fields()
    own = next((name for name in _RATIOS if name in fields), None)
    if own is None:
        return
    base = {name: value for name, value in example(model).items() if name != own}
    for name in _RATIOS:
        if name not in fields or name == own:
            for option in fields[own].enum or (fields[own].sample or "1:1",):
                done = build_input(model, {**base, name: option})
                assert done.input[own] == option, (name, done)


def test_the_models_own_name_for_the_picture_wins() -> None:
    done = build_input(get_model("recraft/crisp-upscale"), {"image_url": _URL, "image": _URL})
    assert done.input == {"image": _URL}
    assert [(warning.field, warning.code) for warning in done.warnings] == [("image_url", "duplicate")]


def test_an_empty_field_gives_way_to_one_that_says_something() -> None:
    assert built("recraft/crisp-upscale", image="", image_url=_URL) == {"image": _URL}
    assert built("recraft/crisp-upscale", image=None, image_urls=[_URL]) == {"image": _URL}


def test_a_mask_is_not_the_picture() -> None:
    model = get_model("ideogram/v3-edit")
    done = build_input(model, {"prompt": "x", "image": _URL, "mask_url": "https://example.com/mask.png"})
    assert (done.input["image_url"], done.input["mask_url"]) == (_URL, "https://example.com/mask.png")


@pytest.mark.parametrize(
    ("model", "given", "name", "value"),
    [
        ("bytedance/seedream", {"aspect_ratio": "16:9"}, "image_size", "landscape_16_9"),
        ("bytedance/seedream", {"ratio": "3:4"}, "image_size", "portrait_4_3"),
        ("bytedance/seedream", {"size": "1:1"}, "image_size", "square_hd"),
        ("z-image", {"image_size": "portrait_16_9"}, "aspect_ratio", "9:16"),
        ("z-image", {"image_size": "square"}, "aspect_ratio", "1:1"),
        ("sora-2-text-to-video", {"aspect_ratio": "9:16"}, "aspect_ratio", "portrait"),
        ("nano-banana-pro", {"size": "2K"}, "resolution", "2K"),
        ("bytedance/seedream-v4-text-to-image", {"resolution": "4k"}, "image_resolution", "4K"),
        ("pixverse-v6/text-to-video", {"resolution": "1080p"}, "quality", "1080p"),
        ("omnihuman-1-5", {"resolution": "720p"}, "output_resolution", "720"),
        ("wan/2-5-text-to-video", {"resolution": 1080}, "resolution", "1080p"),
        ("hailuo/02-image-to-video-standard", {"resolution": "512"}, "resolution", "512P"),
        ("topaz/image-upscale", {"scale": "4x"}, "upscale_factor", "4"),
    ],
)
def test_an_option_may_have_another_name(model: str, given: dict[str, Any], name: str, value: str) -> None:
    base = {key: sample for key, sample in example(get_model(model)).items() if key != name}
    done = build_input(get_model(model), {**base, **given})
    assert (done.input.get(name), done.error, done.warnings) == (value, None, ())


@pytest.mark.parametrize(
    ("model", "given", "name"),
    [
        ("bytedance/seedream", {"aspect_ratio": "21:9"}, "image_size"),
        ("4o-image-api", {"aspect_ratio": "16:9"}, "size"),
        ("topaz/image-upscale", {"scale": 3}, "upscale_factor"),
        ("google/imagen4", {"n": 5}, "num_images"),
    ],
)
def test_an_option_that_there_is_not_is_refused_under_any_name(model: str, given: dict[str, Any], name: str) -> None:
    base = {key: sample for key, sample in example(get_model(model)).items() if key != name}
    assert codes(get_model(model), {**base, **given}) == {name: "not_an_option"}


def test_an_aspect_ratio_may_have_its_old_name() -> None:
    for model in ("google/nano-banana", "nano-banana-pro", "grok-imagine/text-to-image"):
        done = build_input(get_model(model), {"prompt": "x", "image_size": "16:9"})
        assert (done.input["aspect_ratio"], done.error, done.warnings) == ("16:9", None, ())
        assert "image_size" not in done.input


def test_options_are_found_without_regard_to_case_and_jpg_is_jpeg() -> None:
    assert built("nano-banana-pro", prompt="x", resolution="4k")["resolution"] == "4K"
    for model, written in (("google/nano-banana", "jpeg"), ("nano-banana-pro", "jpg")):
        for word in ("JPG", "jpeg"):
            assert built(model, prompt="x", output_format=word)["output_format"] == written


@pytest.mark.parametrize("value", ["1e999", float("inf"), float("nan"), "Infinity"])
def test_a_number_is_finite(value: object) -> None:
    assert codes(get_model("grok-imagine/text-to-video"), {"prompt": "x", "duration": value}) == {
        "duration": "not_a_number"
    }


def test_words_for_true_and_false_are_understood() -> None:
    field = Field(type="boolean")
    assert [repair(field, value) for value in ("true", "False", 1, 0, "no", True)] == [
        True,
        False,
        True,
        False,
        False,
        True,
    ]
    assert repair(field, "perhaps") == "perhaps"


def test_nothing_is_left_out_silently() -> None:
    model = get_model("topaz/image-upscale")
    done = build_input(model, {"image_url": _URL, "prompt": "x", "image_input": [], "seed": 5})
    assert done.input == {"image_url": _URL, "upscale_factor": "2"}
    assert [warning.field for warning in done.warnings] == ["prompt", "seed"]
    assert "it has image_url, upscale_factor" in done.warnings[0].message
    assert codes(model, {"image_url": _URL, "prompt": "x"}, strict=True) == {"prompt": "unknown_field"}


def test_the_form_that_fits_is_used() -> None:
    model = get_model("grok-imagine/image-to-video")
    assert build_input(model, {"image_urls": _URL}).input["image_urls"] == [_URL]
    assert build_input(model, {"task_id": "abc", "index": "2"}).input["index"] == 2
    assert codes(model, {}) in ({"image_urls": "required"}, {"task_id": "required"})


# Faults


def test_all_faults_are_told_at_once() -> None:
    done = build_input(
        get_model("google/nano-banana-edit"), {"prompt": "x" * 5001, "image_urls": [_URL, "q"], "aspect_ratio": "7:1"}
    )
    assert [(fault.field, fault.code) for fault in done.faults] == [
        ("image_urls[1]", "not_a_file"), ("prompt", "too_long"), ("aspect_ratio", "not_an_option"),
    ]  # fmt: skip
    assert done.input == {}
    assert done.error == "; ".join(fault.message for fault in done.faults)


def test_an_exception_has_all_faults_too() -> None:
    with pytest.raises(InvalidInput, match=r"'prompt' is required; .*'image_urls'|'image_urls' is required") as caught:
        build_input_or_raise(get_model("google/nano-banana-edit"), {})
    assert [fault[:2] for fault in caught.value.faults] == [("image_urls", "required"), ("prompt", "required")]
    assert caught.value.field == "image_urls"


def test_an_inline_file_is_measured() -> None:
    done = build_input(get_model("recraft/remove-background"), {"image": base64.b64encode(bytes(5_000_001)).decode()})
    assert [
        (fault.code, "has 5000001 bytes, but this model takes 5000000:" in fault.message) for fault in done.faults
    ] == [("file_too_large", True)]


@pytest.mark.parametrize("locale", ["en", "ru", "zh"])
@pytest.mark.parametrize("megabytes", [5, 7, 10, 20.5])
def test_what_is_too_large_reads_as_larger(megabytes: float, locale: str) -> None:
    for beyond in (1, 1_000, 49_999, 50_001, 400_000, 7_000_000):
        size = int(megabytes * 1_000_000) + beyond
        message = faults.too_large("image", size, megabytes, translator(locale)).message
        shown, limit = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", message))
        assert shown > limit


def test_an_inline_picture_is_of_the_models_types_and_pixels() -> None:
    webp = base64.b64encode(b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(40)).decode()
    assert codes(get_model("kling/v2-1-pro"), {"prompt": "a cat", "image_url": webp}) == {
        "image_url": "wrong_file_type"
    }
    header = struct.pack(">IIBBBBB", 5000, 4000, 8, 2, 0, 0, 0)
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + bytes(40)).decode()
    assert codes(get_model("recraft/remove-background"), {"image": png}) == {"image": "too_many_pixels"}


def test_the_texts_of_a_list_are_counted_together() -> None:
    lines = [{"text": "x" * 2501, "voice": "Rachel"}] * 2
    assert codes(get_model("elevenlabs/text-to-dialogue-v3"), {"dialogue": lines}) == {"dialogue": "too_long"}
    assert codes(get_model("elevenlabs/text-to-dialogue-v3"), {"dialogue": lines[:1]}) == {}


def test_a_message_never_shows_a_urls_query() -> None:
    done = build_input(get_model("nano-banana-pro"), {"prompt": "x", "resolution": "https://a.example/b?token=secret"})
    assert "secret" not in str(done.error)
    assert "https://a.example/…" in str(done.error)


def test_it_unpacks_into_input_and_error() -> None:
    input, error = build_input(get_model("recraft/crisp-upscale"), {"image": _URL})
    assert (input, error) == ({"image": _URL}, None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(_URL),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
)
_NAMES = sorted({name for model in list_models() for name in model.fields()} | {"image", "x", "image_base64", "scale"})


@given(
    model=st.sampled_from(list_models()),
    payload=st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=8),
    sensible=st.booleans(),
)
def test_any_payload_is_built_or_refused_and_building_twice_changes_nothing(
    model: Model, payload: dict[str, Any], sensible: bool
) -> None:
    once = build_input(model, {**example(model), **payload} if sensible else payload)
    assert bool(once.faults) == bool(once.error)
    if not once.faults:
        again = build_input(model, once.input, strict=True)
        assert (again.input, again.faults, again.warnings) == (once.input, (), ())
        priced = quote(model, once.input)
        assert priced.amount is None or 0 <= priced.amount < 1e9
        assert json.dumps(preview(once.input))


def test_a_fault_shows_of_a_url_only_its_host() -> None:
    url = "HTTPS://me:secret@secret@a.example/secret/b.png?secret#secret"
    for value in (url, [url, url], f"see {url}", "data:image/png;base64,secretsecret"):
        built = build_input(get_model("topaz/image-upscale"), {"image_url": url, "upscale_factor": value})
        assert built.error
        assert "secret" not in built.error
    with pytest.raises(UnknownModel) as raised:
        get_model(url)
    assert "secret" not in str(raised.value)


def test_a_schema_says_what_the_catalogue_says() -> None:
    schema = json_schema(get_model("google/nano-banana-edit"))
    assert schema["required"] == ["image_urls", "prompt"]
    assert schema["properties"]["image_urls"] == {
        "type": "array",
        "items": {
            "type": "string",
            "format": "uri",
            "x-max-file-mb": 10,
            "x-accept": ["image/jpeg", "image/png", "image/webp"],
        },
        "maxItems": 10,
    }
    assert len(json_schema(get_model("grok-imagine/image-to-video"))["oneOf"]) == 2
