"""Fields that go together or do not, and limits that depend on other fields: enforced, shown and in the schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from enlarger.catalog import Model, build_input, get_model, list_models, quote
from enlarger.catalog.describe import limits, say_needs
from enlarger.catalog.model import Form
from enlarger.catalog.schema import example
from tests.catalog.inputs import FILES, codes, one, whole

_COLOURS = [{"hex": "#C2D1E6", "ratio": "25.00%"}] * 4
_SONG = {"custom_mode": True, "instrumental": False, "style": "jazz", "title": "Rain", "prompt": ""}
_FORMS = [(model, form) for model in list_models() for form in model.all_forms()]


def having(attribute: str) -> pytest.MarkDecorator:
    """For every field that has conditions of a kind."""
    fields = [
        pytest.param(model, form, name, id=f"{model.id}-{name}")
        for model, form in _FORMS
        for name, field in form.items()
        if getattr(field, attribute)
    ]
    assert fields
    return pytest.mark.parametrize(("model", "form", "name"), fields)


@having("only_with")
def test_a_field_does_not_stand_alone(model: Model, form: Form, name: str) -> None:
    field = form[name]
    bare = {key: value for key, value in example(model).items() if key not in field.only_with}
    assert codes(model, bare | {name: one(field)})[name] == "stands_alone"
    for other in field.only_with:
        assert codes(model, bare | {name: one(field), other: one(form[other])}) == {}
    assert f"only with {' or '.join(field.only_with)}" in limits(field)


@having("not_with")
def test_fields_do_not_go_together(model: Model, form: Form, name: str) -> None:
    field = form[name]
    for other in field.not_with:
        company = {key: one(form[key]) for key in form[other].only_with[:1]}
        found = codes(model, {**example(model), name: one(field), other: one(form[other]), **company})
        assert found == {name: "not_together"}
    assert codes(model, {key: value for key, value in example(model).items() if key not in field.not_with}
                 | {name: one(field)}) == {}  # fmt: skip
    assert "not with" in limits(field)


@having("limits_if")
def test_a_limit_depends_on_other_fields(model: Model, form: Form, name: str) -> None:
    field = form[name]
    for limit in field.limits_if:
        assert set(limit.when) | set(limit.given) <= form.keys(), "a mistake in the data"
        cause = {other: wanted[0] if isinstance(wanted, tuple) else wanted for other, wanted in limit.when.items()}
        cause |= {other: one(form[other]) for other in limit.given}
        payload = whole(form, {**example(model), **cause})
        if limit.absent:
            assert name not in payload
            assert codes(model, payload | {name: one(field)}) == {name: "not_taken"}
            continue
        if limit.enum:
            good, bad = limit.enum[0], next(option for option in field.enum or (True,) if option not in limit.enum)
        elif limit.maximum is not None:
            good, bad = int(limit.maximum), int(limit.maximum) + 1
        elif limit.max_length is not None:
            good, bad = "x" * limit.max_length, "x" * (limit.max_length + 1)
        else:
            assert limit.max_items is not None
            good, bad = one(field) * limit.max_items, one(field) * (limit.max_items + 1)
        assert codes(model, whole(form, payload | {name: good})) == {}
        assert codes(model, whole(form, payload | {name: bad})).keys() == {name}
        (fault,) = build_input(model, whole(form, payload | {name: bad})).faults
        reasons = (
            f"'{other}' is {'given' if other in limit.given else json.dumps(value)}" for other, value in cause.items()
        )
        assert fault.message.endswith(f", because {' and '.join(reasons)}")
    assert " if " in limits(field)


@pytest.mark.parametrize("model", [model for model in list_models() if model.one_of], ids=lambda model: model.id)
def test_one_of_several_fields_has_to_be_given(model: Model) -> None:
    for group in model.one_of:
        bare = {name: value for name, value in example(model).items() if name not in group}
        assert codes(model, bare) == {group[0]: "required"}
        for name in group:
            assert codes(model, bare | {name: one(model.fields()[name])}) == {}
        assert ", ".join(group) in (say_needs(model) or "")


@having("besides")
def test_a_value_beside_the_limits_is_taken(model: Model, form: Form, name: str) -> None:
    field = form[name]
    assert field.minimum is not None
    for value in field.besides:
        assert codes(model, {**example(model), name: value}) == {}
    assert codes(model, {**example(model), name: field.minimum - 1}) == {name: "too_small"}


@pytest.mark.parametrize(("given", "sound", "credits"), [({}, True, 135), ({"sound": False}, False, 90)])
def test_several_shots_of_kling_have_sound_by_default(given: dict[str, Any], sound: bool, credits: float) -> None:
    kling = get_model("kling-3.0/video")
    shots = {"multi_shots": True, "multi_prompt": [{"prompt": "a dog", "duration": 5}]}
    built = build_input(kling, shots | given)
    assert built.input["sound"] is sound
    assert quote(kling, built.input).amount == credits
    assert build_input(kling, {"prompt": "a dog"}).input["sound"] is False
    assert "true by default if multi_shots is true" in limits(kling.fields()["sound"])


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_every_condition_names_fields_of_its_form(model: Model) -> None:
    for form in model.all_forms():
        for field in form.values():
            conditions = [*field.required_if, *(limit.when for limit in field.limits_if)]
            conditions += [default.when for default in field.defaults_if]
            named = {*field.only_with, *field.not_with, *(name for condition in conditions for name in condition)}
            assert named <= form.keys()
    assert {name for group in model.one_of for name in group} <= model.fields().keys()


@pytest.mark.parametrize(
    ("locale", "model", "payload", "says"),
    [
        ("en", "gpt-image-2-text-to-image", {"resolution": "2K"}, "because 'resolution' is \"2K\""),
        ("en", "bytedance/seedance-2", {"last_frame_url": FILES["image"]}, "give 'first_frame_url' as well"),
        ("ru", "bytedance/seedance-2", {"last_frame_url": FILES["image"]}, "не используется отдельно"),
        ("zh", "bytedance/seedance-2", {"last_frame_url": FILES["image"]}, "不能单独使用"),
        ("en", "wan/2-7-image", {"enable_sequential": True, "color_palette": _COLOURS},
         "The field 'color_palette' is not accepted, because 'enable_sequential' is true: leave it out"),
        ("ru", "wan/2-7-image", {"enable_sequential": True, "color_palette": _COLOURS}, "не принимается, так как"),
        ("zh", "wan/2-7-image", {"enable_sequential": True, "color_palette": _COLOURS}, "不接受字段"),
        ("en", "ai-music-api/generate", _SONG,
         "because 'custom_mode' is true, 'instrumental' is false and 'lyrics' is not given"),
        ("ru", "ai-music-api/generate", _SONG,
         "'instrumental' равно false и поле 'lyrics' не указано"),
        ("ru", "minimax-h3/reference-to-video", {}, "Нужно хотя бы одно из полей"),
        ("zh", "minimax-h3/reference-to-video", {}, "至少需要"),
    ],
)  # fmt: skip
def test_conditions_are_said_in_the_language(locale: str, model: str, payload: dict[str, Any], says: str) -> None:
    assert says in str(build_input(get_model(model), {"prompt": "a dog"} | payload, locale=locale).error)
