"""A result that does not look like its source is not handed out, whichever part of it is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvips

from enlarger.engines.formats import JPEG, PNG
from enlarger.engines.verify import verify
from enlarger.errors import BadOutput
from tests.pictures import Array, photo, save

WIDTH, HEIGHT = 96, 64


def source() -> pyvips.Image:
    return pyvips.Image.new_from_array(lit())


def lit() -> Array:
    """As bright as an ordinary photo: half of it in black is a mean difference of 0.2."""
    return (photo(WIDTH, HEIGHT) // 3 + 65).astype(np.uint8)


def check(picture: Array, folder: Path) -> None:
    verify(save(picture, folder / "result.png"), PNG, WIDTH, HEIGHT, like=source())


def test_a_likeness_is_handed_out(tmp_path: Path) -> None:
    check(lit(), tmp_path)


@pytest.mark.parametrize("half", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("value", [0, 20])
def test_half_a_picture_is_none(tmp_path: Path, half: str, value: int) -> None:
    picture = lit()
    parts = {"left": picture[:, : WIDTH // 2], "right": picture[:, WIDTH // 2 :]}
    parts |= {"top": picture[: HEIGHT // 2], "bottom": picture[HEIGHT // 2 :]}
    parts[half][...] = value
    with pytest.raises(BadOutput, match="does not look like its source"):
        check(picture, tmp_path)


def test_another_size_or_format_than_was_promised_is_none(tmp_path: Path) -> None:
    path = save(lit(), tmp_path / "result.png")
    for format, width, height in ((JPEG, WIDTH, HEIGHT), (PNG, WIDTH + 1, HEIGHT), (PNG, WIDTH, HEIGHT - 1)):
        with pytest.raises(BadOutput, match="was promised"):
            verify(path, format, width, height, like=source())
