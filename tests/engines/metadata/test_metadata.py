"""What a picture says about itself is kept, whatever format it comes in; Pillow is the judge."""

from __future__ import annotations

import itertools
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import pyvips
from PIL import Image, ImageCms, PngImagePlugin

from enlarger.engines.formats import FORMATS
from enlarger.engines.metadata import exif
from enlarger.engines.pictures import read_picture, write_picture
from enlarger.errors import PictureUnreadable, PictureUnsupported
from tests.pictures import photo

SIZE = (40, 24)
PAIRS = list(itertools.product(("jpg", "png", "webp"), repeat=2))
XMP = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    b' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
    b' tiff:Orientation="6" xmp:Rating="4" hdrgm:Version="1.0" tiff:ImageWidth="40">'
    b"<exif:PixelXDimension>40</exif:PixelXDimension><exif:PixelYDimension>24</exif:PixelYDimension>"
    b'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def source(folder: Path, kind: str, **options: Any) -> Path:
    path = folder / f"source.{kind}"
    Image.fromarray(photo(*SIZE)).save(path, **options)
    return path


def enlarged(path: Path, kind: str) -> Path:
    """`path` read, doubled and written as `kind`."""
    picture = read_picture(path, max_pixels=1_000_000)
    target = path.with_name(f"result.{kind}")
    write_picture(picture.pixels.resize(2, kernel="nearest"), picture, target, FORMATS[kind])
    assert pyvips.Image.new_from_file(str(target), fail_on="warning").avg() > 0
    assert sorted(each.name for each in path.parent.iterdir()) == sorted({path.name, target.name})
    return target


def camera_exif(*, maker_note: bytes = b"\x01\x02 secret of the maker") -> bytes:
    """An EXIF block with what Pillow writes, and a thumbnail behind it."""
    tags = Image.Exif()
    tags[0x0112], tags[0x010F], tags[0x4746] = 6, "A camera", 5
    details = tags.get_ifd(0x8769)
    details[0xA002], details[0xA003], details[0xA001], details[0x927C] = 40, 24, 1, maker_note
    block = bytearray(tags.tobytes().removeprefix(b"Exif\0\0"))
    order = "<" if block[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", block, 4)[0]
    count = struct.unpack_from(order + "H", block, first)[0]
    struct.pack_into(order + "I", block, first + 2 + 12 * count, len(block))
    thumbnail = b"\xff\xd8 a thumbnail \xff\xd9"
    start = len(block) + 2 + 2 * 12 + 4
    block += struct.pack(order + "HHHIIHHIII", 2, 0x0201, 4, 1, start, 0x0202, 4, 1, len(thumbnail), 0) + thumbnail
    return b"Exif\0\0" + bytes(block)


def chunks(path: Path) -> list[tuple[bytes, bytes]]:
    content, place, found = path.read_bytes(), 8, []
    while place < len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        found.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + size]))
        place += size + 12
    return found


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_exif_is_untouched_but_for_what_has_changed(tmp_path: Path, start: str, end: str) -> None:
    block = camera_exif()
    result = enlarged(source(tmp_path, start, exif=block), end)
    with Image.open(result) as image:
        tags = image.getexif()
        details = tags.get_ifd(0x8769)
        assert (tags[0x0112], tags[0x010F], tags[0x4746]) == (1, "A camera", 5)
        assert (details[0xA002], details[0xA003], details[0xA001]) == (*image.size, 1)
        assert details[0x927C] == b"\x01\x02 secret of the maker"
        assert not tags.get_ifd(0x0201)
    assert b"a thumbnail" not in result.read_bytes()
    assert image.size == (48, 80)


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_xmp_is_readable_and_says_what_is_true(tmp_path: Path, start: str, end: str) -> None:
    options: dict[str, Any] = {"xmp": XMP}
    if start == "png":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=True)
        options = {"pnginfo": info}
    result = enlarged(source(tmp_path, start, **options), end)
    with Image.open(result) as image:
        packet = image.info["xmp"]
        packet = packet if isinstance(packet, bytes) else packet.encode()
    changed = XMP.replace(b'Orientation="6"', b'Orientation="1"').replace(b' hdrgm:Version="1.0"', b"")
    changed = changed.replace(b">40<", b">80<").replace(b">24<", b">48<").replace(b'="40"', b'="80"')
    assert packet == changed
    if end == "png":
        assert any(name == b"iTXt" and content.startswith(b"XML:com.adobe.xmp") for name, content in chunks(result))


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_large_xmp_is_kept_whole(tmp_path: Path, start: str, end: str) -> None:
    history = b"<xmp:Label>" + b"long " * 40_000 + b"</xmp:Label>"
    large = XMP.replace(b"</rdf:Description>", history + b"</rdf:Description>")
    if start == "png":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", large.decode())
        path = source(tmp_path, start, pnginfo=info)
    elif start == "webp":
        path = source(tmp_path, start, xmp=large)
    else:  # Pillow cannot write an extended packet: ours can
        path = enlarged(source(tmp_path, "webp", xmp=large), "jpg").rename(tmp_path / "made.jpg")
        (tmp_path / "source.webp").unlink()
    result = enlarged(path, end)
    content = result.read_bytes()
    if end == "jpg":
        assert content.count(b"http://ns.adobe.com/xmp/extension/\0") == 4
        assert b"HasExtendedXMP" in content
        path.unlink()
        result = enlarged(result.rename(path.with_name("again.jpg")), "png")
        content = result.read_bytes()
    assert history in content
    assert b"HasExtendedXMP" not in content


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
@pytest.mark.parametrize("start", ["jpg", "png"])
@pytest.mark.parametrize("dpi", [None, (72, 72), (300, 300), (240, 120)])
def test_resolution_is_kept_or_absent(tmp_path: Path, start: str, end: str, dpi: tuple[int, int] | None) -> None:
    with Image.open(enlarged(source(tmp_path, start, **({"dpi": dpi} if dpi else {})), end)) as image:
        found = image.info.get("dpi")
    if dpi is None or end == "webp":
        assert found is None
    else:
        assert found == pytest.approx(dpi, abs=0.02)
        assert found == dpi or end == "png"


