"""What this machine, or the container we are in, lets an engine use."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from enlarger.errors import EngineOutOfMemory, StorageFull

_CGROUP = Path("/sys/fs/cgroup")
_MIB = 1 << 20


def available_cpus() -> int:
    """The processors this process may use: its affinity, cut by a container's CPU quota; at least 1."""
    try:
        cpus = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity call
        cpus = os.cpu_count() or 1
    quota = _read(_CGROUP / "cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit():
        cpus = min(cpus, max(1, round(int(quota[0]) / int(quota[1]))))
    return max(1, cpus)


def available_memory() -> int:
    """The bytes that can still be allocated: the machine's free memory, cut by a container's limit."""
    free = int(psutil.virtual_memory().available)
    for limit_file, usage_file in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        limit, usage = _read(_CGROUP / limit_file), _read(_CGROUP / usage_file)
        if limit.isdigit() and usage.isdigit():
            free = min(free, max(0, int(limit) - int(usage)))
    return free


def limit_memory(limit: int) -> None:
    """Let this process, and those that it starts, allocate no more than `limit` bytes, on a system that can do that."""
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def lift_memory_limit() -> None:
    """Take back what `limit_memory` has set, here or in the process that started this one."""
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


@contextmanager
def workspace_for(target: Path) -> Iterator[Path]:
    """A folder for raw pixels beside the file `target`; after an error `target` is not there."""
    with tempfile.TemporaryDirectory(prefix=".pixels-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def check_disk(folder: Path, needed: int) -> None:
    """Raise StorageFull when there is too little room now, EngineOutOfMemory when there can never be enough."""
    needed += 64 * _MIB
    usage = shutil.disk_usage(folder)
    if usage.free < needed:
        kind = EngineOutOfMemory if usage.total < needed else StorageFull
        raise kind(
            f"The disk under {folder.parent} has {usage.free >> 20} MiB free and this picture needs {needed >> 20}:"
            " free some space, or set ENLARGER_DATA_DIR to a larger disk."
        )


def peak_memory() -> int:
    """The most bytes that this process has held at once; 0 on a system that does not tell."""
    peaks = [line.split()[1] for line in _read(Path("/proc/self/status")).splitlines() if line.startswith("VmHWM:")]
    return int(peaks[0]) * 1024 if peaks else 0


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
