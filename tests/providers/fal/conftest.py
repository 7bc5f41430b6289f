"""fal's stand-in, not yet open."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.providers.fal_rig import FalRig, open_rig


@pytest.fixture
def opened(tmp_path: Path) -> AbstractAsyncContextManager[FalRig]:
    return open_rig(tmp_path)
