"""The preference `wait` of the header `Prefer` (RFC 7240): how long a reply may take so that it can say more."""

from __future__ import annotations

import re

PREFER = "Prefer"
"""May be there several times, which is the same as once with commas."""
PREFERENCE_APPLIED = "Preference-Applied"
WAIT = "wait"
LONGEST_WAIT = 60
"""Seconds; more is taken for this much, because on the way connections are cut that are silent for longer."""

_PART = r'(?:"(?:[^"\\]|\\.)*"|[^",])*'
_PARTS = re.compile(_PART)
_WHOLE = re.compile(f"{_PART}(?:,{_PART})*")
_WAIT = re.compile(r'wait\s*=\s*("?)([0-9]{1,9})\1\s*(?:;.*)?', re.IGNORECASE | re.ASCII | re.DOTALL)
_NAME = re.compile(r"\s*([^\s=;]*)")


def read_wait(header: str) -> int | None:
    """The seconds that a request is willing to wait, at most 60; None when it does not say so, or not as it should.

    Of a preference that is given twice the first one counts, as the RFC has it.
    """
    if not _WHOLE.fullmatch(header):
        return None
    for part in _PARTS.findall(header):
        name = _NAME.match(part)
        if name and name[1].lower() == WAIT:
            match = _WAIT.fullmatch(part.strip())
            return min(int(match[2]), LONGEST_WAIT) if match else None
    return None
