"""What a GIF says before its first picture is kept."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from enlarger.engines.metadata import gif
from tests.engines.metadata.test_metadata import SIZE, XMP, chunks, enlarged
from tests.pictures import photo

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
HEADER = b"GIF89a" + bytes((40, 0, 24, 0, 0, 0, 0))
TRAILER = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
"""Leads a reader that takes the packet for sub-blocks to its end (XMP specification, part 3)."""


def blocks(content: bytes) -> bytes:
    parts = [content[place : place + 255] for place in range(0, len(content), 255)]
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"


def comment(text: bytes) -> bytes:
    return b"\x21\xfe" + blocks(text)


def xmp(packet: bytes) -> bytes:
    return b"\x21\xff\x0bXMP DataXMP" + packet + TRAILER


def profile(content: bytes) -> bytes:
    return b"\x21\xff\x0bICCRGBG1012" + blocks(content)


def gif_with(folder: Path, *extensions: bytes) -> Path:
    file = io.BytesIO()
    Image.fromarray(photo(*SIZE)).convert("P").save(file, "GIF")
    content = file.getvalue()
    end = 13 + (3 << ((content[10] & 7) + 1))
    path = folder / "source.gif"
    path.write_bytes(b"GIF89a" + content[6:end] + b"".join(extensions) + content[end:])
    return path


@pytest.mark.parametrize("end", ["jpg", "png", "webp", "avif", "tiff"])
def test_comment_profile_and_xmp_are_kept(tmp_path: Path, end: str) -> None:
    path = gif_with(tmp_path, comment(b"A comment, " * 40), xmp(XMP), profile(PROFILE))
    result = enlarged(path, end)
    with Image.open(result) as image:
        image.load()
        assert image.info["icc_profile"] == PROFILE
        packet = image.info["xmp"]
    assert b'xmp:Rating="4"' in packet
    assert b'tiff:ImageWidth="80"' in packet
    assert b"A comment, A comment, " in result.read_bytes()


def test_comments_are_texts_of_a_png(tmp_path: Path) -> None:
    found = chunks(enlarged(gif_with(tmp_path, comment(b"one"), comment(b"\0 "), comment(b"zw\xc3\xb6lf")), "png"))
    assert (b"tEXt", b"Comment\0one") in found
    assert (b"iTXt", b"Comment\0\0\0\0\0zw\xc3\xb6lf") in found
    assert sum(content.startswith(b"Comment") for _, content in found) == 2


@pytest.mark.parametrize("content", [b"", b"no profile", PROFILE[:-4], PROFILE.replace(b"RGB ", b"CMYK", 1)])
def test_a_profile_that_is_none_is_left_out(tmp_path: Path, content: bytes) -> None:
    with Image.open(enlarged(gif_with(tmp_path, profile(content)), "png")) as image:
        assert "icc_profile" not in image.info


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"GIF", HEADER, HEADER + b"\x21", HEADER + b"\x21\xfe", HEADER + b"\x21\xfe\xff"),
        *(HEADER + b"\x21\xff\x0bXMP DataXMP", HEADER[:10] + b"\xf7" + HEADER[11:] + b"\x21\xfe\x01a\0"),
    ],
)
def test_a_file_that_is_cut_short_says_nothing(content: bytes) -> None:
    found = gif.read(io.BytesIO(content))
    assert (found.xmp, found.profile, found.comments) == (None, None, ())


@pytest.mark.timeout(20)
@pytest.mark.parametrize("content", [b"\x21\xfe\x01a" + b"\x01a" * 8_000_000, b"\x21\xfe\0" * 5_000_000])
def test_no_file_can_keep_a_worker_busy(content: bytes) -> None:
    assert len(gif.read(io.BytesIO(HEADER + content)).comments) <= 1
