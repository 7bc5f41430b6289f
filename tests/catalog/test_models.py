"""The data: every model is whole, and found by its names."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest

from enlarger.catalog import Model, get_model, list_models
from enlarger.engines.auto import candidates, weights_of
from enlarger.engines.enlarge import passes
from enlarger.errors import UnknownModel

_SEEDS = {
    "grok-imagine/upscale": {"task_id"},
    "topaz/image-upscale": {"image_url", "upscale_factor"},
    "recraft/crisp-upscale": {"image"},
    "recraft/remove-background": {"image"},
    "google/nano-banana": {"prompt", "output_format", "image_size"},
    "google/nano-banana-edit": {"image_urls", "prompt", "output_format", "image_size"},
    "grok-imagine/text-to-image": {"prompt", "aspect_ratio"},
    "grok-imagine/image-to-video": {"task_id"},
    "grok-imagine/text-to-video": {"prompt"},
}


def test_every_hosted_model_and_our_own_are_there() -> None:
    models = list_models()
    assert len([model for model in models if "kie" in model.routes]) == 192
    assert len([model for model in models if "kie" not in model.routes]) == 11
    names = [name.casefold() for model in models for name in (model.id, *model.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("model", list_models(), ids=lambda model: model.id)
def test_a_model_is_whole(model: Model) -> None:
    fields = model.fields()
    assert fields
    assert 0 < model.duration.usual < model.duration.most
    for name, field in fields.items():
        assert not (field.required and field.default is not None), name
        assert field.default is None or not field.enum or field.default in field.enum, name
        assert field.deprecated is None or field.deprecated in fields, name
    for rule in model.price.rules:
        derived = {"output", "image_input", "video_input", "source", "resolution", "duration", "quality", "size"}
        assert set(rule.when) <= set(fields) | derived
    for extra in model.price.extra:
        assert extra.field in fields
    assert model.output.count_field is None or model.output.count_field in fields
    for route in model.routes.values():
        assert set(route.fields) | set(route.values) <= set(fields)
        assert all(
            {str(option) for option in fields[name].enum} >= set(values) for name, values in route.values.items()
        )
    if local := model.engine:
        assert local.source in fields
        assert all(field.max_mb for field in fields.values() if field.type == "image")
        assert weights_of(local.network)
        if local.order == "cut-out":
            assert local.factor is None
            assert local.factor_field is None
            return
        networks = [one for name in (local.network, *local.networks.values()) for one in candidates(name)]
        assert networks
        if local.network_field:
            levels = fields[local.network_field]
            assert set(levels.enum) == set(local.networks)
            assert local.network == local.networks[levels.default]
        factors = [int(str(factor)) for factor in fields[local.factor_field].enum] if local.factor_field else []
        for network in networks:
            for factor in factors or [local.factor or 16]:
                assert math.prod(one.scale for one in passes(network, factor)) == factor
        assert (local.factor is None) != (local.factor_field is None)


@pytest.mark.parametrize(("id", "fields"), _SEEDS.items())
def test_the_models_of_the_first_documents_have_their_fields(id: str, fields: set[str]) -> None:
    assert fields <= set(get_model(id).fields())


def test_a_mistake_in_the_data_is_found() -> None:
    page = b"{id: a, title: A, kind: image, tasks: [x], duration: {usual: 1, most: 2}, routes: {}, oops: 1}"
    with pytest.raises(msgspec.ValidationError, match="unknown field `oops`"):
        msgspec.yaml.decode(page, type=Model)


@pytest.mark.parametrize("name", ["grok/imagine-upscale", " Grok-Imagine/Upscale "])
def test_models_are_found_by_id_and_alias(name: str) -> None:
    assert get_model(name).id == "grok-imagine/upscale"


def test_models_are_listed_by_kind_task_and_provider() -> None:
    assert {model.id for model in list_models(task="upscale", provider="local")} == {
        "topaz/image-upscale", "recraft/crisp-upscale", "grok-imagine/upscale",
        "real-esrgan/x4plus", "real-esrgan/x4plus-anime", "real-esrgan/fast", "span/x4",
        "real-cugan/x2", "real-cugan/x3", "real-cugan/x4", "waifu2x/photo", "waifu2x/denoise", "auto/upscale",
    }  # fmt: skip
    assert {model.id for model in list_models(task="remove-background", provider="local")} == {
        "recraft/remove-background", "u2net/cut-out",
    }  # fmt: skip
    assert all(model.kind == "video" for model in list_models(kind="video"))
    assert sum(len(list_models(kind=kind)) for kind in ("image", "video", "audio")) == len(list_models())


def test_an_unknown_model_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownModel, match=r"'topaz/image-upscal'; did you mean topaz/image-upscale"):
        get_model("topaz/image-upscal")
    with pytest.raises(UnknownModel, match=r"see the list of models"):
        get_model("\N{SNOWMAN}" * 9)


def test_the_files_are_short() -> None:
    folder = Path(__file__).parents[2] / "src" / "enlarger" / "catalog" / "models"
    assert all(len(path.read_text().splitlines()) < 500 for path in folder.glob("*.yaml"))
