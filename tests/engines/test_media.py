from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.engines.media import M4A, MOV, MP3, MP4, OGG, WAV, WEBM, Media, sniff_media


def ftyp(major: bytes, *others: bytes) -> bytes:
    content = b"ftyp" + major + bytes(4) + b"".join(others)
    return (len(content) + 4).to_bytes(4) + content + b"\0\0\0\x08free"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (ftyp(b"isom", b"isom", b"iso2", b"avc1", b"mp41"), MP4),
        (ftyp(b"mp42"), MP4),
        (ftyp(b"3gp5"), MP4),
        (ftyp(b"XAVC", b"mp42"), MP4),
        (ftyp(b"qt  ", b"qt  "), MOV),
        (b"\0\0\0\x08wide\0\0\x10\0mdat", MOV),
        (b"\0\0\x10\0moov", MOV),
        (ftyp(b"M4A ", b"isom", b"mp42"), M4A),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm", WEBM),
        (b"RIFF\x24\0\0\0WAVEfmt ", WAV),
        (b"ID3\x04\0\0", MP3),
        (b"\xff\xfb\x90\x64", MP3),
        (b"\xff\xf3\x40\xc4", MP3),
        (b"OggS\0\x02", OGG),
    ],
)
def test_videos_and_sounds_are_known_by_their_first_bytes(head: bytes, kind: Media) -> None:
    assert sniff_media(head) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff\xd8\xff\xe0",  # JPEG
        b"\xff\xfe<\0",  # UTF-16
        b"\xff\xf1\x50\x80",  # AAC in ADTS
        b"\xff\xfb\xf0\x64",  # no bit rate has this number
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"RIFF\x24\0\0\0AVI LIST",
        b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska",
        ftyp(b"avif", b"mif1", b"isom"),
        ftyp(b"heic", b"mif1", b"iso8"),
        ftyp(b"none"),
        b"%PDF-1.7",
        b"<html>",
    ],
)
def test_everything_else_is_neither(head: bytes) -> None:
    assert sniff_media(head) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_answered(head: bytes) -> None:
    assert sniff_media(head) is None or isinstance(sniff_media(head), Media)
