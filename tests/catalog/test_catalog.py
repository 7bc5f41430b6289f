from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.catalog import build_input, get_model, list_models
from enlarger.engines.networks import NETWORKS
from enlarger.errors import InvalidInput, UnknownModel

_URL = "https://example.com/a.png"


def test_the_catalogue_is_sound() -> None:
    models = list_models()
    assert {model.id for model in models} == {
        "topaz/image-upscale", "recraft/crisp-upscale", "grok-imagine/upscale",
        "real-esrgan/x4plus", "real-esrgan/x4plus-anime", "real-esrgan/fast",
    }  # fmt: skip
    names = [name for model in models for name in (model.id, *model.aliases)]
    assert len(names) == len(set(names))
    for model in models:
        route = model.local
        assert route is not None
        assert route.network in NETWORKS
        assert route.source in model.input
        assert (route.factor is None) != (route.factor_field is None)
        assert route.factor_field is None or model.input[route.factor_field].options == ("1", "2", "4", "8")
        assert all(field.max_mb for field in model.input.values() if field.type == "picture")


@pytest.mark.parametrize("name", ["grok/imagine-upscale", " Grok-Imagine/Upscale "])
def test_models_are_found_by_id_and_alias(name: str) -> None:
    assert get_model(name).id == "grok-imagine/upscale"


def test_an_unknown_model_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownModel, match=r"'topaz/image-upscal'; did you mean topaz/image-upscale"):
        get_model("topaz/image-upscal")
    with pytest.raises(UnknownModel, match=r"this service has .*real-esrgan/x4plus"):
        get_model("zzzzzz")


@pytest.mark.parametrize("factor", ["4", 4, 4.0, " 4 "])
def test_a_factor_may_be_text_or_a_number(factor: object) -> None:
    built = build_input(get_model("topaz/image-upscale"), {"image_url": _URL, "upscale_factor": factor})
    assert built == {"image_url": _URL, "upscale_factor": "4"}


@pytest.mark.parametrize("name", ["image", "image_url", "image_base64", "image_urls", "image_input", "input_urls"])
@pytest.mark.parametrize("model", ["recraft/crisp-upscale", "topaz/image-upscale", "real-esrgan/fast"])
def test_a_picture_may_have_any_of_its_names(model: str, name: str) -> None:
    for value in (_URL, [_URL]):
        built = build_input(get_model(model), {name: value})
        assert built[get_model(model).picture_field() or ""] == _URL
        assert name in get_model(model).input or name not in built


def test_the_models_own_name_for_the_picture_wins() -> None:
    built = build_input(get_model("recraft/crisp-upscale"), {"image_url": "http://other", "image": _URL})
    assert built == {"image": _URL}


def test_fields_that_a_model_does_not_have_are_left_out() -> None:
    payload: dict[str, Any] = {"image_url": _URL, "image_input": [], "prompt": "x", "seed": None}
    assert set(build_input(get_model("topaz/image-upscale"), payload)) == {"image_url", "upscale_factor"}


def test_a_task_id_is_stripped_and_limited() -> None:
    model = get_model("grok-imagine/upscale")
    assert build_input(model, {"task_id": f"  {'a' * 100}  "}) == {"task_id": "a" * 100}
    with pytest.raises(InvalidInput, match="too long: 101 characters, and at most 100"):
        build_input(model, {"task_id": "a" * 101})


@pytest.mark.parametrize(
    ("model", "payload", "field", "says"),
    [
        ("topaz/image-upscale", {}, "image_url", "'image_url' is required"),
        ("topaz/image-upscale", {"image_url": "  "}, "image_url", "must not be empty"),
        ("topaz/image-upscale", {"image_url": 5}, "image_url", "must be text, not a number"),
        ("topaz/image-upscale", {"image_url": {}}, "image_url", "must be text, not an object"),
        ("topaz/image-upscale", {"image_urls": [_URL, _URL]}, "image_urls", "has 2 pictures: this model takes one"),
        ("topaz/image-upscale", {"image_url": _URL, "upscale_factor": "3"}, "upscale_factor", "one of 1, 2, 4, 8"),
        ("topaz/image-upscale", {"image_url": _URL, "upscale_factor": True}, "upscale_factor", "true or false"),
        ("topaz/image-upscale", {"image_url": _URL, "upscale_factor": [2]}, "upscale_factor", "a list"),
        ("real-esrgan/fast", {"image_url": _URL, "output_format": "gif"}, "output_format", "one of jpg, png, webp"),
        ("recraft/crisp-upscale", {}, "image", "'image' is required"),
        ("grok-imagine/upscale", {"image_url": _URL}, "task_id", "give the id of an earlier task"),
        ("grok-imagine/upscale", {"task_id": " "}, "task_id", "must not be empty"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(model: str, payload: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        build_input(get_model(model), payload)
    assert caught.value.field == field


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
)


@given(
    model=st.sampled_from(list_models()),
    payload=st.dictionaries(
        st.sampled_from(["image", "image_url", "image_urls", "upscale_factor", "output_format", "task_id", "x"]), _JSON
    ),
)
def test_any_payload_is_built_or_refused_and_building_twice_changes_nothing(
    model: Any, payload: dict[str, Any]
) -> None:
    try:
        built = build_input(model, payload)
    except InvalidInput:
        return
    assert set(built) <= set(model.input)
    assert build_input(model, built) == built
