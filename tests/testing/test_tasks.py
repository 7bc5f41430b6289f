"""Tasks of the stand-in over real HTTP: the hosted service's shapes, states, prices, limits and quirks."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from enlarger.testing import FAIL_MARKER, HandClock, StandIn
from tests.testing.caller import CREATE, CREDIT, PROMPT, RECORD, calling

_KEYS = [
    "taskId", "model", "state", "param", "resultJson", "failCode", "failMsg", "costTime", "completeTime", "createTime",
    "creditsConsumed",
]  # fmt: skip
_UNKNOWN = {"code": 422, "msg": "recordInfo is null", "data": None}


def test_create_task_answers_with_one_id_twice() -> None:
    with calling(StandIn()) as caller:
        response = caller.http.post(CREATE, json=PROMPT)
    reply = response.json()
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    assert response.headers["content-encoding"] == "gzip"
    assert reply == {"code": 200, "msg": "success", "data": {"taskId": reply["data"]["taskId"]} | reply["data"]}
    assert list(reply["data"]) == ["taskId", "recordId"]
    assert reply["data"]["taskId"] == reply["data"]["recordId"]
    assert len(bytes.fromhex(reply["data"]["taskId"])) == 16


def test_a_reply_is_plain_for_those_who_do_not_take_gzip() -> None:
    with calling(StandIn()) as caller:
        response = caller.http.get(CREDIT, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in response.headers


def test_a_task_waits_then_works_then_succeeds_by_the_clock() -> None:
    clock = HandClock(1_786_413_261.0)
    with calling(StandIn(seconds=21, clock=clock)) as caller:
        task_id = caller.create(callBackUrl="http://127.0.0.1:9/hook")
        waiting = caller.record(task_id)
        clock.advance(10)
        assert caller.record(task_id)["state"] == "generating"
        assert caller.service.charged == 0
        clock.advance(11)
        ended = caller.record(task_id)
        results_url = caller.service.results_url
    assert list(waiting) == list(ended) == _KEYS
    assert waiting == {
        "taskId": task_id,
        "model": "google/nano-banana",
        "state": "waiting",
        "param": waiting["param"],
        "resultJson": "",
        "failCode": None,
        "failMsg": None,
        "costTime": None,
        "completeTime": None,
        "createTime": 1_786_413_261_000,
        "creditsConsumed": 0.0,
    }
    param = json.loads(waiting["param"])
    assert list(param) == ["input", "callBackUrl", "model"]
    assert json.loads(param["input"]) == PROMPT["input"]
    assert ended == waiting | {
        "state": "success",
        "resultJson": json.dumps({"resultUrls": [f"{results_url}/results/{task_id}-0.png"]}, separators=(",", ":")),
        "costTime": 21,
        "completeTime": 1_786_413_282_000,
        "creditsConsumed": 4.0,
    }


def test_numbers_are_of_the_hosted_services_types() -> None:
    with calling(StandIn(seconds=0)) as caller:
        text = caller.http.get(RECORD, params={"taskId": caller.create()}).text
    assert '"costTime":0,' in text
    assert text.endswith('"creditsConsumed":4.0}}')


@pytest.mark.parametrize("mark", [True, False], ids=["by its input", "by fail_next"])
def test_a_task_can_be_made_to_fail_and_costs_nothing_then(mark: bool) -> None:
    with calling(StandIn(seconds=0)) as caller:
        if not mark:
            caller.service.fail_next("The picture is a GIF.", "422")
        prompt = FAIL_MARKER if mark else "A room"
        failed = caller.record(caller.create(PROMPT | {"input": {"prompt": prompt}}))
        assert (failed["failCode"], failed["failMsg"]) == (
            ("500", "Internal server error") if mark else ("422", "The picture is a GIF.")
        )
        assert failed["state"] == "fail"
        assert (failed["resultJson"], failed["costTime"], failed["creditsConsumed"]) == ("", 0, 0.0)
        assert (caller.service.charged, caller.service.credits) == (0.0, 5916.25)
        assert caller.record(caller.create())["state"] == "success"


def test_how_long_a_task_takes_can_depend_on_model_and_input() -> None:
    clock = HandClock()

    def seconds(model: str, input: Any) -> float:
        return 5.0 if (model, input["prompt"]) == ("google/nano-banana", "slow") else 0.0

    with calling(StandIn(seconds=seconds, clock=clock)) as caller:
        assert caller.record(caller.create())["state"] == "success"
        assert caller.record(caller.create(PROMPT | {"input": {"prompt": "slow"}}))["state"] == "waiting"


def test_results_are_pictures_that_need_no_key_and_are_kept_for_fourteen_days() -> None:
    clock = HandClock()
    with calling(StandIn(seconds=1, clock=clock)) as caller:
        task_id = caller.create()
        early = httpx2.get(f"{caller.service.results_url}/results/{task_id}-0.png")
        clock.advance(1)
        (url,) = caller.result_urls(task_id)
        response = httpx2.get(url)
        head = httpx2.head(url)
        clock.advance(14 * 86_400)
        late = httpx2.get(url)
    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert (head.headers["content-length"], head.content) == (str(len(response.content)), b"")
    assert (early.status_code, late.status_code) == (404, 404)


def test_a_model_gives_as_many_results_as_its_input_asks_for() -> None:
    body = {"model": "gpt-4o-image", "input": {}}
    with calling(StandIn(seconds=0)) as caller:
        models = caller.get("/api/v1/models")["data"]["models"]
        body["model"] = next(model["model"] for model in models if "4o" in model["model"])
        urls = caller.result_urls(caller.create(body | {"input": {"prompt": "x", "size": "1:1", "nVariants": 2}}))
        pictures = [httpx2.get(url).content for url in urls]
    assert len(set(pictures)) == 2


def test_a_video_model_gives_a_video_and_a_data_model_an_object() -> None:
    with calling(StandIn(seconds=0, credits=1e6)) as caller:
        models = caller.get("/api/v1/models")["data"]["models"]
        video = next(model["model"] for model in models if model["taskType"] == ["text-to-video"])
        example = caller.get(f"/api/v1/models/{video}/schema")["data"]["example"]
        (url,) = caller.result_urls(caller.create(example))
        assert httpx2.get(url).content[4:8] == b"ftyp"
        example = caller.get("/api/v1/models/grok-imagine-image-2-0/segment-map/schema")["data"]["example"]
        assert "resultObject" in json.loads(caller.record(caller.create(example))["resultJson"])


# What is refused


def test_a_wrong_key_is_told_before_all_else_and_without_data() -> None:
    with calling(StandIn()) as caller:
        response = caller.http.post(CREATE, content=b"{", headers={"Authorization": "Bearer wrong"})
        missing = httpx2.get(f"{caller.service.base_url}{CREDIT}").json()
    assert response.status_code == 200
    assert response.json() == missing == {"code": 401, "msg": "You do not have access permissions"}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"model": "nobody/nothing", "input": 5}, 422, "The model name you specified is not supported."),
        ({"model": "nano-banana", "input": {"prompt": "x"}}, 422, "The model name you specified is not supported."),
        ({"model": "real-esrgan/x4plus", "input": {}}, 422, "The model name you specified is not supported."),
        ({"input": {}}, 422, "The model name you specified is not supported."),
        ({"model": "google/nano-banana"}, 500, "input is required"),
        ({"model": "google/nano-banana", "input": {}}, 500, "prompt is required"),
        ({"model": "google/nano-banana", "input": {"prompt": "x", "aspect_ratio": "7:1"}}, 422, "aspect_ratio"),
        ({"model": "google/nano-banana", "input": {"prompt": "x"}, "callBackUrl": "hook"}, 422, "callBackUrl"),
        (
            {
                "model": "topaz/image-upscale",
                "input": {"image_url": "data:image/png;base64,iVBO", "upscale_factor": "2"},
            },
            422,
            "image_url must be a public http(s) URL",
        ),
        ([], 400, "The request body is not a JSON object"),
    ],
)
def test_what_is_wrong_with_a_task_is_http_200_and_a_body_code(body: Any, code: int, message: str) -> None:
    with calling(StandIn()) as caller:
        response = caller.http.post(CREATE, json=body)
        assert caller.service.tasks == ()
    reply = response.json()
    assert (response.status_code, reply["code"], reply["data"]) == (200, code, None)
    assert message in reply["msg"]


def test_a_body_that_is_not_json_is_refused() -> None:
    with calling(StandIn()) as caller:
        assert caller.http.post(CREATE, content=b"{").json()["code"] == 400


def test_a_paused_model_answers_with_the_hosted_services_words() -> None:
    with calling(StandIn()) as caller:
        reply = caller.post(CREATE, {"model": "sora-2-text-to-video", "input": {}})
    assert reply == {"code": 500, "msg": "This interface is temporarily paused.", "data": None}


def test_unknown_fields_are_no_matter() -> None:
    with calling(StandIn()) as caller:
        caller.create({"model": "google/nano-banana", "input": {"prompt": "x", "nothing": 1}}, progress=True)


def test_a_wrong_method_is_a_body_code() -> None:
    with calling(StandIn()) as caller:
        assert caller.get(CREATE)["code"] == 405


def test_an_unknown_task_is_a_null_record() -> None:
    with calling(StandIn()) as caller:
        response = caller.http.get(RECORD, params={"taskId": "0" * 32})
        assert (response.status_code, response.json()) == (200, _UNKNOWN)
        assert caller.get(RECORD) == _UNKNOWN


def test_a_new_task_is_a_null_record_for_a_moment() -> None:
    clock = HandClock()
    with calling(StandIn(visible_after=2, clock=clock)) as caller:
        task_id = caller.create()
        assert caller.get(RECORD, taskId=task_id) == _UNKNOWN
        clock.advance(2)
        assert caller.record(task_id)["state"] == "success"


@pytest.mark.parametrize(
    "path", ["/api/v1/jobs/getResult", "/v1/tasks/1/cancel", "/api/file-url-upload", "/", "/api/v1/jobs"]
)
def test_paths_that_the_hosted_service_does_not_have_are_real_404s(path: str) -> None:
    with calling(StandIn()) as caller:
        response = caller.http.get(path)
    assert response.status_code == 404
    assert list(response.json()) == ["timestamp", "status", "error", "path"]
    assert response.json()["path"] == path


# Credits, limits, idempotency


def test_credits_are_reserved_at_once_and_told_after_success() -> None:
    clock = HandClock()
    with calling(StandIn(credits=6.5, seconds=1, clock=clock)) as caller:
        caller.create()
        assert caller.get(CREDIT)["data"] == 6.5
        assert caller.post(CREATE, PROMPT)["code"] == 402
        clock.advance(1)
        assert caller.get(CREDIT) == {"code": 200, "msg": "success", "data": 2.5}
        assert caller.post(CREATE, PROMPT)["code"] == 402
        assert caller.service.charged == 4.0


def test_a_failed_task_releases_its_credits() -> None:
    with calling(StandIn(credits=4, seconds=0)) as caller:
        caller.service.fail_next()
        caller.create()
        caller.create()
        assert caller.post(CREATE, PROMPT)["code"] == 402


def test_twenty_tasks_in_ten_seconds_are_the_limit() -> None:
    clock = HandClock()
    with calling(StandIn(clock=clock)) as caller:
        for _ in range(20):
            caller.create()
        response = caller.http.post(CREATE, json=PROMPT)
        assert (response.status_code, response.json()["code"], response.json()["data"]) == (200, 429, None)
        clock.advance(10)
        caller.create()
        assert len(caller.service.tasks) == 21


def test_ten_queries_in_a_second_are_the_limit() -> None:
    clock = HandClock()
    with calling(StandIn(clock=clock)) as caller:
        task_id = caller.create()
        codes = [caller.get(RECORD, taskId=task_id)["code"] for _ in range(11)]
        assert codes == [200] * 10 + [429]
        clock.advance(1)
        caller.record(task_id)


def test_without_limits_nobody_asks_too_often() -> None:
    with calling(StandIn(clock=HandClock(), limits=False)) as caller:
        task_ids = [caller.create() for _ in range(21)]
        assert {caller.record(task_id)["state"] for task_id in task_ids} == {"waiting"}


def test_nothing_is_idempotent_and_nothing_says_so() -> None:
    with calling(StandIn()) as caller:
        responses = [caller.http.post(CREATE, json=PROMPT, headers={"Idempotency-Key": "one"}) for _ in range(2)]
        ids = [response.json()["data"]["taskId"] for response in responses]
        assert ids[0] != ids[1]
        assert "enlarger-extensions" not in responses[0].headers
        assert [task.id for task in caller.service.duplicates] == [ids[1]]


def test_idempotency_can_be_had_and_is_said_on_every_reply() -> None:
    with calling(StandIn(extensions=("idempotency-key",), clock=HandClock())) as caller:
        key = {"Idempotency-Key": "one"}
        first, again = (caller.http.post(CREATE, json=PROMPT, headers=key) for _ in range(2))
        other = caller.http.post(CREATE, json=PROMPT | {"input": {"prompt": "Another"}}, headers=key)
        assert first.json() == again.json()
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert other.json()["code"] == 422
        replies = [first, again, other, caller.http.get(CREDIT), caller.http.get("/nowhere")]
        assert {reply.headers["enlarger-extensions"] for reply in replies} == {"idempotency-key"}
        assert len(caller.service.tasks) == 1


def test_an_extension_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="does not have list"):
        StandIn(extensions=("list",))  # type: ignore[arg-type]


# Other routes


def test_a_download_link_is_good_for_twenty_minutes() -> None:
    clock = HandClock()
    with calling(StandIn(seconds=0, clock=clock)) as caller:
        (url,) = caller.result_urls(caller.create())
        link = caller.post("/api/v1/common/download-url", {"url": url})["data"]
        assert httpx2.get(link).content == httpx2.get(url).content
        clock.advance(20 * 60)
        assert httpx2.get(link).status_code == 404


def test_a_foreign_url_has_no_download_link() -> None:
    with calling(StandIn()) as caller:
        for url in ("https://example.com/a.png", f"{caller.service.results_url}/results/none-0.png"):
            reply = caller.post("/api/v1/common/download-url", {"url": url})
            assert reply == {"code": 422, "msg": "url is wrong", "data": None}


def test_the_catalogue_is_that_of_the_hosted_service() -> None:
    with calling(StandIn()) as caller:
        listed = caller.get("/api/v1/models")["data"]
        price = caller.get("/api/v1/models/google/nano-banana/price")["data"]
        unknown = [caller.get(f"/api/v1/models/{path}")["code"] for path in ("a/b/price", "google/nano-banana/x")]
    names = [model["model"] for model in listed["models"]]
    assert listed["total"] == len(names) > 100
    assert "google/nano-banana" in names
    assert not [name for name in names if name.startswith("real-esrgan/")]
    assert list(listed["models"][0]) == [
        "model", "slug", "title", "provider", "taskType", "description", "pricingDesc"
    ]  # fmt: skip
    assert price["pricingDesc"] == "4 credits per image"
    assert unknown == [404, 404]


def test_it_remembers_what_it_made_after_it_is_closed() -> None:
    with calling(StandIn(seconds=0)) as caller:
        task_id = caller.create()
        created = caller.service.tasks[0].created
    (task,) = caller.service.tasks
    assert (task.id, task.model, task.input, task.state, task.price) == (
        task_id, "google/nano-banana", PROMPT["input"], "success", 4.0,
    )  # fmt: skip
    assert task.created == created
    with pytest.raises(RuntimeError, match="once"):
        caller.service.__enter__()
