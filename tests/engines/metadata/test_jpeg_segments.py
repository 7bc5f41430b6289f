"""JPEG files as cameras and programs really write them: what stands between, and is split over, their segments."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.engines.metadata.test_metadata import XMP, camera_exif, enlarged, jpeg_with, source

EXIF_HEADER = b"Exif\0\0"


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
def test_stray_bytes_between_segments_hide_nothing(tmp_path: Path, end: str) -> None:
    path = jpeg_with(source(tmp_path, "jpg"), (0xE1, camera_exif()), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP))
    content = path.read_bytes()
    for segment in (b"\xff\xe1" + (len(camera_exif()) + 2).to_bytes(2, "big"), b"\xff\xdb"):
        content = content.replace(segment, b"stray\0 bytes" + segment, 1)
    path.write_bytes(content)
    with Image.open(enlarged(path, end)) as image:
        assert image.getexif()[0x010F] == "A camera"
        assert image.info["xmp"]


def test_a_file_of_stray_bytes_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = source(tmp_path, "jpg")
    content = path.read_bytes()
    path.write_bytes(content[:20] + bytes(70_000) + b"\xff\xfe\0\x06late" + content[20:])
    assert b"late" not in enlarged(path, "jpg").read_bytes()


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
def test_exif_in_several_segments_is_joined(tmp_path: Path, end: str) -> None:
    note = bytes(range(256)) * 400
    block = camera_exif(maker_note=note).removeprefix(EXIF_HEADER)
    parts = [block[place : place + 60_000] for place in range(0, len(block), 60_000)]
    path = jpeg_with(source(tmp_path, "jpg"), *((0xE1, EXIF_HEADER + part) for part in parts))
    with Image.open(enlarged(path, end)) as image:
        tags = image.getexif()
        assert (tags[0x0112], tags[0x010F]) == (1, "A camera")
        assert tags.get_ifd(0x8769).get(0x927C) == (None if end == "jpg" else note)


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
def test_of_two_exif_blocks_the_first_is_kept(tmp_path: Path, end: str) -> None:
    second = Image.Exif()
    second[0x010F] = "Another camera"
    path = jpeg_with(source(tmp_path, "jpg"), (0xE1, camera_exif()), (0xE1, EXIF_HEADER + second.tobytes()[6:]))
    with Image.open(enlarged(path, end)) as image:
        assert image.getexif()[0x010F] == "A camera"
