"""What ImageMagick and ExifTool write into a PNG as `Raw profile type ...` is kept, in every format."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from enlarger.engines.formats import PNG
from enlarger.engines.metadata import raw_profiles, read_metadata
from tests.engines.metadata.test_metadata import XMP, camera_exif, chunks, enlarged, png_with, resource, source
from tests.pictures import photo

IIM = b"\x1c\x02\x00\x00\x02\x00\x04\x1c\x02\x78\x00\x09A caption"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ENDS = ("jpg", "png", "webp")


def raw(kind: str, block: bytes, *, name: str | None = None) -> tuple[bytes, bytes]:
    """A text chunk as ImageMagick writes it."""
    digits = block.hex()
    lines = "\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
    text = f"\n{name or kind}\n{len(block):8}\n{lines}\n".encode()
    return b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text)


def png(folder: Path, *blocks: tuple[bytes, bytes]) -> Path:
    return png_with(source(folder, "png"), *blocks)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("kind", "block"),
    [
        ("exif", camera_exif()),
        ("exif", camera_exif().removeprefix(b"Exif\0\0")),
        ("APP1", camera_exif()),
        ("app1", camera_exif()),
    ],
)
def test_exif_is_kept(tmp_path: Path, kind: str, block: bytes, end: str) -> None:
    with Image.open(enlarged(png(tmp_path, raw(kind, block)), end)) as image:
        tags = image.getexif()
        assert (tags[0x0112], tags[0x010F]) == (1, "A camera")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(("kind", "header"), [("xmp", b""), ("APP1", b"http://ns.adobe.com/xap/1.0/\0")])
def test_xmp_is_kept(tmp_path: Path, kind: str, header: bytes, end: str) -> None:
    path = png(tmp_path, raw(kind, header + XMP), raw("APP1", camera_exif()))
    with Image.open(enlarged(path, end)) as image:
        packet = image.info["xmp"]
        assert b'xmp:Rating="4"' in (packet if isinstance(packet, bytes) else packet.encode())
        assert image.getexif()[0x010F] == "A camera"


@pytest.mark.parametrize(
    "profiles",
    [
        [raw("iptc", IIM)],
        [raw("iptc", resource(0x0404, IIM), name="IPTC profile")],
        [raw("8bim", resource(0x0404, IIM))],
        [raw("8bim", resource(0x03ED, bytes(16))), raw("iptc", IIM)],
        [raw("8bim", resource(0x0404, IIM)), raw("iptc", b"\x1c\x02\x78\x00\x05Other")],
    ],
)
def test_iptc_is_kept(tmp_path: Path, profiles: list[tuple[bytes, bytes]]) -> None:
    path = png(tmp_path, *profiles)
    with Image.open(enlarged(path, "jpg")) as image:
        assert image.info["photoshop"][0x0404] == IIM
    (tmp_path / "result.jpg").unlink()
    text = dict(chunks(enlarged(path, "png")))[b"zTXt"]
    assert IIM.hex().encode() in zlib.decompress(text.split(b"\0", 1)[1][1:]).replace(b"\n", b"")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", ["icc", "ICM"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_profile_is_kept(tmp_path: Path, kind: str, mode: str, end: str) -> None:
    path = tmp_path / "source.png"
    Image.fromarray(photo(40, 24)).convert(mode).save(path)
    with Image.open(enlarged(png_with(path, raw(kind, PROFILE)), end)) as image:
        assert image.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("block", [PROFILE.replace(b"RGB ", b"CMYK", 1), PROFILE.replace(b"RGB ", b"GRAY", 1), b"no"])
def test_a_profile_for_other_colours_is_left_out(tmp_path: Path, block: bytes, end: str) -> None:
    with Image.open(enlarged(png(tmp_path, raw("icc", block)), end)) as image:
        assert "icc_profile" not in image.info


def test_a_profile_with_a_rival_is_left_out(tmp_path: Path) -> None:
    path = png(tmp_path, raw("icc", PROFILE), (b"sRGB", b"\0"))
    with Image.open(enlarged(path, "png")) as image:
        assert "icc_profile" not in image.info


def test_a_block_of_another_type_is_kept_as_it_is(tmp_path: Path) -> None:
    other = raw("app12", b"something")
    assert other in chunks(enlarged(png(tmp_path, other, raw("tiff:37724", b"layers")), "png"))


def test_a_text_that_is_only_called_as_a_block_is_one(tmp_path: Path) -> None:
    text = (b"tEXt", b"exif\0nothing of the kind")
    assert text in chunks(enlarged(png(tmp_path, text), "png"))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("text", [b"", b"\n", b"\nexif\n", b"\nexif\n 3\n00", b"\nexif\n x\n00", b"\nexif\n 1\nzz\n"])
def test_a_malformed_one_is_left_out(tmp_path: Path, text: bytes, end: str) -> None:
    path = png(
        tmp_path, *((b"tEXt", b"Raw profile type " + kind + b"\0" + text) for kind in (b"exif", b"icc", b"iptc"))
    )
    with Image.open(enlarged(path, end)) as image:
        image.load()
        assert not image.getexif()


def test_iptc_of_any_size_can_be_read_by_pillow(tmp_path: Path) -> None:
    name, content = raw_profiles.write_iptc(resource(0x0404, bytes(900_000)))
    path = png(tmp_path, (name, content))
    with Image.open(enlarged(path, "png")) as image:
        image.load()
        assert len(image.info["Raw profile type iptc"]) > 1_800_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", [b"\n" * 4_000_000, b" " * 4_000_000 + b"\n1\n", b"\nexif\n" + b"9" * 4_000_000])
def test_no_text_can_keep_a_worker_busy(tmp_path: Path, text: bytes) -> None:
    content = b"Raw profile type exif\0\0" + zlib.compress(text)
    enlarged(png(tmp_path, (b"zTXt", content)), "png")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("keyword", [b"Raw profile type exif", b"XML:com.adobe.xmp"])
@pytest.mark.parametrize("size", [1_000_000, 16_000_000, 40_000_000])
def test_many_texts_that_grow_keep_no_worker_busy(tmp_path: Path, keyword: bytes, size: int) -> None:
    content = keyword + b"\0\0" + zlib.compress(bytes(size))
    path = png(tmp_path, *([(b"zTXt", content)] * (300 if size > 1_000_000 else 3000)))
    assert read_metadata(path, PNG).exif is None
