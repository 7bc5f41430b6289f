"""The pytest plugin: the fixture `kie_stand_in`. It loads the rest only when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from enlarger.testing.stand_in import StandIn


def pytest_configure(config: pytest.Config) -> None:
    """Name the fixture's marker."""
    config.addinivalue_line("markers", "kie_stand_in(**options): what the StandIn of the fixture is made with")


@pytest.fixture
def kie_stand_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A hosted KIE service of the test's own; KIE_BASE_URL, KIE_UPLOAD_URL and KIE_API_KEY lead to it.

    `@pytest.mark.kie_stand_in(seconds=0, limits=False)` hands options to StandIn.
    """
    from enlarger.testing.stand_in import StandIn

    marker = request.node.get_closest_marker("kie_stand_in")
    with StandIn(**(marker.kwargs if marker else {})) as service:
        monkeypatch.setenv("KIE_BASE_URL", service.base_url)
        monkeypatch.setenv("KIE_UPLOAD_URL", service.upload_url)
        monkeypatch.setenv("KIE_API_KEY", service.api_key)
        yield service
