"""Every format that comes in, and every format that goes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from enlarger.engines.formats import AVIF, BMP, FORMATS, GIF, HEIC, TIFF, Format, sniff, sniff_common
from enlarger.engines.metadata import Density, Metadata, splice
from enlarger.engines.metadata.ifd import Malformed, Tiff
from enlarger.engines.pictures import Picture, read_picture, write_picture
from enlarger.errors import PictureError, PictureUnreadable, PictureUnsupported
from tests.pictures import Array, photo, psnr, save

_HEIC = Path(__file__).parent / "samples" / "photo.heic"
"""`photo(64, 48)`, turned by a quarter in its EXIF, written by pillow-heif."""
_SIZE = (64, 48)
_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

Make = Callable[[Path], Path]


def doubled(picture: Picture, path: Path, format: Format, *, quality: int | None = None) -> Path:
    """Write the picture at twice its size, without an engine."""
    write_picture(picture.pixels.zoom(2, 2), picture, path, format, quality=quality)
    return path


def read(path: Path, **options: bool) -> Picture:
    return read_picture(path, max_pixels=1_000_000, **options)


def pages(path: Path) -> Path:
    first, second = Image.fromarray(photo(*_SIZE)), Image.new("RGB", (9, 9))
    first.save(path, save_all=True, append_images=[second], compression="tiff_lzw")
    return path


def wide(path: Path) -> Path:
    Image.fromarray(photo(*_SIZE)[..., 0].astype(np.uint16) * 257).save(path)
    return path


def converted(mode: str) -> Make:
    def make(path: Path) -> Path:
        Image.fromarray(photo(*_SIZE)).convert(mode).save(path)
        return path

    return make


def animation(path: Path) -> Path:
    frames = [Image.fromarray(photo(*_SIZE, seed=seed)) for seed in (1, 2)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)
    return path


SOURCES: dict[str, tuple[str, Make, Format]] = {
    "tiff": ("a.tif", converted("RGB"), TIFF),
    "tiff of several pages": ("a.tif", pages, TIFF),
    "tiff of 16 bits": ("a.tif", wide, TIFF),
    "tiff in grey": ("a.tif", converted("L"), TIFF),
    "tiff in CMYK": ("a.tif", converted("CMYK"), TIFF),
    "tiff of 1 bit": ("a.tif", converted("1"), TIFF),
    "tiff with transparency": ("a.tif", converted("RGBA"), TIFF),
    "bmp": ("a.bmp", converted("RGB"), BMP),
    "bmp with a palette": ("a.bmp", converted("P"), BMP),
    "bmp in grey": ("a.bmp", converted("L"), BMP),
    "bmp of 1 bit": ("a.bmp", converted("1"), BMP),
    "gif": ("a.gif", converted("P"), GIF),
    "gif with an animation": ("a.gif", animation, GIF),
    "avif": ("a.avif", converted("RGB"), AVIF),
    "avif with transparency": ("a.avif", converted("RGBA"), AVIF),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_format_is_read_as_pillow_reads_it(kind: str, tmp_path: Path) -> None:
    name, make, format = SOURCES[kind]
    source = make(tmp_path / name)
    picture = read(source)
    assert picture.format is format
    assert (picture.width, picture.height) == _SIZE
    with Image.open(source) as expected:
        wide = expected.mode.startswith("I;16")
        other = np.asarray(expected) // 257 if wide else np.asarray(expected.convert("RGB"))
    ours = picture.pixels.numpy()[..., :3]
    ours = ours // 257 if picture.depth == 16 else ours
    assert picture.depth == (16 if wide else 8)
    # Pillow converts CMYK without a profile.
    assert psnr(ours[..., 0] if wide else ours, other) > (18 if "CMYK" in kind else 28)


def test_a_heic_is_read_upright_with_its_exif(tmp_path: Path) -> None:
    picture = read(_HEIC)
    assert picture.format is HEIC
    assert (picture.width, picture.height) == (48, 64)
    turned = np.rot90(photo(*_SIZE), -1)
    assert psnr(picture.pixels.numpy(), turned) > 26  # its colours have half the resolution
    with Image.open(doubled(picture, tmp_path / "a.jpg", FORMATS[HEIC.result])) as result:
        assert result.size == (96, 128)
        assert (result.getexif()[0x010F], result.getexif().get(0x0112, 1)) == ("Maker", 1)


@pytest.mark.parametrize("tags", [{254: 1}, {50706: b"\x01\x04\0\0"}], ids=["thumbnail first", "DNG"])
def test_a_raw_file_is_not_taken_for_its_thumbnail(tags: dict[int, object], tmp_path: Path) -> None:
    Image.fromarray(photo(*_SIZE)).save(tmp_path / "a.tif", tiffinfo=tags)
    with pytest.raises(PictureUnsupported, match="a camera raw file: develop it"):
        read(tmp_path / "a.tif")


def test_a_heic_without_its_decoder_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pi_heif", None)
    with pytest.raises(PictureUnsupported, match="`pip install pi-heif`, or save the picture as JPEG"):
        read(_HEIC)


@pytest.mark.parametrize("kind", [*SOURCES, "heic"])
def test_a_file_that_is_cut_short_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    if kind == "heic":
        content = _HEIC.read_bytes()
    else:
        name, make, _ = SOURCES[kind]
        content = make(tmp_path / name).read_bytes()
    (tmp_path / "cut").write_bytes(content[: len(content) // 4])  # in the first of several pictures
    with pytest.raises(PictureError, match=r"damaged or cut short.*: use a whole copy of it") as caught:
        read(tmp_path / "cut")
    assert isinstance(caught.value, PictureUnreadable)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
def test_every_format_is_written(format: Format, mode: str, tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    Image.fromarray(photo(*_SIZE)).convert(mode).save(source, icc_profile=_PROFILE if "L" not in mode else None)
    result = doubled(read(source), tmp_path / "result", format)
    assert sniff(result.read_bytes()[:64]) is format
    with Image.open(result) as image:
        image.load()
        assert image.size == (128, 96)
        assert image.info.get("icc_profile") == (_PROFILE if "L" not in mode else None)
        expected = np.asarray(Image.open(source).convert("RGB").resize(image.size, Image.Resampling.NEAREST))
        assert psnr(np.asarray(image.convert("RGB")), expected) > 30


def test_a_tiff_keeps_16_bits(tmp_path: Path) -> None:
    result = doubled(read(wide(tmp_path / "a.tif")), tmp_path / "result", TIFF)
    with Image.open(result) as image:
        assert image.mode == "I;16"
        assert (np.asarray(image)[::2, ::2] == photo(*_SIZE)[..., 0].astype(np.uint16) * 257).all()


@pytest.mark.parametrize("name", ["jpg", "webp", "avif"])
def test_a_quality_is_taken(name: str, tmp_path: Path) -> None:
    picture = read(save(photo(200, 150), tmp_path / "a.jpg"))
    sizes = [
        doubled(picture, tmp_path / "result", FORMATS[name], quality=quality).stat().st_size
        for quality in (20, 60, None, 100)
    ]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("name", ["png", "webp", "tiff"])
def test_colours_under_transparency_are_kept_on_request(name: str, tmp_path: Path) -> None:
    array: Array = np.zeros((32, 32, 4), np.uint8)
    array[..., 0], array[:, 16:, 3] = 200, 255
    array[:, 16:, 1] = 255
    source = save(array, tmp_path / "a.png")
    for kept in (True, False):
        result = doubled(read(source, keep_hidden_colours=kept), tmp_path / "result", FORMATS[name])
        with Image.open(result) as image:
            hidden = np.asarray(image.convert("RGBA"))[32, 0]
        assert (tuple(hidden[:3]) == (200, 0, 0)) is kept
        assert hidden[3] == 0


# What a TIFF carries


def described(path: Path) -> Path:
    """A photo with EXIF tags, XMP, IPTC and a resolution."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x8298], exif[0x4746] = "Maker", "Anna", "(c) Anna", 4
    exif[0x0112] = 6
    exif[0x8769] = {0x9003: "2026:01:02 03:04:05", 0x829A: 0.01, 0x927C: b"a note with offsets", 0xA002: 64}
    exif[0x8825] = {1: "N"}
    exif[700] = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    )
    exif[33723] = b"\x1c\x02\x05\x00\x05title"
    whole = Image.Exif()
    whole.load(exif.tobytes())
    Image.fromarray(photo(*_SIZE)).save(path, exif=whole, dpi=(300, 150))
    return path


