"""What can go wrong on purpose: every kind over real HTTP, by script and by chance."""

from __future__ import annotations

import time
from http import HTTPStatus

import httpx2
import pytest

from enlarger.testing import Faults, InjectedFault, StandIn
from enlarger.testing.fault_kinds import ROUTES, fits
from enlarger.testing.faults import FaultInjector, Incident
from tests.testing.caller import CREATE, CREDIT, PROMPT, RECORD, Caller, calling


def create(caller: Caller) -> httpx2.Response:
    return caller.http.post(CREATE, json=PROMPT)


@pytest.mark.parametrize(
    ("fault", "done"),
    [(InjectedFault.CUT_BEFORE, 0), (InjectedFault.CUT_AFTER, 1), (InjectedFault.CUT_MIDDLE, 1)],
    ids=str,
)
def test_a_cut_leaves_the_client_without_an_answer(fault: InjectedFault, done: int) -> None:
    with calling(StandIn()) as caller:
        caller.service.script("createTask", [fault])
        with pytest.raises(httpx2.RemoteProtocolError) as error:
            create(caller)
        assert ("without sending complete message body" in str(error.value)) == (fault is InjectedFault.CUT_MIDDLE)
        assert len(caller.service.tasks) == done
        assert create(caller).json()["code"] == 200
        assert len(caller.service.duplicates) == done
        first, second = caller.service.requests.latest
        assert (first.answered, first.fault, second.answered, second.fault) == (False, fault, True, None)


@pytest.mark.parametrize(("fault", "status"), [(InjectedFault.BAD_GATEWAY, 502), (InjectedFault.FORBIDDEN, 403)])
def test_the_network_in_front_answers_with_a_web_page(fault: InjectedFault, status: int) -> None:
    with calling(StandIn(extensions=("idempotency-key",))) as caller:
        caller.service.script("createTask", [fault])
        response = create(caller)
        assert (response.status_code, response.headers["content-type"]) == (status, "text/html")
        assert HTTPStatus(status).phrase in response.text
        assert "enlarger-extensions" not in response.headers
        assert caller.service.tasks == ()


@pytest.mark.parametrize(
    ("fault", "code"),
    [(InjectedFault.TOO_MANY, 429), (InjectedFault.MAINTENANCE, 455), (InjectedFault.SERVER_ERROR, 500)],
)
def test_a_refusal_is_http_200_and_nothing_is_done(fault: InjectedFault, code: int) -> None:
    with calling(StandIn()) as caller:
        caller.service.script("createTask", [fault])
        response = create(caller)
        assert (response.status_code, response.json()["code"], response.json()["data"]) == (200, code, None)
        assert "retry-after" not in response.headers
        assert caller.service.tasks == ()


def test_too_many_can_say_when_to_come_again() -> None:
    with calling(StandIn()) as caller:
        caller.service.script("recordInfo", [InjectedFault.TOO_MANY], retry_after=7)
        assert caller.http.get(RECORD).headers["retry-after"] == "7"


def test_a_record_can_be_null_for_once() -> None:
    with calling(StandIn()) as caller:
        task_id = caller.create()
        caller.service.script("recordInfo", [InjectedFault.NULL_RECORD])
        assert caller.get(RECORD, taskId=task_id) == {"code": 422, "msg": "recordInfo is null", "data": None}
        assert caller.record(task_id)["taskId"] == task_id


def test_data_can_be_missing_though_the_task_is_made() -> None:
    with calling(StandIn()) as caller:
        caller.service.script("createTask", [InjectedFault.NO_DATA])
        assert create(caller).json() == {"code": 200, "msg": "success"}
        assert len(caller.service.tasks) == 1


def test_a_slow_answer_is_late_and_the_request_is_carried_out() -> None:
    with calling(StandIn()) as caller:
        caller.service.script("createTask", [InjectedFault.SLOW], slow_seconds=30)
        started = time.monotonic()
        with pytest.raises(httpx2.ReadTimeout):
            caller.http.post(CREATE, json=PROMPT, timeout=0.05)
        assert len(caller.service.tasks) == 1
    assert time.monotonic() - started < 20, "leaving the block ends the pause"


def test_success_can_come_before_its_result() -> None:
    with calling(StandIn(seconds=0)) as caller:
        task_id = caller.create()
        caller.service.script("recordInfo", [InjectedFault.EMPTY_RESULT])
        early, late = caller.record(task_id), caller.record(task_id)
        assert early == late | {"resultJson": ""}
        assert (late["state"], bool(late["resultJson"])) == ("success", True)


