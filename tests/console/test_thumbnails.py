"""Small pictures for lists."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
import pyvips

from enlarger.engines.thumbnail import SIDE, make_thumbnails
from enlarger.server import Service
from enlarger.server.upload_files import store_picture
from tests.console.steps import api_of, sign_in_as_administrator
from tests.pictures import photo, save
from tests.server.steps import create, finish


async def picture(service: Service, path: Path, *, account_id: str = "default") -> str:
    """Store a picture of 600x400 pixels, and return its id."""
    content = save(photo(600, 400), path / "a.png").read_bytes()
    return (await store_picture(service, account_id, content, name="a.png")).id


async def test_a_thumbnail_is_small_and_private_and_made_once(
    signed_in: httpx2.AsyncClient, service: Service, tmp_path: Path
) -> None:
    file_id = await picture(service, tmp_path)
    response = await signed_in.get(f"/console/thumbnails/{file_id}")
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"].startswith("private")
    image = pyvips.Image.new_from_buffer(response.content, "")
    assert (image.width, image.height) == (SIDE, 171)
    file = await service.files.get(file_id)
    assert file is not None
    await service.storage.delete(file.key)
    assert (await signed_in.get(f"/console/thumbnails/{file_id}")).content == response.content


async def test_a_thumbnail_is_for_its_own_account_and_administrators(
    signed_in: httpx2.AsyncClient, service: Service, tmp_path: Path
) -> None:
    await service.accounts.add("other", credits=None, create_limit=None, query_limit=None)
    file_id = await picture(service, tmp_path, account_id="other")
    refused = await signed_in.get(f"/console/thumbnails/{file_id}")
    assert (refused.status_code, refused.headers["content-type"]) == (404, "image/svg+xml")
    await sign_in_as_administrator(signed_in, service)
    assert (await signed_in.get(f"/console/thumbnails/{file_id}")).headers["content-type"] == "image/webp"


async def test_what_cannot_be_read_gets_a_placeholder(signed_in: httpx2.AsyncClient, service: Service) -> None:
    cut = await store_picture(service, "default", b"\x89PNG\r\n\x1a\n" + bytes(50), name="cut.png")
    response = await signed_in.get(f"/console/thumbnails/{cut.id}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
    assert (await signed_in.get(f"/console/thumbnails/{'a' * 32}")).status_code == 404


async def test_a_thumbnail_is_deleted_with_its_file(
    signed_in: httpx2.AsyncClient, service: Service, tmp_path: Path
) -> None:
    file_id = await picture(service, tmp_path)
    await signed_in.get(f"/console/thumbnails/{file_id}")
    [kept] = (tmp_path / "storage").rglob(f"{file_id}.webp")
    async with api_of(signed_in) as api:
        assert (await api.delete(f"/v1/files/{file_id}")).status_code == 200
    assert not kept.exists()


def test_a_picture_that_crashes_the_process_does_not_affect_the_others(tmp_path: Path) -> None:
    save(photo(300, 200), tmp_path / "good.png").rename(tmp_path / "good.source")
    names = ["missing", "good"]  # opening what is not there ends the process
    assert make_thumbnails(tmp_path, names) == ["missing"]
    assert (tmp_path / "good.webp").stat().st_size > 100


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".tif", ".gif"])
def test_every_usual_format_has_thumbnails(tmp_path: Path, suffix: str) -> None:
    image = pyvips.Image.black(700, 10, bands=3).copy(interpretation="srgb")
    image.write_to_file(str(tmp_path / f"a{suffix}"))
    (tmp_path / f"a{suffix}").rename(tmp_path / "a.source")
    assert make_thumbnails(tmp_path, ["a"]) == []
    made = pyvips.Image.new_from_file(str(tmp_path / "a.webp"))
    assert (made.width, made.bands) == (SIDE, 3)


async def test_the_list_shows_thumbnails_and_no_whole_pictures(signed_in: httpx2.AsyncClient, service: Service) -> None:
    async with api_of(signed_in) as api:
        await finish(service, await create(api))
    page = (await signed_in.get("/console/tasks")).text
    [shown] = re.findall(r'<img src="(/console/thumbnails/[^"]+)"', page)
    assert (await signed_in.get(shown)).status_code == 200
    assert "/files/" not in page
