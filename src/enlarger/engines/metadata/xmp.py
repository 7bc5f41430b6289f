"""Edits XMP packets as text, so that everything that needs no change stays as it was written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape

EXTENDED_HEADER = b"http://ns.adobe.com/xmp/extension/\0"
"""What starts a JPEG segment with a part of an extended packet (XMP specification, part 3)."""
HEADER = b"http://ns.adobe.com/xap/1.0/\0"
"""What starts the JPEG segment with the packet."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property: the usual prefix of its namespace, its name and values."""

    prefix: str
    name: str
    form: str
    """What it is in RDF: "Bag", "Seq" or "Alt" (of languages); empty for a single value."""
    values: tuple[str, ...]


_GUID = re.compile(rb"""xmpNote:HasExtendedXMP(?:\s*=\s*["']|\s*>\s*)([0-9A-Fa-f]{32})""")
_TIFF, _EXIF, _XMP = (b"http://ns.adobe.com/%s/1.0/" % name for name in (b"tiff", b"exif", b"xap"))
_PANORAMA = b"http://ns.google.com/photos/1.0/panorama/"
_PANORAMA_WIDTH = b"CroppedAreaImageWidthPixels"
_PANORAMA_SIZES = (
    *(_PANORAMA_WIDTH, b"CroppedAreaImageHeightPixels", b"CroppedAreaLeftPixels", b"CroppedAreaTopPixels"),
    *(b"FullPanoWidthPixels", b"FullPanoHeightPixels"),
)
"""What a panorama says of its place in the whole sphere, in pixels (Photo Sphere XMP metadata)."""
_NAMESPACES = {
    "dc": b"http://purl.org/dc/elements/1.1/",
    "photoshop": b"http://ns.adobe.com/photoshop/1.0/",
    "xmp": _XMP,
    "Iptc4xmpCore": b"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
}
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that XML cannot hold."""
_ENCODINGS = (
    *((b"\0\0\0<", "utf-32-be"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe\0\0", "utf-32")),
    *((b"\0<", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\xfe\xff", "utf-16"), (b"\xff\xfe", "utf-16")),
)
"""What a packet in an encoding other than UTF-8 starts with."""
_GAIN_MAP = (rb"hdrgm", rb"HDRGainMap")
_MAX_DROPPED = 100
"""Elements of one kind that are looked for the end of; a search for more of them could take minutes."""
_MOST_PREFIXES = 10
"""Prefixes of one namespace that are looked at."""
_LISTING = re.compile(rb"<(Container:Directory)\b[^>]*>.*?</\1\s*>", re.DOTALL)


def adapt(packet: bytes, width: int, height: int) -> bytes | None:
    """Return `packet` for an upright picture of `width` x `height` pixels, in UTF-8; None if it is malformed.

    It then has no gain map, and no thumbnail.
    """
    packet = _in_utf8(packet)
    if not _well_formed(packet):
        return None
    edited = packet
    for namespace, name, value in (
        (_TIFF, b"Orientation", 1),
        (_TIFF, b"ImageWidth", width),
        (_TIFF, b"ImageLength", height),
        (_TIFF, b"ImageHeight", height),  # not in the specification, but in files
        (_EXIF, b"PixelXDimension", width),
        (_EXIF, b"PixelYDimension", height),
    ):
        for prefix in _prefixes(packet, namespace):
            edited = _set(edited, re.escape(prefix + b":" + name), str(value).encode())
    for prefix in _prefixes(packet, _XMP):
        edited = _drop(edited, re.escape(prefix) + b":Thumbnails")
    for prefix in _prefixes(packet, _PANORAMA):
        edited = _scale_panorama(edited, re.escape(prefix), width)
    edited = _drop_gain_map(edited)
    return edited if edited == packet or _well_formed(edited) else packet


def extended_guid(packet: bytes) -> bytes | None:
    """The name of the extended packet that belongs to `packet`, if it announces one."""
    found = _GUID.search(packet)
    return found[1].upper() if found else None


def without_extension(packet: bytes) -> bytes:
    """`packet` without its announcement of an extended one."""
    return _drop(packet, rb"xmpNote:HasExtendedXMP")


def with_extension(packet: bytes, extended: bytes) -> tuple[bytes, bytes]:
    """`packet` with an announcement of `extended`, and the name that ties them: MD5, in 32 hexadecimal digits."""
    guid = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper().encode()
    note = (
        b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="'
        + guid
        + b'"/>'
    )
    return _insert(packet, note), guid


def merge(packet: bytes, extended: bytes) -> bytes:
    """One packet with the properties of both; `packet` itself if they cannot be joined."""
    start = extended.find(b">", extended.find(b"<rdf:RDF")) + 1
    merged = _insert(packet, extended[start : extended.rfind(b"</rdf:RDF")].strip())
    return merged if _well_formed(merged) else packet


def whole(packet: bytes | None, extended: bytes | None) -> bytes | None:
    """One packet for a format that, unlike JPEG, can hold it whole."""
    return merge(packet, extended) if packet and extended else packet


def with_properties(packet: bytes | None, properties: Iterable[Property]) -> bytes | None:
    """`packet`, or a new one, with those of `properties` that it has not; as it is if they cannot be added."""
    base = packet or EMPTY
    prefixes = {usual: _prefixes(base, namespace) for usual, namespace in _NAMESPACES.items()}
    added, used = "", set()
    for each in properties:
        values = [escape(_ILLEGAL.sub("", value).strip()) for value in each.values]
        if not any(values) or any(prefix + b":" + each.name.encode() in base for prefix in prefixes[each.prefix]):
            continue
        used.add(each.prefix)
        added += f"<{each.prefix}:{each.name}>{_FORMS[each.form](values)}</{each.prefix}:{each.name}>"
    if not added:
        return packet
    declared = "".join(f' xmlns:{prefix}="{_NAMESPACES[prefix].decode()}"' for prefix in sorted(used))
    content = f'<rdf:Description rdf:about=""{declared}>{added}</rdf:Description>'
    edited = _insert(base, content.encode())
    return edited if _well_formed(edited) else packet


def _list(kind: str, values: Sequence[str], attributes: str = "") -> str:
    items = "".join(f"<rdf:li{attributes}>{value}</rdf:li>" for value in values if value)
    return f"<rdf:{kind}>{items}</rdf:{kind}>"


_FORMS: dict[str, Callable[[Sequence[str]], str]] = {
    "": lambda values: values[0],
    "Bag": lambda values: _list("Bag", values),
    "Seq": lambda values: _list("Seq", values),
    "Alt": lambda values: _list("Alt", values[:1], ' xml:lang="x-default"'),
}
"""How the values of a property are written, by its form."""

EMPTY = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
"""A packet without properties."""


def unwrapped(packet: bytes) -> bytes:
    """`packet` without the processing instructions and the padding around it, as an extended packet is written."""
    return re.sub(rb"<\?xpacket\b[^?]*\?>", b"", packet).strip(b"\0\xef\xbb\xbf \t\r\n")


def _in_utf8(packet: bytes) -> bytes:
    """`packet` in UTF-8, the only encoding for files (XMP specification, part 3); as it is if it cannot be read."""
    for start, encoding in _ENCODINGS:
        if packet.startswith(start):
            try:
                text = packet[: len(packet) & ~(3 if "32" in encoding else 1)].decode(encoding)
            except UnicodeDecodeError:
                return packet
            return re.sub(r"""^(<\?xml\b[^<>]*?)\sencoding=["'][^"']*["']""", r"\1", text, count=1).encode()
    return packet


def _prefixes(packet: bytes, namespace: bytes) -> set[bytes]:
    """The prefixes under which `packet` has properties of a `namespace`."""
    found = re.findall(rb"""\bxmlns:([A-Za-z_][\w.-]{0,40})\s*=\s*["']""" + re.escape(namespace) + rb"""["']""", packet)
    return set(found[:_MOST_PREFIXES])


