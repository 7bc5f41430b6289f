"""What enlarges pictures on this machine: GPUs, weights, engines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from enlarger.cli.doctor.finding import Finding, failed, ok, warning
from enlarger.cli.doctor.site import Site
from enlarger.errors import EngineUnavailable

if TYPE_CHECKING:
    from enlarger.engines.devices import Found
    from enlarger.providers.local.settings import LocalSettings

DEVICES_SECONDS = 45.0
"""A driver that hangs is given up after 30."""
_NODES = (("/dev/dri", "renderD*"), ("/dev", "nvidia[0-9]*"), ("/dev", "kfd"))


async def check_gpu(site: Site) -> Finding:
    """Which GPUs do the engines see?"""
    from enlarger.engines.backends import BACKENDS
    from enlarger.infra.threads import run_abandonable

    found = await run_abandonable(lambda: _devices(site.cache), seconds=DEVICES_SECONDS)
    nodes = [str(node) for folder, pattern in _NODES for node in sorted(Path(folder).glob(pattern))]
    return judge_gpus({name: one for name, one in found.items() if BACKENDS[name].gpu}, nodes)


def judge_gpus(found: dict[str, Found], nodes: list[str]) -> Finding:
    """Judge what the engines for GPUs found; `nodes` are the files by which Linux offers its GPUs."""
    usable: dict[str, list[str]] = {}
    for name, one in found.items():
        if one.device is not None and one.device.chosen_by_itself:
            usable.setdefault(one.device.name, []).append(name)
    if usable:
        return ok("; ".join(f"{device} ({', '.join(names)})" for device, names in usable.items()) + ".")
    if not nodes:
        return ok("None: pictures are enlarged by the CPU.")
    reasons = "; ".join(f"{name}: {one.why_not}" for name, one in found.items() if one.why_not)
    return warning(
        f"There is a GPU ({', '.join(nodes)}), and no engine can use it ({reasons}).",
        "Install its Vulkan driver, and let the user of the service use it (the groups `video` and `render`).",
    )


def _devices(cache: Path) -> dict[str, Found]:
    """What every engine runs on; what was not looked for before is not written down either."""
    from enlarger.engines.backends import BACKENDS
    from enlarger.engines.devices import are_known, find_devices

    if are_known(cache, BACKENDS):
        return find_devices(cache, BACKENDS)
    with tempfile.TemporaryDirectory(prefix="enlarger-doctor-") as folder:
        return find_devices(Path(folder), BACKENDS)


async def check_weights(site: Site) -> Finding:
    """Are the networks' weights on this machine?"""
    from enlarger.engines.networks import NETWORKS

    folders = _local(site).weights_folders
    missing: list[str] = []
    for network in NETWORKS.values():
        try:
            folders.locate(network.weights)
        except EngineUnavailable:
            if network.weights.package.bundled:
                raise
            missing.append(network.weights.package.name)
    here = len(NETWORKS) - len(missing)
    if not missing:
        return ok(f"Those of all {here} networks are here.")
    packages = ", ".join(dict.fromkeys(missing))
    return ok(f"Those of {here} of {len(NETWORKS)} networks are here; the rest is fetched when needed ({packages}).")


async def check_engines(site: Site) -> Finding:
    """Which engine is chosen, and was it measured?"""
    from enlarger.engines.backends import BACKENDS
    from enlarger.infra.threads import run_abandonable
    from enlarger.providers.local.inventory import measured_engines

    settings = _local(site)
    if settings.engine:
        found = (await run_abandonable(lambda: _devices(site.cache), seconds=DEVICES_SECONDS))[settings.engine]
        if found.device is None:
            return failed(
                f"ENLARGER_ENGINE is {settings.engine}, which does not run here: {found.why_not}.",
                "Name one that `enlarger engines` lists, or leave ENLARGER_ENGINE out.",
            )
    rows = await run_abandonable(lambda: measured_engines(settings), seconds=DEVICES_SECONDS)
    measured = [row for row in rows if row.megapixels_per_second is not None]
    if settings.engine:
        return ok(f"{settings.engine}, as ENLARGER_ENGINE says ({BACKENDS[settings.engine].precision}).")
    if not measured:
        return ok(
            "Not measured yet: the first picture does it, in about ten seconds; so does `enlarger engines measure`."
        )
    chosen: dict[str, list[str]] = {}
    for row in measured:
        if row.chosen:
            chosen.setdefault(row.engine, []).append(f"{row.network} {row.megapixels_per_second:.3g} MP/s")
    if not chosen:
        reasons = "; ".join(f"{row.engine}: {row.why_not}" for row in rows if row.why_not)
        return failed(f"No engine works here ({reasons}).", "`enlarger engines measure` tries them again.")
    return ok("; ".join(f"{engine} ({', '.join(networks)})" for engine, networks in chosen.items()) + ".")


def _local(site: Site) -> LocalSettings:
    from enlarger.providers.local.settings import LocalSettings

    settings = site.settings
    assert isinstance(settings, LocalSettings)  # the settings of a process are those of all providers
    return settings
