"""Pictures that a provider may have made, and what is in the storage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from enlarger.infra.storage import Storage
from tests.conftest import MakePhoto
from tests.pictures import save
from tests.worker.collecting.steps import Keys


@pytest.fixture
def picture(make_photo: MakePhoto) -> bytes:
    return make_photo("made.png", 24, 16).read_bytes()


@pytest.fixture
def black(tmp_path: Path) -> bytes:
    return save(np.zeros((8, 8, 3), np.uint8), tmp_path / "black.png").read_bytes()


@pytest.fixture
def keys(tmp_path: Path, storage: Storage) -> Keys:
    """Tells what is in the storage."""
    folder = tmp_path / "storage"
    return lambda: [str(path.relative_to(folder)) for path in folder.rglob("[!.]*") if path.is_file()]
