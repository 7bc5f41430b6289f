"""Where providers announce ends; what an account is shown of a task's way; what no provider can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
import pytest

from enlarger.all_settings import load_settings
from enlarger.infra.database import Database
from enlarger.infra.storage import Storage
from enlarger.infra.webhook_urls import PATH
from enlarger.protocol.webhook import LARGEST_BYTES
from enlarger.server import Service, create_app, serve
from enlarger.tasks.accounts import DEFAULT, make_key
from enlarger.tasks.attempts import AttemptStore
from enlarger.tasks.records import Attempt
from tests.conftest import KEY
from tests.server.steps import BODY, CREATE, create, finish
from tests.tasks.world import SOON, World

PUBLIC = "https://service.example"


@pytest.fixture
def settings() -> Any:
    return load_settings(public_url=PUBLIC, kie_api_key="k", replicate_api_token="r")


@pytest.fixture
async def world(service: Service) -> World:
    return World(service.database)


def path_of(service: Service, attempt: Attempt) -> str:
    assert attempt.reference is not None
    url = service.webhook_urls.make(attempt.provider, attempt.reference)
    assert url is not None
    assert url.startswith(f"{PUBLIC}{PATH}/")
    return url.removeprefix(PUBLIC)


async def test_an_announcement_is_kept_as_it_came_and_looked_at_at_once(
    api: httpx2.AsyncClient, service: Service, world: World
) -> None:
    attempt = await world.accept()
    headers = {
        "Webhook-Id": "msg_1",
        "X-Webhook-Signature": "abc",
        "Content-Type": "application/json",
        "Authorization": "Bearer theirs",
        "Cookie": "secret",
    }
    async with httpx2.AsyncClient(base_url=api.base_url) as provider:  # it has no key of ours
        answer = await provider.post(path_of(service, attempt), content=b'{"a": "\xff"}', headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert due.attempt.id == attempt.id
    webhook = due.attempt.webhook
    assert webhook is not None
    assert webhook["headers"] == {
        "webhook-id": "msg_1",
        "x-webhook-signature": "abc",
        "content-type": "application/json",
    }
    assert webhook["body"] == msgspec.to_builtins(b'{"a": "\xff"}')


@pytest.mark.parametrize("change", ["signature", "provider", "reference", "none"])
async def test_an_address_that_is_not_ours_is_not_there(
    api: httpx2.AsyncClient, service: Service, world: World, change: str
) -> None:
    attempt = await world.accept()
    _, _, provider, reference, signature = path_of(service, attempt).split("/")
    path = {
        "signature": f"{PATH}/{provider}/{reference}/{signature[::-1]}",
        "provider": f"{PATH}/replicate/{reference}/{signature}",
        "reference": f"{PATH}/{provider}/{'0' * 32}/{signature}",
        "none": f"{PATH}/{provider}/{reference}",
    }[change]
    assert (await api.post(path, json={})).status_code == 404
    assert (await world.attempt(attempt)).webhook is None


async def test_an_announcement_that_is_too_large_is_refused(
    api: httpx2.AsyncClient, service: Service, world: World
) -> None:
    attempt = await world.accept()
    path = path_of(service, attempt)
    assert (await api.post(path, content=bytes(LARGEST_BYTES + 1))).status_code == 413
    assert (await world.attempt(attempt)).webhook is None
    assert (await api.post(path, content=bytes(LARGEST_BYTES))).status_code == 200


async def test_after_the_end_an_announcement_changes_nothing(
    api: httpx2.AsyncClient, service: Service, world: World
) -> None:
    attempt = await world.accept()
    await world.attempts.failed(attempt, "broken", code="500", ends_task=True)
    ended = await world.attempt(attempt)
    assert (await api.post(path_of(service, attempt), json={})).status_code == 200, "so that nobody sends it again"
    assert await world.attempt(attempt) == ended
    assert await world.poll_in(attempt) is None


async def test_an_announcement_may_come_before_the_submission_is_answered(
    api: httpx2.AsyncClient, service: Service, world: World
) -> None:
    attempt = await world.begin()
    assert (await api.post(path_of(service, attempt), json={})).status_code == 200
    await world.accept(attempt)
    ((due,), _) = await world.attempts.due("kie", most=10, lease=SOON)
    assert due.attempt.webhook is not None


async def test_the_newest_of_several_announcements_counts(
    api: httpx2.AsyncClient, service: Service, world: World
) -> None:
    attempt = await world.accept()
    for body in (b"first", b"second"):
        await api.post(path_of(service, attempt), content=body)
    webhook = (await world.attempt(attempt)).webhook
    assert webhook is not None
    assert webhook["body"] == msgspec.to_builtins(b"second")


# What an account is shown


async def test_a_task_is_shown_with_its_attempts(api: httpx2.AsyncClient, service: Service, world: World) -> None:
    task_id = await create(api, {"model": "google/nano-banana", "input": {"prompt": "a house"}})
    turn = (await world.claim(await service.tasks.get(DEFAULT, task_id))).task
    await world.attempts.skip(turn, "kie", "the KIE account has no credits left")
    attempt = await world.begin(turn, "replicate")
    await world.attempts.unknown(attempt, "its answer was lost", poll_in=SOON)
    data = (await api.get(f"/v1/tasks/{task_id}")).json()["data"]
    assert (data["record"]["taskId"], data["record"]["state"]) == (task_id, "generating")
    skipped, unknown = data["attempts"]
    assert skipped["started"]
    assert skipped["ended"]
    shown = [(one["provider"], one["state"], one["reason"], one["abandoned"]) for one in (skipped, unknown)]
    assert shown == [
        ("kie", "skipped", "the KIE account has no credits left", False),
        ("replicate", "unknown", "its answer was lost", False),
    ]
    assert unknown["ended"] is None
    secret = attempt.reference or ""
    assert secret not in str(data), "whoever knows it could announce"
    await world.abandon(await world.attempt(attempt))
    data = (await api.get(f"/v1/tasks/{task_id}")).json()["data"]
    assert data["attempts"][-1]["abandoned"] is True
    assert (data["record"]["state"], data["record"]["failCode"]) == ("fail", "408")


async def test_a_task_that_ran_here_is_shown_too(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    await finish(service, task_id)
    data = (await api.get(f"/v1/tasks/{task_id}")).json()["data"]
    assert [(one["provider"], one["state"]) for one in data["attempts"]] == [("local", "succeeded")]


async def test_a_task_is_shown_to_its_own_account_alone(api: httpx2.AsyncClient, service: Service) -> None:
    task_id = await create(api)
    other = make_key()
    await service.accounts.register_key(other, account_id="other", source="tests")
    reply = (await api.get(f"/v1/tasks/{task_id}", headers={"Authorization": f"Bearer {other}"})).json()
    assert (reply["code"], reply["msg"]) == (422, "recordInfo is null")
    assert (await api.get("/v1/tasks/none-of-ours")).json()["code"] == 422
    assert (await api.get(f"/v1/tasks/{task_id}", headers={"Authorization": ""})).json()["code"] == 401


# What no provider can do


@asynccontextmanager
async def serving(database: Database, storage: Storage, **changes: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A service with these settings."""
    service = await Service.open(load_settings(**changes), database, storage)
    await service.accounts.register_key(KEY, source="tests")
    async with (
        serve(create_app(service), host="127.0.0.1", port=0) as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {KEY}"}) as client,
    ):
        yield client


