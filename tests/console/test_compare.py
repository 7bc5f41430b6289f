"""Comparing models: the form for several, one ordinary task for each, and their results by the address."""

from __future__ import annotations

import json
import re
from html import unescape

import httpx2
import pytest

from enlarger.catalog import get_model, list_models
from enlarger.catalog.messages import translator
from enlarger.console.shared_fields import comparison_form
from enlarger.server import Service
from tests.console.steps import api_of, other_account
from tests.server.steps import create, finish

_PAIR = "real-esrgan/fast,topaz/image-upscale"


def contenders(page: str) -> list[str]:
    return re.findall(r'<template data-model="([^"]+)"', page)


async def test_two_models_of_a_kind_are_proposed(signed_in: httpx2.AsyncClient) -> None:
    response = await signed_in.get("/console/compare")
    assert len(contenders(response.text)) == 2
    assert len(response.content) <= 50_000
    assert '<option value="upscale" selected>' in response.text


async def test_the_models_are_chosen_by_the_address(signed_in: httpx2.AsyncClient) -> None:
    for page in ("/console/compare", "/console/compare/form"):
        text = (await signed_in.get(f"{page}?models={_PAIR}")).text
        assert sorted(contenders(text)) == sorted(_PAIR.split(","))
    one = (await signed_in.get("/console/compare?models=u2net/cut-out")).text
    assert contenders(one) == ["u2net/cut-out"]
    assert '<option value="remove-background" selected>' in one


async def test_models_that_cannot_be_compared_are_not_chosen(signed_in: httpx2.AsyncClient) -> None:
    text = (await signed_in.get("/console/compare?models=nobodys,sora-2-text-to-video,span/x4&task=upscale")).text
    assert contenders(text) == ["span/x4"]


async def test_each_contender_says_how_its_values_are_sent(signed_in: httpx2.AsyncClient) -> None:
    text = (await signed_in.get("/console/compare/form?models=recraft/crisp-upscale,auto/upscale")).text
    found = dict(re.findall(r'data-model="([^"]+)" data-picture="([^"]+)"', text))
    assert found == {"recraft/crisp-upscale": "image", "auto/upscale": "image_url"}
    types = [json.loads(unescape(one)) for one in re.findall(r'data-types="([^"]+)"', text)]
    assert {one.get("upscale_factor") for one in types} == {None, "number"}
    assert text.count('data-required="true"') == 2


def test_shared_fields_take_only_what_all_models_take() -> None:
    form = comparison_form([get_model("auto/upscale"), get_model("topaz/image-upscale")], translator("en"))
    shared = {field.name: field for field in form.shared}
    assert shared["upscale_factor"].options == ("1", "2", "4", "8")
    assert [one.types["upscale_factor"] for one in form.contenders] == ["number", "string"]
    assert "image_url" not in shared
    own = {one.model.id: [field.name for field in one.own] for one in form.contenders}
    assert "denoise" in own["auto/upscale"]


def test_numbers_and_texts_have_the_narrowest_limits() -> None:
    span, auto = get_model("span/x4"), get_model("auto/upscale")
    tile = {field.name: field for field in comparison_form([span, auto], translator("en")).shared}["tile"]
    assert (tile.minimum, tile.maximum) == (96, 512)


@pytest.mark.parametrize("kind", ["text-to-image", "text-to-video", "text-to-speech", "image-to-video"])
def test_any_models_of_a_kind_have_a_form(kind: str) -> None:
    models = list_models(task=kind)
    for group in (models[:4], models[-3:]):
        form = comparison_form(group, translator("en"))
        assert [one.model.id for one in form.contenders] == [model.id for model in group]
        shared = {field.name for field in form.shared}
        for one in form.contenders:
            own = {field.name for field in one.own}
            assert not own & shared
            required = {name for name, field in one.model.all_forms()[0].items() if field.required}
            assert required <= own | shared | {one.picture}, one.model.id


async def test_a_comparison_is_found_again_by_its_address(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        tasks = [await create(api) for _ in range(3)]
    await finish(service, tasks[0])
    await finish(service, tasks[1], fail=True)
    query = f"tasks={','.join(tasks)}"
    for page in (f"/console/compare?{query}", f"/console/compare/results?{query}"):
        text = (await signed_in.get(page)).text
        assert re.findall(r'<task-card class="card" data-task="(\w+)"', text) == tasks
        assert re.findall(r'data-from="/compare/card/(\w+)"', text) == tasks
        assert len(re.findall("<synced-view ", text)) == 1
        assert "8×6" in text
        assert "The picture is a GIF." in text
        assert "data-cancel" in text
    card = (await signed_in.get(f"/console/compare/card/{tasks[0]}")).text
    assert "Use as input" in card


async def test_the_form_below_results_repeats_their_request(signed_in: httpx2.AsyncClient) -> None:
    url = "https://example.com/a.png"
    async with api_of(signed_in) as api:
        task = await create(api, {"model": "topaz/image-upscale", "input": {"image_url": url, "upscale_factor": "4"}})
        other = await create(api, {"model": "auto/upscale", "input": {"image_url": url, "upscale_factor": 4}})
    text = (await signed_in.get(f"/console/compare?tasks={task},{other}")).text
    assert sorted(contenders(text)) == ["auto/upscale", "topaz/image-upscale"]
    assert "<option selected>4</option>" in text


async def test_only_tasks_of_the_account_are_compared(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with await other_account(signed_in, service) as api:
        foreign = await create(api)
    for page in ("/console/compare", "/console/compare/results"):
        text = (await signed_in.get(f"{page}?tasks={foreign}")).text
        assert foreign not in text
        assert "belong to another account" in text
    assert (await signed_in.get(f"/console/compare/card/{foreign}")).status_code == 404
