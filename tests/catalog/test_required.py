"""What has to be given: no more than the hosted service wants, and by conditions where it has conditions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enlarger.catalog import Model, build_input, get_model, list_models, quote
from enlarger.catalog.describe import limits
from enlarger.catalog.model import Conditions, Form
from enlarger.catalog.schema import example
from enlarger.errors import UnknownModel
from tests.catalog.inputs import codes, one, whole

_BODIES = [json.loads(line) for line in Path(__file__).with_name("bodies.jsonl").read_text().splitlines()]
"""Request bodies of public clients and documents, and what the hosted service says to them."""
_CONDITIONAL = [
    pytest.param(model, form, name, conditions, id=f"{model.id}-{name}-{number}")
    for model in list_models()
    for form in model.all_forms()
    for name, field in form.items()
    for number, conditions in enumerate(field.required_if)
]
_WITHOUT_DEFAULT = {
    "bytedance/seedance-1.5-pro": ["duration"],
    "volcengine/video-to-video-lip-sync": ["mode"],
    "gemini-omni-video": ["duration"],
    "grok-imagine-image-2-0/text-to-image": ["aspect_ratio"],
    "grok-imagine/extend": ["extend_times"],
    "minimax-h3/text-to-video": ["aspect_ratio"],
    "4o-image-api": ["size"],
    "pixverse-v6/reference-to-video": ["image_references"],
    "google/gemini-omni-flash-1-1": ["duration"],
    "wan/2-6-flash-image-to-video": ["audio"],
    "runway": ["duration", "quality"],
    "runway/extend-ai-video": ["quality"],
    "ai-music-api/generate": ["custom_mode", "instrumental"],
    "ai-music-api/extend": ["default_param_flag"],
    "ai-music-api/upload-and-cover-audio": ["custom_mode", "instrumental"],
    "ai-music-api/upload-and-extend-audio": ["default_param_flag"],
    "ai-music-api/add-instrumental": ["negative_tags", "tags", "title"],
    "ai-music-api/add-vocals": ["negative_tags", "style", "title"],
    "ai-music-api/mashup": ["custom_mode"],
    "ai-music-api/replace-section": ["infill_end_s", "infill_start_s", "tags", "title"],
    "ai-music-api/generate-persona": ["description", "name"],
}
"""Required at the hosted service, which names no default for them, nor for the same field of a model's siblings."""
_WORDS = ("prompt", "text", "dialogue", "dialogue_turns", "speakers", "shots", "content", "full_lyrics")
"""Fields of words, of which a task is made."""


def known(name: str) -> bool:
    try:
        return bool(get_model(name))
    except UnknownModel:
        return False


_ACCEPTED = [body for body in _BODIES if body["expect"] == "ok"]


@pytest.mark.parametrize(
    "body",
    [pytest.param(body, id=body["model"]) for body in _ACCEPTED if known(body["model"])],
)
def test_what_the_hosted_service_accepts_is_accepted(body: dict[str, Any]) -> None:
    model = get_model(body["model"])
    built = build_input(model, body["input"])
    assert built.error is None
    assert quote(model, built.input).amount != 0


def test_every_accepted_body_is_of_a_model_of_the_catalogue() -> None:
    assert [body["model"] for body in _ACCEPTED if not known(body["model"])] == []


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_only_words_files_and_what_has_no_default_is_required(model: Model) -> None:
    required = {
        name
        for form in model.all_forms()
        for name, field in form.items()
        if field.required and field.media is None and field.type != "task" and name not in (*_WORDS, "audio_id")
    }
    assert sorted(required) == _WITHOUT_DEFAULT.get(model.id, [])


def against(form: Form, conditions: Conditions, other: str) -> dict[str, Any]:
    """The conditions but one, and the opposite of that one."""
    wanted, field = conditions[other], form[other]
    if wanted is None:
        return {**conditions, other: one(field)}
    options = field.enum or (True, False)
    return {**conditions, other: next(option for option in options if option != wanted)}


@pytest.mark.parametrize(("model", "form", "name", "conditions"), _CONDITIONAL)
@pytest.mark.parametrize("nothing", [None, "", [], "   "])
def test_a_field_is_required_under_its_conditions_alone(
    model: Model, form: Form, name: str, conditions: Conditions, nothing: Any
) -> None:
    given = whole(form, {**example(model), **conditions})
    assert build_input(model, given).error is None
    fault = build_input(model, {**given, name: nothing}).faults[0]
    assert (fault.field, fault.code) == (name, "required")
    for other, wanted in conditions.items():
        reason = f"'{other}' is not given" if wanted is None else f"'{other}' is {json.dumps(wanted)}"
        assert reason in fault.message
        opposite = against(form, conditions, other)
        usual = {key: field.default for key, field in form.items()}
        if form[name].requiring(usual | opposite) is None:
            absent = {key: value for key, value in whole(form, {**example(model), **opposite}).items() if key != name}
            assert build_input(model, absent).error is None
    assert "required if" in limits(form[name])


@pytest.mark.parametrize(("model", "form", "name", "conditions"), _CONDITIONAL)
def test_the_schema_has_the_condition(model: Model, form: Form, name: str, conditions: Conditions) -> None:
    given = {key: value for key, value in whole(form, {**example(model), **conditions}).items() if value is not None}
    assert codes(model, given) == {}
    assert codes(model, {key: value for key, value in given.items() if key != name}) == {name: "required"}


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_nothing_at_all_is_no_input(model: Model) -> None:
    assert build_input(model, {}).faults


def test_a_shot_of_kling_needs_words_and_several_need_words_each() -> None:
    assert len(_CONDITIONAL) >= 30
    kling = get_model("kling-3.0/video")
    assert build_input(kling, {"prompt": "a dog"}).input == {
        "prompt": "a dog", "aspect_ratio": "16:9", "duration": "5", "mode": "pro", "multi_shots": False, "sound": False,
    }  # fmt: skip
    shots = [{"prompt": "a dog", "duration": 3}]
    several = {"multi_shots": True, "multi_prompt": shots, "duration": "3"}
    assert build_input(kling, several).input["multi_prompt"] == shots
    assert [fault.field for fault in build_input(kling, {"multi_shots": True, "prompt": "a dog"}).faults] == [
        "multi_prompt"
    ]
    assert (
        build_input(kling, {}, locale="ru").error == "Поле 'prompt' обязательно, так как поле 'multi_shots' равно false"
    )


@pytest.mark.parametrize("model", ["kling/ai-avatar-standard", "kling/ai-avatar-pro"])
def test_a_text_may_be_empty_where_the_hosted_service_takes_it(model: str) -> None:
    spec = get_model(model)
    files = {name: value for name, value in example(spec).items() if name != "prompt"}
    assert build_input(spec, {**files, "prompt": ""}).input["prompt"] == ""
    assert [fault.code for fault in build_input(spec, files).faults] == ["required"]
