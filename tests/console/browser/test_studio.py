"""The studio in a browser: from a picture to its enlargement, and what can go wrong in between."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.conftest import MakePhoto
from tests.console.browser.chromium import Watch
from tests.console.browser.service import MODEL, Console, broken_picture, create, create_endless, held_picture
from tests.pictures import load
from tests.server.steps import record

pytestmark = pytest.mark.asyncio(loop_scope="session")

_RECORD_PROGRESS = """
window.seen = [];
new MutationObserver(() => {
  for (const bar of document.querySelectorAll("progress")) window.seen.push(bar.value);
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def card(page: Page, task_id: str) -> Locator:
    return page.locator(f'task-card[data-task="{task_id}"]')


async def pick(page: Page, *pictures: Path) -> int:
    """Choose a model and pictures in the studio, and return how many tasks it showed before."""
    await page.goto("/console/")
    before = await page.locator("task-card").count()
    async with page.expect_response(lambda response: "/console/form" in response.url):
        await page.get_by_label("Model").select_option(MODEL)
    await page.locator("#files").set_input_files(pictures)
    await expect(page.locator('[data-picks=""] li[data-state=ready]')).to_have_count(len(pictures))
    return before


async def send(page: Page, *pictures: Path) -> list[str]:
    """Have the studio make tasks of pictures, and return their ids, the newest first."""
    before = await pick(page, *pictures)
    await page.get_by_role("button", name="Start").click()
    cards = page.locator("task-card")
    await expect(cards).to_have_count(before + len(pictures))
    ids = [await cards.nth(number).get_attribute("data-task") for number in range(len(pictures))]
    return [id for id in ids if id]


async def test_a_picture_is_enlarged_compared_and_downloaded(
    page: Page, console: Console, make_photo: MakePhoto, tmp_path: Path
) -> None:
    await page.add_init_script(_RECORD_PROGRESS)
    [task_id] = await send(page, make_photo("photo.png", 400, 300))
    done = card(page, task_id)
    await expect(done).to_have_attribute("data-state", "success")
    assert any(0 < percent < 100 for percent in await page.evaluate("window.seen"))
    await expect(done).to_contain_text("400×300 → 800×600")

    slider = done.get_by_label("Before and after")
    pictures = done.locator("before-after img")
    for number, size in enumerate((800, 400)):
        await expect(pictures.nth(number)).to_have_js_property("naturalWidth", size)
    await slider.press("Home")
    await expect(done.locator("before-after")).to_have_css("--cut", "0%")
    await slider.press("End")
    await expect(done.locator("before-after")).to_have_css("--cut", "100%")
    await done.locator(".view").focus()  # else the wheel scrolls the page
    await done.locator(".view").hover()
    await page.mouse.wheel(0, -400)
    transform = await pictures.first.evaluate("image => image.style.transform")
    assert "scale(2.7" in transform
    assert await pictures.last.evaluate("image => image.style.transform") == transform

    async with page.expect_download() as coming:
        await done.get_by_role("link", name="Download").click()
    download = await coming.value
    await download.save_as(tmp_path / "downloaded.png")
    async with console.client() as api:
        [url] = json.loads((await record(api, task_id))["resultJson"])["resultUrls"]
        assert (tmp_path / "downloaded.png").read_bytes() == (await api.get(url)).content
    assert load(tmp_path / "downloaded.png").shape[:2] == (600, 800)


async def test_two_pictures_are_two_tasks(page: Page, make_photo: MakePhoto) -> None:
    ids = await send(page, make_photo("first.png"), make_photo("second.png", seed=2))
    assert len(set(ids)) == 2
    for task_id in ids:
        await expect(card(page, task_id)).to_have_attribute("data-state", "success")


async def test_a_failure_shows_its_reason(page: Page, tmp_path: Path) -> None:
    [task_id] = await send(page, broken_picture(tmp_path))
    await expect(card(page, task_id)).to_contain_text("damaged or cut short")
    await page.goto("/console/tasks?state=fail")
    row = page.locator(f'tr[data-task="{task_id}"]')
    await expect(row).to_contain_text("damaged or cut short")
    await row.get_by_role("link").click()
    await expect(page.locator("main .problem")).to_contain_text("damaged or cut short")


async def test_a_task_can_be_cancelled(page: Page, console: Console, small_photo: Path) -> None:
    async with held_picture(small_photo) as held, console.client() as api:
        await page.goto("/console/")
        task_id = await create(api, held.url)
        await page.reload()
        await card(page, task_id).get_by_role("button", name="Cancel").click()
        await expect(card(page, task_id)).to_have_attribute("data-state", "fail")
        await expect(card(page, task_id)).to_contain_text("cancelled")


async def test_a_reload_finds_an_open_task_again(page: Page, console: Console, small_photo: Path) -> None:
    async with held_picture(small_photo) as held, console.client() as api:
        await page.goto("/console/")
        task_id = await create(api, held.url)
        for _ in range(2):
            await page.reload()
            await expect(card(page, task_id)).to_have_attribute("data-state", "waiting")
        held.release()
        await expect(card(page, task_id)).to_have_attribute("data-state", "success")


async def test_a_page_that_stays_open_outlives_a_restart(
    page: Page, console: Console, watch: Watch, small_photo: Path
) -> None:
    watch.refusals_expected = True
    async with held_picture(small_photo) as held, console.client() as api:
        await page.goto("/console/")
        task_id = await create(api, held.url)
        await page.reload()
        await expect(card(page, task_id)).to_have_attribute("data-state", "waiting")
        await asyncio.to_thread(console.restart)
        held.release()
        await expect(card(page, task_id)).to_have_attribute("data-state", "success")


async def test_a_batch_that_was_cut_off_is_paid_for_once(
    page: Page, console: Console, watch: Watch, make_photo: MakePhoto
) -> None:
    """The connection is lost after the first of two tasks, the page is reloaded, and both are sent again."""
    watch.refusals_expected = True
    before = await pick(page, make_photo("a.png"), make_photo("b.png", seed=3))
    sent: list[str] = []

    async def cut_off(route: Route) -> None:
        sent.append(route.request.headers["idempotency-key"])
        await (route.continue_() if len(sent) == 1 else route.abort())

    await page.route("**/createTask", cut_off)
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator("#problem")).to_be_visible()
    await expect(page.locator("task-card")).to_have_count(before + 1)
    await page.unroute("**/createTask")
    await page.reload()
    await expect(page.locator('[data-picks=""] li[data-state=ready]')).to_have_count(2)
    await page.get_by_role("button", name="Start").click()
    await expect(page.locator("task-card")).to_have_count(before + 2)
    await expect(page.locator('[data-picks=""] li')).to_have_count(0)
    async with console.client() as api:
        tasks = (await api.get("/v1/tasks", params={"limit": 100})).json()["data"]["tasks"]
    shown = await page.locator("task-card").evaluate_all("all => all.map((card) => card.dataset.task)")
    assert {task["taskId"] for task in tasks[:2]} == set(shown[:2])


async def test_a_card_says_that_its_task_is_running(page: Page, console: Console) -> None:
    async with console.client() as api:
        await page.goto("/console/")
        task_id = await create_endless(api)
        await page.reload()
        await expect(card(page, task_id).locator(".state")).to_have_text("Running")
        await api.post(f"/v1/tasks/{task_id}/cancel")
        await expect(card(page, task_id).locator(".state")).to_have_text("Cancelled")
