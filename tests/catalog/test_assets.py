"""Files that the hosted service keeps: `asset://…`, where its documents have it."""

from __future__ import annotations

import pytest

from enlarger.catalog import Field, Model, build_input, get_model, list_models
from enlarger.catalog.model import HostedRoute
from enlarger.catalog.routes import translate
from enlarger.catalog.schema import example
from enlarger.errors import RouteUnfit
from tests.catalog.inputs import one

_ASSET = "asset://asset-20260412-abcde"
_FILES = [(model, name, field) for model in list_models() for name, field in model.fields().items() if field.media]
_SEEDANCE = {f"bytedance/seedance-2{variant}" for variant in ("", "-fast", "-mini", "-5")}


@pytest.mark.parametrize(("model", "name", "field"), _FILES, ids=lambda value: getattr(value, "id", value))
def test_an_asset_is_passed_on_or_refused_with_the_reason(model: Model, name: str, field: Field) -> None:
    value = [_ASSET] if field.type == "array" else _ASSET
    form = next(form for form in model.all_forms() if name in form)
    payload = {key: sample for key, sample in example(model).items() if key in form} | {name: value}
    for other in field.only_with[:1]:
        payload[other] = one(form[other])
    built = build_input(model, payload)
    if model.id in _SEEDANCE:
        assert built.input[name] == value or "together" in str(built.error)
        return
    assert built.faults
    if not model.forms:  # of several, another may fit better
        (refusal,) = [fault for fault in built.faults if fault.code == "asset_refused"]
        assert "upload it first" in refusal.message


def test_the_seedance_models_take_assets_in_every_file_field() -> None:
    assert {model.id for model, _, field in _FILES if field.assets} == _SEEDANCE
    assert all(field.assets for model, _, field in _FILES if model.id in _SEEDANCE)


@pytest.mark.parametrize("address", ["asset://", "asset:///", "ASSET:// "])
def test_an_asset_without_its_id_is_refused(address: str) -> None:
    built = build_input(get_model("bytedance/seedance-2"), {"prompt": "a room", "first_frame_url": address})
    assert [(fault.field, fault.code) for fault in built.faults] == [("first_frame_url", "asset_refused")]


def test_only_a_route_that_knows_assets_is_given_them() -> None:
    model = get_model("bytedance/seedance-2")
    input = build_input(model, {"prompt": "a room", "reference_image_urls": [_ASSET]}).input
    assert translate(model, model.routes["kie"], input)[1]["reference_image_urls"] == [_ASSET]
    with pytest.raises(RouteUnfit, match="does not know the file in 'reference_image_urls'"):
        translate(model, HostedRoute(), input)
