"""What an AVIF or HEIC file says of its colours without a profile is not lost."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from enlarger.engines.metadata.heif import read_colour
from tests.engines.metadata.test_metadata import chunks, enlarged, source

SRGB, P3, PQ = (1, 13), (12, 13), (9, 16)


def avif_saying(folder: Path, primaries: int, transfer: int) -> Path:
    path = source(folder, "avif")
    content = path.read_bytes()
    place = content.index(b"colrnclx") + 8
    path.write_bytes(content[:place] + struct.pack(">HH", primaries, transfer) + content[place + 4 :])
    return path


@pytest.mark.parametrize(("said", "found"), [(SRGB, None), (P3, bytes((12, 13, 0, 1))), (PQ, bytes((9, 16, 0, 1)))])
def test_a_png_says_the_same(tmp_path: Path, said: tuple[int, int], found: bytes | None) -> None:
    assert dict(chunks(enlarged(avif_saying(tmp_path, *said), "png"))).get(b"cICP") == found


@pytest.mark.parametrize("end", ["jpg", "webp", "avif", "tiff"])
@pytest.mark.parametrize("said", [SRGB, P3])
def test_other_formats_get_a_profile(tmp_path: Path, said: tuple[int, int], end: str) -> None:
    with Image.open(enlarged(avif_saying(tmp_path, *said), end)) as image:
        assert ("icc_profile" in image.info) == (said is P3)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


NCLX = box(b"colr", b"nclx" + struct.pack(">HHHB", 12, 13, 0, 0x80))
PROFILE = box(b"colr", b"prof" + bytes(20))


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\0\0", box(b"ftyp", b"avif"), box(b"meta", NCLX[:-5]), box(b"meta", NCLX + PROFILE)),
        *(box(b"moov", NCLX), bytes(8) * 200, box(b"free", b"") * 200 + box(b"meta", NCLX)),
    ],
)
def test_nothing_is_read_where_nothing_is_said(content: bytes) -> None:
    assert read_colour(io.BytesIO(content)) == ()


def test_other_boxes_may_stand_before() -> None:
    assert read_colour(io.BytesIO(box(b"ftyp", b"avif") + box(b"mdat", bytes(999)) + box(b"meta", NCLX)))
