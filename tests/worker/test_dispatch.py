"""Finding a provider for a task: in order, once, and nobody else while one may have it."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from enlarger.catalog import Model, build_input_or_raise, list_models
from enlarger.catalog.schema import example
from enlarger.errors import (
    AcceptanceUnknown,
    DatabaseUnavailable,
    RefusalReason,
    RouteUnfit,
    SubmissionRefused,
)
from enlarger.providers import Accepted, Order
from enlarger.settings import Limits, Rate
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore
from enlarger.tasks.records import Attempt, Task
from enlarger.tasks.submissions import Full
from enlarger.testing import HandClock
from tests.conftest import MakePhoto
from tests.worker.conftest import MakeTask
from tests.worker.hosted import PUBLIC, Floor, silent

ELSEWHERE = "https://93.184.215.14/a.png"
"""A picture that everybody can reach."""


def refusal(
    reason: RefusalReason = "busy", code: int = 429, message: str = "too many", **more: Any
) -> SubmissionRefused:
    return SubmissionRefused(message, reason=reason, code=code, **more)


def short(attempts: list[Attempt]) -> list[tuple[str, str]]:
    return [(attempt.provider, attempt.state) for attempt in attempts]


async def test_the_first_provider_gets_the_task(floor: Floor) -> None:
    task = await floor.make()
    assert await floor.dispatcher()(task.id) is None
    (attempt,) = await floor.of_task(task)
    assert (attempt.provider, attempt.state, attempt.provider_task_id) == ("kie", "accepted", "kie-1")
    assert attempt.request is not None
    assert (attempt.request["input"], attempt.dollars) == ({"prompt": "a house"}, Decimal("0.02"))
    (order,) = floor.kie.orders
    assert (order.task_id, order.request.model, order.request.input) == (
        task.id,
        "google/nano-banana",
        {"prompt": "a house"},
    )
    assert order.webhook_url == floor.urls.make("kie", attempt.reference or "")
    assert (order.webhook_url or "").startswith(f"{PUBLIC}/webhooks/kie/")
    assert (await floor.task(task)).state == "generating"
    assert 10 < (await floor.poll_in(attempt) or 0) < 25, "a little before the usual time"
    assert floor.replicate.orders == []
    assert list(floor.work.iterdir()) == []


async def test_it_is_written_down_before_it_is_sent(floor: Floor) -> None:
    task = await floor.make()
    seen = []

    async def look(order: Order) -> Accepted:
        seen.extend(await floor.of_task(task))
        return Accepted("a")

    floor.kie.on_submit = look
    await floor.dispatcher()(task.id)
    assert short(seen) == [("kie", "submitting")]
    assert seen[0].deadline_at is not None
    assert (seen[0].deadline_at - seen[0].started_at).total_seconds() == pytest.approx(600)


async def test_a_task_that_a_provider_has_is_not_sent_again(floor: Floor) -> None:
    attempt = await floor.submit()
    await floor.dispatcher()(attempt.task_id)
    await asyncio.gather(*(floor.dispatcher()(attempt.task_id) for _ in range(3)))
    assert len(floor.kie.orders) == 1


async def test_many_workers_send_a_task_once(floor: Floor) -> None:
    task = await floor.make()
    await asyncio.gather(*(floor.dispatcher()(task.id) for _ in range(8)))
    assert len(floor.kie.orders) + len(floor.replicate.orders) == 1


@pytest.mark.parametrize("reason", ["busy", "credits", "access", "down"])
async def test_after_a_refusal_the_next_one_is_asked(floor: Floor, reason: RefusalReason) -> None:
    floor.kie.answers = [refusal(reason)]
    task = await floor.make()
    assert await floor.dispatcher()(task.id) is None
    attempts = await floor.of_task(task)
    assert short(attempts) == [("kie", "failed"), ("replicate", "accepted")]
    assert (attempts[0].error, attempts[0].final) == ("too many", False)
    assert attempts[0].dollars == 0


async def test_an_answer_that_nobody_can_read_keeps_everybody_else_away(floor: Floor) -> None:
    floor.kie.answers = [AcceptanceUnknown("the answer was lost")]
    attempt = await floor.submit()
    assert (attempt.provider, attempt.state, attempt.error) == ("kie", "unknown", "the answer was lost")
    assert (attempt.abandoned_at, attempt.dollars) == (None, Decimal("0.02"))
    assert (await floor.task(attempt)).state == "generating"
    assert await floor.poll_in(attempt) == pytest.approx(5, abs=4)
    assert await floor.dispatcher()(attempt.task_id) is None
    assert len(floor.kie.orders) == 1
    assert floor.replicate.orders == []


@pytest.mark.parametrize("error", [RuntimeError("with a secret"), TimeoutError(), KeyError("taskId"), silent()])
async def test_an_error_that_nobody_expected_leaves_the_fate_unknown(floor: Floor, error: Exception) -> None:
    floor.kie.answers = [error]
    attempt = await floor.submit()
    assert (attempt.provider, attempt.state, attempt.error) == ("kie", "unknown", type(error).__name__)
    assert floor.replicate.orders == []


async def test_a_worker_that_is_stopped_while_it_sends_leaves_the_fate_unknown(floor: Floor) -> None:
    sent = asyncio.Event()

    async def never(order: Order) -> Accepted:
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    floor.kie.on_submit = never
    task = await floor.make()
    work = asyncio.create_task(floor.dispatcher()(task.id))
    await sent.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await floor.dispatcher()(task.id) is None
    assert short(await floor.of_task(task)) == [("kie", "unknown")]
    assert floor.replicate.orders == []


async def test_a_provider_that_cannot_do_it_is_not_asked(floor: Floor) -> None:
    attempt = await floor.submit(model="topaz/image-upscale", input={"image_url": ELSEWHERE, "upscale_factor": "8"})
    skipped = await floor.of_task(attempt)
    assert short(skipped) == [("kie", "skipped"), ("replicate", "skipped")]
    assert all("it cannot do upscale_factor '8'" in (one.error or "") for one in skipped)
    assert floor.kie.orders == floor.replicate.orders == []
    assert "engine" in await floor.queue()


async def test_a_route_that_turns_out_unfit_is_left_and_not_tried_again(floor: Floor) -> None:
    floor.kie.answers = [RouteUnfit("it has no such size")]
    floor.replicate.answers = [refusal()]
    task = await floor.make()
    assert await floor.dispatcher()(task.id) is not None
    (unfit, *_) = await floor.of_task(task)
    assert (unfit.state, unfit.final, unfit.error) == ("failed", True, "it has no such size")
    floor.router.health["replicate"].recover()
    await floor.dispatcher()(task.id)
    assert (len(floor.kie.orders), len(floor.replicate.orders)) == (1, 2)


async def test_why_a_provider_is_passed_over_is_written_down_once(floor: Floor) -> None:
    for health in floor.router.health.values():
        health.adopt("suspended", "no credits left", 600)
    task = await floor.make()
    for _ in range(3):
        assert await floor.dispatcher()(task.id) is not None
    assert [(one.provider, one.state, one.error) for one in await floor.of_task(task)] == [
        ("kie", "skipped", "no credits left"),
        ("replicate", "skipped", "no credits left"),
    ]
    assert floor.kie.orders == []
    assert (await floor.task(task)).state == "queuing"


async def test_a_refusal_is_not_told_a_second_time_as_a_reason(floor: Floor) -> None:
    floor.kie.answers = [refusal()]
    attempt = await floor.submit()
    assert short(await floor.of_task(attempt)) == [("kie", "failed"), ("replicate", "accepted")]


async def test_when_all_refuse_the_input_the_task_fails_with_what_they_said(floor: Floor) -> None:
    floor.kie.answers = [refusal("input", 422, "The prompt is too long.")]
    floor.replicate.answers = [refusal("input", 400, "The prompt is bad.")]
    task = await floor.make(callback_url="https://app.example/hook")
    assert await floor.dispatcher()(task.id) is None
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "400")
    assert ended.fail_message == "kie: The prompt is too long.; replicate: The prompt is bad."
    assert "deliver" in await floor.queue()


async def test_the_words_of_the_only_one_that_was_asked_are_the_tasks(floor: Floor) -> None:
    floor.kie.answers = [refusal("input", 422, "The prompt is too long.")]
    floor.router.health["replicate"].adopt("suspended", "no credits", 600)
    task = await floor.make()
    await floor.dispatcher(patience=0)(task.id)
    ended = await floor.task(task)
    assert (ended.fail_code, ended.fail_message) == ("422", "The prompt is too long.")


async def test_a_task_waits_while_a_provider_may_recover_and_not_longer(floor: Floor) -> None:
    floor.kie.answers = [refusal(retry_after=7.0)]
    floor.replicate.answers = [refusal(retry_after=11.0)]
    task = await floor.make()
    delay = await floor.dispatcher()(task.id)
    assert delay is not None
    assert 7 <= delay.total_seconds() <= 7 * 1.2
    assert (await floor.task(task)).state == "queuing"
    await floor.database.pool.execute("UPDATE tasks SET created_at = now() - interval '901 seconds'")
    assert await floor.dispatcher()(task.id) is None
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "500")
    assert "kie: too many; replicate: too many" in (ended.fail_message or "")


async def test_after_a_pause_the_first_provider_has_its_turn_again(floor: Floor) -> None:
    floor.kie.answers, floor.replicate.answers = [refusal()], [refusal()]
    task = await floor.make()
    await floor.dispatcher()(task.id)
    floor.router.health["kie"].recover()
    await floor.dispatcher()(task.id)
    assert short(await floor.of_task(task))[-1] == ("kie", "accepted")


async def test_more_than_a_provider_may_have_waits(floor: Floor) -> None:
    floor.limits["kie"] = Limits(1, None, None)
    await floor.submit()
    task = await floor.make()
    delay = await floor.dispatcher()(task.id)
    assert delay is not None
    assert await floor.of_task(task) == []
    assert len(floor.kie.orders) == 1
    assert floor.replicate.orders == [], "it waits for its claim"
    await floor.database.pool.execute("UPDATE attempts SET state = 'failed'")
    assert await floor.dispatcher()(task.id) is None
    assert len(floor.kie.orders) == 2


async def test_submissions_keep_their_pace_over_all_workers(floor: Floor) -> None:
    floor.limits["kie"] = Limits(100, Rate(3, 3600.0), None)
    tasks = [await floor.make() for _ in range(7)]
    delays = await asyncio.gather(*(floor.dispatcher()(task.id) for task in tasks))
    assert len(floor.kie.orders) == 3
    assert sum(delay is not None for delay in delays) == 4
    assert floor.replicate.orders == []


@pytest.mark.parametrize(
    "model", [model for model in list_models(provider="kie") if not model.price.rules], ids=lambda model: model.id
)
async def test_a_model_without_a_known_price_is_held_by_a_budget(floor: Floor, model: Model) -> None:
    await BudgetStore(floor.database).set("provider", "kie", month=Decimal(1000))
    task = await floor.make(model=model.id, input=build_input_or_raise(model, example(model)))
    await floor.dispatcher()(task.id)
    (skipped,) = await floor.of_task(task)
    assert (skipped.provider, skipped.state) == ("kie", "skipped")
    assert skipped.error == "no price of the model is known, and its dollars, or the account's, are limited"
    assert (await floor.task(task)).state == "fail"
    assert floor.kie.orders == []


async def test_a_budget_that_is_reached_lets_the_next_provider_have_it(floor: Floor) -> None:
    await BudgetStore(floor.database).set("provider", "kie", day=Decimal("0.03"))
    await floor.submit()
    attempt = await floor.submit()
    skipped, taken = await floor.of_task(attempt)
    assert (skipped.provider, skipped.state) == ("kie", "skipped")
    assert skipped.error == "its budget, or the account's, is used up"
    assert (taken.provider, taken.state) == ("replicate", "accepted")
    assert len(floor.kie.orders) == 1


async def test_an_account_that_may_not_spend_more_fails_its_task(floor: Floor) -> None:
    await BudgetStore(floor.database).set("account", DEFAULT, month=Decimal("0.01"))
    task = await floor.make()
    await floor.dispatcher()(task.id)
    assert (await floor.task(task)).state == "fail"
    assert floor.kie.orders == floor.replicate.orders == []


async def test_a_trial_that_was_not_sent_leaves_room_for_the_next(floor: Floor) -> None:
    """A provider that is broken is tried by one task; one that does not get so far is none."""
    await BudgetStore(floor.database).set("provider", "kie", day=Decimal(0))
    health = floor.router.health["kie"]
    health.adopt("open", "no answers", 0)
    health.allow_trial(60)
    await floor.submit()
    assert health.start()


async def test_a_task_that_is_called_off_meanwhile_is_not_sent(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await floor.make()
    claim_for_dispatch = floor.attempts.claim_for_dispatch

    async def and_cancel(task_id: str) -> Any:
        claim = await claim_for_dispatch(task_id)
        await floor.service.tasks.cancel(DEFAULT, task_id)
        return claim

    monkeypatch.setattr(floor.attempts, "claim_for_dispatch", and_cancel)
    assert await floor.dispatcher()(task.id) is None
    assert floor.kie.orders == []
    assert (await floor.task(task)).fail_code == "cancelled"


async def test_a_worker_that_stood_still_sends_nothing(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another may have taken it for dead, and asked the provider for what it was about to send."""
    clock, begin = HandClock(), floor.attempts.begin

    async def and_stand_still(claim: Task, provider: str, **options: Any) -> Attempt | Full:
        attempt = await begin(claim, provider, **options)
        clock.advance(11 if provider == "kie" else 9)
        return attempt

    monkeypatch.setattr(floor.attempts, "begin", and_stand_still)
    task = await floor.make()
    await floor.dispatcher(clock=clock)(task.id)
    assert floor.kie.orders == []
    stood, sent = await floor.of_task(task)
    assert (stood.provider, stood.state, stood.final) == ("kie", "failed", False)
    assert sent.provider == "replicate"


