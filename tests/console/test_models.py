"""The catalogue's pages: the list, a model's page, the engines of this machine."""

from __future__ import annotations

import re
from html import unescape

import httpx2
import msgspec
import pytest

from enlarger.catalog import list_models
from enlarger.engines.backends import BACKENDS
from enlarger.engines.choosing import Choices
from enlarger.engines.record import Measurement, Record, write_record
from enlarger.infra.data_directory import DataDirectory
from enlarger.server import Service

_MOST_BYTES = 50_000


def listed(page: str) -> list[str]:
    return re.findall(r'<small class="id">([^<]+)</small>', page)


async def test_the_whole_catalogue_is_listed_page_by_page(signed_in: httpx2.AsyncClient) -> None:
    address, found = "/console/models", []
    while address:
        response = await signed_in.get(address)
        assert len(response.content) <= _MOST_BYTES
        found += listed(response.text)
        following = re.findall(r'rel="next" href="([^"]+)"', response.text)
        address = unescape(following[0]) if following else ""
    assert sorted(found) == sorted(model.id for model in list_models())
    assert found[0] == "auto/upscale"


@pytest.mark.parametrize(
    ("query", "includes", "excludes"),
    [
        ("q=cut+OUT", "u2net/cut-out", "auto/upscale"),
        ("task=text-to-speech", "elevenlabs/text-to-speech-turbo-2-5", "auto/upscale"),
        ("provider=replicate&q=topaz", "topaz/image-upscale", "topaz/video-upscale"),
        ("runs=1", "auto/upscale", "sora-2-text-to-video"),
    ],
)
async def test_filters_are_in_the_address(
    signed_in: httpx2.AsyncClient, query: str, includes: str, excludes: str
) -> None:
    found = listed((await signed_in.get(f"/console/models?{query}")).text)
    assert includes in found
    assert excludes not in found


async def test_a_search_without_results_says_so(signed_in: httpx2.AsyncClient) -> None:
    page = (await signed_in.get("/console/models?q=nobodys-model")).text
    assert "No models match these filters." in page


async def test_every_model_has_a_page_of_moderate_size(signed_in: httpx2.AsyncClient) -> None:
    for model in list_models():
        response = await signed_in.get(f"/console/models/{model.id}")
        assert response.status_code == 200, model.id
        assert len(response.content) <= _MOST_BYTES, model.id
        for name in model.fields():
            assert f"<code>{name}</code>" in response.text or model.fields()[name].deprecated, (model.id, name)


async def test_a_models_page_says_what_it_takes_costs_and_who_runs_it(signed_in: httpx2.AsyncClient) -> None:
    page = unescape((await signed_in.get("/console/models/topaz/image-upscale")).text)
    assert 'href="/console/?model=topaz/image-upscale"' in page
    assert "not set up" not in page.partition("<h2>Providers</h2>")[0]
    assert "Asked first" in page
    assert "set REPLICATE_API_TOKEN" in page
    assert re.search(r"<code>upscale_factor</code>.*<td[^>]*>string</td>", page)
    assert "$" in page.partition("<h2>Price</h2>")[2]


async def test_local_weights_are_shown_with_the_command_that_installs_them(signed_in: httpx2.AsyncClient) -> None:
    page = (await signed_in.get("/console/models/real-cugan/x2")).text
    assert "Not installed" in page
    assert "enlarger models install real-cugan/x2" in page
    bundled = (await signed_in.get("/console/models/real-esrgan/fast")).text
    assert "Installed" in bundled
    assert "enlarger models install" not in bundled


async def test_aliases_lead_to_a_model_and_unknown_names_nowhere(signed_in: httpx2.AsyncClient) -> None:
    assert "<h1>SPAN" in (await signed_in.get("/console/models/span")).text
    assert (await signed_in.get("/console/models/nobodys/model")).status_code == 404


async def test_a_model_that_is_switched_off_cannot_be_tried(signed_in: httpx2.AsyncClient, service: Service) -> None:
    routing = msgspec.structs.replace(service.routing, off=frozenset({"span/x4"}))
    object.__setattr__(service, "routing", routing)
    page = (await signed_in.get("/console/models/span/x4")).text
    assert "switched this model off" in page
    assert "?model=span" not in page


async def test_engines_are_shown_as_measured_and_never_measured_for_the_page(
    signed_in: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Choices, "measure", None)
    unknown = (await signed_in.get("/console/models/engines")).text
    assert "enlarger engines measure" in unknown
    assert "not measured yet" in unknown
    cache = DataDirectory(service.settings.data_dir).cache
    choices = Choices(cache)
    measured = [
        Measurement(backend="openvino-cpu", precision="f32", device="a CPU", megapixels=1.25),
        Measurement(backend="ncnn-cpu", precision="f32", device="a CPU", megapixels=0.5, decibels=101),
    ]
    choices.unmeasured()  # looks for the devices
    write_record(cache, Record(machine=choices._machine, networks={"real-esrgan-fast": measured}))
    page = (await signed_in.get("/console/models/engines")).text
    rows = re.findall(r"<th scope=\"row\">([\w-]+)</th><td[^>]*>a CPU</td><td[^>]*>f32</td><td[^>]*>([\d.]+)", page)
    assert rows == [("openvino-cpu", "1.25"), ("ncnn-cpu", "0.5")]
    assert "another one is faster" in page
    absent = re.findall(r"<li><code>([\w-]+)</code>", page)
    assert "torch-mps" in absent
    assert {*re.findall(r'<th scope="row">([\w-]+)</th>', page), *absent} == set(BACKENDS)
