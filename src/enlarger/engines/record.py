"""What was measured of this machine's engines, as it is kept in the cache folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from enlarger.atomic_files import write_atomically

_FILE = "engines.json"


class Measurement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a backend ran a network here, or why it did not."""

    backend: str
    precision: str
    device: str = ""
    megapixels: float | None = None
    """Of the output, in a second."""
    decibels: float | None = None
    """The PSNR of its output against that in 32-bit floats; None for the reference itself."""
    why_not: str | None = None
    """Why it cannot be chosen."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """All measurements of a machine, by the networks' names."""

    machine: str
    """A fingerprint of what they depend on."""
    networks: dict[str, list[Measurement]]


def read_record(cache: Path) -> Record | None:
    """The record, be it of this machine or of what it was before; None when there is none, or a damaged one."""
    try:
        return msgspec.json.decode((cache / _FILE).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def write_record(cache: Path, record: Record) -> None:
    """Keep a record."""
    write_json(cache / _FILE, record)


def write_json(file: Path, content: msgspec.Struct) -> None:
    """Write a file of the cache folder; where the disk is full, what it holds is found out again."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, msgspec.json.format(msgspec.json.encode(content)))
