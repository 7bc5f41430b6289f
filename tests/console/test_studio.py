"""The studio's form: fields that apply, names and hints in the visitor's language, drafts, and code to copy."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from enlarger.catalog import build_input, get_model, list_models
from enlarger.catalog.messages import translator
from enlarger.catalog.schema import example
from enlarger.console.applicable import applicable
from enlarger.console.forms import model_form
from enlarger.console.snippets import snippets
from enlarger.server import Service
from tests.conftest import KEY
from tests.console.steps import api_of
from tests.server.steps import URL, create, finish
from tests.waiting import until

_ENGLISH = translator("en")


async def form_of(site: httpx2.AsyncClient, model: str, language: str = "en", **filled_in: Any) -> str:
    body = {"model": model, **filled_in}
    response = await site.post("/console/form", json=body, headers={"Accept-Language": language})
    assert response.status_code == 200, response.text
    return response.text


def fields_in(form: str) -> list[str]:
    return re.findall(r'data-field="(\w+)"', form)


async def test_a_field_appears_with_the_one_that_it_needs(signed_in: httpx2.AsyncClient) -> None:
    model = "ai-music-api/generate"
    assert "persona_model" not in fields_in(await form_of(signed_in, model))
    assert "persona_model" in fields_in(await form_of(signed_in, model, values={"persona_id": "p1"}))


async def test_a_field_disappears_where_it_is_not_accepted(signed_in: httpx2.AsyncClient) -> None:
    model = "wan/2-7-image"
    assert "color_palette" in fields_in(await form_of(signed_in, model, values={"enable_sequential": False}))
    assert "color_palette" not in fields_in(await form_of(signed_in, model, values={"enable_sequential": True}))


async def test_limits_change_with_other_fields(signed_in: httpx2.AsyncClient) -> None:
    model = "gpt-image-2-text-to-image"
    assert "<option>1:1</option>" in await form_of(signed_in, model, values={"resolution": "2K"})
    assert "<option>1:1</option>" not in await form_of(signed_in, model, values={"resolution": "4K"})
    flux = "flux1-kontext"
    assert 'max="2.0"' not in await form_of(signed_in, flux)
    assert 'max="2.0"' in await form_of(signed_in, flux, files={"": 1})


async def test_a_field_becomes_required_and_comes_up_front(signed_in: httpx2.AsyncClient) -> None:
    model = "kling-3.0/video"
    usual, shots = [await form_of(signed_in, model, values={"multi_shots": on}) for on in (False, True)]
    assert 'name="multi_prompt"' in usual.partition("<details")[2]
    assert 'name="multi_prompt"' in shots.partition("<details")[0]


async def test_fields_that_exclude_each_other_say_so(signed_in: httpx2.AsyncClient) -> None:
    model = "real-esrgan/fast"
    assert "disabled" not in await form_of(signed_in, model)
    form = await form_of(signed_in, model, values={"long_side": "2000"})
    excluded = set(re.findall(r'name="(\w+)"[^>]* disabled', form))
    assert excluded == {"upscale_factor", "size", "megapixels"}
    assert "Cannot be combined with: Longer side in pixels" in form
    both = await form_of(signed_in, model, values={"long_side": "2000", "megapixels": "4"})
    assert set(re.findall(r'name="(\w+)"[^>]* disabled', both)) == {"upscale_factor", "size"}


async def test_models_with_several_sets_of_fields_offer_the_choice(signed_in: httpx2.AsyncClient) -> None:
    model = "google/gemini-3-1-flash-tts"
    first = await form_of(signed_in, model, variant=0)
    assert re.findall(r'<option value="\d"[^>]*>([^<]+)', first) == ["Speakers, Dialogue", "Text"]
    assert "text" not in fields_in(first)
    assert "text" in fields_in(await form_of(signed_in, model, variant=1))
    assert "text" in fields_in(await form_of(signed_in, model, values={"text": "Hello"}))


def test_what_a_form_shows_is_what_the_catalogue_accepts() -> None:
    """For each model's example: no field that it gives is hidden, and required fields are shown as required."""
    for model in list_models():
        given = example(model)
        for variant, form in enumerate(model.all_forms()):
            if not given.keys() <= form.keys() or build_input(model, given).faults:
                continue
            shown = applicable(form, given)
            assert given.keys() <= shown.keys() | {name for name in form if form[name].deprecated}, model.id
            assert not [name for name in given if shown[name].excluded_by], model.id
            built = model_form(model, _ENGLISH, variant=variant, values=given)
            missing = [control.name for control in (*built.main, *built.more) if control.required]
            assert set(missing) <= given.keys() | {name for name in form if form[name].default is not None}, model.id
            break


def test_every_set_of_fields_has_a_name_of_its_own() -> None:
    for model in list_models():
        form = model_form(model, _ENGLISH)
        assert len(set(form.variants)) == len(form.variants)
        assert (len(model.all_forms()) > 1) == bool(form.variants)


