"""The stand-in of Replicate, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from standardwebhooks.webhooks import Webhook

from enlarger.testing import FAIL_MARKER, Fate, HandClock, InjectedFault, ReplicateStandIn
from enlarger.testing.pictures import draw_picture
from enlarger.testing.replicate.models import version_of
from tests.testing.test_callbacks import Receiver, listening

BANANA = "google/nano-banana"
CREATE = f"/models/{BANANA}/predictions"
PRICES = {BANANA: 0.04}


class Caller:
    def __init__(self, service: ReplicateStandIn, http: httpx2.Client) -> None:
        self.service = service
        self.http = http

    def post(self, prompt: str = "A bright room", path: str = CREATE, **more: Any) -> httpx2.Response:
        headers = more.pop("headers", {})
        return self.http.post(path, json={"input": {"prompt": prompt}, **more}, headers=headers)

    def create(self, prompt: str = "A bright room", **more: Any) -> str:
        response = self.post(prompt, **more)
        assert response.is_success, response.text
        return str(response.json()["id"])

    def get(self, prediction_id: str) -> dict[str, Any]:
        response = self.http.get(f"/predictions/{prediction_id}")
        assert response.status_code == 200, response.text
        record: dict[str, Any] = response.json()
        return record


@contextmanager
def calling(**options: Any) -> Iterator[Caller]:
    service = ReplicateStandIn(**{"prices": PRICES, **options})
    headers = {"Authorization": f"Bearer {service.api_token}"}
    with service, httpx2.Client(base_url=service.base_url, headers=headers, trust_env=False) as http:
        yield Caller(service, http)


# Predictions


def test_a_prediction_goes_through_its_states_to_a_picture() -> None:
    clock = HandClock()
    with calling(seconds=8, clock=clock) as caller:
        response = caller.post()
        prediction_id = response.json()["id"]
        assert (response.status_code, response.json()["status"]) == (201, "starting")
        clock.advance(3)
        running = caller.get(prediction_id)
        assert (running["status"], running["output"], running["completed_at"]) == ("processing", None, None)
        clock.advance(5)
        done = caller.get(prediction_id)
        assert (done["status"], done["model"], done["error"]) == ("succeeded", BANANA, None)
        assert done["metrics"] == {"predict_time": 6.0, "total_time": 8.0}
        picture = httpx2.get(done["output"], trust_env=False)
        assert picture.content == draw_picture(f"{prediction_id}-0.png")
        assert caller.service.charged == 0.04


def test_what_was_made_is_deleted_after_an_hour() -> None:
    clock = HandClock()
    with calling(seconds=0, clock=clock) as caller:
        prediction_id = caller.create()
        url = caller.get(prediction_id)["output"]
        clock.advance(3600)
        record = caller.get(prediction_id)
        assert (record["status"], record["output"], record["input"], record["data_removed"]) == (
            "succeeded", None, {}, True,
        )  # fmt: skip
        assert httpx2.get(url, trust_env=False).status_code == 404
        assert caller.service.charged == 0.04


def test_a_version_can_be_named_instead_of_a_model() -> None:
    with calling(seconds=0) as caller:
        for version in (BANANA, version_of(BANANA), f"{BANANA}:{version_of(BANANA)}"):
            assert caller.get(caller.create(path="/predictions", version=version))["model"] == BANANA
        assert caller.post(path="/predictions", version="nothing").status_code == 422


def test_a_prediction_can_fail_and_costs_nothing() -> None:
    with calling(seconds=0) as caller:
        caller.service.fail_next("NSFW content detected.")
        failed = [caller.get(caller.create()), caller.get(caller.create(f"a {FAIL_MARKER}"))]
        assert [record["status"] for record in failed] == ["failed", "failed"]
        assert failed[0]["error"] == "NSFW content detected."
        assert caller.service.charged == 0


def test_a_prediction_can_be_called_off() -> None:
    clock = HandClock()
    with calling(seconds=60, clock=clock) as caller:
        prediction_id = caller.create()
        clock.advance(30)
        assert caller.http.post(f"/predictions/{prediction_id}/cancel").json()["status"] == "canceled"
        clock.advance(60)
        assert caller.get(prediction_id)["status"] == "canceled"
        assert caller.service.charged == 0


@pytest.mark.parametrize(("header", "status"), [("10s", "aborted"), ("30", "canceled"), ("1m", "succeeded")])
def test_cancel_after_ends_what_takes_too_long(header: str, status: str) -> None:
    clock = HandClock()
    with calling(seconds=60, clock=clock) as caller:
        prediction_id = caller.create(headers={"Cancel-After": header})
        clock.advance(60)
        assert caller.get(prediction_id)["status"] == status


def test_the_list_has_pages_and_the_newest_first() -> None:
    with calling(seconds=0, page_size=2) as caller:
        made = [caller.create(f"room {number}") for number in range(5)]
        url, listed = f"{caller.service.base_url}/predictions", []
        while url:
            page = caller.http.get(url).json()
            listed += [record["id"] for record in page["results"]]
            url = page["next"]
        assert listed == made[::-1]
        assert caller.http.get("/predictions", params={"cursor": "?"}).status_code == 400


def test_a_client_can_wait_for_the_end() -> None:
    with calling(seconds=0.05) as caller:
        assert caller.post(headers={"Prefer": "wait=5"}).json()["status"] == "succeeded"
    with calling(seconds=60, clock=HandClock()) as caller:
        response = caller.post(headers={"Prefer": "wait=5"})
        assert (response.status_code, response.json()["output"]) == (202, None)
    with calling(seconds=0) as caller:
        caller.service.script("create", [InjectedFault.EMPTY_RESULT])
        record = caller.post(headers={"Prefer": "wait"}).json()
        assert (record["status"], record["output"]) == ("succeeded", None)


def test_paying_twice_is_seen() -> None:
    with calling(seconds=0) as caller:
        caller.create("one")
        again = caller.create("one")
        caller.create("two")
        assert [prediction.id for prediction in caller.service.duplicates] == [again]
        assert caller.service.charged == 0.12


# Refusals


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/models/nobody/nothing/predictions", {"input": {}}, 404),
        (CREATE, {"input": {}}, 422),
        (CREATE, {}, 422),
        (CREATE, [], 400),
        (
            "/models/topazlabs/image-upscale/predictions",
            {"input": {"image": "https://a.b/c", "upscale_factor": "2"}},
            422,
        ),
        ("/predictions", {"input": {"prompt": "a"}}, 422),
        (CREATE, {"input": {"prompt": "a"}, "webhook_events_filter": ["never"]}, 422),
    ],
)
def test_what_is_wrong_is_refused_with_a_real_status(path: str, body: Any, status: int) -> None:
    with calling() as caller:
        response = caller.http.post(path, json=body)
        assert (response.status_code, response.json()["status"]) == (status, status)
        assert response.json()["title"]
        assert not caller.service.predictions


def test_a_wrong_token_and_an_empty_account_are_refused() -> None:
    with calling(credit=0.05, seconds=60) as caller:
        wrong = caller.http.get("/account", headers={"Authorization": "Bearer x"})
        assert (wrong.status_code, wrong.json()["title"]) == (401, "Unauthenticated")
        caller.create()
        assert caller.post().status_code == 402
        assert caller.http.get("/nothing").status_code == 404
        assert caller.http.delete("/account").status_code == 405


def test_too_many_in_a_minute_are_refused() -> None:
    clock = HandClock()
    with calling(seconds=0, clock=clock) as caller:
        statuses = [caller.post().status_code for _ in range(601)]
        assert statuses == [201] * 600 + [429]
        clock.advance(60)
        assert caller.post().status_code == 201


# Files


def test_a_file_can_be_left_and_read_again() -> None:
    clock = HandClock()
    with calling(clock=clock) as caller:
        response = caller.http.post("/files", files={"content": ("a b.png", b"\r\nbytes\xff", "image/png")})
        record = response.json()
        assert (response.status_code, record["name"], record["size"]) == (201, "a b.png", 8)
        assert caller.http.get(record["urls"]["get"]).json() == record
        assert caller.http.get(f"{record['urls']['get']}/download").content == b"\r\nbytes\xff"
        assert httpx2.get(record["urls"]["get"], trust_env=False).status_code == 401
        clock.advance(86_400)
        assert caller.http.get(record["urls"]["get"]).status_code == 404


# Webhooks


def test_an_end_is_announced_and_signed_until_somebody_takes_it() -> None:
    with listening(Receiver(503)) as receiver, calling(seconds=0) as caller:
        prediction_id = caller.create(webhook=receiver.url, webhook_events_filter=["completed"])
        caller.service.wait_for_callbacks(2)
        key = caller.http.get("/webhooks/default/secret").json()["key"]
        record = caller.get(prediction_id)
    assert key == caller.service.webhook_key
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert Webhook(key).verify(second.body, dict(second.headers)) == record


def test_the_start_is_announced_where_nobody_says_otherwise() -> None:
    clock = HandClock()
    with listening(Receiver()) as receiver, calling(seconds=4, clock=clock) as caller:
        caller.create(webhook=receiver.url)
        clock.advance(1)
        caller.service.wait_for_callbacks(1)
        clock.advance(3)
        caller.service.wait_for_callbacks(2)
    assert [json.loads(request.body)["status"] for request in receiver.requests] == ["processing", "succeeded"]


def test_what_is_called_off_is_announced_once() -> None:
    clock = HandClock()
    with listening(Receiver()) as receiver, calling(seconds=9, clock=clock) as caller:
        prediction_id = caller.create(webhook=receiver.url, webhook_events_filter=["completed"])
        caller.http.post(f"/predictions/{prediction_id}/cancel")
        caller.service.wait_for_callbacks(1)
        clock.advance(60)
        caller.create("another", webhook=receiver.url, webhook_events_filter=["completed"])
        clock.advance(9)
        caller.service.wait_for_callbacks(2)
    bodies = [json.loads(request.body) for request in receiver.requests]
    assert [body["status"] for body in bodies] == ["canceled", "succeeded"]


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (InjectedFault.BAD_GATEWAY, 502), (InjectedFault.FORBIDDEN, 403), (InjectedFault.TOO_MANY, 429),
        (InjectedFault.SERVER_ERROR, 500),
        (InjectedFault.MAINTENANCE, 503), (InjectedFault.ERROR_AFTER, 500),
    ],
)  # fmt: skip
def test_a_fault_has_a_real_status(fault: InjectedFault, status: int) -> None:
    with calling() as caller:
        caller.service.script("create", [fault], retry_after=7)
        response = caller.post()
        assert response.status_code == status
        assert response.headers.get("retry-after") == ("7" if fault is InjectedFault.TOO_MANY else None)
        assert len(caller.service.predictions) == (fault is InjectedFault.ERROR_AFTER)
        assert caller.service.requests.latest[0].fault is fault


def test_a_fate_is_that_of_one_prediction() -> None:
    def fate(model: str, input: Any) -> Fate:
        return (
            Fate(polls=(InjectedFault.NULL_RECORD, None, InjectedFault.EMPTY_RESULT))
            if input["prompt"] == "bad"
            else Fate()
        )

    with calling(seconds=0, fate=fate) as caller:
        bad, good = caller.create("bad"), caller.create("good")
        assert caller.get(good)["output"]
        assert caller.http.get(f"/predictions/{bad}").status_code == 404
        assert caller.get(bad)["output"]
        assert caller.get(bad)["output"] is None
        assert caller.get(bad)["output"]
