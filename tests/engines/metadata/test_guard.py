"""EXIF blocks whose directories lead in circles keep neither the decoder nor us busy."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
import pyvips
from PIL import Image

from enlarger.engines.metadata.guard import disarmed, is_costly
from tests.engines.metadata.test_metadata import camera_exif, enlarged, png_with, source
from tests.pictures import photo

KINDS = ("jpg", "png", "webp", "avif")
POINTERS = (0x8769, 0x8825, 0xA005)


def circles(pointers: int, kinds: tuple[int, ...] = POINTERS) -> bytes:
    """A directory whose entries all point to itself, as directories of `kinds`."""
    entries = b"".join(struct.pack("<HHII", kinds[place % len(kinds)], 4, 1, 8) for place in range(pointers))
    return b"II*\0" + struct.pack("<IH", 8, pointers) + entries + bytes(4)


def picture_with(folder: Path, kind: str, block: bytes) -> Path:
    path = folder / f"source.{kind}"
    if kind == "png":
        return png_with(source(folder, kind), (b"eXIf", block))
    Image.fromarray(photo(40, 24)).save(path, exif=b"Exif\0\0" + block)
    return path


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("kind", "pointers"),
    [(kind, pointers) for kind in KINDS for pointers in (64, 1000, 5000, 60_000) if kind != "jpg" or pointers <= 5000],
)
def test_directories_in_circles_keep_no_one_busy(tmp_path: Path, kind: str, pointers: int) -> None:
    block = circles(pointers)
    began = time.process_time()
    result = enlarged(picture_with(tmp_path, kind, block), kind)
    assert time.process_time() - began < 10
    assert block[:100] not in result.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_an_ordinary_block_is_not_touched(tmp_path: Path, kind: str) -> None:
    path = picture_with(tmp_path, kind, camera_exif().removeprefix(b"Exif\0\0"))
    assert disarmed(path) is None


@pytest.mark.parametrize("pointers", [1, 2, 3])
def test_a_circle_that_a_camera_could_make_is_kept(pointers: int) -> None:
    assert not is_costly(circles(pointers))


@pytest.mark.timeout(20)
def test_a_file_full_of_headers_is_looked_at_no_longer_than_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "many.webp"
    path.write_bytes(b"RIFF" + circles(60) * 20_000 + b"II*\0" * 1_000_000)
    content = disarmed(path)
    assert content is not None
    assert not content.endswith(b"II*\0")


@pytest.mark.timeout(60)
def test_what_passes_for_harmless_is_read_in_a_moment(tmp_path: Path) -> None:
    harmless = [pointers for pointers in range(1, 200) if not is_costly(circles(pointers))]
    assert harmless
    began = time.process_time()
    pyvips.Image.new_from_file(str(picture_with(tmp_path, "jpg", circles(harmless[-1]))))
    assert time.process_time() - began < 5
