"""The pytest plugin: the fixture, its marker, and what loading it costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from enlarger.testing import HandClock, StandIn

pytestmark = pytest.mark.integration  # processes of its own


def test_the_fixture_is_a_service_that_the_environment_leads_to(kie_stand_in: StandIn) -> None:
    assert os.environ["KIE_BASE_URL"] == kie_stand_in.base_url
    assert os.environ["KIE_UPLOAD_URL"] == kie_stand_in.upload_url
    headers = {"Authorization": f"Bearer {os.environ['KIE_API_KEY']}"}
    assert httpx2.get(f"{kie_stand_in.base_url}/api/v1/chat/credit", headers=headers).json()["data"] == 5916.25


@pytest.mark.kie_stand_in(credits=7, api_key="another")
def test_a_marker_says_what_it_is_made_with(kie_stand_in: StandIn) -> None:
    assert (kie_stand_in.credits, os.environ["KIE_API_KEY"]) == (7, "another")


def test_the_environment_is_as_before_without_it() -> None:
    assert "KIE_UPLOAD_URL" not in os.environ


def test_loading_the_plugin_loads_little() -> None:
    script = "import sys, pytest; old = {*sys.modules}; import enlarger.testing.plugin; print(*{*sys.modules} - old)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {
        "enlarger",
        "enlarger._version",
        "enlarger.renamed",
        "enlarger.testing",
        "enlarger.testing.plugin",
    }


def test_the_package_needs_neither_the_client_nor_an_http_library() -> None:
    script = "import sys; from enlarger.testing import StandIn; StandIn(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"enlarger.client", "httpx", "httpx2", "litestar", "pytest"}


def test_pytest_finds_the_fixture_in_anyones_project(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(
        "def test_app(kie_stand_in):\n    assert kie_stand_in.base_url.startswith('http://127.0.0.1:')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "--strict-markers", "-p", "no:asyncio"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_hand_clock_starts_at_the_present_and_moves_by_hand() -> None:
    clock = HandClock()
    now = clock()
    assert now > 1_700_000_000
    clock.advance(30)
    assert clock() == now + 30


def test_what_is_exported_is_there() -> None:
    import enlarger.testing

    assert {name: getattr(enlarger.testing, name).__class__ for name in enlarger.testing.__all__}
    assert set(dir(enlarger.testing)) == set(enlarger.testing.__all__)
    with pytest.raises(AttributeError):
        _ = enlarger.testing.nothing
