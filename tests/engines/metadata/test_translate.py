"""What a format has no place of its own for is said in XMP, EXIF or a comment, where other programs find it."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from enlarger.engines.metadata import exif, iptc
from tests.engines.metadata.test_metadata import (
    XMP,
    camera_exif,
    chunks,
    enlarged,
    jpeg_with,
    png_with,
    resource,
    source,
)

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
WITHOUT_IPTC = ("webp", "avif")
WITHOUT_TEXT = ("jpg", "webp", "avif", "tiff")


def data_set(number: int, value: bytes, record: int = 2) -> bytes:
    return bytes((0x1C, record, number)) + struct.pack(">H", len(value)) + value


IPTC = b"".join(
    (
        data_set(90, b"\x1b%G", record=1),
        data_set(120, "Ein Häuschen & mehr".encode()),
        data_set(25, b"house"),
        data_set(25, "grün".encode()),
        data_set(80, b"A photographer"),
        data_set(116, b"(c) Me"),
        data_set(90, b"Paris"),
        data_set(55, b"20260102"),
        data_set(60, b"030405+0100"),
    )
)
SAID = {
    "description": "Ein Häuschen & mehr",
    "creator": "A photographer",
    "rights": "(c) Me",
    "City": "Paris",
    "DateCreated": "2026-01-02T03:04:05+01:00",
}


def xmp_of(path: Path) -> dict[str, str | list[str]]:
    """The properties of a packet by name; of a list its items, if they are several."""
    with Image.open(path) as image:
        image.load()
        packet = image.info["xmp"]
    found: dict[str, str | list[str]] = {}
    for description in ET.fromstring(packet).iter(f"{RDF}Description"):
        found.update({name.rpartition("}")[2]: value for name, value in description.attrib.items()})
        for each in description:
            items = [item.text or "" for item in each.iter(f"{RDF}li")] or [each.text or ""]
            found[each.tag.rpartition("}")[2]] = items[0] if len(items) == 1 else items
    return found


def with_iptc(folder: Path, kind: str, records: bytes, **options: Any) -> Path:
    path = source(folder, kind, **options)
    if kind == "jpg":
        return jpeg_with(path, (0xED, b"Photoshop 3.0\0" + resource(0x0404, records)))
    text = b"\niptc\n%8d\n%s\n" % (len(records), records.hex().encode())
    return png_with(path, (b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(text)))


@pytest.mark.parametrize("end", WITHOUT_IPTC)
@pytest.mark.parametrize("start", ["jpg", "png"])
def test_iptc_becomes_xmp(tmp_path: Path, start: str, end: str) -> None:
    found = xmp_of(enlarged(with_iptc(tmp_path, start, IPTC), end))
    assert {name: found[name] for name in SAID} == SAID
    assert found["subject"] == ["house", "grün"]


@pytest.mark.parametrize("end", WITHOUT_IPTC)
def test_xmp_that_is_there_wins(tmp_path: Path, end: str) -> None:
    packet = XMP.replace(b"</rdf:Description>", b"<p:City>London</p:City></rdf:Description>")
    packet = packet.replace(b"<rdf:Description ", b"<rdf:Description xmlns:p='http://ns.adobe.com/photoshop/1.0/' ")
    found = xmp_of(enlarged(with_iptc(tmp_path, "jpg", IPTC, xmp=packet), end))
    assert found["City"] == "London"
    assert found["Rating"] == "4"
    assert found["creator"] == "A photographer"


@pytest.mark.parametrize("end", ["jpg", "png", "tiff"])
def test_no_xmp_is_made_of_iptc_where_that_is_kept(tmp_path: Path, end: str) -> None:
    with Image.open(enlarged(with_iptc(tmp_path, "jpg", IPTC), end)) as image:
        assert "xmp" not in image.info


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (b"", {}),
        (b"\x1c\x02\x78\xff\xff", {}),
        (data_set(120, b"\x00\x01\x02"), {"description": "\x00\x01\x02"}),
        (data_set(120, b"H\xe4uschen"), {"description": "Häuschen"}),
        (data_set(55, b"20261341"), {}),
        (data_set(55, b"20261231") + data_set(60, b"99"), {"DateCreated": "2026-12-31"}),
        (data_set(120, b"first") + b"junk" + data_set(90, b"Paris"), {"description": "first"}),
    ],
)
def test_iptc_is_read_as_far_as_it_is_sound(records: bytes, expected: dict[str, str]) -> None:
    assert {each.name: each.values[0] for each in iptc.properties_of(records)} == expected


TEXTS = [
    (b"tEXt", b"Title\0A title"),
    (b"zTXt", b"Author\0\0" + zlib.compress(b"Me")),
    (b"iTXt", "Description\0\0\0\0\0Ein Häuschen <b>".encode()),
    (b"tEXt", "Copyright\0© Me".encode("latin-1")),
    (b"tEXt", b"Software\0A program"),
]


@pytest.mark.parametrize("end", WITHOUT_TEXT)
def test_the_usual_texts_of_a_png_become_xmp(tmp_path: Path, end: str) -> None:
    found = xmp_of(enlarged(png_with(source(tmp_path, "png"), *TEXTS), end))
    texts = [found[name] for name in ("title", "creator", "description", "rights", "CreatorTool")]
    assert texts == ["A title", "Me", "Ein Häuschen <b>", "© Me", "A program"]


def user_comment(path: Path) -> str:
    with Image.open(path) as image:
        tags = image.getexif()
        value = tags.get_ifd(0x8769).get(0x9286, b"")
        order = "utf-16-le" if image.info["exif"].removeprefix(b"Exif\0\0")[:2] == b"II" else "utf-16-be"
    return str(value[8:], order if value.startswith(b"UNICODE\0") else "ascii")


@pytest.mark.parametrize("end", ["jpg", "webp", "avif"])
@pytest.mark.parametrize("block", [None, camera_exif()])
@pytest.mark.parametrize("prompt", ["a cat, Steps: 20", "eine Katze im Grünen"])
def test_a_prompt_becomes_the_user_comment(tmp_path: Path, end: str, block: bytes | None, prompt: str) -> None:
    options: dict[str, Any] = {"exif": block} if block else {}
    text = (b"iTXt", b"parameters\0\0\0\0\0" + prompt.encode())
    result = enlarged(png_with(source(tmp_path, "png", **options), text, (b"tEXt", b"Comment\0other")), end)
    assert user_comment(result) == prompt
    with Image.open(result) as image:
        assert block is None or image.getexif()[0x010F] == "A camera"
        assert block is None or image.getexif().get_ifd(0x8769)[0x927C] == b"\x01\x02 secret of the maker"


@pytest.mark.parametrize("end", WITHOUT_IPTC)
def test_a_comment_becomes_the_user_comment_where_there_are_none(tmp_path: Path, end: str) -> None:
    path = jpeg_with(source(tmp_path, "jpg"), (0xFE, b"first"), (0xFE, "zweitens: Ä".encode()))
    assert user_comment(enlarged(path, end)) == "first\nzweitens: Ä"


def test_the_comment_of_a_png_becomes_one_of_a_jpeg(tmp_path: Path) -> None:
    path = png_with(source(tmp_path, "png"), (b"zTXt", b"Comment\0\0" + zlib.compress(b"a comment")))
    with Image.open(enlarged(path, "jpg")) as image:
        assert image.info["comment"] == b"a comment"


@pytest.mark.parametrize("end", WITHOUT_IPTC)
@pytest.mark.parametrize(("there", "expected"), [(b"ASCII\0\0\0mine", "mine"), (bytes(8) + b"   \0\0", "a prompt")])
def test_a_user_comment_that_is_there_stays_unless_it_is_blank(
    tmp_path: Path, there: bytes, expected: str, end: str
) -> None:
    tags = Image.Exif()
    tags[0x010F] = "A camera"
    tags.get_ifd(0x8769)[0x9286] = there
    path = png_with(source(tmp_path, "png", exif=tags), (b"tEXt", b"parameters\0a prompt"))
    assert user_comment(enlarged(path, end)) == expected


def test_a_long_prompt_costs_a_jpeg_no_maker_note(tmp_path: Path) -> None:
    text = (b"tEXt", b"parameters\0" + b"a cat " * 11_000)
    with Image.open(enlarged(png_with(source(tmp_path, "png", exif=camera_exif()), text), "jpg")) as image:
        assert image.getexif().get_ifd(0x8769)[0x927C] == b"\x01\x02 secret of the maker"


def test_within_png_nothing_is_translated(tmp_path: Path) -> None:
    result = enlarged(png_with(source(tmp_path, "png"), *TEXTS, (b"tEXt", b"parameters\0a cat")), "png")
    assert {b"eXIf"}.isdisjoint(name for name, _ in chunks(result))
    assert not any(content.startswith(b"XML:com") for _, content in chunks(result))


@pytest.mark.parametrize("block", [b"II*\0", b"II*\0\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"])
def test_nothing_is_added_to_a_malformed_block(block: bytes) -> None:
    assert exif.with_comment(block, "text") is None


@pytest.mark.timeout(30)
def test_texts_that_grow_without_bounds_keep_no_worker_busy(tmp_path: Path) -> None:
    large = zlib.compress(bytes(16_000_000))
    texts = [
        (b"zTXt", keyword + b"\0\0" + large)
        for keyword in (b"Title", b"Raw profile type exif", b"Raw profile type xmp")
    ]
    with Image.open(enlarged(png_with(source(tmp_path, "png"), *(texts * 200)), "jpg")) as image:
        assert "xmp" not in image.info
