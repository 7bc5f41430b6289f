"""The whole service with its pictures in a bucket of a real S3 server."""

from __future__ import annotations

import json

import httpx2
import pytest

from tests.acceptance.conftest import Start
from tests.acceptance.services import START_SECONDS
from tests.conftest import MakePhoto
from tests.pictures import load
from tests.s3 import S3, SECRET, keys_in
from tests.waiting import until

_KEPT_SECONDS = 10


@S3
@pytest.mark.usefixtures("used")
async def test_a_result_is_made_in_a_bucket_given_out_by_it_and_removed_again(
    start: Start, make_photo: MakePhoto, bucket: str, s3_server: str
) -> None:
    command = await start(
        "up",
        "--port",
        "0",
        ENLARGER_STORAGE_URL=f"s3://{bucket}/pictures",
        ENLARGER_RESULT_LINKS="storage",
        ENLARGER_RESULTS_DAYS=str(_KEPT_SECONDS / 86_400),
        ENLARGER_WORKER_LEASE="1",
    )
    await until(command.says("recordInfo?taskId"), seconds=START_SECONDS)
    headers = {"Authorization": f"Bearer {command.after('key   ')}"}
    async with httpx2.AsyncClient(base_url=command.after("API   "), headers=headers, timeout=90) as client:
        photo = make_photo("photo.png", 40, 30)
        files = {"file": ("photo.png", photo.read_bytes())}
        upload = await client.post("/api/file-stream-upload", data={"uploadPath": "a"}, files=files)
        url = upload.json()["data"]["downloadUrl"]
        body = {"model": "real-esrgan/fast", "input": {"image_url": url, "upscale_factor": "2"}}
        made = await client.post("/api/v1/jobs/createTask", json=body, headers={"Prefer": "wait=60"})
        record = made.json()["data"]["record"]
        assert record["state"] == "success"
        (link,) = json.loads(record["resultJson"])["resultUrls"]
        response = await client.get(link, follow_redirects=True)
        assert str(response.url).startswith(f"{s3_server}/")
        assert response.headers["content-type"] == "image/png"
        photo.write_bytes(response.content)
        assert load(photo).shape == (60, 80, 3)
        keys = keys_in(s3_server, bucket)
        assert {key.split("/")[1] for key in keys} == {"uploads", "results"}
        result = next(key for key in keys if key.endswith(f"{record['taskId']}.png"))

        async def removed() -> bool:
            return result not in keys_in(s3_server, bucket)

        await until(removed)
        await until(command.says('"kind": "results"'))
        gone = await client.get(link, follow_redirects=True)
        assert gone.status_code == 410
    assert any('"swept"' in line and '"files": 1' in line for line in command.err)
    assert SECRET not in command.text
