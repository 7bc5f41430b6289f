"""The devices of this machine's backends, found without loading a GPU's driver into this process.

Drivers print, and may crash or hang. So a process of its own asks them, and its answer is kept in the cache folder
until the machine is booted, or the drivers or libraries change.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
import psutil

from enlarger.engines.backend import Backend, Device
from enlarger.engines.limited_process import how_it_ended
from enlarger.engines.record import write_json
from enlarger.errors import EngineUnavailable

MEASURER = "enlarger.engines.measure"
_FILE = "devices.json"
_LONGEST_LOOK = 30.0
"""Seconds; a driver that takes longer hangs."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MANIFESTS = ("/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/etc/OpenCL/vendors")
"""Where the drivers of Vulkan and OpenCL announce themselves."""


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A backend's device, or why it has none."""

    backend: str
    device: Device | None = None
    why_not: str | None = None


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    drivers: str
    found: list[Found]


def find_devices(cache: Path, backends: Mapping[str, Backend], measurer: str = MEASURER) -> dict[str, Found]:
    """The devices of all backends, by the backends' names; `measurer` is the module that is run to look for them."""
    drivers = _describe_drivers(backends)
    kept = _read(cache, drivers)
    if kept is None:
        kept = _Kept(drivers=drivers, found=_look(list(backends), measurer))
        write_json(cache / _FILE, kept)
    return {one.backend: one for one in kept.found}


def are_known(cache: Path, backends: Mapping[str, Backend]) -> bool:
    """Whether `find_devices` has its answer already, so that it starts no process."""
    return _read(cache, _describe_drivers(backends)) is not None


def look(backend: Backend) -> Found:
    """Look for a backend's device in this process."""
    try:
        return Found(backend=backend.name, device=backend.device())
    except (EngineUnavailable, RuntimeError) as error:
        return Found(backend=backend.name, why_not=str(error))


def version_of(library: str) -> str:
    """The version of an installed package."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _read(cache: Path, drivers: str) -> _Kept | None:
    """Read what was found before; None if there is nothing, or if devices, drivers or libraries have changed since."""
    try:
        kept = msgspec.json.decode((cache / _FILE).read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if kept.drivers == drivers else None


def _look(names: Sequence[str], measurer: str) -> list[Found]:
    """Ask a process about one backend after the other; where it dies, a new one goes on with the next."""
    command = [sys.executable, "-m", measurer, "--devices", *names]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LONGEST_LOOK, check=False)
        printed, why_not = done.stdout, how_it_ended(done.returncode, done.stderr)
    except subprocess.TimeoutExpired as error:
        printed, why_not = error.stdout or b"", f"looking for it took longer than {_LONGEST_LOOK:.0f} seconds"
    found = [msgspec.json.decode(line, type=Found) for line in printed.splitlines()]
    if len(found) < len(names):
        found.append(Found(backend=names[len(found)], why_not=why_not))
    rest = names[len(found) :]
    return found + (_look(rest, measurer) if rest else [])


def _describe_drivers(backends: Mapping[str, Backend]) -> str:
    """A fingerprint that changes when a device, its driver or a library does."""
    parts = [_BOOT.read_text() if _BOOT.exists() else f"{psutil.boot_time():.0f}"]
    parts += [f"{backend.name} {version_of(backend.library)}" for backend in backends.values()]
    parts += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("VK_")]
    manifests = [file for folder in _MANIFESTS for file in sorted(Path(folder).glob("*"))]
    parts += [f"{file} {file.stat().st_mtime}" for file in manifests]
    nodes = [*sorted(Path("/dev/dri").glob("*")), *sorted(Path("/dev").glob("nvidia*"))]
    parts += [f"{node} {os.access(node, os.R_OK | os.W_OK)}" for node in nodes]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