def test_a_tiff_keeps_what_it_says_of_the_picture(tmp_path: Path) -> None:
    picture = read(described(tmp_path / "a.tif"))
    for name in ("tiff", "jpg", "png", "webp", "avif"):
        result = doubled(picture, tmp_path / f"result.{name}", FORMATS[name])
        with Image.open(result) as image:
            exif = image.getexif()
            assert (exif[0x010F], exif[0x013B], exif[0x4746]) == ("Maker", "Anna", 4), name
            details = exif.get_ifd(0x8769)
            assert (details[0x9003], details[0xA002]) == ("2026:01:02 03:04:05", image.width), name
            assert float(details[0x829A]) == 0.01
            assert 0x927C not in details  # its offsets would be wrong
            assert exif.get_ifd(0x8825)[1] == "N", name
            assert exif.get(0x0112, 1) == 1, name
            packet = image.info.get("xmp") or (image.tag_v2[700] if name == "tiff" else b"")  # type: ignore[attr-defined]
            assert b'tiff:Orientation="1"' in bytes(packet if isinstance(packet, bytes) else packet.encode()), name
            if name in ("tiff", "jpg", "png"):
                assert tuple(round(float(one)) for one in image.info["dpi"]) == (300, 150), name


def test_a_tiff_without_a_resolution_gets_none(tmp_path: Path) -> None:
    result = doubled(read(save(photo(*_SIZE), tmp_path / "a.png")), tmp_path / "result", TIFF)
    with Image.open(result) as image:
        assert not {282, 283, 296} & set(image.tag_v2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_any_size_is_given_its_metadata(big: bool, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    metadata = Metadata(xmp=b"<x/>", exif=exif.tobytes()[6:], density=Density(11811, 5906, "metre"))
    result = tmp_path / "a.tif"
    read(save(photo(*_SIZE), tmp_path / "a.png")).pixels.tiffsave(str(result), bigtiff=big)
    splice(result, TIFF, metadata)
    with Image.open(result) as image:
        image.load()
        tags = image.tag_v2  # type: ignore[attr-defined]
    assert tags[700] == b"<x/>"
    assert tags.get(0x010F) == (None if big else "Maker")
    assert (tags[296], float(tags[282]), float(tags[283])) == (3, 118.11, 59.06)


def test_a_bmp_keeps_its_resolution(tmp_path: Path) -> None:
    source = tmp_path / "a.bmp"
    Image.fromarray(photo(*_SIZE)).save(source, dpi=(200, 200))
    with Image.open(doubled(read(source), tmp_path / "result", FORMATS[BMP.result])) as image:
        assert [round(float(one)) for one in image.info["dpi"]] == [200, 200]


@pytest.mark.parametrize("name", ["jpg", "avif"])
def test_exif_comes_into_other_formats_unchanged(name: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x4746] = "Maker", 3
    source = tmp_path / "a.avif"
    Image.fromarray(photo(*_SIZE)).save(source, exif=exif.tobytes())
    with Image.open(doubled(read(source), tmp_path / "result", FORMATS[name])) as image:
        assert dict(image.getexif()) == {0x010F: "Maker", 0x4746: 3}


def test_a_directory_that_points_into_nothing_is_malformed() -> None:
    with pytest.raises(Malformed):
        list(Tiff(bytearray(b"II*\0\xff\xff\xff\x7f")).entries(0x7FFFFFFF))


@pytest.mark.parametrize("seed", range(40))
def test_damaged_metadata_of_a_tiff_never_fails_a_task(seed: int, tmp_path: Path) -> None:
    content = bytearray(described(tmp_path / "a.tif").read_bytes())
    random = np.random.default_rng(seed)
    start = int.from_bytes(content[4:8], "little")
    for _ in range(6):  # in the directory and behind it, where values and further directories are
        content[start + int(random.integers(2, max(3, len(content) - start)))] = int(random.integers(256))
    (tmp_path / "damaged.tif").write_bytes(content)
    try:
        picture = read(tmp_path / "damaged.tif")
    except PictureError:
        return  # the damage was to what says how the pixels are stored
    with Image.open(doubled(picture, tmp_path / "result", TIFF)) as image:
        image.load()


# Names


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", HEIC),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", HEIC),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", AVIF),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", AVIF),
        (b"MM\0+\0\x08\0\0", TIFF),
        (b"BM" + bytes(12) + b"\x28\0\0\0", BMP),
    ],
)
def test_formats_are_told_by_their_first_bytes(head: bytes, format: Format) -> None:
    assert sniff(head) is format
    with pytest.raises(PictureUnsupported, match="use a JPEG, PNG or WebP"):
        sniff_common(head)


@pytest.mark.parametrize("head", [b"BMW is no picture", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"II*"])
def test_what_only_looks_like_a_picture_is_none(head: bytes) -> None:
    with pytest.raises(PictureUnsupported):
        sniff(head)
