"""The service itself: its version, what it stores, and the settings in force."""

from __future__ import annotations

import asyncio
import platform
import shutil
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from enlarger._version import __version__
from enlarger.console.operate.access import OPERATE, render_page
from enlarger.console.operate.amounts import say_bytes, say_number
from enlarger.console.operate.charts import share
from enlarger.console.operate.settings_view import view_settings
from enlarger.console.rendering import translator_of
from enlarger.server.bodies import AnyRequest
from enlarger.server.dependencies import Service


@get(f"{OPERATE}/system")
async def show_system(request: AnyRequest, service: NamedDependency[Service]) -> Response[str]:
    """Show versions, storage in use and settings."""
    tr = translator_of(request, service)
    kinds = {
        "results": tr("Results"),
        "orphans": tr("Results that came too late"),
        "uploads": tr("Uploads"),
    }
    stored = {kept.kind: kept for kept in await service.usage.files()}
    database = await service.usage.database()
    folder = service.storage.folder
    files = [
        {
            "kind": title,
            "files": say_number(stored[kind].files if kind in stored else 0),
            "bytes": say_bytes(stored[kind].bytes if kind in stored else 0),
        }
        for kind, title in kinds.items()
    ]
    return render_page(
        request,
        service,
        "system",
        version=__version__,
        python=platform.python_version(),
        postgres=database.version,
        database_bytes=say_bytes(database.bytes),
        files=files,
        stored=say_bytes(sum(kept.bytes for kept in stored.values())),
        disk=await asyncio.to_thread(_disk, folder) if folder else None,
        settings=view_settings(service.settings, tr),
    )


def _disk(folder: Path) -> dict[str, Any] | None:
    """Return how full the disk of a folder is; None if that cannot be told."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return None
    used = share(disk.used, disk.total)
    return {"free": say_bytes(disk.free), "total": say_bytes(disk.total), "used": f"{used} %", "share": used}