PROMPT = {"model": "google/nano-banana", "input": {"prompt": "a house"}}
EIGHT = {**BODY, "input": {**BODY["input"], "upscale_factor": "8"}}  # type: ignore[dict-item]
HOSTED = {"kie_api_key": "k", "replicate_api_token": "r", "routes": "kie,replicate"}


@pytest.mark.parametrize(
    ("body", "changes", "says"),
    [
        (
            PROMPT,
            {},
            ("kie: not set up, set KIE_API_KEY", "replicate: not set up", "local: it does not run this model"),
        ),
        (PROMPT, {"kie_api_key": "enl_own"}, ("a key of Enlarger's own",)),
        (EIGHT, HOSTED, ("kie: it cannot do upscale_factor '8'", "replicate: it cannot", "leaves local out")),
        (BODY, {"routes": "kie"}, ("kie: not set up", "ENLARGER_ROUTES leaves local out")),
    ],
)
async def test_a_task_that_nobody_can_carry_out_is_refused_with_each_providers_reason(
    database: Database, storage: Storage, body: dict[str, Any], changes: dict[str, Any], says: tuple[str, ...]
) -> None:
    async with serving(database, storage, **changes) as client:
        reply = (await client.post(CREATE, json=body)).json()
    assert reply["code"] == 422, reply
    for words in says:
        assert words in reply["msg"]
    assert await database.pool.fetchval("SELECT count(*) FROM tasks") == 0


async def test_one_that_can_is_enough(database: Database, storage: Storage) -> None:
    async with serving(database, storage, **{**HOSTED, "routes": ""}) as client:
        task_id = await create(client, EIGHT)
    assert await AttemptStore(database).of_task(task_id) == []
