"""The chunks of a PNG file (W3C PNG, third edition): 32-bit length, name, content, checksum."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from enlarger.engines.metadata import raw_profiles, xmp
from enlarger.engines.metadata.blocks import MAX_BLOCK, MAX_TOTAL, Density, Metadata
from enlarger.engines.metadata.profile import is_profile

_COLOUR = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI", b"mDCv", b"cLLi")
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_MOST_GROWTH = 1032
"""How many times its size compressed data can become."""
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"pHYs": 9}


def read(file: BinaryIO) -> Metadata:
    """Read the blocks of a PNG file, those after its pixels included."""
    packet = None
    text: list[tuple[bytes, bytes]] = []
    single: dict[bytes, bytes] = {}
    raw: list[tuple[bytes, bytes]] = []
    room = MAX_TOTAL
    for name, content in _read_chunks(file, (*_COLOUR, *_TEXT, b"IHDR", b"iCCP", b"eXIf", b"pHYs")):
        if name not in _TEXT:
            if len(content) == _LENGTHS.get(name, len(content)):
                single.setdefault(name, content)
            continue
        keyword = content.split(b"\0", 1)[0]
        if not 1 <= len(keyword) <= 79:
            continue
        kind = raw_profiles.kind_of(keyword)
        if kind or keyword == _XMP_KEYWORD:
            block = _text_of(name, content, room) if room > 0 else b""
            room -= len(block) or _MOST_GROWTH * len(content)
            if kind:
                raw.append((kind, block))
            else:
                packet = packet or block
        else:
            text.append((name, content))
    others = raw_profiles.read(raw)
    return others.replace(
        exif=single.get(b"eXIf") or others.exif,
        xmp=packet or others.xmp,
        profile=_profile(single, others.profile),
        text=tuple(text),
        colour=tuple((name, single[name]) for name in single if name in _COLOUR),
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


def _profile(chunks: Mapping[bytes, bytes], raw: bytes | None) -> bytes | None:
    """The profile that libpng does not hand out: one for RGB of a grey picture, or a `raw` one without a rival."""
    grey = chunks.get(b"IHDR", b"")[9:10] in (b"\0", b"\4")
    profile = _inflated(chunks.get(b"iCCP", b"").split(b"\0", 1)[-1][1:])
    if grey and is_profile(profile, (b"RGB ",)):
        return profile
    if raw and chunks.keys().isdisjoint((b"iCCP", b"sRGB", b"cICP")):
        return raw if is_profile(raw, (b"RGB ", b"GRAY") if grey else (b"RGB ",)) else None
    return None


def _text_of(name: bytes, content: bytes, most: int = MAX_BLOCK) -> bytes:
    """The text of a text chunk, as bytes; none if it is malformed, or compressed and larger than `most` bytes."""
    rest = content.split(b"\0", 1)[1] if b"\0" in content else b""
    if name == b"tEXt":
        return rest
    if name == b"zTXt":
        return _inflated(rest[1:], most)
    parts = rest[2:].split(b"\0", 2)
    if len(rest) < 2 or len(parts) < 3:
        return b""
    return _inflated(parts[2], most) if rest[0] else parts[2]


def keyword_of(chunk: tuple[bytes, bytes]) -> str:
    """The keyword of a text chunk: name and content."""
    return chunk[1].split(b"\0", 1)[0].decode("latin-1")


def decoded(chunk: tuple[bytes, bytes], most: int) -> str:
    """The text of a text chunk: name and content; empty if it has more than `most` bytes, or is malformed."""
    text = _text_of(*chunk, most)
    return decode(text) if len(text) <= most else ""


def decode(text: bytes) -> str:
    """A text that is to be Latin-1, for which many programs write UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _inflated(data: bytes, most: int = MAX_BLOCK) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(data, most)
    except zlib.error:
        return b""
    return content if stream.eof else b""


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
        exact = (density.x, density.y) if density.unit == "none" else density.in_unit("metre")
        x, y = (round(number) for number in exact)
        if x and y:
            yield b"pHYs", x.to_bytes(4, "big") + y.to_bytes(4, "big") + bytes((density.unit != "none",))
    yield from metadata.text
    if packet := xmp.whole(metadata.xmp, metadata.extended_xmp):
        yield b"iTXt", _XMP_KEYWORD + bytes(5) + packet
    if metadata.exif:
        yield b"eXIf", metadata.exif
    if metadata.photoshop:
        yield raw_profiles.write_iptc(metadata.photoshop)
    for comment in metadata.comments:
        yield _comment(comment)


def _comment(comment: bytes) -> tuple[bytes, bytes]:
    """A text chunk, its name and content, with a JPEG's comment, whose encoding is not known."""
    text = comment.replace(b"\0", b" ")
    try:
        text.decode()
    except UnicodeDecodeError:
        return b"tEXt", b"Comment\0" + text
    return (b"tEXt", b"Comment\0" + text) if text.isascii() else (b"iTXt", b"Comment" + bytes(5) + text)
