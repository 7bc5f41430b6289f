"""Results of versions that kept no ledger, known by name, size and date."""

from __future__ import annotations

import re
from pathlib import Path

from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.picture_size import size_of

_RESULT = re.compile(r"(.+)@([1248])x", re.DOTALL)
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def predates_ledger(path: Path, ledger: Ledger) -> bool:
    """Whether a file in a folder is an earlier version's result: `NAME@4x.jpg` beside the picture it was made from."""
    match = _RESULT.fullmatch(path.stem)
    if match is None:
        return False
    stem, factor = match.groups()
    return any(
        made_before_ledger(path.with_name(stem + suffix), path, factor, ledger)
        for suffix in dict.fromkeys((path.suffix, *_SUFFIXES, *map(str.upper, _SUFFIXES)))
    )


def made_before_ledger(source: Path, result: Path, factor: str, ledger: Ledger) -> bool:
    """Whether `result` has the time of a version without a ledger, and exactly `factor` times the source's size."""
    try:
        if not ledger.may_predate(result.stat().st_mtime_ns):
            return False
        before, after = size_of(source), size_of(result)
    except OSError:
        return False
    if before is None or after is None:
        return False
    width, height = before[0] * int(factor), before[1] * int(factor)
    return after in ((width, height), (height, width))  # a turned picture is written upright
