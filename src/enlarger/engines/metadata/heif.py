"""What the container of AVIF and HEIC (ISO/IEC 14496-12) says of colours; their decoders hand over everything else."""

from __future__ import annotations

from typing import BinaryIO

from enlarger.engines.metadata.blocks import MAX_BLOCK

_MOST_BOXES = 100
_NCLX = b"colrnclx"
_USUAL = {(1, 13), (2, 2), (2, 13), (1, 2)}
"""Primaries and transfer function (ITU-T H.273) of sRGB, and of what is taken for it."""


def read_colour(file: BinaryIO) -> tuple[tuple[bytes, bytes], ...]:
    """What a file says of its colours, as the chunk `cICP` of a PNG; empty for sRGB and where there is a profile.

    The pixels that decoders hand over are RGB of full range, so the matrix and range of the file are not said.
    """
    for _ in range(_MOST_BOXES):
        head = file.read(8)
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8 or not size >= 8:
            break
        if head[4:] != b"meta":
            file.seek(size - 8, 1)
            continue
        content = file.read(min(size - 8, MAX_BLOCK))
        numbers = content.partition(_NCLX)[2][:7]
        if len(numbers) < 7 or b"colrprof" in content or b"colrrICC" in content:
            break
        primaries, transfer = int.from_bytes(numbers[:2], "big"), int.from_bytes(numbers[2:4], "big")
        if (primaries, transfer) in _USUAL or max(primaries, transfer) > 0xFF:
            break
        return ((b"cICP", bytes((primaries, transfer, 0, 1))),)
    return ()
