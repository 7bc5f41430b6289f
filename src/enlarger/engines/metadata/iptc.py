"""IPTC-IIM records (IIM 4.2) in the words of XMP, by the mapping of the IPTC Photo Metadata Standard."""

from __future__ import annotations

import re
from collections.abc import Iterator

from enlarger.engines.metadata.xmp import Property

_MARKER, _ENVELOPE, _APPLICATION, _CHARACTER_SET = 0x1C, 1, 2, 90
_UTF_8 = b"\x1b%G"
_DATE, _TIME = 55, 60
_MOST = 10_000
"""Values of a block that are read."""
_NAMES = {
    5: ("dc", "title", "Alt"),
    10: ("photoshop", "Urgency", ""),
    15: ("photoshop", "Category", ""),
    20: ("photoshop", "SupplementalCategories", "Bag"),
    25: ("dc", "subject", "Bag"),
    40: ("photoshop", "Instructions", ""),
    80: ("dc", "creator", "Seq"),
    85: ("photoshop", "AuthorsPosition", ""),
    90: ("photoshop", "City", ""),
    92: ("Iptc4xmpCore", "Location", ""),
    95: ("photoshop", "State", ""),
    100: ("Iptc4xmpCore", "CountryCode", ""),
    101: ("photoshop", "Country", ""),
    103: ("photoshop", "TransmissionReference", ""),
    105: ("photoshop", "Headline", ""),
    110: ("photoshop", "Credit", ""),
    115: ("photoshop", "Source", ""),
    116: ("dc", "rights", "Alt"),
    120: ("dc", "description", "Alt"),
    122: ("photoshop", "CaptionWriter", ""),
}
"""The property that each data set of the application record is in XMP: prefix, name, form."""


def properties_of(records: bytes) -> Iterator[Property]:
    """What `records` say, as properties of XMP; data sets without an equal are left out."""
    values: dict[int, list[bytes]] = {}
    is_utf_8 = False
    for record, number, value in _data_sets(records):
        if (record, number) == (_ENVELOPE, _CHARACTER_SET):
            is_utf_8 = value == _UTF_8
        elif record == _APPLICATION:
            values.setdefault(number, []).append(value)
    for number, (prefix, name, form) in _NAMES.items():
        if number in values:
            yield Property(prefix, name, form, tuple(_decoded(value, is_utf_8) for value in values[number]))
    date = _date(values.get(_DATE, [b""])[0].decode("latin-1"), values.get(_TIME, [b""])[0].decode("latin-1"))
    if date:
        yield Property("photoshop", "DateCreated", "", (date,))


def _data_sets(records: bytes) -> Iterator[tuple[int, int, bytes]]:
    """The record, number and value of each data set, as far as `records` are as they should be."""
    place = 0
    for _ in range(_MOST):
        size = int.from_bytes(records[place + 3 : place + 5], "big")
        start = place + 5
        if records[place : place + 1] != bytes((_MARKER,)) or size > 0x7FFF or start + size > len(records):
            break
        yield records[place + 1], records[place + 2], records[start : start + size]
        place = start + size


def _decoded(value: bytes, is_utf_8: bool) -> str:
    if is_utf_8:
        return value.decode(errors="replace")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _date(date: str, time: str) -> str | None:
    day = re.fullmatch(r"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", date)
    if not day:
        return None
    moment = re.fullmatch(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)(?:([+-]\d\d)(\d\d))?", time)
    zone = f"{moment[4]}:{moment[5]}" if moment and moment[4] else ""
    return "-".join(day.groups()) + (f"T{moment[1]}:{moment[2]}:{moment[3]}{zone}" if moment else "")
