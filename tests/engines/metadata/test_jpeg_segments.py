"""JPEG files as cameras and programs really write them: what stands between, and is split over, their segments."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.engines.metadata.test_metadata import XMP, camera_exif, enlarged, jpeg_with, resource, source

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


KEPT = [
    (0xE1, b"FLIR\0\1\0\1 thermal"),
    (0xE1, b"QVCI\0 Casio"),
    (0xE3, b"Meta\0\0II*\0"),
    (0xE5, b"RMETA\0 Ricoh"),
    (0xE6, b"GoPro\0 DEVC"),
    (0xE7, b"\x1aQualcomm Camera"),
    (0xEA, b"UNICODE\0 comment"),
    (0xEC, b"OLYMPUS OPTICAL CO.,LTD."),
]
DROPPED = [
    (0xE0, b"JFXX\0\x10 a thumbnail"),
    (0xE2, b"MPF\0II*\0"),
    (0xE4, b"SCALADO\0 offsets"),
    (0xE8, b"SPIFF\0 the size"),
    (0xEB, b"JP\x02\x11 content credentials"),
    (0xEE, b"Adobe\0\x64\0\0\0\0\2"),
    (0xEF, b"Q 70"),
]


def test_segments_of_cameras_are_kept_and_those_about_the_old_pixels_left_out(tmp_path: Path) -> None:
    path = jpeg_with(source(tmp_path, "jpg"), *KEPT, *DROPPED)
    content = enlarged(path, "jpg").read_bytes()
    assert [each for each in KEPT if each[1] not in content] == []
    assert [each for each in DROPPED if each[1] in content] == []


@pytest.mark.parametrize("end", ["png", "webp", "tiff", "avif"])
def test_segments_of_cameras_harm_no_other_format(tmp_path: Path, end: str) -> None:
    with Image.open(enlarged(jpeg_with(source(tmp_path, "jpg"), *KEPT, *DROPPED), end)) as image:
        image.load()


def test_photoshops_comment_is_kept_without_the_old_quality(tmp_path: Path) -> None:
    quality, comment = b"\0\1\0\4\0\0\0\x3c", b"\0\2\0\x0c\0\0\0\4\0a\0b\0c\0d"
    path = jpeg_with(source(tmp_path, "jpg"), (0xEC, b"Ducky" + quality + comment + b"\0\0"))
    assert b"\xff\xec\0\x19Ducky" + comment + b"\0\0" in enlarged(path, "jpg").read_bytes()


@pytest.mark.parametrize("rest", [b"", b"\0\1", b"\0\1\0\4\0\0\0\x3c\0\0", b"\0\2\xff\xff", b"\0\2\0"])
def test_a_segment_of_photoshops_with_nothing_else_is_left_out(tmp_path: Path, rest: bytes) -> None:
    assert b"Ducky" not in enlarged(jpeg_with(source(tmp_path, "jpg"), (0xEC, b"Ducky" + rest)), "jpg").read_bytes()


@pytest.mark.parametrize("signature", [b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT"])
def test_image_resources_of_other_programs_hide_no_iptc(tmp_path: Path, signature: bytes) -> None:
    iptc = b"\x1c\x02\x78\x00\x09A caption"
    other = signature + resource(0x03E9, b"other")[4:]
    photoshop = b"Photoshop 3.0\0" + other + resource(0x0404, iptc)
    with Image.open(enlarged(jpeg_with(source(tmp_path, "jpg"), (0xED, photoshop)), "jpg")) as image:
        assert image.info["photoshop"].get(0x0404, iptc) == iptc  # Pillow reads no further than 8BIM
    assert other + resource(0x0404, iptc) in (tmp_path / "result.jpg").read_bytes()


@pytest.mark.parametrize(
    ("comment", "text"), [(b"plain", "plain"), ("Ärger 图".encode(), "Ärger 图"), ("Ärger".encode("latin-1"), "Ärger")]
)
def test_a_comment_is_readable_in_a_png(tmp_path: Path, comment: bytes, text: str) -> None:
    with Image.open(enlarged(jpeg_with(source(tmp_path, "jpg"), (0xFE, comment)), "png")) as image:
        image.load()
        assert image.info["Comment"] == text
