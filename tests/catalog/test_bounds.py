"""No input makes a task free, and none makes its price endless: over all models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enlarger.catalog import Field, Model, build_input, get_model, list_models, quote
from enlarger.catalog.routes import dollars
from enlarger.catalog.schema import example

_DERIVED = {"output", "image_input", "video_input", "source"}
"""What rules ask about and no field says."""
_MOST = 7_000
"""Credits; no model costs more for one task."""
_URL = "https://example.com/a.png"


def priced_fields(model: Model) -> dict[str, Field]:
    """The fields that the price of a model depends on."""
    fields = model.fields()
    names = {name for rule in model.price.rules for name in rule.when} | {extra.field for extra in model.price.extra}
    names |= {name for name in (model.output.count_field, *model.price.videos) if name is not None}
    if model.price.per == "second":
        names.add(model.price.seconds_field)
    return {name: fields[name] for name in sorted(names) if name in fields}


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_every_field_that_a_price_depends_on_is_bounded(model: Model) -> None:
    for name, field in priced_fields(model).items():
        if field.type == "array":
            assert field.max_items is not None or name in model.price.videos, name
        elif field.type in ("integer", "number"):
            assert field.enum or (field.minimum is not None and field.maximum is not None), name
            assert field.enum or field.minimum is None or field.minimum > 0, name
        else:
            assert field.enum or field.type == "boolean", name
    assert all(model.fields()[name].max_length for name in model.price.texts)
    for rule in model.price.rules:
        assert rule.credits >= 0


_NUMBERS = st.integers() | st.floats() | st.sampled_from([-5, 0, -1, 1, 12, 100, 10**9, 0.1, -0.5, True, False])
_HOSTILE: st.SearchStrategy[Any] = (
    _NUMBERS | _NUMBERS.map(str) | st.sampled_from(["", "1e9", "0x10", " -5 ", "nan", None, [], [-5], {}])
)


def _fitting(field: Field) -> st.SearchStrategy[Any]:
    """Values that the field itself takes, mostly."""
    if field.enum:
        one: st.SearchStrategy[Any] = st.sampled_from(field.enum)
    elif field.each in ("integer", "number"):
        least, most = field.minimum or 0, field.maximum if field.maximum is not None else 2**31
        one = st.sampled_from([least, most]) | st.integers(int(least), int(most))
    elif field.each == "boolean":
        one = st.booleans()
    elif field.each == "object":
        one = st.just({"url": _URL})
    else:
        one = st.just(_URL)
    return st.lists(one, max_size=min(field.max_items or 4, 4)) if field.type == "array" else one


@st.composite
def _inputs(draw: st.DrawFn, model: Model) -> dict[str, Any]:
    payload = dict(example(model))
    for name, field in draw(st.sampled_from(model.all_forms())).items():
        match draw(st.integers(0, 3)):
            case 0:
                payload.pop(name, None)
            case 1:
                payload[name] = draw(_fitting(field))
            case 2 if name in priced_fields(model):
                payload[name] = draw(_HOSTILE)
    return payload


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
@settings(max_examples=60)
@given(data=st.data())
def test_no_accepted_input_makes_a_task_free_or_endlessly_dear(model: Model, data: st.DataObject) -> None:
    built = build_input(model, data.draw(_inputs(model)))
    if built.faults:
        return
    price = quote(model, built.input).amount
    if not model.price.free:
        assert price is not None
        assert 0 < price <= _MOST
        assert all(
            (dollars(model, provider, built.input) or 0) > 0 for provider in model.providers() if provider != "local"
        )
    else:
        assert not price


@pytest.mark.parametrize("model", ["wan/2-7-image", "wan/2-7-image-pro"])
@pytest.mark.parametrize("number", [-5, 0, 100, "-5", -0.5])
def test_a_number_of_pictures_is_bounded(model: str, number: object) -> None:
    assert [fault.field for fault in build_input(get_model(model), {"prompt": "a room", "n": number}).faults] == ["n"]
