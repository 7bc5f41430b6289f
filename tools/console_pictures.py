"""Photographs the console's pages for its documentation, and measures how they load.

`python -m tools.console_pictures`, or `make pictures`. It starts a service of its own with a task in each state, opens
every page in Chromium at two widths, light and dark, and writes `docs/images/console/PAGE-WIDTH-SCHEME.png`. For each
page it prints what was transferred, compressed as it was, and when Chromium painted it first. It takes about a minute,
and needs the packages for development and Chromium itself.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyvips
from playwright.async_api import Browser, Page
from tests import data_directories
from tests.console.browser.chromium import find_chromium, launched
from tests.console.browser.pages import PAGES, SIGN_IN, Examples, make_examples
from tests.console.browser.service import Console, console_service

ROOT = Path(__file__).parents[1]
WIDTHS = {1280: 800, 390: 844}
"""Widths of the window and their heights, in pixels: a laptop and a phone."""
SCHEMES = ("light", "dark")
_MEASURE = """
async () => {
  await document.fonts.ready;
  const [page] = performance.getEntriesByType("navigation");
  const code = performance.getEntriesByType("resource").filter((one) => /\\.(js|css)$/.test(one.name));
  const paints = await new Promise((found) => {
    const seen = {};
    new PerformanceObserver((list) => {
      for (const paint of list.getEntries()) seen[paint.name] = paint.startTime;
      if ("first-contentful-paint" in seen) found(seen);
    }).observe({ type: "paint", buffered: true });
  });
  return {
    html: page.transferSize,
    code: code.reduce((sum, one) => sum + one.transferSize, 0),
    paint: paints["first-paint"],
    contentful: paints["first-contentful-paint"],
  };
}
"""


@dataclass(frozen=True)
class Load:
    """How a page loaded with an empty cache: bytes transferred, and milliseconds until it was painted."""

    html: int
    code: int
    """Scripts and style sheets together."""
    paint: float
    contentful: float


async def main(folder: Path) -> None:
    """Write all pictures into `folder`, and print the table of loads."""
    executable = find_chromium()
    if executable is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="enlarger-pictures-") as path:
        work = Path(path)
        work.chmod(0o755)  # Postgres may run as another user
        await asyncio.to_thread(data_directories.use, work / "data", work / "warm-up.png")
        with console_service(work / "data") as console:
            async with launched(executable) as browser, console.client() as api:
                examples = await make_examples(api, Path(shutil.copy(ROOT / "examples" / "still-life.jpg", work)))
                await _photograph(browser, console, examples, folder)


async def _photograph(browser: Browser, console: Console, examples: Examples, folder: Path) -> None:
    page = await browser.new_page()
    await page.goto(console.sign_in_link)
    await page.wait_for_url(f"{console.url}/console/")
    session = await page.context.storage_state()
    sys.stdout.write(f"{'page':<14} {'HTML':>8} {'code':>8} {'first paint':>12} {'contentful':>11}\n")
    for name in PAGES:
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": height}}
                context = await browser.new_context(
                    base_url=console.url, storage_state=None if name == SIGN_IN else session, locale="en-GB", **options
                )
                page = await context.new_page()
                await page.goto(examples.path(name), wait_until="load")
                load = Load(**await page.evaluate(_MEASURE))
                await _pictures_shown(page)
                picture = await page.screenshot(full_page=True)
                _save(picture, folder / f"{name}-{width}-{scheme}.png")
                await context.close()
                if (width, scheme) == (1280, "light"):
                    sys.stdout.write(
                        f"{name:<14} {load.html:>8,} {load.code:>8,} {load.paint:>9.0f} ms {load.contentful:>8.0f} ms\n"
                    )


async def _pictures_shown(page: Page) -> None:
    """Wait until all pictures of a page have been loaded and decoded."""
    await page.evaluate(
        "Promise.all([...document.images].map((one) => { one.loading = 'eager'; return one.decode().catch(() => 0); }))"
    )


def _save(picture: bytes, path: Path) -> None:
    pyvips.Image.new_from_buffer(picture, "").write_to_file(str(path), palette=True, Q=90, effort=8, bitdepth=8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "folder", nargs="?", type=Path, default=ROOT / "docs/images/console", help="docs/images/console"
    )
    asyncio.run(main(parser.parse_args().folder))
