"""What pages show, and that a browser is led to them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx2
import pytest

from enlarger.all_settings import load_settings
from enlarger.infra.database import Database
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.deliveries import NewTry
from tests.conftest import KEY
from tests.console.conftest import serving_console
from tests.console.steps import api_of
from tests.server.steps import BODY, create, finish


async def test_a_browser_is_led_to_the_console_and_a_client_is_not(site: httpx2.AsyncClient) -> None:
    led = await site.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (led.status_code, led.headers["location"]) == (303, "/console/")
    for accept in ("application/json", "*/*"):
        assert (await site.get("/", headers={"Accept": accept})).json()["data"]["name"] == "Enlarger"


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Your pictures"), ("ru", "Ваши изображения"), ("zh", "您的作品")]
)
async def test_pages_are_in_the_visitors_language(signed_in: httpx2.AsyncClient, language: str, says: str) -> None:
    page = (await signed_in.get("/console/", headers={"Accept-Language": language})).text
    assert f'<html lang="{language}">' in page
    assert says in page


async def test_the_studio_greets_with_the_example(signed_in: httpx2.AsyncClient) -> None:
    page = (await signed_in.get("/console/")).text
    [example] = re.findall(r'data-example="([^"]+)"', page)
    picture = await signed_in.get(example)
    assert picture.headers["content-type"] == "image/jpeg"
    assert "immutable" in picture.headers["cache-control"]
    for asset in re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', page):
        assert (await signed_in.get(asset)).status_code == 200
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


async def test_every_model_that_runs_here_has_a_form(signed_in: httpx2.AsyncClient) -> None:
    page = (await signed_in.get("/console/")).text
    models = re.findall(r'<option value="([^"]+)"', page)
    assert "auto/upscale" in models
    for model in models:
        form = await signed_in.get("/console/form", params={"model": model})
        assert form.status_code == 200, model
        assert 'class="model-form"' in form.text


async def test_the_list_is_filtered_and_paged_by_its_address(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        tasks = [await create(api) for _ in range(21)]
    await finish(service, tasks[0])
    first = (await signed_in.get("/console/tasks")).text
    assert re.findall(r'<tr data-task="(\w+)"', first) == tasks[:0:-1]
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await signed_in.get(following.replace("&amp;", "&"))).text
    assert re.findall(r'<tr data-task="(\w+)"', second) == tasks[:1]
    done = (await signed_in.get("/console/tasks?state=success")).text
    assert re.findall(r'<tr data-task="(\w+)"', done) == tasks[:1]
    assert [int(count) for count in re.findall(r"<b data-count=\"\w+\">(\d+)</b>", done)] == [20, 0, 1, 0]
    assert "no model of this name" in (await signed_in.get("/console/tasks?model=nobodys")).text


async def test_a_task_has_a_page(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api)
    waiting = (await signed_in.get(f"/console/tasks/{task_id}/card")).text
    assert 'data-state="waiting"' in waiting
    assert "data-cancel" in waiting
    await finish(service, task_id)
    page = (await signed_in.get(f"/console/tasks/{task_id}")).text
    assert task_id in page
    [download] = re.findall(r'<a class="button" href="([^"]+)" download', page)
    assert (await signed_in.get(download.replace("&amp;", "&"))).status_code == 200


async def test_a_tasks_page_shows_every_try_to_send_its_callback(
    signed_in: httpx2.AsyncClient, service: Service
) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api, {**BODY, "callBackUrl": "https://app.example/hook?secret=1"})
    waiting = (await signed_in.get(f"/console/tasks/{task_id}")).text
    assert "https://app.example · Sent when the task has ended" in waiting
    await finish(service, task_id)
    refused = NewTry(at=datetime(2026, 11, 29, tzinfo=UTC), milliseconds=17, answer="503", state="pending")
    await service.deliveries.note(task_id, refused, {})
    page = (await signed_in.get(f"/console/tasks/{task_id}")).text
    assert "https://app.example · Being sent" in page
    assert "<td>503</td><td>17</td>" in page
    assert 'datetime="2026-11-29T00:00:00+00:00"' in page
    callback, _, _ = page.partition("as a client sees it")
    assert "secret" not in callback


async def test_what_the_scripts_call_are_the_apis_own_handlers(signed_in: httpx2.AsyncClient, service: Service) -> None:
    body = {"model": "real-esrgan/fast", "input": {"image_url": "https://example.com/a.png", "upscale_factor": "2"}}
    quote = (await signed_in.post("/console/api/v1/quote", json=body)).json()
    assert quote["data"]["credits"] == 0
    made = (await signed_in.post("/console/api/api/v1/jobs/createTask", json=body)).json()
    task_id = made["data"]["taskId"]
    cancelled = (await signed_in.post(f"/console/api/v1/tasks/{task_id}/cancel")).json()
    assert cancelled["data"]["state"] == "fail"
    events = await signed_in.get(f"/console/api/v1/tasks/{task_id}/events")
    assert events.headers["content-type"].startswith("text/event-stream")


async def test_scripts_and_styles_stay_small() -> None:
    from enlarger.console.assets import _contents

    code = sum(len(content) for name, content in _contents().items() if name.endswith((".js", ".css")))
    assert code < 80_000


async def test_pages_stay_small_with_every_model_and_a_full_list(
    monkeypatch: pytest.MonkeyPatch, database: Database, storage: Storage
) -> None:
    monkeypatch.setenv("KIE_API_KEY", "key")
    monkeypatch.setenv("REPLICATE_API_TOKEN", "token")
    service = await Service.open(load_settings(), database, storage)
    await service.accounts.register_key(KEY, account_id=DEFAULT, source="tests")
    async with serving_console(service) as site:
        await site.post("/console/sign-in", data={"key": KEY})
        async with api_of(site) as api:
            tasks = [await create(api) for _ in range(21)]
        for number, task_id in enumerate(tasks[:-1]):
            await finish(service, task_id, fail=bool(number % 2))
        paths = ["/", "/sign-in", "/tasks", f"/tasks/{tasks[0]}", "/compare", f"/compare?tasks={','.join(tasks[:4])}"]
        for path in paths:
            page = await site.get(f"/console{path}", headers={"Accept-Language": "ru"})
            assert page.status_code == 200
            assert len(page.content) <= 50_000, path


@pytest.mark.parametrize("path", ["/console/tasks/nope", "/console/nope/at/all", "/console/models/no/model"])
async def test_only_a_browser_gets_a_page_for_what_is_not_found(signed_in: httpx2.AsyncClient, path: str) -> None:
    shown = await signed_in.get(path)
    assert shown.status_code == 404
    assert "This page cannot be shown" in shown.text
    assert 'class="problem"' in shown.text
    answered = await signed_in.get(path, headers={"Accept": "application/json"})
    assert answered.json()["code"] in (404, 422)


@pytest.mark.parametrize("path", ["thumbnails/%00", "tasks?q=%00", "tasks/%00", "compare?tasks=%00", "models?q=%00"])
async def test_a_nul_character_is_refused_and_crashes_nothing(signed_in: httpx2.AsyncClient, path: str) -> None:
    response = await signed_in.get(f"/console/{path}")
    assert response.status_code < 500


async def test_a_cancelled_task_is_not_shown_as_failed(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        task_id = await create(api)
        await api.post(f"/v1/tasks/{task_id}/cancel")
    card = (await signed_in.get(f"/console/tasks/{task_id}/card", headers={"Accept-Language": "ru"})).text
    assert 'data-state="cancelled">Отменена' in card
    assert "Задача отменена." in card
    assert 'class="problem"' not in card
