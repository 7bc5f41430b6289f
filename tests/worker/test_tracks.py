"""Results that are files and words about them: a song's tracks keep the ids that apps extend them by."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from enlarger.client.records import read_status
from enlarger.engines.media import empty_video
from enlarger.protocol.records import TaskRecord
from enlarger.tasks.wire import to_record
from tests.conftest import MakePhoto
from tests.worker.hosted import Floor, succeeded

A, B = "https://kie.example/a.mp3", "https://kie.example/b.mp3"
_HERE = "https://here.example"


async def finish(floor: Floor, *outputs: str, data: dict[str, Any]) -> TaskRecord:
    """The record of a task that KIE has finished, after its result was collected."""
    attempt = await floor.submit()
    assert attempt.provider_task_id is not None
    floor.kie.says = succeeded(attempt.provider_task_id, *outputs, data=data)
    attempt = await floor.poll(attempt)
    await floor.collector()(str(attempt.id))
    return to_record(await floor.task(attempt), floor.service.links, _HERE)


@pytest.mark.parametrize("name", ["audio_url", "audioUrl"])
async def test_tracks_keep_their_ids_and_lead_to_what_is_stored(floor: Floor, name: str) -> None:
    floor.kie.files = {A: [empty_video()], B: [empty_video()]}
    tracks = [{"id": "one", name: A, "title": "Rain"}, {"id": "none"}, "?", {"id": "two", name: B, "prompt": "la"}]
    record = await finish(floor, A, B, data={"data": tracks})
    result = json.loads(record.result_json)
    first, second = result["resultUrls"]
    assert first.startswith(_HERE + "/")
    assert result["data"] == [
        {"id": "one", name: first, "title": "Rain"}, {"id": "none"}, "?", {"id": "two", name: second, "prompt": "la"},
    ]  # fmt: skip
    status = read_status(msgspec.to_builtins(record))
    assert (status.urls, status.data) == ((first, second), {"data": result["data"]})


async def test_files_and_what_is_said_of_them_are_both_kept(floor: Floor, make_photo: MakePhoto) -> None:
    floor.kie.files[A] = [make_photo("made.png", 8, 8).read_bytes()]
    result = json.loads((await finish(floor, A, data={"faces": 2})).result_json)
    assert (len(result["resultUrls"]), result["resultObject"]) == (1, {"faces": 2})
