"""The golden set: what a picture carries is there after it went through the whole engine."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from enlarger.engines.enlarge import enlarge
from enlarger.engines.messages import Order, Outcome
from enlarger.engines.networks import NETWORKS, Network, Pixels
from enlarger.engines.openvino.network import OpenVinoNetwork
from enlarger.engines.progress import Progress
from enlarger.engines.spec import NetworkSpec
from enlarger.engines.weights.files import WeightsFolders
from enlarger.errors import (
    BadOutput,
    EngineOutOfMemory,
    EnlargerError,
    InvalidInput,
    PictureError,
    PictureTooLarge,
    PictureUnreadable,
    PictureUnsupported,
    StorageFull,
)
from tests.pictures import Array, load, photo, psnr, save, shrink

Enlarge = Callable[..., tuple[Outcome, Path]]


@pytest.fixture(scope="session")
def network(cache: Path) -> Callable[[NetworkSpec, int], Network]:
    loaded: dict[tuple[str, int], Network] = {}

    def get(spec: NetworkSpec, scale: int) -> Network:
        if (spec.name, scale) not in loaded:
            weights = WeightsFolders().find(spec.weights)
            loaded[spec.name, scale] = OpenVinoNetwork(spec, scale=scale, weights=weights, cache=cache, threads=2)
        return loaded[spec.name, scale]

    return get


@pytest.fixture
def run(tmp_path: Path, network: Callable[[NetworkSpec, int], Network]) -> Enlarge:
    def enlarge_file(source: Path, factor: int = 4, *, load: Any = network, **changes: Any) -> tuple[Outcome, Path]:
        target = tmp_path / "result"
        order = Order(
            source=str(source),
            target=str(target),
            network="real-esrgan-fast",
            factor=factor,
            **{"memory": 2 << 30, "max_pixels": 10_000_000, "max_side": 20_000, **changes},
        )
        return enlarge(order, load, Progress()), target

    return enlarge_file


def resembles(result: Array, source: Array, factor: int = 4) -> bool:
    return psnr(shrink(result, factor), source) > 24


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_every_format_and_factor_gives_the_exact_size(run: Enlarge, tmp_path: Path, name: str, factor: int) -> None:
    picture = photo(37, 23)
    outcome, result = run(save(picture, tmp_path / name), factor)
    with Image.open(result) as image:
        assert image.size == (37 * factor, 23 * factor) == (outcome.width, outcome.height)
        assert image.format == {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[outcome.format]
    assert resembles(load(result), picture, factor)


def test_jpeg_is_written_with_full_colour_resolution(run: Enlarge, small_photo: Path) -> None:
    _, result = run(small_photo)
    with Image.open(result) as image:
        assert [component[1:3] for component in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]
        assert max(image.quantization[0]) <= 12  # type: ignore[attr-defined]  # what quality 95 means


def test_profile_exif_and_resolution_are_kept_and_the_picture_is_upright(run: Enlarge, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[274], exif[271], exif[306] = 6, "A camera", "2026:01:02 03:04:05"
    picture = photo(40, 24)
    options = {"exif": exif, "icc_profile": profile, "dpi": (300, 300)}
    _, result = run(save(picture, tmp_path / "a.jpg", **options))
    with Image.open(result) as image:
        assert image.size == (24 * 4, 40 * 4)
        assert image.info["icc_profile"] == profile
        assert image.info["dpi"] == (300, 300)
        found = image.getexif()
        assert (found.get(274), found.get(271), found.get(306)) == (1, "A camera", "2026:01:02 03:04:05")
    assert resembles(load(result), np.rot90(picture, -1))


def test_a_picture_without_exif_gets_none(run: Enlarge, small_photo: Path) -> None:
    _, result = run(small_photo)
    with Image.open(result) as image:
        assert not image.getexif()


def test_transparency_stays_exact_where_it_was_all_or_nothing(run: Enlarge, tmp_path: Path) -> None:
    picture = np.dstack([photo(60, 60), np.zeros((60, 60), np.uint8)])
    picture[20:40, 15:45, 3] = 255
    picture[picture[..., 3] == 0] = 0  # black under what cannot be seen, as programs write it
    _, result = run(save(picture, tmp_path / "a.png"))
    alpha = load(result)[..., 3]
    assert np.all(alpha[84:156, 64:176] == 255)
    assert np.all(alpha[:76] == 0)
    assert np.all(alpha[164:] == 0)


def test_no_dark_fringe_is_drawn_around_a_shape(run: Enlarge, tmp_path: Path) -> None:
    picture = np.zeros((60, 60, 4), np.uint8)
    picture[15:45, 15:45] = (200, 180, 160, 255)
    _, result = run(save(picture, tmp_path / "a.png"))
    enlarged = load(result)
    edge = enlarged[(enlarged[..., 3] > 0) & (enlarged[..., 3] < 255)]
    inside = enlarged[64:176, 64:176, :3]
    visible = edge[:, :3] if len(edge) else inside.reshape(-1, 3)
    assert visible.min(axis=0).min() > 120


def test_grey_stays_grey(run: Enlarge, tmp_path: Path) -> None:
    picture = photo(40, 30)[..., 0]
    _, result = run(save(picture, tmp_path / "a.png"))
    with Image.open(result) as image:
        assert image.mode == "L"
    assert resembles(load(result), picture)


def test_grey_with_transparency_stays_so(run: Enlarge, tmp_path: Path) -> None:
    picture = np.dstack([photo(40, 30)[..., 0], np.full((30, 40), 255, np.uint8)])
    picture[:10, :, 1] = 0
    _, result = run(save(picture, tmp_path / "a.png"))
    with Image.open(result) as image:
        assert image.mode == "LA"


@pytest.mark.parametrize(("channels", "interpretation"), [(3, "rgb16"), (1, "grey16")])
def test_sixteen_bits_stay_sixteen(run: Enlarge, tmp_path: Path, channels: int, interpretation: str) -> None:
    ramp = np.linspace(20_000, 45_000, 64 * 24).reshape(24, 64).astype(np.uint16)
    source = tmp_path / "a.png"
    image = pyvips.Image.new_from_array(np.dstack([ramp] * channels)).copy(interpretation=interpretation)
    image.pngsave(str(source))
    _, result = run(source)
    enlarged = pyvips.Image.new_from_file(str(result))
    assert (enlarged.format, enlarged.bands, enlarged.interpretation) == ("ushort", channels, interpretation)
    values = enlarged.numpy().reshape(96, 256, channels)[..., 0]
    assert len(np.unique(values)) > 3000  # 8 bits would leave 256
    assert psnr(values.reshape(24, 4, 64, 4).mean(axis=(1, 3)), ramp, full=65_535) > 30


def test_palettes_and_single_bits_are_taken(run: Enlarge, tmp_path: Path) -> None:
    image = Image.fromarray(photo(40, 30))
    image.quantize(32).save(tmp_path / "palette.png")
    image.convert("1").save(tmp_path / "bits.png")
    assert resembles(load(run(tmp_path / "palette.png")[1]), np.asarray(image.quantize(32).convert("RGB")))
    with Image.open(run(tmp_path / "bits.png")[1]) as enlarged:
        assert enlarged.size == (160, 120)


def test_cmyk_becomes_srgb(run: Enlarge, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    Image.fromarray(photo(40, 30)).convert("CMYK").save(source, quality=95)
    _, result = run(source)
    with Image.open(result) as image:
        assert image.mode == "RGB"
        assert image.info["icc_profile"]


def test_another_format_can_be_asked_for(run: Enlarge, tmp_path: Path) -> None:
    source = np.dstack([photo(40, 30), np.full((30, 40), 255, np.uint8)])
    source[:15, :, 3] = 0
    outcome, result = run(save(source, tmp_path / "a.png"), format="jpg")
    assert outcome.format == "jpg"
    assert load(result)[:50].min() > 240  # JPEG has no transparency: white shows through


def test_lossless_webp_stays_lossless(run: Enlarge, tmp_path: Path) -> None:
    _, result = run(save(photo(40, 30), tmp_path / "a.webp", lossless=True))
    assert b"VP8L" in result.read_bytes()[:64]


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 90), (90, 1)])
def test_the_smallest_pictures_work(run: Enlarge, tmp_path: Path, width: int, height: int) -> None:
    outcome, _ = run(save(photo(width, height), tmp_path / "a.png"))
    assert (outcome.width, outcome.height) == (4 * width, 4 * height)


@pytest.mark.parametrize("shade", [0, 255])
def test_a_picture_of_one_colour_is_no_fault(run: Enlarge, tmp_path: Path, shade: int) -> None:
    _, result = run(save(np.full((30, 40, 3), shade, np.uint8), tmp_path / "a.png"))
    assert abs(int(load(result).mean()) - shade) < 12


# What cannot be used


def cut(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(path: Path) -> Path:
    """A PNG of a hundred bytes that says it has 3,600 megapixels."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def animated(path: Path) -> Path:
    frames = [Image.fromarray(photo(20, 20, seed=seed)) for seed in (1, 2)]
    profile = np.random.default_rng(1).bytes(9000)  # stands before the sign of an animation
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, icc_profile=profile)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.gif", "a.avif"])
def test_an_animated_picture_gives_its_first_frame(run: Enlarge, tmp_path: Path, name: str) -> None:
    _, result = run(animated(tmp_path / name))
    with Image.open(result) as picture:
        assert getattr(picture, "n_frames", 1) == 1
        shown = np.asarray(picture.convert("RGB"))
    first, second = (psnr(shrink(shown, 4), photo(20, 20, seed=seed)) for seed in (1, 2))
    assert first > second + 6


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda d: cut(save(photo(60, 60), d / "a.jpg")), PictureUnreadable, "damaged or cut short"),
        (lambda d: cut(save(photo(60, 60), d / "a.png")), PictureUnreadable, "damaged or cut short"),
        (lambda d: cut(save(photo(60, 60), d / "a.webp")), PictureUnreadable, "damaged or cut short"),
        (lambda d: written(d / "a.jpg", b""), PictureUnreadable, "empty"),
        (lambda d: written(d / "a.jpg", b"\xff\xd8\xff\xe0 no picture"), PictureUnreadable, "damaged or cut short"),
        (lambda d: written(d / "a.jpg", b"GIF89a" + bytes(50)), PictureUnreadable, "damaged or cut short"),
        (lambda d: written(d / "a.jpg", b"%PDF-1.7" + bytes(50)), PictureUnsupported, "a PDF"),
        (lambda d: written(d / "a.png", b"<!DOCTYPE html><html>"), PictureUnsupported, "a web page"),
        (lambda d: written(d / "a.png", b"<svg xmlns='x'/>"), PictureUnsupported, "an SVG"),
        (lambda d: bomb(d / "a.png"), PictureTooLarge, "60000x60000 pixels, 3600 megapixels; the limit is 10"),
    ],
)
def test_what_is_no_usable_picture_is_refused_in_a_sentence(
    run: Enlarge, tmp_path: Path, make: Callable[[Path], Path], error: type[PictureError], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(make(tmp_path))
    assert not (tmp_path / "result").exists()


def test_limits_are_checked_before_any_work(run: Enlarge, small_photo: Path) -> None:
    with pytest.raises(PictureTooLarge, match="8 times its longest side is 384, and the limit is 300"):
        run(small_photo, 8, max_side=300)
    with pytest.raises(InvalidInput, match="The factor 17 is not known: choose a number from 1 to 16"):
        run(small_photo, 17)
    with pytest.raises(EngineOutOfMemory, match=r"may use 300: set ENLARGER_ENGINE_MEMORY to \d+ or more"):
        run(small_photo, memory=300 << 20)


def test_webp_refuses_what_it_cannot_hold(run: Enlarge, tmp_path: Path) -> None:
    with pytest.raises(PictureTooLarge, match="a webp file holds at most 16383"):
        run(save(photo(4100, 4), tmp_path / "a.png"), format="webp")


# What must never pass for a success


class Broken:
    """A network whose output is wrong in a way of one's choice."""

    def __init__(self, spell: Callable[[Pixels], Pixels]) -> None:
        self.spec = NETWORKS["real-esrgan-fast"]
        self.scale = 4
        self._spell = spell

    def __call__(self, tile: Pixels) -> Pixels:
        return self._spell(tile.repeat(4, axis=0).repeat(4, axis=1))


def half(tile: Pixels) -> Pixels:
    tile[tile.shape[0] // 3 :] = 0
    return tile


@pytest.mark.parametrize(
    ("spell", "says"),
    [
        (np.zeros_like, "does not look like its source"),
        (half, "does not look like its source"),
        (lambda tile: tile * np.float32(np.nan), "not numbers"),
        (lambda tile: tile + np.float32(np.inf), "not numbers"),
    ],
)
def test_black_half_or_broken_output_is_never_a_success(
    run: Enlarge, tmp_path: Path, spell: Callable[[Pixels], Pixels], says: str
) -> None:
    source = save(np.maximum(photo(64, 64), 140), tmp_path / "a.png")
    with pytest.raises(BadOutput, match=says):
        run(source, load=lambda spec, scale: Broken(spell))
    assert not (tmp_path / "result").exists()


@pytest.mark.parametrize(("total", "error"), [(1 << 21, EngineOutOfMemory), (1 << 40, StorageFull)])
def test_a_full_disk_is_named_before_work_begins(
    run: Enlarge, small_photo: Path, total: int, error: type[EnlargerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1 << 20, total=total))
    with pytest.raises(error, match="has 1 MiB free and this picture needs"):
        run(small_photo)
