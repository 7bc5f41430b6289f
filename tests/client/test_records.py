"""Records as they come over the wire, in all their spellings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enlarger.client import Callback
from enlarger.client.records import read_models, read_status, read_upload, to_result
from enlarger.errors import ProtocolError, TaskFailed

_HOSTED = {
    "taskId": "5f488be792eafad4b066e21e5bc472c7",
    "model": "google/nano-banana",
    "state": "success",
    "param": '{"input":"{\\"prompt\\":\\"a room\\"}","model":"google/nano-banana","callBackUrl":"https://e.com/h"}',
    "resultJson": '{"resultUrls":["https://e.com/1.png","https://e.com/2.png"]}',
    "failCode": None,
    "failMsg": None,
    "costTime": 21,
    "completeTime": 1786413282000,
    "createTime": 1786413261000,
    "creditsConsumed": 4.5,
    "somethingNew": {"x": 1},
}


def test_the_hosted_services_record() -> None:
    status = read_status(_HOSTED)
    assert (status.ended, status.succeeded, status.failed) == (True, True, False)
    assert status.urls == ("https://e.com/1.png", "https://e.com/2.png")
    assert status.input == {"prompt": "a room"}
    assert status.callback_url == "https://e.com/h"
    assert (status.credits, status.seconds) == (4.5, 21)
    assert status.created_at == datetime(2026, 8, 11, 1, 54, 21, tzinfo=UTC)
    assert status["somethingNew"] == {"x": 1}
    assert status.get("nothing") is None


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        read_status(_HOSTED).state = "fail"  # type: ignore[misc]


@pytest.mark.parametrize("empty", ["", None, "{}", "not json", [], 7])
def test_a_record_without_a_result_has_none(empty: Any) -> None:
    status = read_status({**_HOSTED, "state": "generating", "resultJson": empty})
    assert (status.urls, status.data, status.ended) == ((), None, False)


@pytest.mark.parametrize(
    ("result", "urls", "data"),
    [
        ({"resultUrls": ["a"]}, ("a",), None),
        ('{"resultUrls":"a"}', ("a",), None),
        ('{"resultUrl":"a"}', ("a",), None),
        ('{"resultObject":{"text":"x"}}', (), {"text": "x"}),
        ('{"resultUrls":["a",null],"resultObject":{}}', ("a",), {}),
        ('{"text":"x","audioUrl":"y"}', (), {"text": "x", "audioUrl": "y"}),
    ],
)
def test_results_in_all_their_spellings(result: Any, urls: tuple[str, ...], data: Any) -> None:
    status = read_status({**_HOSTED, "resultJson": result})
    assert (status.urls, status.data, status.succeeded) == (urls, data, True)


def test_param_as_the_documents_have_it() -> None:
    status = read_status({**_HOSTED, "model": None, "param": {"input": {"prompt": "x"}, "model": "m"}})
    assert (status.input, status.model) == ({"prompt": "x"}, "m")


def test_a_failed_task_fails_in_the_providers_words() -> None:
    status = read_status({**_HOSTED, "state": "fail", "failCode": 501, "failMsg": "No way.", "resultJson": ""})
    with pytest.raises(TaskFailed, match="No way") as caught:
        to_result(status)
    assert (caught.value.code, caught.value.fail_code) == (501, "501")


def test_a_result_without_files_says_so() -> None:
    result = to_result(read_status({**_HOSTED, "resultJson": '{"resultObject":{"text":"x"}}'}))
    with pytest.raises(ProtocolError, match="made no file"):
        _ = result.url


def test_an_unknown_state_is_kept() -> None:
    status = read_status({**_HOSTED, "state": "pondering"})
    assert (status.state, status.ended) == ("pondering", False)


@pytest.mark.parametrize(
    "data", [None, [], "x", 3, {}, {"taskId": "x"}, {"state": "success"}, {"taskId": 3, "state": 4}]
)
def test_what_is_no_record_is_refused(data: Any) -> None:
    with pytest.raises(ProtocolError):
        read_status(data)


def test_uploads_and_models() -> None:
    file = read_upload({"fileName": "a.jpg", "downloadUrl": "https://e.com/a.jpg", "fileSize": 7, "new": 1})
    assert (file.url, file.size, file.raw["new"]) == ("https://e.com/a.jpg", 7, 1)
    assert read_upload({"fileUrl": "https://e.com/a.jpg"}).url == "https://e.com/a.jpg"
    with pytest.raises(ProtocolError):
        read_upload({"fileName": "a.jpg"})
    [model] = read_models({"total": 1, "models": [{"model": "m", "taskType": ["upscale"], "x": 1}, {"no": 1}]})
    assert (model.id, model.tasks, model.raw["x"]) == ("m", ("upscale",), 1)
    with pytest.raises(ProtocolError):
        read_models({"total": 1})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*_HOSTED, "progress", "updateTime"]), _JSON))
def test_whatever_comes_is_a_record_or_refused(fields: dict[str, Any]) -> None:
    try:
        status = read_status({**_HOSTED, **fields})
    except ProtocolError:
        return
    assert isinstance(status.urls, tuple)
    msgspec.json.encode(status.urls)


def test_a_record_prints_as_one_short_line() -> None:
    many = {
        **_HOSTED,
        "param": {"input": {"prompt": "x" * 5000}},
        "resultJson": {"resultUrls": ["https://e.com/1.png"]},
    }
    result = to_result(read_status(many))
    assert str(result) == repr(result) == (
        "Result(task_id='5f488be792eafad4b066e21e5bc472c7', model='google/nano-banana', urls=<1>,"
        " credits=4.5, seconds=21)"
    )  # fmt: skip
    records: list[Any] = [
        result,
        result.status,
        to_result(read_status({**_HOSTED, "resultJson": {"resultObject": {"text": "x" * 5000}}})),
        Callback(task=result.status, verified="asked"),
        read_upload({"downloadUrl": "https://e.com/1.png", "more": "x" * 5000}),
        *read_models([{"model": "m", "description": "x" * 5000}]),
    ]
    assert [record for record in records if len(str(record)) > 600 or "\n" in str(record)] == []
