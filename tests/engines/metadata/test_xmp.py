"""XMP packets as other programs write them: in other encodings, with other prefixes, with thumbnails."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from enlarger.engines.metadata import xmp
from tests.engines.metadata.test_metadata import XMP, enlarged, jpeg_with, source

TIFF = "{http://ns.adobe.com/tiff/1.0/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
DECLARED = b" xmlns:a='http://ns.adobe.com/tiff/1.0/'"
ENDS = ("jpg", "png", "webp")
ENCODINGS = ("utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le")


def packet_of(path: Path) -> bytes:
    with Image.open(path) as image:
        packet = image.info["xmp"]
    return packet if isinstance(packet, bytes) else str(packet).encode()


def says_what_is_true(packet: bytes) -> None:
    root = ET.fromstring(packet.decode())
    described = next(root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"))
    assert described.get(f"{TIFF}Orientation") == "1"
    assert described.findtext(f"{EXIF}PixelXDimension") == "80"
    assert described.get("{http://ns.adobe.com/xap/1.0/}Rating") == "4"


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("declared", [False, True])
def test_a_packet_in_another_encoding_is_edited_and_becomes_utf_8(
    tmp_path: Path, encoding: str, end: str, declared: bool
) -> None:
    text = XMP.decode().replace("</rdf:Description>", "<dc:title xmlns:dc='dc'>Ärger 图</dc:title></rdf:Description>")
    if declared:
        text = f'<?xml version="1.0" encoding="{encoding.upper()[:6]}"?>' + text.split("?>", 1)[1]
    header = (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + text.encode(encoding))
    packet = packet_of(enlarged(jpeg_with(source(tmp_path, "jpg"), header), end))
    says_what_is_true(packet)
    assert "Ärger 图".encode() in packet


def test_a_packet_in_no_encoding_is_left_out() -> None:
    assert xmp.adapt(XMP.decode().encode("utf-16-be") + b"\xd8\x00", 8, 8) is None
    assert xmp.adapt(b"\0<\xd8\x00\0a", 8, 8) is None


@pytest.mark.parametrize("end", ENDS)
def test_properties_are_edited_under_any_prefix(tmp_path: Path, end: str) -> None:
    packet = XMP.replace(b"tiff:", b"ns1:").replace(b":tiff=", b":ns1=")
    packet = packet.replace(b"exif:", b"my-exif:").replace(b":exif=", b":my-exif=")
    says_what_is_true(packet_of(enlarged(source(tmp_path, "webp", xmp=packet), end)))


@pytest.mark.parametrize("end", ENDS)
def test_what_only_looks_like_a_property_stays(tmp_path: Path, end: str) -> None:
    packet = XMP.replace(
        b"<exif:PixelX", b"<x:tiff xmlns:x='x'><x:Orientation>6</x:Orientation></x:tiff><exif:PixelX", 1
    )
    assert b"<x:Orientation>6<" in packet_of(enlarged(source(tmp_path, "webp", xmp=packet), end))


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("prefix", [b"xmp", b"xap"])
def test_a_thumbnail_is_dropped(tmp_path: Path, end: str, prefix: bytes) -> None:
    thumbnail = (
        b"<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><g:image xmlns:g='http://ns.adobe.com/xap/1.0/g/img/'>"
        b"/9j/4AAQ</g:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
    )
    packet = XMP.replace(b"</rdf:Description>", thumbnail + b"</rdf:Description>")
    packet = packet.replace(b"xmp:", prefix + b":").replace(b":xmp=", b":" + prefix + b"=")
    result = packet_of(enlarged(source(tmp_path, "webp", xmp=packet), end))
    assert b"/9j/" not in result
    says_what_is_true(result)


@pytest.mark.parametrize("name", [b"ImageLength", b"ImageHeight"])
def test_the_height_is_said_under_either_name(name: bytes) -> None:
    packet = XMP.replace(b' tiff:ImageWidth="40"', b" tiff:" + name + b'="24"')
    assert b"tiff:" + name + b'="48"' in (xmp.adapt(packet, 80, 48) or b"")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("prefix", [b"GPano", b"ns2"])
def test_a_panorama_knows_its_place_in_the_sphere(tmp_path: Path, prefix: bytes, end: str) -> None:
    said = (
        b' xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular"'
        b' GPano:CroppedAreaImageWidthPixels="40" GPano:FullPanoWidthPixels="400" GPano:CroppedAreaLeftPixels="0"'
        b" tiff:Orientation="
    )
    elements = b"<GPano:CroppedAreaTopPixels>7</GPano:CroppedAreaTopPixels></rdf:Description>"
    packet = XMP.replace(b" tiff:Orientation=", said).replace(b"</rdf:Description>", elements)
    packet = packet.replace(b"GPano:", prefix + b":").replace(b":GPano=", b":" + prefix + b"=")
    result = packet_of(enlarged(source(tmp_path, "webp", xmp=packet), end)).replace(prefix + b":", b"GPano:")
    assert b'CroppedAreaImageWidthPixels="80" GPano:FullPanoWidthPixels="800" GPano:CroppedAreaLeftPixels="0"' in result
    assert b"<GPano:CroppedAreaTopPixels>14</GPano:" in result
    assert b'"equirectangular"' in result


@pytest.mark.parametrize("width", [b"", b"0", b"-4", b"x", b"9" * 12])
def test_a_panorama_of_no_width_stays_as_it_is(width: bytes) -> None:
    said = b' xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:FullPanoWidthPixels="400" GPano:'
    packet = XMP.replace(b" xmp:Rating", said + b'CroppedAreaImageWidthPixels="' + width + b'" xmp:Rating')
    assert b'FullPanoWidthPixels="400"' in (xmp.adapt(packet, 80, 48) or b"")


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "trap", [b" xmlns:a='http://ns.adobe.com/tiff/1.0/'", b" xmlns:" + b"a" * 40, b"<xmp:Thumbnails>"]
)
def test_no_packet_can_keep_a_worker_busy(trap: bytes) -> None:
    comment = b"<!-- " + trap * (8_000_000 // len(trap)) + b" -->"
    packet = XMP.replace(b"</x:xmpmeta>", comment + b"</x:xmpmeta>")
    assert xmp.adapt(packet, 80, 48) is not None
    assert xmp.adapt(packet.decode().encode("utf-16"), 80, 48) is not None
