"""The stand-in of fal, over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from enlarger.testing import FAIL_MARKER, FalStandIn, Fate, HandClock, InjectedFault
from tests.testing.test_callbacks import Receiver, listening

EDIT = "/fal-ai/nano-banana/edit"
ROOM = "https://example.com/room.jpg"
PRICES = {EDIT[1:]: 0.04}


class Caller:
    def __init__(self, service: FalStandIn, http: httpx2.Client) -> None:
        self.service = service
        self.http = http

    def submit(self, prompt: str = "A bright room", *, path: str = EDIT, **headers: str) -> httpx2.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(path, json={"prompt": prompt, "image_urls": [ROOM]}, headers=names)

    def take(self, prompt: str = "A bright room", **headers: str) -> dict[str, Any]:
        response = self.submit(prompt, **headers)
        assert response.status_code == 200, response.text
        made: dict[str, Any] = response.json()
        return made


@contextmanager
def calling(**options: Any) -> Iterator[Caller]:
    service = FalStandIn(**{"prices": PRICES, **options})
    headers = {"Authorization": f"Key {service.api_key}"}
    with service, httpx2.Client(base_url=service.base_url, headers=headers, trust_env=False) as http:
        yield Caller(service, http)


def test_a_request_goes_through_its_states_to_a_picture() -> None:
    clock = HandClock()
    with calling(seconds=8, clock=clock) as caller:
        made = caller.take()
        assert (
            made["status_url"] == f"{caller.service.base_url}/fal-ai/nano-banana/requests/{made['request_id']}/status"
        )
        seen = []
        for seconds in (0, 2, 6):
            clock.advance(seconds)
            answer = caller.http.get(made["status_url"])
            seen.append((answer.status_code, answer.json()["status"]))
        assert seen == [(202, "IN_QUEUE"), (202, "IN_PROGRESS"), (200, "COMPLETED")]
        [image] = caller.http.get(made["response_url"]).json()["images"]
        assert httpx2.get(image["url"], trust_env=False).content.startswith(b"\x89PNG")
        clock.advance(7 * 24 * 3600)
        assert httpx2.get(image["url"], trust_env=False).status_code == 404
        assert caller.service.charged == 0.04


def test_a_result_is_not_there_before_the_end() -> None:
    with calling(seconds=8, clock=HandClock()) as caller:
        assert caller.http.get(caller.take()["response_url"]).status_code == 400


def test_the_queue_takes_a_wrong_input_and_the_model_refuses_it() -> None:
    with calling(seconds=0) as caller:
        made = caller.http.post(EDIT, json={"prompt": "A room", "image_urls": ["no url"]}).json()
        status, result = caller.http.get(made["status_url"]).json(), caller.http.get(made["response_url"])
    assert (status["status"], status["error"]) == ("COMPLETED", "Invalid status code: 422")
    assert (result.status_code, result.json()["detail"][0]["type"]) == (422, "value_error")


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("/fal-ai/not-there", None, 404), (EDIT, "Key wrong", 401), (EDIT, "Bearer stand-in-id:stand-in-secret", 401)],
)
def test_what_is_wrong_is_an_http_status(path: str, key: str | None, status: int) -> None:
    with calling() as caller:
        answer = caller.submit(path=path, **({"Authorization": key} if key else {}))
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])
        assert caller.service.tasks == ()


def test_an_account_without_balance_is_locked() -> None:
    with calling(credit=0.05, seconds=0) as caller:
        caller.take()
        answer = caller.submit()
        assert (answer.status_code, "Exhausted balance" in answer.json()["detail"]) == (403, True)
        assert caller.service.charged == 0.04


def test_more_than_ten_requests_a_second_are_too_many() -> None:
    clock = HandClock()
    with calling(clock=clock) as caller:
        assert [caller.submit(f"{number}").status_code for number in range(11)] == [200] * 10 + [429]
        clock.advance(1)
        assert caller.submit().status_code == 200


def test_nothing_is_idempotent_and_what_is_paid_for_twice_is_known() -> None:
    with calling(seconds=0) as caller:
        first, second = caller.take(), caller.take()
        assert [one.id for one in caller.service.duplicates] == [second["request_id"]] != [first["request_id"]]


def test_a_request_is_at_its_app_alone() -> None:
    with calling() as caller:
        url = caller.take()["status_url"]
        assert caller.http.get(url.replace("nano-banana", "topaz")).status_code == 404
        assert caller.http.get(url.replace("/requests/", "/edit/requests/")).status_code == 404


def test_what_is_cancelled_costs_nothing() -> None:
    with calling(seconds=8, clock=HandClock()) as caller:
        made = caller.take()
        answers = [caller.http.put(made["cancel_url"]) for _ in range(2)]
        assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [
            (202, "CANCELLATION_REQUESTED"),
            (400, "ALREADY_COMPLETED"),
        ]
        assert caller.http.get(made["status_url"]).json()["error_type"] == "client_cancelled"
        assert (caller.service.tasks[0].status, caller.service.charged) == ("CANCELED", 0)


@pytest.mark.parametrize("seconds", ["1", "0", "soon", "nan"])
def test_a_start_timeout_has_to_be_longer_than_a_second(seconds: str) -> None:
    with calling() as caller:
        assert caller.submit(X_Fal_Request_Timeout=seconds).status_code == 400
        assert caller.submit(X_Fal_Request_Timeout="1.5").status_code == 200


def test_a_marked_prompt_fails_and_so_does_what_fate_says() -> None:
    def fate(_model: str, input: Any) -> Fate:
        return Fate(failure="Bad luck.") if "unlucky" in input["prompt"] else Fate()

    with calling(seconds=0, fate=fate) as caller:
        for prompt in (FAIL_MARKER, "unlucky"):
            assert caller.http.get(caller.take(prompt)["response_url"]).status_code == 500
        assert caller.http.get(caller.take()["response_url"]).status_code == 200
        assert caller.service.charged == 0.04


def test_fate_loses_answers_and_delays_ends_for_ever() -> None:
    lost = Fate(submit=InjectedFault.CUT_AFTER, late=math.inf, polls=(InjectedFault.NULL_RECORD,))
    with calling(seconds=0, fate=lambda _model, _input: lost) as caller:
        with pytest.raises(httpx2.RemoteProtocolError):
            caller.submit()
        [taken] = caller.service.tasks
        url = f"/fal-ai/nano-banana/requests/{taken.id}/status"
        assert [caller.http.get(url).status_code for _ in range(2)] == [404, 202]


def test_a_fault_needs_a_route_that_can_have_it() -> None:
    service = FalStandIn()
    for route, fault in (("list", InjectedFault.SLOW), ("submit", InjectedFault.HALF_FILE)):
        with pytest.raises(ValueError, match=route):
            service.script(route, [fault])


def test_a_webhook_is_signed_with_the_published_key() -> None:
    with listening(Receiver()) as receiver, calling(seconds=0) as caller:
        made = caller.http.post(
            EDIT, params={"fal_webhook": receiver.url}, json={"prompt": "A room", "image_urls": [ROOM]}
        ).json()
        caller.service.wait_for_callbacks()
        [came] = receiver.requests
        [key] = caller.http.get("/.well-known/jwks.json").json()["keys"]
        caller.service.change_key()
        [other] = caller.http.get("/.well-known/jwks.json").json()["keys"]
    assert msgspec.json.decode(came.body)["request_id"] == made["request_id"]
    names = [f"x-fal-webhook-{part}" for part in ("request-id", "user-id", "timestamp")]
    message = "\n".join([*(came.headers[name] for name in names), hashlib.sha256(came.body).hexdigest()]).encode()
    signature = bytes.fromhex(came.headers["x-fal-webhook-signature"])
    _public(key).verify(signature, message)
    with pytest.raises(InvalidSignature):
        _public(other).verify(signature, message)


def _public(key: dict[str, str]) -> Ed25519PublicKey:
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
