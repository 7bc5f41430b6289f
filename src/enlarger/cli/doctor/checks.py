"""All checks, in the order in which they are shown: each is a function in its topic's file, and a line here."""

from __future__ import annotations

from enlarger.cli.doctor import (
    database,
    disk,
    engines,
    machine,
    providers,
    public_url,
    settings,
    storage,
    traces,
    workers,
)
from enlarger.cli.doctor.check import Check
from enlarger.providers.registry import PROVIDERS

CHECKS: tuple[Check, ...] = (
    Check("settings", settings.check_settings),
    Check("python", machine.check_python),
    Check("cpu", machine.check_cpu),
    Check("gpu", engines.check_gpu, seconds=engines.DEVICES_SECONDS),
    Check("weights", engines.check_weights),
    Check("engines", engines.check_engines, seconds=engines.DEVICES_SECONDS),
    Check("open files", machine.check_open_files),
    Check("data directory", disk.check_data_directory),
    Check("disk", disk.check_disk),
    Check("service", disk.check_service),
    Check("database", database.check_database, seconds=database.SECONDS),
    Check("migrations", database.check_migrations, seconds=database.SECONDS),
    Check("clock", database.check_clock, seconds=database.SECONDS),
    Check("workers", workers.check_workers, seconds=database.SECONDS),
    Check("storage", storage.check_storage, seconds=storage.SECONDS),
    *(Check(f"provider {name}", providers.check_provider(name), seconds=providers.SECONDS) for name in PROVIDERS),
    Check("public url", public_url.check_public_url, seconds=database.SECONDS),
    Check("webhooks", public_url.check_webhooks),
    Check("traces", traces.check_traces),
)
