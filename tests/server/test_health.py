from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from enlarger.infra.database import Database
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.server.readiness import Readiness

_NOW = 0.0
"""How long an answer counts where every question is to have its own."""


class CountedStorage(Storage):
    """A storage that counts how often it is looked at."""

    looks = 0

    async def check(self) -> None:
        self.looks += 1
        await super().check()


class TestReadiness:
    @pytest.fixture
    async def service(self, service: Service, database: Database, storage: Storage) -> Service:
        return replace(service, readiness=Readiness(database, storage, seconds=_NOW))

    async def test_health_needs_no_key_and_tells_what_is_wrong(
        self, api: httpx2.AsyncClient, storage: Storage, tmp_path: Path
    ) -> None:
        for path in ("/healthz", "/readyz"):
            assert (await api.get(path, headers={"Authorization": ""})).status_code == 200
        folder = tmp_path / "storage"
        folder.rename(tmp_path / "away")
        folder.touch()
        response = await api.get("/readyz")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) >= 1
        assert response.json()["database"] == "ok"
        assert "cannot be stored" in response.json()["storage"]
        folder.unlink()
        (tmp_path / "away").rename(folder)
        assert (await api.get("/readyz")).status_code == 200


class TestCache:
    @pytest.fixture
    def storage(self, tmp_path: Path) -> CountedStorage:
        return CountedStorage(str(tmp_path / "storage"))

    @pytest.fixture
    async def service(self, service: Service, database: Database, storage: CountedStorage) -> Service:
        return replace(service, readiness=Readiness(database, storage, seconds=600))

    async def test_the_storage_is_looked_at_once_for_many_questions(
        self, api: httpx2.AsyncClient, storage: CountedStorage
    ) -> None:
        replies = await asyncio.gather(*(api.get("/readyz") for _ in range(20)))
        assert {reply.status_code for reply in replies} == {200}
        assert storage.looks == 1
