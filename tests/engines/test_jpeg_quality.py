"""The quality of JPEG files is read from their tables, whatever else is in them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import pyvips
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from enlarger.engines.jpeg_quality import jpeg_quality
from tests.pictures import photo

START, END = b"\xff\xd8", b"\xff\xd9"


def jpeg(quality: int) -> bytes:
    image = pyvips.Image.new_from_array(photo(64, 48)).copy(interpretation="srgb")
    content: bytes = image.jpegsave_buffer(Q=quality)
    return content


def read(content: bytes) -> int | None:
    return jpeg_quality(io.BytesIO(content))


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def table(number: int, step: int, *, wide: bool = False) -> bytes:
    return bytes([(16 if wide else 0) | number]) + step.to_bytes(2 if wide else 1, "big") * 64


def frame(number: int) -> bytes:
    return segment(0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, number]))


@pytest.mark.parametrize("quality", [1, 10, 35, 50, 60, 75, 85, 88, 90, 95, 98, 100])
def test_the_quality_is_what_libjpeg_was_told(quality: int) -> None:
    assert read(jpeg(quality)) == quality


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_progressive_and_grey_files_are_read_as_well(quality: int) -> None:
    written = io.BytesIO()
    Image.fromarray(photo(64, 48)[..., 0]).save(written, "jpeg", quality=quality, progressive=True)
    assert read(written.getvalue()) == quality


def test_tables_of_16_bits_count_as_those_of_8() -> None:
    narrow, wide = (START + segment(0xDB, table(0, 4, wide=wide)) + frame(0) for wide in (False, True))
    assert read(narrow) == read(wide) == 97
    assert read(START + segment(0xDB, table(0, 60_000, wide=True)) + frame(0)) == 1


def test_the_table_of_the_first_component_counts() -> None:
    tables = table(0, 1) + table(1, 255) + table(3, 20, wide=True)
    assert [read(START + segment(0xDB, tables) + frame(number)) for number in (0, 1, 3)] == [100, 1, 83]
    assert read(START + segment(0xDB, tables) + frame(2)) is None
    apart = segment(0xDB, table(0, 1)) + segment(0xDB, table(1, 255))
    assert read(START + apart + frame(1)) == 1


def test_of_two_tables_with_one_number_the_later_one_counts() -> None:
    assert read(START + segment(0xDB, table(0, 255)) + segment(0xDB, table(0, 1)) + frame(0)) == 100


@pytest.mark.parametrize(
    "content",
    [
        b"",
        START,
        START + END,
        START + b"\xff\xdb",
        START + b"\xff\xdb\x00\x00",
        START + b"\xff\xdb\x00\x43\x00",
        START + segment(0xDB, b"") + frame(0),
        START + segment(0xDB, table(0, 4)[:40]) + frame(0),
        START + segment(0xDB, table(0, 4, wide=True)[:65]) + frame(0),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
    ],
)
def test_files_without_a_whole_table_have_no_quality(content: bytes) -> None:
    assert read(content) is None


def test_a_table_without_a_frame_is_enough() -> None:
    assert read(START + segment(0xDB, table(0, 1))) == 100
    assert read(START + segment(0xDB, table(0, 0)) + segment(0xC0, b"\x08")) == 100


@given(st.integers(0, 700), st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=12))
def test_a_damaged_file_never_fails(cut: int, changes: list[tuple[int, int]]) -> None:
    content = np.frombuffer(_INTACT, np.uint8).copy()
    for place, value in changes:
        content[place % len(content)] = value
    quality = read(content[: len(content) - cut].tobytes())
    assert quality is None or 1 <= quality <= 100


_INTACT = jpeg(80)
