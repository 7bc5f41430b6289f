"""Files of rare kinds, and damaged ones, are told apart; each is refused in a sentence that is true."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from enlarger.engines.formats import AVIF, BMP
from enlarger.engines.loading import refusal
from enlarger.engines.pictures import Picture, read_picture
from enlarger.errors import EngineOutOfMemory, PictureUnreadable, PictureUnsupported
from tests.pictures import photo, psnr

_HEIC = Path(__file__).parent / "samples" / "photo.heic"
_SIZE = (64, 48)


def read(path: Path) -> Picture:
    return read_picture(path, max_pixels=1_000_000)


def picture(path: Path, **options: object) -> Path:
    Image.fromarray(photo(*_SIZE)).save(path, **options)  # type: ignore[arg-type]
    return path


def lab(path: Path) -> Path:
    Image.new("LAB", _SIZE, (120, 128, 128)).save(path)
    return path


def ycbcr(path: Path) -> Path:
    Image.fromarray(photo(*_SIZE)).convert("YCbCr").save(path, compression="tiff_lzw")
    return path


def old_jpeg(path: Path) -> Path:
    content = bytearray(picture(path).read_bytes())
    place = content.index(struct.pack("<HHI", 259, 3, 1)) + 8
    content[place] = 6
    path.write_bytes(content)
    return path


def bitfields(path: Path) -> Path:
    """A BMP of 16 bits whose masks are in nobody's order."""
    header = struct.pack("<IiiHHIIiiIIIII", 52, 4, 4, 1, 16, 3, 32, 0, 0, 0, 0, 0xF000, 0x00F0, 0x0F00)
    path.write_bytes(b"BM" + struct.pack("<IHHI", 66 + 32, 0, 0, 66) + header + bytes(range(32)))
    return path


@pytest.mark.parametrize(
    ("make", "name"), [(lab, "a.tif"), (ycbcr, "a.tif"), (old_jpeg, "a.tif"), (bitfields, "a.bmp")]
)
def test_a_rare_kind_is_not_called_damaged(tmp_path: Path, make: object, name: str) -> None:
    assert callable(make)
    with pytest.raises(PictureUnsupported, match=r"is of a rare kind .*: open it in another program, and save it"):
        read(make(tmp_path / name))


def test_ycbcr_in_jpeg_compression_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(photo(*_SIZE)).convert("YCbCr").save(path, compression="jpeg", quality=95)
    assert psnr(read(path).pixels.numpy(), photo(*_SIZE)) > 22


@pytest.mark.parametrize("part", [0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_heic_that_is_cut_short_anywhere_is_called_so(tmp_path: Path, part: float) -> None:
    content = _HEIC.read_bytes()
    path = tmp_path / "a.heic"
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(PictureUnreadable, match="damaged or cut short"):
        read(path)


def test_every_error_of_a_decoder_is_one_of_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture(tmp_path / "a.bmp")
    for error in (EOFError("the end"), IndexError(), struct.error("short"), RuntimeError(), TypeError()):
        monkeypatch.setattr(Image.Image, "load", lambda _self, error=error: (_ for _ in ()).throw(error))
        with pytest.raises(PictureUnreadable, match="damaged or cut short"):
            read(path)


@pytest.mark.parametrize("width", [-1, -200, 2**31 - 1, 100_000_001])
def test_a_size_that_cannot_be_is_damage(tmp_path: Path, width: int) -> None:
    path = picture(tmp_path / "a.bmp")
    content = bytearray(path.read_bytes())
    content[18:22] = struct.pack("<i", width)
    path.write_bytes(content)
    with pytest.raises(PictureUnreadable, match="damaged or cut short"):
        read(path)


def test_no_path_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.bmp"
    path.write_bytes(picture(tmp_path / "b.bmp").read_bytes()[:20])
    with pytest.raises(PictureUnreadable) as caught:
        read(path)
    assert str(tmp_path) not in str(caught.value)


def test_the_reason_is_the_error_and_not_a_warning_before_it(tmp_path: Path) -> None:
    content = picture(tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(content[:20] + b"\1\2\3" + content[20 : len(content) // 2])
    with pytest.raises(PictureUnreadable, match="premature end") as caught:
        read(tmp_path / "a.jpg")
    assert "extraneous" not in str(caught.value)


def test_a_marker_that_no_decoder_knows_is_damage() -> None:
    assert isinstance(refusal(BMP, "Unsupported marker type 0x52"), PictureUnreadable)


def test_a_bitmap_with_a_hot_spot_is_read(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.bmp")
    content = bytearray(path.read_bytes())
    content[6:10] = b"\x1d\0\x27\0"
    path.write_bytes(content)
    assert read(path).format is BMP


def test_an_animated_avif_gives_its_first_picture(tmp_path: Path) -> None:
    frames = [Image.fromarray(photo(*_SIZE, seed=seed)) for seed in (1, 2)]
    frames[0].save(tmp_path / "a.avif", save_all=True, append_images=frames[1:], duration=100)
    assert (tmp_path / "a.avif").read_bytes()[8:12] == b"avis"
    found = read(tmp_path / "a.avif")
    assert found.format is AVIF
    assert psnr(found.pixels.numpy(), np.asarray(frames[0])) > 26


def test_a_picture_that_the_memory_is_too_small_for_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = picture(tmp_path / "a.png")

    def fail(*_: object) -> None:
        raise pyvips.Error("unable to copy to memory", detail="vips_tracked: out of memory -- size == 68MB")

    monkeypatch.setattr("enlarger.engines.pictures.decode_picture", fail)
    with pytest.raises(EngineOutOfMemory, match=r"too little memory to read the picture: .*ENLARGER_ENGINE_MEMORY"):
        read(source)
