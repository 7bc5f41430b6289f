"""What happens to single tasks of the stand-ins, and what they cost meanwhile."""

from __future__ import annotations

import json
import math
from typing import Any

import httpx2
import pytest

from enlarger.testing import Fate, HandClock, InjectedFault, ReplicateStandIn, StandIn
from tests.testing.caller import CREATE, PROMPT, RECORD, calling
from tests.testing.test_callbacks import Receiver, listening


def body(prompt: str = "A bright room", **more: Any) -> dict[str, Any]:
    return {"model": PROMPT["model"], "input": {"prompt": prompt}, **more}


def always(fate: Fate) -> Any:
    return lambda _model, _input: fate


@pytest.mark.parametrize(
    ("fault", "tasks"), [(InjectedFault.CUT_BEFORE, 0), (InjectedFault.CUT_AFTER, 1), (InjectedFault.CUT_MIDDLE, 1)]
)
def test_a_submission_can_be_lost(fault: InjectedFault, tasks: int) -> None:
    with calling(StandIn(seconds=0, fate=always(Fate(submit=fault)))) as caller:
        with pytest.raises(httpx2.RemoteProtocolError):
            caller.http.post(CREATE, json=body())
        assert (len(caller.service.tasks), caller.service.charged) == (tasks, 4.0 * tasks)
        assert caller.service.requests.latest[0].fault is fault


def test_a_submission_can_be_accepted_and_answered_as_a_failure() -> None:
    with calling(StandIn(seconds=0, fate=always(Fate(submit=InjectedFault.ERROR_AFTER)))) as caller:
        assert caller.post(CREATE, body())["code"] == 500
        assert (len(caller.service.tasks), caller.service.charged) == (1, 4.0)


def test_a_fate_is_chosen_by_model_and_input() -> None:
    asked = []

    def fate(model: str, input: Any) -> Fate:
        asked.append((model, input["prompt"]))
        return (
            Fate(polls=(InjectedFault.NULL_RECORD, None, InjectedFault.BAD_GATEWAY))
            if input["prompt"] == "bad"
            else Fate()
        )

    with calling(StandIn(seconds=0, fate=fate)) as caller:
        bad, good = caller.create(body("bad")), caller.create(body("good"))
        statuses = []
        for _ in range(4):
            assert caller.record(good)["state"] == "success"
            response = caller.http.get(RECORD, params={"taskId": bad})
            statuses.append((response.status_code, response.json()["code"] if response.status_code == 200 else None))
        assert statuses == [(200, 422), (200, 200), (502, None), (200, 200)]
    assert asked == [("google/nano-banana", "bad"), ("google/nano-banana", "good")]


def test_a_service_that_goes_down_leaves_what_it_has_made() -> None:
    with calling(StandIn(seconds=0)) as caller:
        [url] = json.loads(caller.record(caller.create())["resultJson"])["resultUrls"]
        caller.service.go_down()
        with pytest.raises(httpx2.TransportError):
            caller.http.post(CREATE, json=body())
        assert httpx2.get(url).status_code == 200


def test_only_a_service_that_is_up_goes_down() -> None:
    with pytest.raises(RuntimeError, match="call go_down\\(\\) inside it"):
        StandIn().go_down()


def test_a_task_can_end_late_or_never() -> None:
    clock = HandClock()
    fates = {"late": Fate(late=1000), "never": Fate(late=math.inf), "usual": Fate()}
    service = StandIn(seconds=10, clock=clock, fate=lambda _model, given: fates[given["prompt"]])
    with listening(Receiver()) as receiver, calling(service) as caller:
        ids = {name: caller.create(body(name, callBackUrl=receiver.url)) for name in fates}
        clock.advance(10)
        assert [caller.record(ids[name])["state"] for name in ("late", "usual")] == ["waiting", "success"]
        clock.advance(1000)
        assert [caller.record(ids[name])["state"] for name in ("late", "never")] == ["success", "waiting"]
        service.wait_for_callbacks(2)
        assert service.charged == 8.0


def test_a_task_can_fail_and_cost_nothing() -> None:
    with calling(StandIn(seconds=0, fate=always(Fate(failure="No such luck.")))) as caller:
        assert caller.record(caller.create())["failMsg"] == "No such luck."
        assert caller.service.charged == 0


@pytest.mark.parametrize(("callbacks", "times"), [((), []), ((0.0, 0.0), [105, 105]), ((30.0,), [135])])
def test_an_end_can_be_announced_never_twice_or_late(callbacks: tuple[float, ...], times: list[int]) -> None:
    clock = HandClock(100)
    service = StandIn(seconds=5, clock=clock, fate=always(Fate(callbacks=callbacks)))
    with listening(Receiver()) as receiver, calling(service) as caller:
        caller.create(callBackUrl=receiver.url)
        clock.advance(5)
        service.wait_for_callbacks(len(times) if times == [105, 105] else 0)
        clock.advance(30)
        assert [int(delivery.at) for delivery in service.wait_for_callbacks(len(times))] == times


def test_an_end_can_be_announced_before_the_submission_is_answered() -> None:
    fate = always(Fate(announced_first=True))
    with listening(Receiver()) as receiver:
        with calling(StandIn(seconds=60, fate=fate)) as caller:
            task_id = caller.create(callBackUrl=receiver.url)
            assert json.loads(receiver.requests[0].body)["data"]["taskId"] == task_id
        with ReplicateStandIn(seconds=60, fate=fate) as service:
            made = httpx2.post(
                f"{service.base_url}/models/google/nano-banana/predictions",
                json={"input": {"prompt": "a"}, "webhook": receiver.url},
                headers={"Authorization": f"Bearer {service.api_token}"},
                trust_env=False,
            )
            told = json.loads(receiver.requests[1].body)
            assert (told["id"], told["status"]) == (made.json()["id"], "succeeded")


def test_its_files_can_be_missing_truncated_and_empty() -> None:
    downloads = (InjectedFault.MISSING_FILE, InjectedFault.HALF_FILE, InjectedFault.EMPTY_FILE)
    with calling(StandIn(seconds=0, fate=always(Fate(downloads=downloads)))) as caller:
        (url,) = caller.result_urls(caller.create())
        missing, half, empty, whole = (caller.http.get(url) for _ in range(4))
        assert [reply.status_code for reply in (missing, half, empty, whole)] == [404, 200, 200, 200]
        assert half.content == whole.content[: len(whole.content) // 2]
        assert empty.content == b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"submit": InjectedFault.NULL_RECORD},
        {"polls": (InjectedFault.HALF_FILE,)},
        {"downloads": (InjectedFault.NO_DATA,)},
    ],
)
def test_a_fate_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot happen"):
        Fate(**wrong)
