"""Names of files that come from somewhere else."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_LONGEST = 120
_LONGEST_SUFFIX = 20
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f<>:\"|?*#%&]")


def safe_name(name: str, *, otherwise: str) -> str:
    """A file's name without folders and without characters that some system cannot have, and not too long.

    A name of which nothing is left is `otherwise`.
    """
    base = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    clean = _NOT_IN_NAMES.sub("_", base.encode("utf-8", "replace").decode()).strip(". ")
    suffix = PurePosixPath(clean).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    return (clean.removesuffix(suffix)[: _LONGEST - len(suffix)] + suffix) or otherwise


def safe_folders(path: str) -> list[str]:
    """The folders of a path that comes from somewhere else, each as `safe_name` has it; `.` and `..` lead nowhere."""
    folders = (safe_name(part, otherwise="") for part in path.replace("\\", "/").split("/"))
    return [folder for folder in folders if folder]
