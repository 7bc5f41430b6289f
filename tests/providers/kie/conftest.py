"""KIE's stand-in, and providers whose KIE gives chosen answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from enlarger.infra.safe_http import Allowed
from enlarger.providers.kie import KieProvider
from enlarger.providers.kie.settings import KieSettings
from enlarger.settings import read_settings
from enlarger.testing.exchange import Answer, Request
from tests.providers.kie.answers import Answering, scripted
from tests.providers.kie_rig import WEBHOOK_KEY, KieRig, open_rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[KieRig]:
    async with open_rig(tmp_path) as opened:
        yield opened


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    """Makes a provider whose KIE gives these answers, and the list of what it is asked."""
    providers = []
    with ExitStack() as opened:

        def make(*answers: Answer, **changes: Any) -> tuple[KieProvider, list[Request]]:
            service = opened.enter_context(scripted(*answers))
            settings = read_settings(
                KieSettings,
                **{
                    "kie_api_key": "key-of-the-account",
                    "kie_base_url": service.listener.url,
                    "kie_webhook_key": WEBHOOK_KEY,
                    **changes,
                },
            )
            providers.append(KieProvider(settings, Allowed.parse(())))
            return providers[-1], service.requests

        yield make
        for provider in providers:
            await provider.close()
