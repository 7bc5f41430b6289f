"""Whether a picture is there to its end, looked at by a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from enlarger.engines.whole import check_whole
from enlarger.errors import PictureUnreadable
from tests.pictures import photo, save

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "bmp"])
def test_a_picture_that_is_cut_off_is_told_from_a_whole_one(ending: str, tmp_path: Path) -> None:
    whole = save(photo(64, 48), tmp_path / f"whole.{ending}")
    check_whole(whole)
    cut = tmp_path / f"cut.{ending}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(PictureUnreadable):
        check_whole(cut)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("notes")
    with pytest.raises(PictureUnreadable):
        check_whole(text)