async def test_an_answer_is_written_down_also_when_the_database_is_away(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted, calls = floor.attempts.accepted, []

    async def flaky(*arguments: Any, **options: Any) -> None:
        calls.append(arguments)
        if len(calls) < 3:
            raise DatabaseUnavailable("away")
        await accepted(*arguments, **options)

    monkeypatch.setattr(floor.attempts, "accepted", flaky)
    attempt = await floor.submit()
    assert (attempt.state, len(calls), len(floor.kie.orders)) == ("accepted", 3, 1)


async def test_without_the_database_nothing_is_sent(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*arguments: Any, **options: Any) -> Full:
        raise DatabaseUnavailable("away")

    task = await floor.make()
    monkeypatch.setattr(floor.attempts, "begin", away)
    assert await floor.dispatcher()(task.id) is None
    assert floor.kie.orders == []
    assert (await floor.task(task)).state == "queuing"


async def test_what_runs_here_is_left_to_the_engine(floor: Floor, make_task: MakeTask) -> None:
    task = await make_task()
    await floor.drain()
    assert await floor.dispatcher()(task.id) is None
    assert await floor.queue() == {"engine"}
    assert await floor.of_task(task) == []
    assert await floor.service.tasks.claim(task.id, "local") is not None
    await floor.drain()
    assert await floor.dispatcher()(task.id) is None
    assert await floor.queue() == {"engine"}, "a worker of this machine died"


async def test_what_the_engine_could_not_do_is_not_left_to_it_again(floor: Floor, make_task: MakeTask) -> None:
    task = await make_task()
    claim = await floor.service.tasks.claim(task.id, "local")
    assert claim is not None
    await floor.service.tasks.pass_on(claim, "501", "The result is black.")
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code, ended.fail_message) == ("fail", "501", "The result is black.")


