"""Objects in lists, such as shots and voices: each is checked by itself, in place, and all of them together."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from enlarger.catalog import Field, Model, build_input, get_model, list_models, quote
from enlarger.catalog.describe import limits, rows
from enlarger.catalog.model import Form
from enlarger.catalog.schema import example, json_schema
from tests.catalog.inputs import FILES, one, whole

_LISTS = [
    pytest.param(model, form, name, id=f"{model.id}-{name}")
    for model in list_models()
    for form in model.all_forms()
    for name, field in form.items()
    if field.members
]
_SUMS = [
    pytest.param(model, form, name, id=f"{model.id}-{name}")
    for model in list_models()
    for form in model.all_forms()
    for name, field in form.items()
    if field.sum
]
_UNKNOWN = {("pixverse-v6/reference-to-video", "image_references")}
"""Objects that no document describes: they are passed on as they are."""
_SHOT = {"prompt": "a dog", "duration": 5}
_KLING = {"multi_shots": True, "duration": "5"}


def payload(model: Model, form: Form, name: str, items: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """An input with the field, switched on where it has to be; its objects add up."""
    field = form[name]
    switches = {key: value for conditions in field.required_if for key, value in conditions.items()}
    full = whole(form, {**(example(model) if len(model.forms) < 2 else {}), **switches, name: one(field)})
    return full if items is None else {**full, name: items}


def faults(model: Model, given: dict[str, Any], **options: Any) -> dict[str, str]:
    return {fault.field: fault.code for fault in build_input(model, given, **options).faults}


def bad_values(field: Field) -> list[tuple[Any, str]]:
    """Values that a member does not take, and the code of the fault."""
    if field.type == "array":
        found = [([one(field)[0]] * (field.max_items + 1), "too_many")] if field.max_items else []
        return [*found, ([{}], "not_text")]
    if field.type in ("integer", "number"):
        beyond = [(field.minimum - 1, "too_small")] if field.minimum is not None else []
        beyond += [(field.maximum + 1, "too_large")] if field.maximum is not None else []
        return [("much", f"not_{'an_integer' if field.type == 'integer' else 'a_number'}"), *beyond]
    long = [("x" * (field.max_length + 1), "too_long")] if field.max_length else []
    return [({"a": 1}, "not_text"), *long, *([("http://", "not_a_file")] if field.media else [])]


def test_all_lists_of_objects_are_described_but_those_that_nobody_documents() -> None:
    fields = {
        (model.id, name): field
        for model in list_models()
        for form in model.all_forms()
        for name, field in form.items()
        if field.each == "object"
    }
    assert {key for key, field in fields.items() if not field.members} == _UNKNOWN
    assert len(fields) >= 20


@pytest.mark.parametrize(("model", "form", "name"), _LISTS)
def test_whole_objects_are_taken(model: Model, form: Form, name: str) -> None:
    given = payload(model, form, name)
    built = build_input(model, given, strict=True)
    assert built.error is None
    assert built.input[name] == given[name]
    assert jsonschema_rs.is_valid(json_schema(model), given)


@pytest.mark.parametrize(("model", "form", "name"), _LISTS)
def test_a_fault_names_the_object_and_the_member(model: Model, form: Form, name: str) -> None:
    given = payload(model, form, name)
    last = len(given[name]) - 1
    for member, field in form[name].members.items():
        for value, code in bad_values(field):
            items = [*given[name][:-1], {**given[name][-1], member: value}]
            found = faults(model, {**given, name: items})
            assert any(place.startswith(f"{name}[{last}].{member}") and found[place] == code for place in found), (
                member,
                value,
                found,
            )
            assert not jsonschema_rs.is_valid(json_schema(model), {**given, name: items}) or code == "not_a_file"
        if field.requiring({}) is not None:
            bare = {key: value for key, value in given[name][-1].items() if key != member}
            assert faults(model, {**given, name: [*given[name][:-1], bare]}) == {f"{name}[{last}].{member}": "required"}


@pytest.mark.parametrize(("model", "form", "name"), _LISTS)
def test_an_unknown_member_is_left_out_with_a_warning_and_a_file_in_one_is_an_error(
    model: Model, form: Form, name: str
) -> None:
    given = payload(model, form, name)
    odd = {**given, name: [given[name][0] | {"qwertz": 1}, *given[name][1:]]}
    built = build_input(model, odd)
    assert [(warning.field, warning.code) for warning in built.warnings] == [(f"{name}[0].qwertz", "unknown_member")]
    assert built.input[name] == given[name]
    assert faults(model, odd, strict=True) == {f"{name}[0].qwertz": "unknown_member"}
    lost = {**given, name: [given[name][0] | {"mask_picture": FILES["image"]}, *given[name][1:]]}
    assert faults(model, lost) == {f"{name}[0].mask_picture": "file_left_out"}


@pytest.mark.parametrize(("model", "form", "name"), _SUMS)
def test_objects_add_up(model: Model, form: Form, name: str) -> None:
    wanted = form[name].sum
    assert wanted is not None
    given = payload(model, form, name)
    assert faults(model, {**given, name: [*given[name], given[name][-1]]}) == {name: "wrong_sum"}
    total = wanted.total if isinstance(wanted.total, str) else f"{wanted.total:g}"
    assert f"the values of {wanted.member} add up to {total}" in limits(form[name])


@pytest.mark.parametrize(
    ("locale", "given", "says"),
    [
        ("en", {"multi_prompt": [_SHOT, {**_SHOT, "duration": 13}]},
         "The field 'multi_prompt[1].duration' is 13: give 12 or less"),
        ("ru", {"multi_prompt": [_SHOT, {"prompt": "a dog"}]}, "Поле 'multi_prompt[1].duration' обязательно"),
        ("zh", {"multi_prompt": [_SHOT, {"prompt": "a dog"}]}, "字段 'multi_prompt[1].duration' 必填"),
        ("en", {"multi_prompt": [_SHOT, _SHOT]},
         "The values of 'duration' in 'multi_prompt' add up to 10, and 'duration' is 5: make both the same"),
        ("ru", {"multi_prompt": [_SHOT, _SHOT]}, "равна 10, а 'duration' равно 5"),
        ("zh", {"multi_prompt": [_SHOT, _SHOT]}, "总和是 10"),
        ("en", {"multi_prompt": [{"promt": "a dog", "duration": 5}]},
         "The field 'multi_prompt[0].prompt' is required: is 'promt' meant for it? Then write 'prompt'"),
        ("en", {"multi_prompt": ["a dog"]}, "The field 'multi_prompt[0]' must be an object ('a dog')"),
        ("en", {"multi_prompt": [_SHOT], "kling_elements": [{"name": "dog"}]},
         "'kling_elements[0].element_input_urls' is required, because 'element_input_video_urls' is not given"),
        ("en", {"multi_prompt": [_SHOT], "kling_elements": [{"name": "dog", "element_input_urls": [FILES["image"]]}]},
         "The field 'kling_elements[0].element_input_urls' has 1 item, but at least 2 are needed"),
    ],
)  # fmt: skip
def test_faults_in_objects_are_said_in_the_language(locale: str, given: dict[str, Any], says: str) -> None:
    assert says in str(build_input(get_model("kling-3.0/video"), _KLING | given, locale=locale).error)


def test_a_near_name_is_suggested_for_a_member() -> None:
    given = _KLING | {"multi_prompt": [_SHOT | {"durations": 5}]}
    (warning,) = build_input(get_model("kling-3.0/video"), given).warnings
    assert warning.message == "The object 'multi_prompt[0]' has no member 'durations': did you mean 'duration'?"


def test_members_are_repaired_as_fields_are() -> None:
    built = build_input(
        get_model("kling-3.0/video"), _KLING | {"multi_prompt": [{"Prompt": " a dog ", "duration": "5"}]}
    )
    assert built.input["multi_prompt"] == [_SHOT]


def test_shots_that_are_switched_off_need_not_add_up() -> None:
    assert faults(get_model("kling-3.0/video"), {"prompt": "a dog", "multi_prompt": [_SHOT, _SHOT]}) == {}


def test_a_sum_that_cannot_be_taken_names_the_member() -> None:
    colours = [
        {"hex": "#C2D1E6", "ratio": "25%"},
        {"hex": "#C2D1E6", "ratio": "most"},
        {"hex": "#C2D1E6", "ratio": "1"},
    ]
    assert faults(get_model("wan/2-7-image"), {"prompt": "a dog", "color_palette": colours}) == {
        "color_palette[1].ratio": "not_a_number"
    }


def test_thirds_of_a_second_add_up() -> None:
    storyboard = get_model("sora-2-pro-storyboard")
    shots = [{"Scene": "a dog", "duration": 3.33}] * 3
    assert quote(storyboard, build_input(storyboard, {"shots": shots, "n_frames": "10"}).input).amount == 150


def test_members_are_shown_with_the_field() -> None:
    names = [name for name, _ in rows(get_model("kling-3.0/video").input)]
    assert {"multi_prompt", "multi_prompt[].prompt", "multi_prompt[].duration"} <= set(names)


@pytest.mark.parametrize("locale", ["en", "ru", "zh"])
@pytest.mark.parametrize("model", [model for model in list_models() if "speakers" in model.fields()], ids=str)
def test_a_turn_names_a_speaker_that_is_declared(model: Model, locale: str) -> None:
    right = example(model)
    assert right["speakers"][0]["voice_name"] == "Kore"
    assert not build_input(model, right).faults
    wrong = {**right, "dialogue_turns": [*right["dialogue_turns"], {"speaker_id": "Speaker 2", "text": "Hello"}]}
    [fault] = build_input(model, wrong, locale=locale).faults
    assert (fault.field, fault.code) == ("dialogue_turns[1].speaker_id", "not_declared")
    assert "'Speaker 2'" in fault.message
    assert "'speakers'" in fault.message
    odd: list[Any] = [5, "x", [5], [{"speaker_id": {}}]]
    for speakers in odd:
        faults = build_input(model, {**wrong, "speakers": speakers}).faults
        assert "not_declared" not in {fault.code for fault in faults}
