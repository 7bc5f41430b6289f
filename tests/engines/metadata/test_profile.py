"""A PNG's colour chunks mean the same colours when they have become a profile."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from enlarger.engines.metadata import profile_of
from tests.engines.metadata.test_metadata import enlarged, png_with, source
from tests.pictures import photo

SRGB = (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))


def in_srgb(profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    """`colour` under `profile`, as LittleCMS converts it to sRGB."""
    image = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), colour),
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
    )
    assert image is not None
    pixel = image.getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.6])
def test_gamma_means_what_it_says(gamma: float) -> None:
    profile = profile_of(dict([(b"gAMA", round(100_000 / gamma).to_bytes(4, "big")), SRGB]), grey=False)
    assert profile
    linear = (100 / 255) ** gamma
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert in_srgb(profile, (100, 100, 100)) == pytest.approx([expected] * 3, abs=1.5)


def test_display_p3_is_wider_than_srgb() -> None:
    profile = profile_of({b"cICP": bytes((12, 13, 0, 1))}, grey=False)
    assert profile
    assert in_srgb(profile, (128, 128, 128)) == pytest.approx((128, 128, 128), abs=1)
    assert in_srgb(profile, (180, 90, 90)) == pytest.approx((193, 86, 88), abs=4)


@pytest.mark.parametrize(
    "chunks",
    [
        {},
        {b"sRGB": b"\0", b"gAMA": (100_000).to_bytes(4, "big")},
        dict([(b"gAMA", (45_455).to_bytes(4, "big")), SRGB]),
        {b"gAMA": bytes(4)},
        {b"gAMA": b"\xff" * 4},
        {b"gAMA": (100_000).to_bytes(4, "big"), b"cHRM": bytes(32)},
        {b"gAMA": (100_000).to_bytes(4, "big"), b"cHRM": b"\xff" * 32},
        {b"gAMA": (100_000).to_bytes(4, "big"), b"cHRM": struct.pack(">8I", *[31270] * 8)},
        {b"cICP": bytes((9, 16, 0, 1))},
    ],
)
def test_no_profile_is_made_where_none_is_needed_or_possible(chunks: dict[bytes, bytes]) -> None:
    assert profile_of(chunks, grey=False) is None


@pytest.mark.parametrize("end", ["jpg", "webp"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_png_with_a_gamma_becomes_a_picture_with_a_profile(tmp_path: Path, mode: str, end: str) -> None:
    path = source(tmp_path, "png")
    Image.fromarray(photo(40, 24)).convert(mode).save(path)
    png_with(path, (b"gAMA", (100_000).to_bytes(4, "big")), SRGB)
    with Image.open(enlarged(path, end)) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"])).profile
        assert profile.xcolor_space.strip() == ("GRAY" if image.mode == "L" else "RGB")
        assert image.mode == ("RGB" if end == "webp" else mode)


GREYS = np.repeat(np.arange(0, 250, 10, dtype=np.uint8)[:, None], 8, axis=1)


@pytest.mark.parametrize("gamma", [1.0, 1.8])
@pytest.mark.parametrize(("start", "mode"), [("jpg", "L"), ("png", "L"), ("png", "LA"), ("png", "I;16")])
def test_a_grey_profile_becomes_srgb_in_a_webp(tmp_path: Path, start: str, mode: str, gamma: float) -> None:
    profile = profile_of({b"gAMA": round(100_000 / gamma).to_bytes(4, "big")}, grey=True)
    path = tmp_path / f"source.{start}"
    samples = GREYS.astype(np.uint16) * 257 if mode == "I;16" else GREYS
    picture = Image.fromarray(samples)
    if mode == "LA":
        picture.putalpha(Image.fromarray(np.full_like(GREYS, 128)))
    picture.save(path, icc_profile=profile, quality=100)
    with Image.open(enlarged(path, "webp")) as image:
        assert image.mode == ("RGBA" if mode == "LA" else "RGB")
        found = np.asarray(image)[::2, ::2].astype(float)
        made = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"])).profile
        assert made.xcolor_space.strip() == "RGB"
    expected = 255 * (1.055 * (GREYS / 255) ** (gamma / 2.4) - 0.055)
    assert np.abs(found[..., :3] - expected[..., None])[2:].max() < 4
    assert mode != "LA" or (found[..., 3] == 128).all()


@pytest.mark.parametrize("end", ["jpg", "png", "tiff"])
def test_a_grey_profile_is_kept_where_grey_is(tmp_path: Path, end: str) -> None:
    profile = profile_of({b"gAMA": (100_000).to_bytes(4, "big")}, grey=True)
    Image.fromarray(GREYS).save(tmp_path / "source.png", icc_profile=profile)
    with Image.open(enlarged(tmp_path / "source.png", end)) as image:
        assert (image.mode, image.info["icc_profile"]) == ("L", profile)


@pytest.mark.parametrize("start", ["jpg", "png"])
def test_a_damaged_grey_profile_is_left_out_of_a_webp(tmp_path: Path, start: str) -> None:
    profile = profile_of({b"gAMA": (100_000).to_bytes(4, "big")}, grey=True) or b""
    damaged = profile.replace(b"para" + bytes(5), b"para" + bytes(4) + b"\x97")
    assert damaged != profile
    Image.fromarray(GREYS).save(tmp_path / f"source.{start}", icc_profile=damaged)
    with Image.open(enlarged(tmp_path / f"source.{start}", "webp")) as image:
        assert image.mode == "RGB"
        assert "icc_profile" not in image.info
        assert np.abs(np.asarray(image)[::2, ::2].astype(int) - GREYS[..., None]).max() < 12


@pytest.mark.parametrize("end", ["jpg", "png", "webp", "tiff", "avif"])
def test_a_damaged_cmyk_profile_is_as_none(tmp_path: Path, end: str) -> None:
    profile = bytes(pyvips.Operation.call("profile_load", "cmyk"))
    entry = profile.index(b"A2B1")
    place = int.from_bytes(profile[entry + 4 : entry + 8], "big")
    damaged = profile[:place] + bytes(4) + profile[place + 4 :]
    Image.new("CMYK", (40, 24), (10, 120, 90, 20)).save(tmp_path / "source.jpg", icc_profile=damaged)
    with Image.open(enlarged(tmp_path / "source.jpg", end)) as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize("start", ["jpg", "png", "webp", "tiff", "avif"])
@pytest.mark.parametrize("end", ["jpg", "png", "webp", "tiff", "avif"])
def test_a_profile_is_kept_byte_for_byte_in_every_format(tmp_path: Path, start: str, end: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:-1] + bytes((profile[-1] ^ 1,))  # not the one that a library has at hand
    Image.fromarray(photo(40, 24)).save(tmp_path / f"source.{start}", icc_profile=profile)
    with Image.open(enlarged(tmp_path / f"source.{start}", end)) as image:
        assert image.info["icc_profile"] == profile
