"""This machine: Python, processor, open files."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from enlarger._version import __version__
from enlarger.cli.doctor.finding import Finding, failed, ok, warning
from enlarger.cli.doctor.site import Site

_OLDEST, _NEWEST = (3, 11), (3, 14)
_CPUINFO = Path("/proc/cpuinfo")
_TELLING = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "bf16")
"""What the engines use, as Linux names it."""
_FEW_FILES, _MANY_FILES = 256, 4096


async def check_python(_: Site) -> Finding:
    """Is this a Python that Enlarger is tested with?"""
    found = f"Enlarger {__version__} on Python {platform.python_version()}, {platform.platform()}"
    version = sys.version_info[:2]
    if _OLDEST <= version <= _NEWEST:
        return ok(f"{found}.")
    oldest, newest = (".".join(map(str, one)) for one in (_OLDEST, _NEWEST))
    return warning(f"{found}.", f"Use a Python from {oldest} to {newest}: these are tested.")


async def check_cpu(_: Site) -> Finding:
    """How many cores are there, and which instructions that engines use?"""
    from enlarger.engines.backend import this_cpu
    from enlarger.engines.resources import available_cpus

    flags = read_flags(_CPUINFO)
    cores = available_cpus()
    found = f"{this_cpu().name}, {cores} {'core' if cores == 1 else 'cores'} to use"
    if flags:
        found += f", with {', '.join(flags)}"
    if _CPUINFO.exists() and platform.machine() in ("x86_64", "AMD64") and "avx2" not in flags:
        return warning(
            f"{found}: without AVX2.", "Enlarging will be slow: use a newer CPU, a GPU, or a hosted provider."
        )
    return ok(f"{found}.")


def read_flags(cpuinfo: Path) -> list[str]:
    """The instructions that matter among those that the first processor has."""
    try:
        lines = cpuinfo.read_text(errors="replace").splitlines()
    except OSError:
        return []
    has = next((line for line in lines if line.startswith(("flags", "Features"))), "").partition(":")[2].split()
    return [name for name in _TELLING if name in has]


async def check_open_files(_: Site) -> Finding:
    """How many files may a service have open?"""
    if sys.platform == "win32":
        return ok("Windows has no such limit.")
    import resource

    return judge_open_files(*resource.getrlimit(resource.RLIMIT_NOFILE))


def judge_open_files(soft: int, hard: int) -> Finding:
    """Judge the limits of this process; -1 is none. A service raises its own to the hard one when it starts."""
    if hard < 0:
        return ok("There is no limit.")
    found = f"{hard} at most ({'without a limit' if soft < 0 else soft} now); a connection takes one, half are kept."
    remedy = "Raise the hard limit to 20000: `ulimit -Hn 20000`, or LimitNOFILE=20000 in the systemd unit."
    if hard < _FEW_FILES:
        return failed(found, remedy)
    return warning(found, remedy) if hard < _MANY_FILES else ok(found)