def _insert(packet: bytes, content: bytes) -> bytes:
    end = packet.rfind(b"</rdf:RDF")
    return packet if end < 0 else packet[:end] + content + packet[end:]


def _set(packet: bytes, name: bytes, value: bytes) -> bytes:
    packet = re.sub(rb"(\b" + name + rb"\s*=\s*)([\"'])[^\"'<]*\2", rb"\g<1>\g<2>" + value + rb"\g<2>", packet)
    return re.sub(rb"(<" + name + rb"\s*>)[^<]*(</" + name + rb"\s*>)", rb"\g<1>" + value + rb"\g<2>", packet)


def _number(packet: bytes, name: bytes) -> int | None:
    """The value of a property that is a whole number."""
    found = re.search(rb"[<\s]" + name + rb"(?:\s*=\s*[\"']|\s*>)\s*(\d{1,9})\b", packet)
    return int(found[1]) if found else None


def _scale_panorama(packet: bytes, prefix: bytes, width: int) -> bytes:
    """Bring what `packet` says of a panorama to the scale at which it is `width` pixels wide."""
    before = _number(packet, prefix + b":" + _PANORAMA_WIDTH)
    for name in _PANORAMA_SIZES if before else ():
        value = _number(packet, prefix + b":" + name)
        if value is not None:
            packet = _set(packet, prefix + b":" + name, b"%d" % round(value * width / (before or 1)))
    return packet


def _drop(packet: bytes, name: bytes) -> bytes:
    packet = re.sub(rb"\s" + name + rb"\s*=\s*(?:\"[^\"<]*\"|'[^'<]*')", b"", packet)
    packet = re.sub(rb"<" + name + rb"\b[^<>]*/>", b"", packet)
    if packet.count(b"<" + name.split(b":")[0]) > _MAX_DROPPED:
        return packet
    return re.sub(rb"<(" + name + rb")\b[^>]*>.*?</\1\s*>", b"", packet, flags=re.DOTALL)


def _drop_gain_map(packet: bytes) -> bytes:
    for prefix in _GAIN_MAP:
        if prefix in packet:
            packet = _drop(packet, prefix + rb":\w+")
    if packet.count(b"<Container:Directory") > _MAX_DROPPED:
        return packet
    return _LISTING.sub(lambda found: b"" if b"GainMap" in found[0] else found[0], packet)


def _well_formed(packet: bytes) -> bool:
    """Whether `packet` is XML; one with a document type, which XMP has no use for, is not accepted."""
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return False
    parser = expat.ParserCreate()
    try:
        parser.Parse(packet.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return True
