"""What a TIFF file says in its first directory is kept."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational, ImageFileDirectory_v2

from tests.engines.metadata.test_metadata import enlarged, source

OTHERS = ("jpg", "png", "webp", "avif")
TEXTS = {0x010D: "the document", 0x010E: "a description", 0x011D: "the page", 0x0131: "a program", 0x8298: "(c) me"}


def tiff_with(folder: Path, tags: dict[int, Any]) -> Path:
    directory = ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
    return source(folder, "tiff", tiffinfo=directory)


def tags_of(path: Path) -> Image.Exif:
    with Image.open(path) as image:
        image.load()
        return image.getexif()


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
def test_names_and_texts_are_kept(tmp_path: Path, end: str) -> None:
    found = tags_of(enlarged(tiff_with(tmp_path, TEXTS), end))
    assert {tag: found.get(tag) for tag in TEXTS} == TEXTS


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
def test_a_description_of_some_length_is_kept(tmp_path: Path, end: str) -> None:
    text = "what a microscope says, " * 500
    assert tags_of(enlarged(tiff_with(tmp_path, {0x010E: text}), end))[0x010E] == text


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
def test_a_value_beside_one_that_is_too_long_is_kept(tmp_path: Path, end: str) -> None:
    found = tags_of(enlarged(tiff_with(tmp_path, {0x010E: "x" * 200_000, 0x8298: "(c) me"}), end))
    assert (found.get(0x010E), found[0x8298]) == (None, "(c) me")


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
def test_exposure_beside_the_size_is_kept(tmp_path: Path, end: str) -> None:
    """Windows and TIFF/EP say in the first directory what EXIF says in its own."""
    found = tags_of(enlarged(tiff_with(tmp_path, {0x829D: IFDRational(28, 10), 0x9003: "2026:01:02 03:04:05"}), end))
    assert (float(found[0x829D]), found[0x9003]) == (2.8, "2026:01:02 03:04:05")


@pytest.mark.parametrize("unit", [2, 3])
@pytest.mark.parametrize("stated", [Fraction(728, 10), Fraction(300), Fraction(1_000_003, 7919), Fraction(1, 3)])
def test_a_resolution_is_kept_to_the_last_digit(tmp_path: Path, stated: Fraction, unit: int) -> None:
    path = tiff_with(tmp_path, {282: stated, 283: stated, 296: unit})
    with Image.open(enlarged(path, "tiff")) as image:
        found = image.tag_v2  # type: ignore[attr-defined]
        exact = Fraction(found[282].numerator, found[282].denominator)
        assert (exact, found[283], found[296]) == (stated, found[282], unit)


@pytest.mark.parametrize(
    ("stated", "unit", "said"),
    [
        *((Fraction(728, 10), 2, (1, 73)), (Fraction(2834, 100), 3, (1, 72)), (Fraction(100), 3, (2, 100))),
        *((Fraction(254), 2, (1, 254)), (Fraction(1, 9), 2, (0, 1))),
    ],
)
def test_jpeg_states_it_in_the_unit_in_which_it_is_whole(
    tmp_path: Path, stated: Fraction, unit: int, said: tuple[int, int]
) -> None:
    content = enlarged(tiff_with(tmp_path, {282: stated, 283: stated, 296: unit}), "jpg").read_bytes()
    assert content[13:18] == struct.pack(">BHH", said[0], said[1], said[1])


def test_a_png_states_no_resolution_that_rounds_to_none(tmp_path: Path) -> None:
    path = tiff_with(tmp_path, {282: Fraction(1, 1000), 283: Fraction(1, 1000), 296: 2})
    assert b"pHYs" not in enlarged(path, "png").read_bytes()


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
@pytest.mark.parametrize("pointer", [0x8769, 0x8825])
def test_a_directory_that_is_cut_off_does_not_spoil_the_others(tmp_path: Path, end: str, pointer: int) -> None:
    path = tiff_with(tmp_path, {**TEXTS, pointer: 0x7FFF_FFF0})
    found = tags_of(enlarged(path, end))
    assert {tag: found.get(tag) for tag in TEXTS} == TEXTS
    assert pointer not in found


@pytest.mark.parametrize("end", ["tiff", *OTHERS])
@pytest.mark.parametrize("start", ["jpg", "png", "webp"])
def test_nor_does_it_in_an_exif_block(tmp_path: Path, start: str, end: str) -> None:
    texts = {0x010E: "a description", 0x8298: "(c) me"}
    tags = Image.Exif()
    tags.update(texts)
    tags.get_ifd(0x8769)[0xA002] = 40
    block = bytearray(tags.tobytes().removeprefix(b"Exif\0\0"))
    place = block.index(struct.pack("<HHI" if block[:2] == b"II" else ">HHI", 0x8769, 4, 1)) + 8
    block[place : place + 4] = b"\x7f\xff\xff\xf0"
    found = tags_of(enlarged(source(tmp_path, start, exif=b"Exif\0\0" + bytes(block)), end))
    assert {tag: found.get(tag) for tag in texts} == texts
    assert 0x8769 not in found