async def test_a_fault_of_ours_is_not_told_in_detail(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(floor.router, "candidates", broken)
    task = await floor.make()
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "500")
    assert "secret" not in (ended.fail_message or "")


# What is sent


EDIT = "google/nano-banana-edit"


def edit(*urls: str) -> dict[str, Any]:
    return {"model": EDIT, "input": {"prompt": "red", "image_urls": list(urls)}}


class Private:
    """Fetches what only this network has."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def fetch(self, url: str, target: Path, **_: Any) -> None:
        self.urls.append(url)
        target.write_bytes(b"\x89PNG\r\n\x1a\n" + url.encode())


async def test_public_pictures_are_passed_on_and_others_uploaded(
    floor: Floor, make_task: MakeTask, make_photo: MakePhoto
) -> None:
    own = (await make_task()).input["image_url"]
    private = "http://10.1.2.3/a.png"
    fetcher = Private()
    task = await floor.make(**edit(ELSEWHERE, own, private))
    assert await floor.dispatcher(fetcher=fetcher)(task.id) is None
    (order,) = floor.kie.orders
    assert order.request.input["image_urls"] == [ELSEWHERE, "https://kie.example/1", "https://kie.example/2"]
    assert floor.kie.uploads == [make_photo("a.png").read_bytes(), b"\x89PNG\r\n\x1a\n" + private.encode()]
    assert fetcher.urls == [private]
    (attempt,) = await floor.of_task(task)
    assert attempt.request == msgspec.to_builtins(order.request)
    assert (await floor.task(task)).input["image_urls"] == [ELSEWHERE, own, private]
    assert list(floor.work.iterdir()) == []


async def test_a_provider_without_network_is_given_foreign_urls_as_they_are(floor: Floor) -> None:
    floor.kie.traits = msgspec.structs.replace(floor.kie.traits, fetches=False, needs_network=False)
    fetcher = Private()
    for url in ("https://nowhere.invalid/a.jpg", "http://10.0.0.1/a.jpg"):
        task = await floor.make(**edit(url))
        await floor.dispatcher(fetcher=fetcher)(task.id)
        assert floor.kie.orders[-1].request.input["image_urls"] == [url]
    assert not fetcher.urls


async def test_a_provider_that_does_not_fetch_is_given_every_picture(floor: Floor) -> None:
    floor.kie.traits = msgspec.structs.replace(floor.kie.traits, fetches=False)
    task = await floor.make(**edit(ELSEWHERE))
    await floor.dispatcher(fetcher=Private())(task.id)
    assert floor.kie.orders[0].request.input["image_urls"] == ["https://kie.example/1"]


async def test_what_the_hosted_service_keeps_is_passed_on_untouched(floor: Floor) -> None:
    input = {"prompt": "a room", "reference_image_urls": ["asset://asset-1", ELSEWHERE]}
    await floor.submit(model="bytedance/seedance-2", input=input)
    assert floor.kie.orders[-1].request.input["reference_image_urls"] == ["asset://asset-1", ELSEWHERE]
    assert floor.kie.uploads == []


async def test_an_upload_that_fails_costs_nothing_and_lets_the_next_one_have_it(
    floor: Floor, make_task: MakeTask
) -> None:
    own = (await make_task()).input["image_url"]
    floor.kie.upload_error = silent("the upload host is away")
    task = await floor.make(**edit(own))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders == []
    assert [(one.provider, one.state, one.error) for one in await floor.of_task(task)] == [
        ("kie", "skipped", "the upload host is away"),
        ("replicate", "accepted", None),
    ]


async def test_a_picture_that_cannot_be_had_fails_the_task(floor: Floor, make_task: MakeTask) -> None:
    own = (await make_task()).input["image_url"]
    await floor.database.pool.execute("UPDATE files SET expires_at = now()")
    task = await floor.make(**edit(own))
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "451")
    assert "no longer kept" in (ended.fail_message or "")


# Tasks that build on others


async def enlarged(floor: Floor, *, source: Task) -> Task:
    return await floor.make(model="grok-imagine/upscale", input={"task_id": source.id})


async def made_by(floor: Floor, make_task: MakeTask, provider: str) -> Task:
    """A task that has been carried out by a provider, which called it `theirs`."""
    source = await make_task(id=secrets.token_hex(16))
    await floor.database.pool.execute(
        "INSERT INTO attempts (task_id, epoch, provider, provider_task_id, state) VALUES ($1, 1, $2, 'theirs', $3)",
        source.id,
        provider,
        "succeeded",
    )
    return source


async def test_a_source_task_is_named_by_the_providers_own_id(floor: Floor, make_task: MakeTask) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "kie"))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders[0].request.input == {"task_id": "theirs"}
    assert (await floor.task(task)).input != {"task_id": "theirs"}


async def test_a_source_that_ran_elsewhere_is_refused_with_the_reason(floor: Floor, make_task: MakeTask) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.dispatcher()(task.id)
    assert floor.kie.orders == []
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code) == ("fail", "500")
    assert "kie: the task in 'task_id' was not carried out by it" in (ended.fail_message or "")
    assert "ENLARGER_SUBSTITUTE=1" in (ended.fail_message or "")


async def test_a_source_that_ran_elsewhere_is_enlarged_here_where_that_is_allowed(
    floor: Floor, make_task: MakeTask
) -> None:
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.drain()
    await floor.dispatcher(substitute=True)(task.id)
    assert await floor.queue() == {"engine"}
    assert floor.kie.orders == []


async def test_without_a_hosted_provider_a_source_is_enlarged_here(floor: Floor, make_task: MakeTask) -> None:
    del floor.providers["kie"]
    task = await enlarged(floor, source=await made_by(floor, make_task, "local"))
    await floor.drain()
    await floor.dispatcher()(task.id)
    assert await floor.queue() == {"engine"}


async def test_a_model_that_nobody_here_runs_fails(floor: Floor) -> None:
    del floor.providers["kie"], floor.providers["replicate"]
    task = await floor.make()
    await floor.dispatcher()(task.id)
    assert (await floor.task(task)).fail_message == "No provider that is set up runs google/nano-banana."


async def test_a_delay_is_never_nothing(floor: Floor) -> None:
    floor.kie.answers, floor.replicate.answers = [refusal(retry_after=0.001)], [refusal(retry_after=0.001)]
    task = await floor.make()
    delay = await floor.dispatcher()(task.id)
    assert delay is not None
    assert timedelta(seconds=1) <= delay <= timedelta(seconds=36)
