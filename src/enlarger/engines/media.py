"""Video and audio files, told apart by their first bytes: models take them in, engines of ours do nothing with them.

There is one of each that is made here, for those who only act as if they made them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Media:
    """A kind of video or audio file."""

    mime_type: str
    extension: str


MP4 = Media("video/mp4", ".mp4")
MOV = Media("video/quicktime", ".mov")
WEBM = Media("video/webm", ".webm")
WAV = Media("audio/wav", ".wav")
MP3 = Media("audio/mpeg", ".mp3")
M4A = Media("audio/mp4", ".m4a")
OGG = Media("audio/ogg", ".ogg")

SNIFF_MEDIA_BYTES = 64
"""How much of a file `sniff_media` looks at."""

_MP4_BRANDS = frozenset((b"isom", b"mp41", b"mp42", b"mp71", b"avc1", b"M4V ", b"MSNV", b"dash", b"f4v "))
_PICTURE_BRANDS = frozenset((b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"crx "))
_QUICKTIME_BOXES = frozenset((b"moov", b"mdat", b"wide"))
"""QuickTime files from before there was a `ftyp` box start with one of these."""


def sniff_media(head: bytes) -> Media | None:
    """The kind of the video or audio file that starts with `head`; None when it is neither."""
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"webm" in head[:SNIFF_MEDIA_BYTES] else None
    if head.startswith(b"ID3") or _starts_mp3_frame(head):
        return MP3
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    return MOV if head[4:8] in _QUICKTIME_BOXES else None


def empty_video() -> bytes:
    """An MP4 file without a track: a player opens it, and has nothing to play."""
    timing = b"\x00" * 12 + (1000).to_bytes(4, "big") + b"\x00" * 4  # a thousand ticks a second, none of them used
    unity = b"".join(part.to_bytes(4, "big") for part in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))
    header = timing + b"\x00\x01\x00\x00" + b"\x01\x00" + b"\x00" * 10 + unity + b"\x00" * 24 + b"\x00\x00\x00\x01"
    return _box(b"ftyp", b"isom\x00\x00\x02\x00isommp41") + _box(b"moov", _box(b"mvhd", header)) + _box(b"mdat", b"")


def silence() -> bytes:
    """A WAV file of a tenth of a second in which nothing is heard: 8000 samples a second, 16 bits, one channel."""
    samples = bytes(1600)
    format = b"".join(
        (b"\x01\x00\x01\x00", (8000).to_bytes(4, "little"), (16000).to_bytes(4, "little"), b"\x02\x00\x10\x00")
    )
    chunks = b"WAVEfmt " + (16).to_bytes(4, "little") + format + b"data" + len(samples).to_bytes(4, "little") + samples
    return b"RIFF" + len(chunks).to_bytes(4, "little") + chunks


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def _by_brand(head: bytes) -> Media | None:
    """Out of the `ftyp` box, ISO/IEC 14496-12: the major brand, its version, then the brands it is compatible with."""
    length = min(int.from_bytes(head[:4]), SNIFF_MEDIA_BYTES)
    major, others = head[8:12], {head[at : at + 4] for at in range(16, length, 4)}
    if major in _PICTURE_BRANDS:
        return None
    if major == b"qt  ":
        return MOV
    if major in (b"M4A ", b"M4B "):
        return M4A
    known = _MP4_BRANDS & {major, *others} or any(brand.startswith((b"iso", b"3gp")) for brand in (major, *others))
    return MP4 if known else None


def _starts_mp3_frame(head: bytes) -> bool:
    """An MPEG audio frame of layer III: eleven set bits, then fields none of which has its forbidden value."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bitrate not in (0, 15) and rate != 3
