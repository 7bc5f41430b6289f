"""Attempts that a provider has, or may have."""

from __future__ import annotations

import pytest

from enlarger.errors import AcceptanceUnknown
from enlarger.tasks.records import Attempt
from tests.worker.hosted import Floor


@pytest.fixture
async def accepted(floor: Floor) -> Attempt:
    """A task that KIE has, as `kie-1`."""
    return await floor.submit()


@pytest.fixture
async def unknown(floor: Floor) -> Attempt:
    """A task that KIE may have, which cannot list what it has."""
    floor.kie.answers = [AcceptanceUnknown("the answer was lost")]
    return await floor.submit()


@pytest.fixture
async def listed(floor: Floor) -> Attempt:
    """A task that Replicate may have, which can."""
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    floor.replicate.answers = [AcceptanceUnknown("the answer was lost")]
    return await floor.submit()
