"""A resolution is found again where the result's format has its place for it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from enlarger.engines.metadata import exif
from tests.engines.metadata.test_metadata import camera_exif, enlarged, source

WITH_EXIF_ONLY = ("webp", "avif")
WITH_PLACE = ("jpg", "png", "tiff")


def exif_with(dpi: float, unit: int = 2) -> bytes:
    tags = Image.Exif()
    tags[0x010F], tags[282], tags[283], tags[296] = "A camera", dpi, dpi, unit
    return b"Exif\0\0" + tags.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize(
    ("start", "end"),
    [(start, end) for start in ("jpg", "png", "webp", "avif") for end in WITH_PLACE if start != end],
)
@pytest.mark.parametrize(("stated", "unit", "dpi"), [(300, 2, 300), (72, 2, 72), (100, 3, 254), (300.5, 2, 300.5)])
def test_one_in_exif_alone_is_stated_by_the_file(
    tmp_path: Path, start: str, end: str, stated: float, unit: int, dpi: float
) -> None:
    if start == end == "jpg":
        assert (
            b"JFIF\0\1\2\0\0\1\0\1" in enlarged(source(tmp_path, start, exif=exif_with(stated, unit)), end).read_bytes()
        )
        return
    if start == end:
        return
    with Image.open(enlarged(source(tmp_path, start, exif=exif_with(stated, unit)), end)) as image:
        assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.6)
        assert image.getexif()[0x010F] == "A camera"


@pytest.mark.parametrize("end", WITH_EXIF_ONLY)
@pytest.mark.parametrize("start", WITH_PLACE)
@pytest.mark.parametrize("block", [None, camera_exif()])
def test_one_of_the_file_is_stated_in_exif_where_there_is_no_other_place(
    tmp_path: Path, start: str, end: str, block: bytes | None
) -> None:
    options: dict[str, Any] = {"exif": block} if block else {}
    with Image.open(enlarged(source(tmp_path, start, dpi=(300, 150), **options), end)) as image:
        tags = image.getexif()
        inch = 2.54 if tags[296] == 3 else 1
        assert (float(tags[282]) * inch, float(tags[283]) * inch) == pytest.approx((300, 150), abs=0.1)
        if block and start != "tiff":
            assert (tags[0x010F], tags.get_ifd(0x8769)[0x927C]) == ("A camera", b"\x01\x02 secret of the maker")


@pytest.mark.parametrize("end", [*WITH_PLACE, *WITH_EXIF_ONLY])
@pytest.mark.parametrize("start", ["jpg", "png", "webp", "avif"])
def test_none_is_invented(tmp_path: Path, start: str, end: str) -> None:
    with Image.open(enlarged(source(tmp_path, start, exif=camera_exif()), end)) as image:
        if end == "tiff":
            assert image.getexif().get(296) in (None, 1)
            return
        assert 282 not in image.getexif()
        assert not image.info.get("jfif_unit")
        assert end == "jpg" or "dpi" not in image.info  # without one in EXIF, Pillow says 72 of a JPEG


def test_within_a_format_it_stays_where_it_is(tmp_path: Path) -> None:
    result = enlarged(source(tmp_path, "jpg", exif=exif_with(300)), "jpg")
    assert b"JFIF\0\1\2\0\0\1\0\1" in result.read_bytes()


@pytest.mark.parametrize("end", WITH_EXIF_ONLY)
def test_exif_that_states_one_is_not_changed(tmp_path: Path, end: str) -> None:
    with Image.open(enlarged(source(tmp_path, "png", dpi=(300, 300), exif=exif_with(72)), end)) as image:
        assert image.getexif()[282] == 72


@pytest.mark.parametrize(
    "block", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff", camera_exif()[6:40]]
)
def test_a_malformed_block_states_none(block: bytes) -> None:
    assert exif.density_of(block) is None


@pytest.mark.parametrize("parts", [(0, 0), (1, 0), (0, 1), (4_000_000_000, 1), (1, 4_000_000_000)])
def test_an_impossible_one_is_none(parts: tuple[int, int]) -> None:
    block = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 282, 5, 1, 100, 283, 5, 1, 100, 0)
    assert exif.density_of(block.ljust(100, b"\0") + struct.pack("<II", *parts)) is None