def test_a_result_is_not_emptied_where_there_is_none() -> None:
    with calling(StandIn(seconds=60)) as caller:
        task_id = caller.create()
        caller.service.script("recordInfo", [InjectedFault.EMPTY_RESULT, InjectedFault.EMPTY_RESULT])
        assert caller.record(task_id)["state"] == "waiting"
        assert caller.get(RECORD, taskId="0" * 32)["code"] == 422


def test_a_download_can_be_cut_in_its_middle() -> None:
    with calling(StandIn(seconds=0)) as caller:
        (url,) = caller.result_urls(caller.create())
        caller.service.script("results", [InjectedFault.CUT_MIDDLE])
        with pytest.raises(httpx2.RemoteProtocolError):
            caller.http.get(url)


def test_an_upload_is_refused_with_a_real_status() -> None:
    with calling(StandIn()) as caller:
        caller.service.script("upload", [InjectedFault.SERVER_ERROR])
        response = caller.http.post(f"{caller.service.upload_url}/api/file-base64-upload", json={})
        assert (response.status_code, response.json()["success"], response.json()["code"]) == (500, False, 500)


def test_a_script_is_followed_in_order_and_for_its_route_alone() -> None:
    with calling(StandIn()) as caller:
        caller.service.script("createTask", [InjectedFault.SERVER_ERROR, None])
        caller.service.script("createTask", [InjectedFault.MAINTENANCE])
        assert caller.get(CREDIT)["code"] == 200
        assert [create(caller).json()["code"] for _ in range(4)] == [500, 200, 455, 200]


def test_a_script_that_cannot_be_followed_is_refused_at_once() -> None:
    service = StandIn()
    with pytest.raises(ValueError, match="There is no route 'create'"):
        service.script("create", [None])
    with pytest.raises(ValueError, match="cannot happen to createTask"):
        service.script("createTask", [InjectedFault.NULL_RECORD])
    with pytest.raises(ValueError, match="There is no route"):
        StandIn(faults=Faults(rate=1, kinds=(InjectedFault.SLOW,), routes=("nowhere",)))


# Chance


def faults_of(incidents: list[Incident | None]) -> list[InjectedFault | None]:
    return [None if incident is None else incident.fault for incident in incidents]


def drawn(faults: Faults, route: str, count: int = 400) -> list[InjectedFault | None]:
    injector = FaultInjector([faults])
    return faults_of([injector.draw(route) for _ in range(count)])


def test_chance_falls_the_same_way_for_the_same_seed() -> None:
    kinds = (InjectedFault.BAD_GATEWAY, InjectedFault.CUT_AFTER, InjectedFault.SERVER_ERROR)
    first, again, other = (drawn(Faults(rate=0.1, seed=seed, kinds=kinds), "recordInfo") for seed in (1, 1, 2))
    assert first == again != other
    assert set(first) == {None, *kinds}
    assert 20 <= sum(fault is not None for fault in first) <= 60


def test_a_script_does_not_shift_what_comes_by_chance() -> None:
    faults = Faults(rate=0.5, kinds=(InjectedFault.BAD_GATEWAY,))
    injector = FaultInjector([faults])
    injector.script("recordInfo", [None] * 10)
    incidents = [injector.draw("recordInfo") for _ in range(50)]
    assert faults_of(incidents[10:]) == drawn(faults, "recordInfo", 50)[10:]


def test_chance_strikes_only_routes_that_are_named_and_kinds_that_fit() -> None:
    everything = Faults(rate=1, kinds=tuple(InjectedFault), routes=ROUTES)
    for route in ROUTES:
        faults = drawn(everything, route)
        assert {fault for fault in faults if fault} == {fault for fault in InjectedFault if fits(fault, route)}
    assert set(drawn(Faults(rate=1, kinds=tuple(InjectedFault)), "createTask")) == {None}


def test_routes_can_have_faults_of_their_own() -> None:
    faults = [
        Faults(rate=1, kinds=(InjectedFault.SERVER_ERROR,), routes=("createTask",)),
        Faults(rate=1, kinds=(InjectedFault.NULL_RECORD, InjectedFault.BAD_GATEWAY), routes=("recordInfo",), seed=3),
    ]
    with calling(StandIn(faults=faults, limits=False)) as caller:
        assert {create(caller).json()["code"] for _ in range(5)} == {500}
        assert {caller.http.get(RECORD).status_code for _ in range(20)} == {200, 502}
        assert caller.get(CREDIT)["code"] == 200
