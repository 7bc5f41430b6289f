"""Routes: the catalogue's words become a hosted provider's, and what it cannot do is said before it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from enlarger.catalog import build_input_or_raise, get_model, list_models
from enlarger.catalog.model import Field, HostedRoute, Model
from enlarger.catalog.routes import dollars, translate
from enlarger.catalog.schema import example
from enlarger.errors import RouteUnfit

HOSTED = ("kie", "replicate", "fal")


def routes() -> Iterator[Any]:
    for model in list_models():
        for name, route in model.routes.items():
            yield pytest.param(model, route, id=f"{name}:{model.id}")


ROUTES = list(routes())


def usual(model: Model) -> dict[str, Any]:
    """An input with what has to be there, and the defaults."""
    return build_input_or_raise(model, example(model))


@pytest.mark.parametrize(("model", "route"), ROUTES)
def test_a_usual_input_goes_through_whole(model: Model, route: HostedRoute) -> None:
    input = usual(model)

    name, translated = translate(model, route, input)

    assert name == (route.model or model.id)
    required = {field for field, spec in model.input.items() if spec.required}
    assert {route.fields.get(field, field) for field in required} <= set(translated)
    sent = {route.fields.get(field, field) for field in input if not route.fields or field in route.fields}
    assert set(translated) == sent | set(route.constants)
    left_out = [field for field in input if route.fields and field not in route.fields]
    assert all(input[field] == model.fields()[field].default for field in left_out)


@pytest.mark.parametrize(("model", "route"), ROUTES)
def test_every_value_is_translated_or_refused_by_name(model: Model, route: HostedRoute) -> None:
    for name, values in route.values.items():
        options = [str(option) for option in model.fields()[name].enum]
        assert set(values) <= set(options)
        for option in options:
            input = usual(model) | {name: option}
            if option in values:
                assert translate(model, route, input)[1][route.fields.get(name, name)] == values[option]
                continue
            with pytest.raises(RouteUnfit, match=f"it cannot do {name} '{option}', only"):
                translate(model, route, input)


@pytest.mark.parametrize(("model", "route"), ROUTES)
def test_what_a_route_names_is_in_the_model(model: Model, route: HostedRoute) -> None:
    fields = model.fields()
    assert set(route.fields) | set(route.values) | set(route.usd_by) <= set(fields)
    assert not set(route.constants) & set(route.fields.values())
    assert len(set(route.fields.values())) == len(route.fields)
    assert not route.usd_by or route.usd is not None
    for name, prices in route.usd_by.items():
        assert set(prices) == {str(option) for option in fields[name].enum}
        assert max(prices.values()) == route.usd


def test_topaz_is_enlarged_by_what_each_provider_can_do() -> None:
    topaz = get_model("topaz/image-upscale")
    input = {"image_url": "https://a.example/a.jpg", "upscale_factor": "2"}

    assert translate(topaz, topaz.routes["kie"], input) == ("topaz/image-upscale", input)
    assert translate(topaz, topaz.routes["replicate"], input) == (
        "topazlabs/image-upscale",
        {"image": "https://a.example/a.jpg", "upscale_factor": "2x", "output_format": "png"},
    )
    assert translate(topaz, topaz.routes["fal"], input) == (
        "fal-ai/topaz/upscale/image",
        {"image_url": "https://a.example/a.jpg", "upscale_factor": 2, "output_format": "png"},
    )
    for route in (topaz.routes["kie"], topaz.routes["replicate"], topaz.routes["fal"]):
        with pytest.raises(RouteUnfit, match="it cannot do upscale_factor '8', only 1, 2, 4"):
            translate(topaz, route, input | {"upscale_factor": "8"})


def test_the_shape_of_the_input_has_another_name_elsewhere() -> None:
    model = get_model("nano-banana-2")
    name, input = translate(model, model.routes["replicate"], build_input_or_raise(model, {"prompt": "a room"}))
    assert name == "google/nano-banana-2"
    assert input["aspect_ratio"] == "match_input_image"


def test_a_model_that_is_another_one_with_pictures_is_run_without_them_alone() -> None:
    model = get_model("nano-banana-pro")
    given = build_input_or_raise(model, {"prompt": "a room"})
    assert translate(model, model.routes["fal"], given)[0] == "fal-ai/nano-banana-pro"
    with pytest.raises(RouteUnfit, match="it has no field for 'image_input'"):
        translate(model, model.routes["fal"], given | {"image_input": ["https://a.example/a.jpg"]})


def route_of(**route: Any) -> tuple[Model, HostedRoute]:
    hosted = HostedRoute(**route)
    fields = {
        "prompt": Field(type="string", required=True),
        "safe": Field(type="boolean", default=False),
        "seed": Field(type="integer"),
    }
    model = get_model("google/nano-banana")
    made: dict[str, Any] = {name: getattr(model, name) for name in ("title", "kind", "tasks", "duration")}
    return Model(id="x/y", input=fields, routes={"replicate": hosted}, **made), hosted


def test_a_default_without_a_field_is_left_out_and_anything_else_is_refused() -> None:
    model, route = route_of(model="z", fields={"prompt": "text"}, constants={"fast": True})
    assert translate(model, route, {"prompt": "a", "safe": False}) == ("z", {"fast": True, "text": "a"})
    for more in ({"safe": True}, {"seed": 7}, {"stranger": 1}):
        with pytest.raises(RouteUnfit, match=f"it has no field for '{next(iter(more))}'"):
            translate(model, route, {"prompt": "a", **more})


def test_a_route_without_fields_passes_everything_on() -> None:
    model, route = route_of()
    input = {"prompt": "a", "safe": True, "stranger": 1}
    assert translate(model, route, input) == ("x/y", input)


@pytest.mark.parametrize(
    ("name", "provider", "input", "cost"),
    [
        ("google/nano-banana", "kie", {}, "0.02"),
        ("google/nano-banana", "replicate", {}, "0.039"),
        ("nano-banana-pro", "replicate", {"resolution": "2K"}, "0.15"),
        ("nano-banana-pro", "replicate", {"resolution": "4K"}, "0.30"),
        ("nano-banana-pro", "replicate", {}, "0.30"),
        ("ideogram/character", "kie", {"num_images": "3", "rendering_speed": "TURBO"}, "0.18"),
        ("topaz/image-upscale", "kie", {"upscale_factor": "2"}, "0.2"),
        ("recraft/crisp-upscale", "replicate", {}, "0.006"),
        ("recraft/crisp-upscale", "local", {}, "0"),
        ("recraft/crisp-upscale", "sandbox", {}, "0"),
        ("real-esrgan/fast", "kie", {}, "0"),
        ("google/imagen4", "replicate", {}, "0"),
        ("google/imagen4", "fal", {"num_images": "2"}, "0.08"),
        ("google/nano-banana-edit", "fal", {}, "0.0398"),
        ("nano-banana-2", "fal", {"resolution": "2K"}, "0.12"),
        ("ideogram/v3-text-to-image", "fal", {"rendering_speed": "TURBO"}, "0.03"),
    ],
)
def test_what_a_task_costs_at_a_provider_at_most(name: str, provider: str, input: dict[str, Any], cost: str) -> None:
    assert dollars(get_model(name), provider, input) == Decimal(cost)


def test_a_known_size_makes_the_cost_exact() -> None:
    topaz, input = get_model("topaz/image-upscale"), {"upscale_factor": "2"}
    assert dollars(topaz, "kie", input, (800, 600)) == Decimal("0.05")
    assert dollars(topaz, "kie", input, (1600, 900)) == Decimal("0.1")


@pytest.mark.parametrize(
    ("name", "input", "outputs"),
    [
        ("ideogram/character", {"num_images": "1"}, 1),
        ("ideogram/character", {"num_images": "3"}, 3),
        ("grok-imagine-image-2-0/text-to-image", {}, 3),  # it may make so many
    ],
)
def test_outputs_are_counted_where_the_price_is_for_one(name: str, input: dict[str, Any], outputs: int) -> None:
    _, route = route_of(usd=0.1)
    model = msgspec.structs.replace(get_model(name), routes={"replicate": route})
    assert dollars(model, "replicate", input) == Decimal("0.1") * outputs


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_what_has_a_price_costs_something_and_nothing_else_does(model: Model) -> None:
    for provider in HOSTED:
        has_price = provider in model.routes and any(rule.credits for rule in model.price.rules)
        cost = dollars(model, provider, usual(model))
        if provider in model.routes and not has_price and not model.price.rules:
            assert cost is None, "nobody knows it: that is not nothing"
        else:
            assert (cost is not None and cost > 0) == has_price


def test_older_names_of_models_choose_the_field_for_it() -> None:
    for tier, wanted in (
        ("veo3", "veo-3-1"), ("veo3_fast", "veo-3-1"), ("veo3_lite", "veo-3-1"), ("flux-kontext-max", "flux1-kontext"),
    ):  # fmt: skip
        model = get_model(tier)
        name, input = translate(model, model.routes["kie"], build_input_or_raise(model, {"prompt": "a room"}))
        assert (name, input["model"], input["prompt"]) == (wanted, tier, "a room")
