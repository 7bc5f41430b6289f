"""What axe-core (https://github.com/dequelabs/axe-core) finds on every page, in light and in dark."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, StorageState, expect

from tests.console.browser.conftest import OpenPage
from tests.console.browser.pages import PAGES, SIGN_IN, Examples, make_examples
from tests.console.browser.service import Console
from tests.pictures import photo, save

pytestmark = pytest.mark.asyncio(loop_scope="session")

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
_GRAVE = ("serious", "critical")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def examples(console: Console, tmp_path_factory: pytest.TempPathFactory) -> Examples:
    picture = save(photo(48, 36), tmp_path_factory.mktemp("axe") / "photo.png")
    async with console.client() as api:
        return await make_examples(api, picture)


async def findings(page: Page) -> list[dict[str, Any]]:
    """Run axe on the whole page, and return what is serious or critical."""
    results = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert results["passes"], "axe has looked at nothing"
    return [
        {"rule": found["id"], "help": found["help"], "at": [node["target"] for node in found["nodes"]]}
        for found in results["violations"]
        if found["impact"] in _GRAVE
    ]


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_has_no_serious_finding(
    open_page: OpenPage, session: StorageState, examples: Examples, name: str
) -> None:
    page = await open_page(storage_state=None if name == SIGN_IN else session, color_scheme="light")
    await page.goto(examples.path(name))
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    await page.evaluate(_AXE)
    assert await findings(page) == []
    await page.emulate_media(color_scheme="dark")
    assert await findings(page) == []


async def test_axe_notices_what_is_wrong(open_page: OpenPage) -> None:
    page = await open_page()
    await page.goto("/console/sign-in")
    await page.evaluate("document.querySelector('h1 img').removeAttribute('alt')")
    await page.evaluate(_AXE)
    assert "image-alt" in [found["rule"] for found in await findings(page)]
