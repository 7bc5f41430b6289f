"""The data directory, the disk that it is on, and the service that holds it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import httpx2

from enlarger.cli.doctor.finding import Finding, failed, ok, skipped, warning
from enlarger.cli.doctor.site import Site
from enlarger.errors import DataDirectoryError

_LEAST_BYTES, _FEW_BYTES = 512 << 20, 5 << 30
_LEAST_INODES, _FEW_INODES = 1_000, 50_000
_ANSWER_SECONDS = 12.0
"""A service looks at its database and storage for up to ten."""


async def check_data_directory(site: Site) -> Finding:
    """Is it ours, and can we write to it?"""
    from enlarger.infra.threads import run_abandonable

    return await run_abandonable(lambda: _judge_data_directory(site))


def _judge_data_directory(site: Site) -> Finding:
    data = site.data
    if not os.path.lexists(data.path):
        parent = nearest_folder(data.path)
        if not os.access(parent, os.W_OK | os.X_OK):
            raise DataDirectoryError(
                f"{data.path} does not exist and cannot be made, because {parent} is not writable for this user:"
                " choose another one with ENLARGER_DATA_DIR."
            )
        return ok(f"{data.path} does not exist yet; the first service makes it.")
    try:
        empty = not any(data.path.iterdir())
    except OSError as error:
        raise DataDirectoryError(
            f"{data.path} cannot be read ({error.strerror}): run this as the user of the service, or choose another"
            " directory with ENLARGER_DATA_DIR."
        ) from error
    if not empty:
        data.require()
    for folder in (data.path, data.files, data.work, data.cache):
        if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise DataDirectoryError(
                f"{folder} is not writable for this user: give it to the user of the service with `chown`, or run this"
                " as that user."
            )
    return ok(f"{data.path}{' is empty' if empty else ''}.")


def nearest_folder(path: Path) -> Path:
    """The path itself, or the nearest folder above it that exists."""
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path(path.anchor))


async def check_disk(site: Site) -> Finding:
    """How much room is there on the disk of the data directory?"""
    from enlarger.infra.threads import run_abandonable

    folder = site.data.path
    return await run_abandonable(lambda: look_at_disk(folder))


def look_at_disk(folder: Path) -> Finding:
    """Judge the disk that a folder is on, or will be on."""
    place = nearest_folder(folder)
    disk = shutil.disk_usage(place)
    inodes: tuple[int, int] | None = None
    if sys.platform != "win32":
        status = os.statvfs(place)
        inodes = (status.f_favail, status.f_files) if status.f_files else None  # Btrfs has none to run out of
    return judge_disk(place, disk.free, disk.total, inodes)


def judge_disk(place: Path, free: int, total: int, inodes: tuple[int, int] | None) -> Finding:
    """Judge free and all bytes, and free and all inodes where there is such a number."""
    found = f"{free / (1 << 30):.1f} of {total / (1 << 30):.1f} GiB free under {place}"
    if inodes is not None:
        found += f", {inodes[0]} of {inodes[1]} inodes"
    remedy = "Free some space, keep results for fewer days (ENLARGER_RESULTS_DAYS), or move ENLARGER_DATA_DIR."
    free_inodes = inodes[0] if inodes is not None else _FEW_INODES
    if free < _LEAST_BYTES or free_inodes < _LEAST_INODES:
        return failed(f"{found}.", remedy)
    if free < _FEW_BYTES or free_inodes < _FEW_INODES:
        return warning(f"{found}.", remedy)
    return ok(f"{found}.")


async def check_service(site: Site) -> Finding:
    """Does the service that holds the data directory answer, and can it work?"""
    holder = site.data.holder()
    if holder is None:
        return skipped("No service runs on this data directory.", "`enlarger up` starts one.")
    if holder.url is None:
        return ok(f"Process {holder.pid} holds the data directory, and is starting or does other work.")
    async with httpx2.AsyncClient(trust_env=False, timeout=_ANSWER_SECONDS) as http:
        try:
            reply = await http.get(f"{holder.url}/readyz")
            told = reply.json()
        except (httpx2.HTTPError, ValueError) as error:
            return failed(
                f"Process {holder.pid} does not answer at {holder.url} ({type(error).__name__}).",
                "Look at its log, and restart it.",
            )
    if reply.is_success:
        return ok(f"Process {holder.pid} answers at {holder.url}, and can work.")
    wrong = "; ".join(f"{name}: {words}" for name, words in told.items() if words != "ok" and name != "status")
    return failed(f"Process {holder.pid} answers at {holder.url}, and cannot work ({wrong}).", "Mend these first.")