@pytest.mark.parametrize(
    ("language", "label", "hint"),
    [
        ("en", "Enlarge by", "1 to 16"),
        ("ru", "Увеличить во сколько раз", "от 1 до 16"),
        ("zh", "放大倍数", "1 到 16"),
    ],
)
async def test_fields_speak_the_visitors_language(
    signed_in: httpx2.AsyncClient, language: str, label: str, hint: str
) -> None:
    form = await form_of(signed_in, "auto/upscale", language)
    assert label in form
    assert f'<p class="hint" id="about-upscale_factor">{hint}</p>' in form
    assert '<code class="api">upscale_factor</code>' in form


async def test_a_wrong_request_for_a_form_is_refused(signed_in: httpx2.AsyncClient) -> None:
    for body in ({}, {"model": 5}, {"model": "auto/upscale", "values": []}):
        refused = await signed_in.post("/console/form", json=body, headers={"Accept": "application/json"})
        assert refused.json()["code"] == 400
    assert (await signed_in.post("/console/code", json={"model": "auto/upscale"})).status_code == 400


async def test_a_finished_task_can_be_enlarged_used_and_done_again(
    signed_in: httpx2.AsyncClient, service: Service
) -> None:
    async with api_of(signed_in) as api:
        body = {"model": "real-esrgan/fast", "input": {"image_url": URL, "upscale_factor": 3}}
        task_id = await create(api, body)
    await finish(service, task_id)
    card = (await signed_in.get(f"/console/tasks/{task_id}/card")).text
    drafts = [json.loads(html.unescape(draft)) for draft in re.findall(r'data-compose="([^"]+)"', card)]
    enlarge, use, again = drafts
    assert enlarge["model"] == "auto/upscale"
    assert enlarge["files"] == use["files"]
    assert (await signed_in.get(use["files"][""][0]["url"])).status_code == 200
    assert again["model"] == "real-esrgan/fast"
    assert again["files"] == {"": [{"name": "a.png", "url": URL}]}
    assert again["values"]["upscale_factor"] == "3"


_SPEECH = {"text": 'It\'s "here": 100 %\n$HOME `id` \\n é 中'}


async def test_code_is_for_exactly_this_request(signed_in: httpx2.AsyncClient) -> None:
    model = get_model("google/gemini-3-1-flash-tts")
    body = {"model": model.id, "input": _SPEECH}
    page = (await signed_in.post("/console/code", json=body)).text
    shown = [html.unescape(code) for code in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]
    assert shown == list(snippets(model, _SPEECH, str(signed_in.base_url).rstrip("/")).values())
    assert KEY not in page


async def run(*command: str, cwd: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"], "KIE_API_KEY": KEY, "HOME": str(cwd)},
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def finish_the_next(service: Service) -> dict[str, Any]:
    """End the task that a snippet creates, as a worker would, and return its input."""

    async def waiting() -> Any:
        return await service.tasks.newest("default", states=("waiting",), model=None, after=None, most=1)

    await until(waiting, seconds=120)
    [task] = await waiting()
    await finish(service, task.id)
    return dict(task.input)


_TOOLS = {
    "curl": ("sh", "-c"),
    "Python": (sys.executable, "-c"),
    "JavaScript": ("node", "--input-type=module", "-e"),
}
_PICTURE = {"image_url": URL, "upscale_factor": 2.5}


@pytest.mark.parametrize("language", _TOOLS)
async def test_code_works_when_it_is_pasted(
    signed_in: httpx2.AsyncClient, service: Service, tmp_path: Path, language: str
) -> None:
    tool = _TOOLS[language]
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    code = snippets(get_model("real-esrgan/fast"), _PICTURE, str(signed_in.base_url).rstrip("/"))[language]
    output, given = await asyncio.gather(run(*tool, code, cwd=tmp_path), finish_the_next(service))
    assert given["image_url"] == URL
    assert given["upscale_factor"] == 2.5
    if language == "Python":
        assert [path.name for path in (tmp_path / "results").iterdir()] == ["result.png"]
    else:
        assert "/result.png?" in output


async def test_curl_sends_every_character_as_it_is(
    signed_in: httpx2.AsyncClient, service: Service, tmp_path: Path
) -> None:
    given = {"image_url": "https://example.com/it's-$HOME-`id`-100%25-é中.png"}
    code = snippets(get_model("real-esrgan/fast"), given, str(signed_in.base_url).rstrip("/"))["curl"]
    assert '"code":200' in await run("sh", "-c", code.replace("Prefer: wait=60", "Prefer: wait=0"), cwd=tmp_path)
    [task] = await service.tasks.newest("default", states=None, model=None, after=None, most=1)
    assert task.input["image_url"] == given["image_url"]
