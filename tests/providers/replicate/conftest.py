"""Replicate's stand-in, not yet open."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.providers.replicate_rig import ReplicateRig, open_rig


@pytest.fixture
def opened(tmp_path: Path) -> AbstractAsyncContextManager[ReplicateRig]:
    return open_rig(tmp_path)
