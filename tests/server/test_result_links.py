"""Results that come from the bucket itself (ENLARGER_RESULT_LINKS=storage), over real HTTP and a real S3 server."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.errors import ConfigurationError
from enlarger.infra.storage import Storage
from enlarger.server import Service
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.records import NewFile
from tests.s3 import S3
from tests.server.steps import PNG, create

pytestmark = S3


@pytest.fixture
def settings() -> Settings:
    return load_settings(result_links="storage")


@pytest.fixture
def storage(bucket: str) -> Storage:
    return Storage(f"s3://{bucket}/pictures")


async def keep(service: Service, *, task_id: str | None) -> str:
    """The link to a stored file: the result of a task, or an upload."""
    file_id, expires_at = secrets.token_hex(16), datetime.now(UTC) + timedelta(days=1)
    file = NewFile(
        id=file_id,
        account_id=DEFAULT,
        task_id=task_id,
        key=f"results/{file_id}/a.png",
        name="a.png",
        mime_type="image/png",
        size=len(PNG),
        sha256=bytes(32),
        expires_at=expires_at,
    )
    await service.storage.put(file.key, PNG, mime_type=file.mime_type)
    await service.files.add(file)
    return service.links.make(file_id, "a.png", expires_at)


async def test_a_results_link_leads_on_to_the_bucket(api: httpx2.AsyncClient, service: Service, s3_server: str) -> None:
    link = await keep(service, task_id=await create(api))
    first = await api.get(link, headers={"Authorization": ""})
    assert (first.status_code, first.headers["cache-control"]) == (307, "no-store")
    assert first.headers["location"].startswith(f"{s3_server}/")
    async with httpx2.AsyncClient(base_url=api.base_url, follow_redirects=True) as stranger:
        whole = await stranger.get(link)
        assert (whole.content, whole.headers["content-type"]) == (PNG, "image/png")
        part = await stranger.get(link, headers={"Range": "bytes=1-3"})
        assert (part.status_code, part.content) == (206, b"PNG")
        head = await stranger.head(link)
        assert (head.status_code, head.headers["content-length"], head.history) == (200, str(len(PNG)), [])


async def test_uploads_come_from_the_service(api: httpx2.AsyncClient, service: Service) -> None:
    response = await api.get(await keep(service, task_id=None))
    assert (response.status_code, response.content) == (200, PNG)


async def test_a_link_that_is_not_ours_leads_nowhere(api: httpx2.AsyncClient, service: Service) -> None:
    link = await keep(service, task_id=await create(api))
    assert (await api.get(link[:-3] + "abc")).status_code == 403
    await service.database.pool.execute("UPDATE files SET expires_at = now()")
    assert (await api.get(link)).status_code == 404


async def test_a_folder_cannot_send_results_itself(settings: Settings, service: Service, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ENLARGER_RESULT_LINKS=storage needs a bucket that signs"):
        await Service.open(settings, service.database, Storage(str(tmp_path)))
