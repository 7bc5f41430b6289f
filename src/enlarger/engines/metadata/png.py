"""The chunks of a PNG file (W3C PNG, third edition): 32-bit length, name, content, checksum."""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from enlarger.engines.metadata import xmp
from enlarger.engines.metadata.blocks import MAX_BLOCK, MAX_TOTAL, Density, Metadata
from enlarger.engines.metadata.photoshop import HEADER as PHOTOSHOP_HEADER
from enlarger.engines.metadata.photoshop import kept_resources

_COLOUR = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi")
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_RAW_PROFILE = b"Raw profile type "
"""What ImageMagick puts before the name of a block that it writes as text, in hexadecimal digits."""
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9}


def read(file: BinaryIO) -> Metadata:
    """Read the blocks of a PNG file, those after its pixels included."""
    packet = None
    text: list[tuple[bytes, bytes]] = []
    single: dict[bytes, bytes] = {}
    raw: dict[bytes, bytes] = {}
    for name, content in _read_chunks(file, (*_COLOUR, *_TEXT, b"iCCP", b"eXIf", b"pHYs")):
        if name not in _TEXT:
            if len(content) == _LENGTHS.get(name, len(content)):
                single.setdefault(name, content)
            continue
        keyword = content.split(b"\0", 1)[0]
        if not 1 <= len(keyword) <= 79:
            continue
        if keyword == _XMP_KEYWORD:
            packet = packet or _text_of(name, content)
        elif keyword.startswith(_RAW_PROFILE):
            raw.setdefault(keyword.removeprefix(_RAW_PROFILE).lower(), _raw_profile(_text_of(name, content)))
        else:
            text.append((name, content))
    exif = single.get(b"eXIf")
    for block in (raw.get(b"exif", b""), raw.get(b"app1", b"")):
        if block.startswith(b"Exif\0\0"):
            exif = exif or block[6:]
        elif block.startswith(xmp.HEADER):
            packet = packet or block.removeprefix(xmp.HEADER)
    photoshop = (raw.get(b"8bim") or raw.get(b"iptc") or b"").removeprefix(PHOTOSHOP_HEADER)
    return Metadata(
        exif=exif,
        xmp=packet or raw.get(b"xmp") or None,
        photoshop=kept_resources(photoshop) or None,
        text=tuple(text),
        colour=tuple((name, single[name]) for name in single if name in _COLOUR),
        rgb_profile=_rgb_profile(single.get(b"iCCP", b"")),
        density=_density(single[b"pHYs"]) if b"pHYs" in single else None,
    )


def _read_chunks(file: BinaryIO, names: tuple[bytes, ...]) -> Iterator[tuple[bytes, bytes]]:
    """The chunks called one of `names`, as far as the file is as it should be; their checksums are right."""
    file.seek(8)
    total = 0
    while len(head := file.read(8)) == 8:
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        if name == b"IEND":
            break
        if name not in names or size > MAX_BLOCK or total + size > MAX_TOTAL:
            file.seek(size + 4, 1)
            continue
        total += size
        content, checksum = file.read(size), file.read(4)
        if checksum == zlib.crc32(name + content).to_bytes(4, "big"):
            yield name, content


def _density(content: bytes) -> Density | None:
    x, y = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big")
    if not x or not y or content[8] > 1:
        return None
    return Density(x, y, "metre" if content[8] else "none")


def _rgb_profile(content: bytes) -> bytes | None:
    profile = _inflated(content.split(b"\0", 1)[-1][1:])
    sound = profile[36:40] == b"acsp" and int.from_bytes(profile[:4], "big") == len(profile)
    return profile if sound and profile[16:20] == b"RGB " else None


def _text_of(name: bytes, content: bytes) -> bytes:
    """The text of a text chunk, as bytes; none if it is malformed or too large."""
    rest = content.split(b"\0", 1)[1] if b"\0" in content else b""
    if name == b"tEXt":
        return rest
    if name == b"zTXt":
        return _inflated(rest[1:])
    parts = rest[2:].split(b"\0", 2)
    if len(rest) < 2 or len(parts) < 3:
        return b""
    return _inflated(parts[2]) if rest[0] else parts[2]


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(data, MAX_BLOCK)
    except zlib.error:
        return b""
    return content if stream.eof else b""


def _raw_profile(text: bytes) -> bytes:
    """The block in a text of ImageMagick's: a line with its name, one with its length, lines of hexadecimal digits."""
    found = re.fullmatch(rb"\s*\S+\s+(\d+)\s+([0-9A-Fa-f\s]*)", text)
    digits = b"".join(found[2].split()) if found else b""
    return bytes.fromhex(digits.decode()) if found and len(digits) == 2 * int(found[1][:9]) else b""


def write(source: BinaryIO, target: BinaryIO, metadata: Metadata) -> None:
    """Copy the PNG file `source` to `target`, with `metadata`."""
    target.write(source.read(8))
    while len(head := source.read(8)) == 8:
        size, name = int.from_bytes(head[:4], "big"), head[4:]
        if name == b"IDAT":
            _write_all(target, _blocks(metadata))
            target.write(head)
            break
        content = source.read(size + 4)
        if name in (b"pHYs", *_COLOUR):
            continue
        target.write(head + content)
        if name == b"IHDR":
            _write_all(target, iter(metadata.colour))
    shutil.copyfileobj(source, target, 1 << 20)


def _write_all(target: BinaryIO, chunks: Iterator[tuple[bytes, bytes]]) -> None:
    for name, content in chunks:
        checksum = zlib.crc32(name + content).to_bytes(4, "big")
        target.write(len(content).to_bytes(4, "big") + name + content + checksum)


def _blocks(metadata: Metadata) -> Iterator[tuple[bytes, bytes]]:
    density = metadata.density
    if density:
        x, y = (density.x, density.y) if density.unit == "none" else density.in_unit("metre")
        yield b"pHYs", x.to_bytes(4, "big") + y.to_bytes(4, "big") + bytes((density.unit != "none",))
    yield from metadata.text
    if packet := xmp.whole(metadata.xmp, metadata.extended_xmp):
        yield b"iTXt", _XMP_KEYWORD + bytes(5) + packet
    if metadata.exif:
        yield b"eXIf", metadata.exif
    if metadata.photoshop:
        digits = metadata.photoshop.hex().encode()
        lines = b"\n".join(digits[place : place + 72] for place in range(0, len(digits), 72))
        text = b"\niptc\n%8d\n%s\n" % (len(metadata.photoshop), lines)
        yield b"zTXt", _RAW_PROFILE + b"iptc\0\0" + zlib.compress(text)
    for comment in metadata.comments:
        yield b"tEXt", b"Comment\0" + comment.replace(b"\0", b" ")
