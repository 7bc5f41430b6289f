"""Chromium for tests, and a record of what its pages ask for and complain about."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright, expect

MILLISECONDS = 90_000
"""How long anything may take: the machine may be slow and busy."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OWN = ("blob", "data")
_COMPLAINTS = ("error", "warning", "assert")
_HINTS = "[DOM]"
"""How Chromium's hints on forms begin; they are of the lowest level."""


def find_chromium() -> Path | None:
    """Return the browser's executable, if it is installed."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


@asynccontextmanager
async def launched(executable: Path) -> AsyncIterator[Browser]:
    """A running browser without a window, around a block."""
    expect.set_options(timeout=MILLISECONDS)
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments, timeout=MILLISECONDS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watch:
    """What the pages of a test have asked for, and what Chromium had to complain about."""

    url: str
    """The service's own; a request to any other origin is a complaint."""
    complaints: list[str] = field(default_factory=list)
    refusals_expected: bool = False
    """Whether the test has requests fail or be refused, which Chromium then reports."""

    def attach(self, page: Page) -> None:
        """Watch a page, from before its first request on."""
        page.set_default_timeout(MILLISECONDS)
        page.on("request", self._requested)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _requested(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in _OWN and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.complaints.append(f"a request to {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        expected = self.refusals_expected and "Failed to load resource" in message.text
        if (message.type in _COMPLAINTS or message.text.startswith(_HINTS)) and not expected:
            self.complaints.append(f"{message.type}: {message.text}")