def test_a_webp_gets_no_resolution(tmp_path: Path) -> None:
    path = source(tmp_path, "webp")
    for end in ("jpg", "png"):
        with Image.open(enlarged(path, end)) as image:
            assert "dpi" not in image.info
        (tmp_path / f"result.{end}").unlink()


def png_with(path: Path, *blocks: tuple[bytes, bytes]) -> Path:
    content = path.read_bytes()
    added = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in blocks
    )
    path.write_bytes(content[:33] + added + content[33:])
    return path


COLOUR = [
    (b"gAMA", (100_000).to_bytes(4, "big")),
    (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
    (b"cICP", bytes((9, 16, 0, 1))),
]


def test_png_colour_chunks_are_kept_before_the_pixels(tmp_path: Path) -> None:
    found = chunks(enlarged(png_with(source(tmp_path, "png"), *COLOUR), "png"))
    names = [name for name, _ in found]
    assert found[1:4] == COLOUR
    assert names.index(b"cICP") < names.index(b"IDAT")


def test_png_text_is_kept_byte_for_byte(tmp_path: Path) -> None:
    text = [
        (b"tEXt", b"parameters\0a cat, Steps: 20"),
        (b"zTXt", b"workflow\0\0" + zlib.compress(b'{"nodes": []}')),
        (b"iTXt", "Copyright\0\0\0de\0Urheber\0© Ärger".encode()),
    ]
    result = enlarged(png_with(source(tmp_path, "png"), *text), "png")
    assert [each for each in chunks(result) if each[0].endswith(b"Xt")] == text
    with Image.open(result) as image:
        image.load()
        assert image.info["parameters"] == "a cat, Steps: 20"
        assert image.info["workflow"] == '{"nodes": []}'


def resource(number: int, data: bytes) -> bytes:
    return b"8BIM" + number.to_bytes(2, "big") + b"\0\0" + len(data).to_bytes(4, "big") + data + bytes(len(data) % 2)


def jpeg_with(path: Path, *segments: tuple[int, bytes]) -> Path:
    content = path.read_bytes()
    added = b"".join(bytes((0xFF, mark)) + (len(data) + 2).to_bytes(2, "big") + data for mark, data in segments)
    path.write_bytes(content[:20] + added + content[20:])
    return path


def test_comments_and_iptc_of_a_jpeg_are_kept(tmp_path: Path) -> None:
    iptc = b"\x1c\x02\x78\x00\x09A caption\x1c\x02\x74\x00\x02Me"
    photoshop = b"Photoshop 3.0\0" + resource(0x040C, b"a thumbnail") + resource(0x0404, iptc)
    path = jpeg_with(source(tmp_path, "jpg"), (0xFE, b"first"), (0xED, photoshop), (0xFE, b"second"))
    result = enlarged(path, "jpg")
    content = result.read_bytes()
    assert resource(0x0404, iptc) in content
    assert b"a thumbnail" not in content
    assert b"\xff\xfe\x00\x07first" in content
    with Image.open(result) as image:
        assert image.info["comment"] == b"second"
        assert image.info["photoshop"][0x0404] == iptc
    result.unlink()
    with Image.open(enlarged(path, "png")) as image:
        image.load()
        assert b"A caption".hex() in image.info["Raw profile type iptc"].replace("\n", "")
        assert image.info["Comment"] == "second"


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
def test_malformed_blocks_never_fail_a_task(tmp_path: Path, end: str) -> None:
    camera = camera_exif()
    broken = [
        (0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff"),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<not xml"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\xff\xff\xff\xff"),
        (0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 50),
    ]
    with Image.open(enlarged(jpeg_with(source(tmp_path, "jpg"), *broken), end)) as image:
        assert image.size == (80, 48)
        assert not image.getexif()
        assert "xmp" not in image.info
    for length in range(8, len(camera), 7):
        path = jpeg_with(source(tmp_path, "jpg"), (0xE1, camera[:length]))
        (tmp_path / f"result.{end}").unlink(missing_ok=True)
        with Image.open(enlarged(path, end)) as image:
            image.load()


@pytest.mark.parametrize("start", ["png", "webp"])
def test_of_an_exif_block_too_large_for_a_jpeg_the_small_values_are_kept(tmp_path: Path, start: str) -> None:
    path = source(tmp_path, start, exif=camera_exif(maker_note=bytes(80_000)))
    with Image.open(enlarged(path, "jpg")) as image:
        image.load()
        tags = image.getexif()
        assert (tags[0x0112], tags[0x010F], tags[0x4746]) == (1, "A camera", 5)
        assert tags.get_ifd(0x8769) == {0xA001: 1, 0xA002: 48, 0xA003: 80}


def test_a_large_exif_block_is_kept_whole_where_it_fits(tmp_path: Path) -> None:
    path = source(tmp_path, "png", exif=camera_exif(maker_note=bytes(80_000)))
    with Image.open(enlarged(path, "webp")) as image:
        assert image.getexif().get_ifd(0x8769)[0x927C] == bytes(80_000)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_that_lacks_only_its_end_is_accepted(tmp_path: Path, missing: int, progressive: bool) -> None:
    path = source(tmp_path, "jpg", progressive=progressive, exif=camera_exif())
    whole = read_picture(path, max_pixels=1_000_000)
    path.write_bytes(path.read_bytes()[:-missing])
    picture = read_picture(path, max_pixels=1_000_000)
    assert (picture.pixels - whole.pixels).abs().max() == 0
    assert picture.metadata == whole.metadata


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_pixels_is_refused(tmp_path: Path, progressive: bool) -> None:
    path = source(tmp_path, "jpg", progressive=progressive, quality=95)
    content = path.read_bytes()
    for missing in range(8, len(content) // 3, 37):
        path.write_bytes(content[:-missing])
        with pytest.raises(PictureUnreadable, match="damaged or cut short"):
            read_picture(path, max_pixels=1_000_000)


@pytest.mark.parametrize("end", ["jpg", "png", "webp"])
@pytest.mark.parametrize("start", ["jpg", "png"])
def test_grey_with_an_rgb_profile_keeps_it(tmp_path: Path, start: str, end: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = tmp_path / f"source.{start}"
    Image.fromarray(photo(*SIZE)).convert("L").save(path, icc_profile=profile)
    with Image.open(enlarged(path, end)) as image:
        assert image.info["icc_profile"] == profile
        assert image.mode == "RGB"
        red, _, blue = image.split()
        assert end == "webp" or red.tobytes() == blue.tobytes()


def test_a_cgbi_file_is_called_what_it_is(tmp_path: Path) -> None:
    path = source(tmp_path, "png")
    content = path.read_bytes()
    path.write_bytes(content[:8] + b"\0\0\0\4CgBI\x50\0\x20\2" + bytes(4) + content[8:])
    with pytest.raises(PictureUnsupported, match="CgBI"):
        read_picture(path, max_pixels=1_000_000)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("trap", [b"<hdrgm:a>", b"<hdrgm:a", b"<Container:Directory>", b"<?xpacket ", b"<rdf:RDF"])
def test_no_xmp_packet_can_keep_a_worker_busy(tmp_path: Path, trap: bytes) -> None:
    comment = b"<!-- " + trap * (4_000_000 // len(trap)) + b" -->"
    path = source(tmp_path, "webp", xmp=XMP.replace(b"</x:xmpmeta>", comment + b"</x:xmpmeta>"))
    with Image.open(enlarged(path, "jpg")) as image:
        assert image.size == (80, 48)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tag", [0x8769, 0x927D])
def test_no_exif_block_can_keep_a_worker_busy(tag: int) -> None:
    count = 60_000
    tags = (tag if tag == 0x8769 else place for place in range(count))
    directory = b"".join(struct.pack("<HHII", each, 7, 4000 if tag != 0x8769 else 4, 8) for each in tags)
    block = b"II*\0" + struct.pack("<IH", 8, count) + directory + struct.pack("<I", 8)
    adapted = exif.adapt(block, 80, 48)
    assert (adapted is None) == (tag == 0x8769)
    assert len(exif.fitted(block, 65_000) or b"") <= 65_000
