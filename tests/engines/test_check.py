"""What a provider made is a whole picture, or it is no result."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enlarger.engines.check import check_picture
from enlarger.errors import BadOutput
from tests.conftest import MakePhoto
from tests.pictures import save


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_whole_picture_has_a_size(make_photo: MakePhoto, suffix: str) -> None:
    assert check_picture(make_photo(f"a.{suffix}", 50, 30)) == (50, 30)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16"])
def test_any_kind_of_pixels_will_do(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    Image.new(mode, (6, 4), 200 if mode in ("L", "P", "I;16") else None).save(path)
    if mode in ("L", "I;16"):
        assert check_picture(path) == (6, 4)
    else:
        Image.new("RGB", (6, 4), (0, 9, 0)).convert(mode).save(path)
        assert check_picture(path) == (6, 4)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_picture_that_is_cut_off_is_none(make_photo: MakePhoto, suffix: str, share: float) -> None:
    path = make_photo(f"a.{suffix}", 160, 120)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path)


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(tmp_path / "a.png")


def test_damage_in_the_middle_is_found(make_photo: MakePhoto) -> None:
    path = make_photo("a.png", 160, 120)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_black_picture_is_none(tmp_path: Path, suffix: str) -> None:
    path = save(np.zeros((20, 20, 3), np.uint8), tmp_path / f"a.{suffix}")
    with pytest.raises(BadOutput, match="entirely black"):
        check_picture(path)


def test_black_is_black_also_where_it_is_opaque(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (6, 4), (0, 0, 0, 255)).save(path)
    with pytest.raises(BadOutput, match="entirely black"):
        check_picture(path)


def test_one_pixel_that_is_not_black_makes_a_dark_picture(tmp_path: Path) -> None:
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[-1, -1] = 12
    assert check_picture(save(pixels, tmp_path / "a.png")) == (20, 20)
