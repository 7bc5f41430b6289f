"""The page of the settings says which process reads which: the processes are run, and what they read is compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from scripts.setting_readers import BOT, SERVE, WORKER, readers

from enlarger.all_settings import Settings, settings_class
from enlarger.cli.service_parts import api, worker
from enlarger.infra.data_directory import DataDirectory
from tests.conftest import KEY
from tests.waiting import until


def recording(read: set[str], **given: object) -> Settings:
    """Settings with every provider set up, which note the names of those that are read."""
    kind = settings_class()

    class Recording(kind):  # type: ignore[misc, valid-type]
        def __getattribute__(self, name: str) -> Any:
            if name in kind.model_fields:
                read.add(name)
            return super().__getattribute__(name)

    keys = {"kie_api_key": "a", "replicate_api_token": "b", "fal_key": "c", "api_key": KEY}
    settings: Settings = Recording(**keys, **given)
    read.clear()
    return settings


def of(process: str) -> set[str]:
    return {name for name, who in readers().items() if process in who}


@pytest.mark.integration
async def test_what_serve_reads_is_documented(database_url: str, tmp_path: Path) -> None:
    read: set[str] = set()
    settings = recording(read, port=0, storage_url=str(tmp_path / "files"))
    async with api(settings, database_url) as running, httpx2.AsyncClient(base_url=running.url) as http:
        headers = {"Authorization": f"Bearer {KEY}"}
        await http.get("/api/v1/chat/credit", headers=headers)
        refused = {"model": "real-esrgan/fast", "input": {"image_url": "http://127.0.0.1/x.png"}}
        await http.post("/api/v1/jobs/createTask", json=refused, headers=headers)
        await http.post("/v1/images/generations", json={"model": "nothing", "prompt": "x"}, headers=headers)
        await http.get("/metrics", headers=headers)
    assert read - of(SERVE) == set()
    assert {"port", "bodies_mb", "http_status", "routes", "kie_concurrency"} <= read


@pytest.mark.integration
async def test_what_a_worker_reads_is_documented(database_url: str, tmp_path: Path) -> None:
    read: set[str] = set()
    settings = recording(read, storage_url=str(tmp_path / "files"))
    DataDirectory(settings.data_dir).prepare()
    async with worker(settings, database_url):

        async def has_begun() -> bool:
            return "tasks_days" in read

        await until(has_begun)
    assert read - of(WORKER) == set()
    assert {"patience", "worker_lease", "webhook_key", "kie_base_url", "fal_proxy", "engine_memory"} <= read


@pytest.mark.unit
def test_every_setting_is_read_by_a_process() -> None:
    assert [name for name, who in readers().items() if not who] == []
    assert of(BOT) >= {"bot_token", "refund_on_cancel"}
    assert readers()["storage_wait"] == (WORKER,)
    assert readers()["bodies_mb"] == (SERVE,)
    assert readers()["sandbox_seconds"] == (WORKER,)
