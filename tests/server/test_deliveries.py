"""What the API says about callbacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from enlarger.all_settings import Settings, load_settings
from enlarger.infra.database import Database
from enlarger.server import Service
from enlarger.tasks.accounts import AccountStore
from enlarger.tasks.deliveries import NewTry
from tests.server.steps import BODY, CREATE, create, finish

_HOOK = "https://user:secret@app.example:8443/secret?token=secret"
_WITH_HOOK = {**BODY, "callBackUrl": _HOOK}


async def deliveries(api: httpx2.AsyncClient, task_id: str) -> dict[str, Any]:
    reply = await api.get(f"/v1/tasks/{task_id}/deliveries")
    assert "secret" not in reply.text
    data: dict[str, Any] = reply.json()["data"]
    return data


async def test_a_callback_is_followed_from_before_it_is_owed_to_its_end(
    api: httpx2.AsyncClient, service: Service
) -> None:
    task_id = await create(api, _WITH_HOOK)
    to = "https://app.example:8443"
    before: dict[str, Any] = {"taskId": task_id, "state": "not_ended", "to": to, "nextTry": None, "tries": []}
    assert await deliveries(api, task_id) == before
    await finish(service, task_id)
    owed = await deliveries(api, task_id)
    assert (owed["state"], owed["tries"]) == ("pending", [])
    at = datetime.now(UTC)
    failed = NewTry(at=at, milliseconds=1234, answer="503", state="pending", pause=timedelta(hours=1))
    await service.deliveries.note(task_id, failed, {})
    tried = await deliveries(api, task_id)
    milliseconds = int(at.timestamp() * 1000)
    assert tried["tries"] == [{"number": 1, "at": milliseconds, "duration": 1234, "answer": "503", "ok": False}]
    assert tried["nextTry"] == pytest.approx(milliseconds + 3_600_000, abs=60_000)
    taken = NewTry(at=datetime.now(UTC), milliseconds=5, answer="200", state="delivered")
    await service.deliveries.note(task_id, taken, {})
    done = await deliveries(api, task_id)
    assert (done["state"], done["nextTry"], done["tries"][1]["ok"]) == ("delivered", None, True)


async def test_a_callback_is_sent_again_when_its_app_asks(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api, _WITH_HOOK)
    await finish(service, task_id)
    taken = NewTry(at=datetime.now(UTC), milliseconds=5, answer="200", state="delivered")
    await service.deliveries.note(task_id, taken, {})
    reply = await api.post(f"/v1/tasks/{task_id}/deliveries")
    assert "secret" not in reply.text
    assert (reply.json()["data"]["state"], len(reply.json()["data"]["tries"])) == ("pending", 1)
    assert await service.deliveries.pending(task_id) is not None


async def test_what_cannot_be_sent_again_is_told(api: httpx2.AsyncClient, service: Service) -> None:
    without = await create(api)
    await finish(service, without)
    assert (await deliveries(api, without))["state"] == "no_callback"
    refused = await api.post(f"/v1/tasks/{without}/deliveries")
    assert (refused.status_code, refused.json()["msg"]) == (
        422,
        "The task has no callback URL: it was made without 'callBackUrl'.",
    )
    running = await create(api, _WITH_HOOK)
    refused = await api.post(f"/v1/tasks/{running}/deliveries")
    assert (refused.status_code, "has not ended" in refused.json()["msg"]) == (422, True)


async def test_another_accounts_callbacks_are_not_there(
    api: httpx2.AsyncClient, service: Service, database: Database
) -> None:
    task_id = await create(api, _WITH_HOOK)
    await finish(service, task_id)
    await AccountStore(database).register_key("enl_of-another", account_id="other", source="tests")
    headers = {"Authorization": "Bearer enl_of-another"}
    for path in (f"/v1/tasks/{task_id}/deliveries", "/v1/tasks/no-id/deliveries"):
        for method in ("GET", "POST"):
            reply = await api.request(method, path, headers=headers)
            assert reply.json()["msg"] == "recordInfo is null", (method, path)


class TestWithADefault:
    @pytest.fixture
    def settings(self, monkeypatch: pytest.MonkeyPatch) -> Settings:
        monkeypatch.setenv("KIE_CALLBACK_URL", "https://default.example/hook")
        return load_settings()

    @pytest.mark.parametrize(
        ("given", "called"),
        [
            ({}, "https://default.example"),
            ({"callBackUrl": None}, "https://default.example"),
            ({"callBackUrl": ""}, None),
            ({"callBackUrl": "https://own.example/hook"}, "https://own.example"),
        ],
    )
    async def test_a_task_that_names_no_callback_has_the_usual_one(
        self, api: httpx2.AsyncClient, given: dict[str, Any], called: str | None
    ) -> None:
        task_id = await create(api, {**BODY, **given})
        assert (await deliveries(api, task_id))["to"] == called

    async def test_the_same_request_is_the_same_when_the_default_has_changed(
        self, api: httpx2.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        headers = {"Idempotency-Key": "one"}
        first = await create(api, headers=headers)
        object.__setattr__(service, "settings", load_settings(callback_url="https://other.example/"))
        assert await create(api, headers=headers) == first
        none = await api.post(CREATE, json={**BODY, "callBackUrl": ""}, headers=headers)
        assert none.json()["code"] == 422
