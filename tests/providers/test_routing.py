"""Who runs what, by ENLARGER_ROUTES and by what is set up."""

from __future__ import annotations

from string import Formatter

import pytest

from enlarger.all_settings import load_settings
from enlarger.catalog import Model, build_input, build_input_or_raise, get_model, list_models, quote
from enlarger.catalog.messages import localise
from enlarger.catalog.schema import example
from enlarger.errors import ConfigurationError, ModelUnavailable
from enlarger.providers.routing import Routing, read_routing, routing_of
from enlarger.providers.setup import unconfigured_of
from enlarger.translatable import Sentence

_TOPAZ = get_model("topaz/image-upscale")
_VIDEO = get_model("topaz/video-upscale")
_REMOVE = get_model("recraft/remove-background")
_URL = "https://example.com/a.png"


def topaz(factor: str) -> dict[str, object]:
    return build_input_or_raise(_TOPAZ, {"image_url": _URL, "upscale_factor": factor})


def lacking(**settings: object) -> dict[str, str]:
    return unconfigured_of(load_settings(**settings))


def test_without_wishes_hosted_providers_come_first_and_this_machine_last() -> None:
    assert read_routing("").order(_TOPAZ) == ("kie", "replicate", "fal", "local")


def test_the_most_specific_wish_counts_wherever_it_stands() -> None:
    routing = read_routing(
        " kie,replicate ; image=replicate;upscale = local , kie; topaz-upscale=local;video=kie;;remove-background=kie;"
    )
    assert routing.order(_TOPAZ) == ("local",)
    assert routing.order(get_model("recraft/crisp-upscale")) == ("local", "kie")
    assert routing.order(_REMOVE) == ("kie",)
    assert routing.order(get_model("google/nano-banana")) == ("replicate",)
    assert routing.order(_VIDEO) == ("kie",)
    assert read_routing("video=kie; local,local").order(_TOPAZ) == ("local",)


def test_the_sandbox_runs_everything_unless_the_routes_give_it_a_place() -> None:
    assert read_routing("", simulating="sandbox").order(_VIDEO) == ("sandbox",)
    assert read_routing("upscale=local; kie", simulating="sandbox").order(_TOPAZ) == ("sandbox",)
    assert read_routing("upscale=local; sandbox", simulating="sandbox").order(_TOPAZ) == ("local",)
    assert read_routing("sandbox, local", simulating="sandbox").order(_VIDEO) == ("sandbox", "local")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kei", "'kei', which is no provider"),
        ("topaz/image-upscal=kie", "did you mean topaz/image-upscale"),
        ("photos=kie", "no model, type of task or kind"),
        ("=kie", "no model, type of task or kind"),
        ("video=", "names no provider in 'video='"),
        ("kie; local", "two entries without a selector"),
        ("topaz-upscale=kie; topaz/image-upscale=local", "two entries for topaz/image-upscale"),
    ],
)
def test_a_wish_that_cannot_be_read_is_told_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match="ENLARGER_ROUTES") as caught:
        read_routing(text)
    assert words in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_a_provider_can_run_what_it_is_set_up_for_and_its_route_can_do() -> None:
    routing = Routing(("kie", "replicate", "local"), {}, {"kie": "set KIE_API_KEY"})
    able = {choice.provider: choice.lacks for choice in routing.choices(_TOPAZ, topaz("2"))}
    assert able == {"kie": "settings", "replicate": None, "local": None}
    able = {choice.provider: choice.lacks for choice in routing.choices(_TOPAZ, topaz("8"))}
    assert able == {"kie": "settings", "replicate": "value", "local": None}
    able = {choice.provider: choice.lacks for choice in routing.choices(_VIDEO, {})}
    assert able == {"kie": "settings", "replicate": "route", "local": "route"}
    assert all(choice.possible for choice in read_routing("sandbox").choices(_VIDEO, {}))


def test_what_nobody_can_run_is_refused_with_every_reason_and_its_remedy() -> None:
    routing = read_routing("kie,replicate,local", unconfigured={"kie": "not set up, set KIE_API_KEY"})
    routing.check(_TOPAZ, topaz("8"))
    with pytest.raises(ModelUnavailable) as caught:
        routing.check(_VIDEO, {})
    assert caught.value.field == "model"
    assert str(caught.value) == (
        "The model topaz/video-upscale cannot run here. kie: not set up, set KIE_API_KEY;"
        " replicate: it does not run this model; local: it does not run this model."
    )
    with pytest.raises(ModelUnavailable, match="replicate: it cannot do upscale_factor '8', only 1, 2, 4"):
        read_routing("replicate").check(_TOPAZ, topaz("8"))
    with pytest.raises(ModelUnavailable, match="ENLARGER_ROUTES leaves local out"):
        read_routing("kie", unconfigured=dict.fromkeys(("kie", "replicate", "fal"), "not set up")).check(
            _TOPAZ, topaz("2")
        )


def test_the_settings_say_who_is_set_up() -> None:
    assert set(lacking(kie_api_key="", replicate_api_token=" ")) == {"kie", "replicate", "fal", "sandbox"}
    assert set(lacking(kie_api_key="k", replicate_api_token="r", fal_key="f", sandbox=True)) == set()
    own = lacking(kie_api_key="enl_abcdefgh")
    assert "a key of Enlarger's own" in own["kie"]
    assert "abcdefgh" not in own["kie"]
    routing = routing_of(load_settings(routes="image=local", replicate_api_token="r"))
    assert routing.order(_TOPAZ) == ("local",)
    assert set(routing.unconfigured) == {"kie", "fal", "sandbox"}


def untranslated(reason: str | None) -> list[str]:
    """The parts of a reason in words that are no sentences, or have no translation."""
    if not isinstance(reason, Sentence):
        return [reason] if reason and "it " in reason else []
    inner = [part for value in reason.values.values() if isinstance(value, str) for part in untranslated(value)]
    bare = "".join(text for text, *_ in Formatter().parse(reason.template)).strip(":; ")
    return [reason, *inner] if bare and localise(reason, "zh") == reason else inner


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_every_reason_of_every_model_is_translated(model: Model) -> None:
    sample = example(model)
    given = [{**sample, name: option} for name, field in model.fields().items() for option in field.enum]
    inputs = [built.input for built in (build_input(model, one) for one in (sample, *given)) if not built.faults]
    nothing = lacking(kie_api_key="", client_kie_api_key="", replicate_api_token="")
    routings = [
        read_routing("replicate,fal,local,kie,sandbox", unconfigured=unconfigured) for unconfigured in ({}, nothing)
    ]
    reasons = [choice.reason for routing in routings for one in inputs for choice in routing.choices(model, one)]
    reasons += [quote(model, one).why for one in inputs]
    assert any(reasons)
    assert [part for reason in reasons for part in untranslated(reason)] == []


def test_an_error_without_any_provider_is_told_in_the_language() -> None:
    routing = read_routing("replicate,sandbox", unconfigured=lacking(replicate_api_token=""))
    with pytest.raises(ModelUnavailable) as caught:
        routing.check(_TOPAZ, topaz("2"))
    said = localise(caught.value.args[0], "ru")
    assert "replicate: не настроен: задайте REPLICATE_API_TOKEN; sandbox: не настроен" in said
    assert "ENLARGER_ROUTES исключает local" in said
    here = read_routing("local", unconfigured=lacking(kie_api_key="x"))
    with pytest.raises(ModelUnavailable) as caught:
        here.check(get_model("google/nano-banana"), {"prompt": "a room"})
    assert "local: 不运行此模型; ENLARGER_ROUTES 排除了 kie" in localise(caught.value.args[0], "zh")
