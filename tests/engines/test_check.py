"""What a provider made is a whole picture, or it is no result."""

from __future__ import annotations

import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from enlarger.engines.check import check_picture
from enlarger.errors import BadOutput, PictureTooLarge
from tests.conftest import MakePhoto
from tests.pictures import save

MOST = 100_000


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_whole_picture_has_a_size(make_photo: MakePhoto, suffix: str) -> None:
    assert check_picture(make_photo(f"a.{suffix}", 50, 30), max_pixels=10_000) == (50, 30)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "I;16"])
def test_any_kind_of_pixels_will_do(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.png"
    Image.new(mode, (6, 4), 200 if mode in ("L", "P", "I;16") else None).save(path)
    if mode in ("L", "I;16"):
        assert check_picture(path, max_pixels=10_000) == (6, 4)
    else:
        Image.new("RGB", (6, 4), (0, 9, 0)).convert(mode).save(path)
        assert check_picture(path, max_pixels=10_000) == (6, 4)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_picture_that_is_cut_off_is_none(make_photo: MakePhoto, suffix: str, share: float) -> None:
    path = make_photo(f"a.{suffix}", 160, 120)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path, max_pixels=MOST)


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path, max_pixels=MOST)


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(tmp_path / "a.png", max_pixels=MOST)


def test_damage_in_the_middle_is_found(make_photo: MakePhoto) -> None:
    path = make_photo("a.png", 160, 120)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(BadOutput, match="cannot be read"):
        check_picture(path, max_pixels=MOST)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_black_picture_is_none(tmp_path: Path, suffix: str) -> None:
    path = save(np.zeros((20, 20, 3), np.uint8), tmp_path / f"a.{suffix}")
    with pytest.raises(BadOutput, match="entirely black"):
        check_picture(path, max_pixels=MOST)


def test_black_is_black_also_where_it_is_opaque(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (6, 4), (0, 0, 0, 255)).save(path)
    with pytest.raises(BadOutput, match="entirely black"):
        check_picture(path, max_pixels=MOST)


def test_one_pixel_that_is_not_black_makes_a_dark_picture(tmp_path: Path) -> None:
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[-1, -1] = 12
    assert check_picture(save(pixels, tmp_path / "a.png"), max_pixels=10_000) == (20, 20)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_a_picture_beyond_the_limit_is_judged_by_its_header(make_photo: MakePhoto, suffix: str) -> None:
    path = make_photo(f"a.{suffix}", 400, 300)
    with pytest.raises(PictureTooLarge, match=r"400x300 pixels, and 0\.1 megapixels are taken"):
        check_picture(path, max_pixels=MOST)
    path.write_bytes(path.read_bytes()[:-100])  # nothing of the pixels is read
    with pytest.raises(PictureTooLarge):
        check_picture(path, max_pixels=MOST)


def test_a_bomb_of_3600_megapixels_is_not_unpacked(tmp_path: Path) -> None:
    rows = zlib.compressobj(9)
    pixels = b"".join(rows.compress(bytes(1 + 7500)) for _ in range(600)) + rows.flush()
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n"
    for name, data in chunks:
        content += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(PictureTooLarge, match="60000x60000"):
        check_picture(tmp_path / "bomb.png", max_pixels=500_000_000)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_libvips_logs_nothing_while_it_reads(
    make_photo: MakePhoto, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Its records made two threads wait for each other's handler for ever."""
    caplog.set_level(logging.DEBUG)
    check_picture(make_photo(f"a.{suffix}", 50, 30), max_pixels=10_000)
    assert not [record for record in caplog.records if record.name.startswith("pyvips")]
