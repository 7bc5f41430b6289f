"""Visitors of the console: with the keyboard alone, with an invalid key, from another account."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.acceptance.test_service import upload
from tests.console.browser.chromium import Watch
from tests.console.browser.conftest import OpenPage
from tests.console.browser.service import MODEL, Console, broken_picture, create

pytestmark = pytest.mark.asyncio(loop_scope="session")

_MOST_TABS = 40


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(_MOST_TABS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


async def test_the_keyboard_alone_is_enough(open_page: OpenPage, console: Console, small_photo: Path) -> None:
    page = await open_page()
    await page.goto("/console/")
    await expect(page.get_by_label("API key")).to_be_focused()
    await page.keyboard.type(console.served.key)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/")
    before = await page.locator("task-card").count()

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    model = page.get_by_label("Model")
    await tab_to(page, model)
    title = await model.locator(f'option[value="{MODEL}"]').inner_text()
    async with page.expect_response(lambda response: "/console/form" in response.url):
        await page.keyboard.type(title)
    await expect(model).to_have_value(MODEL)
    await tab_to(page, page.locator("#files"))
    async with page.expect_file_chooser() as coming:
        await page.keyboard.press("Space")
    await (await coming.value).set_files(small_photo)
    await tab_to(page, page.get_by_role("button", name="Start"))
    await page.keyboard.press("Enter")
    await expect(page.locator("task-card")).to_have_count(before + 1)

    newest = page.locator("task-card").first
    await expect(newest).to_have_attribute("data-state", "success")
    await tab_to(page, newest.get_by_label("Before and after"))
    await page.keyboard.press("ArrowRight")
    await expect(newest.get_by_label("Before and after")).to_have_value("51")
    task_id = await newest.get_attribute("data-task")
    await page.reload()
    await tab_to(page, page.locator(f'a[href="/console/tasks/{task_id}"]'))
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/console/tasks/{task_id}")


async def test_a_key_that_is_not_valid_is_refused_in_the_form(open_page: OpenPage, watch: Watch) -> None:
    watch.refusals_expected = True
    page = await open_page()
    await page.goto("/console/sign-in")
    await page.get_by_label("API key").fill("enl_nobody-has-this")
    async with page.expect_response(lambda response: response.status == 401):
        await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()


async def test_another_account_sees_nothing_of_the_first(
    open_page: OpenPage, page: Page, console: Console, tmp_path: Path
) -> None:
    async with console.client() as api:
        broken = broken_picture(tmp_path)
        task_id = await create(api, await upload(api, broken))
    await page.goto(f"/console/tasks/{task_id}")
    await expect(page.locator("task-card")).to_be_visible()

    key = await console.make_account("other")
    others = await open_page()
    await others.goto("/console/")
    await others.get_by_label("API key").fill(key)
    await others.get_by_role("button", name="Sign in").click()
    await expect(others.get_by_role("button", name="Enlarge the example picture")).to_be_visible()
    await expect(others.locator("task-card")).to_have_count(0)
    await others.goto("/console/tasks")
    await expect(others.locator("main")).to_contain_text("No tasks yet")
    found = await others.request.get(f"/console/tasks/{task_id}")
    assert found.status == 404
    assert broken.name not in await found.text()
