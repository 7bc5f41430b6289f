"""A browser and a service, shared by the tests of this folder: all of them run in one process and one event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, StorageState

from tests.console.browser.chromium import Watch, find_chromium, launched
from tests.console.browser.service import Console, console_service

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Path:
    """The browser's executable; without one, tests are skipped, or fail with `--need-chromium`."""
    found = find_chromium()
    if found is None:
        missing = "Chromium is not installed: apt-get install chromium"
        (pytest.fail if pytestconfig.option.need_chromium else pytest.skip)(missing)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with launched(chromium) as running:
        yield running


@pytest.fixture(scope="session")
def console(chromium: Path, used_before: Path) -> Iterator[Console]:
    with console_service(used_before) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session(browser: Browser, console: Console) -> StorageState:
    """The cookies of a visitor who signed in with the link that `enlarger up` prints."""
    page = await browser.new_page()
    await page.goto(console.sign_in_link)
    await page.wait_for_url(f"{console.url}/console/")
    state = await page.context.storage_state()
    await page.context.close()
    return state


@pytest.fixture
def watch(console: Console) -> Iterator[Watch]:
    """No page of a test may ask another host for anything, or make Chromium complain."""
    watch = Watch(console.url)
    yield watch
    assert not watch.complaints


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, console: Console, watch: Watch) -> AsyncIterator[OpenPage]:
    """Opens pages, each in a browser profile of its own."""
    contexts = []

    async def open_(**options: object) -> Page:
        context = await browser.new_context(base_url=console.url, locale="en-GB", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        watch.attach(page)
        return page

    yield open_
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage, session: StorageState) -> Page:
    """A page of somebody who has signed in."""
    return await open_page(storage_state=session)
