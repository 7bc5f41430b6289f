"""Finding a provider for a task: in order, once, and nobody else while one may have it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from enlarger.catalog import Model, build_input_or_raise, list_models
from enlarger.catalog.schema import example
from enlarger.errors import RefusalReason, RouteUnfit
from enlarger.providers import Accepted, Order
from enlarger.settings import Limits, Rate
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.budgets import BudgetStore
from tests.worker.conftest import MakeTask
from tests.worker.dispatch_steps import refusal, short
from tests.worker.hosted import ELSEWHERE, PUBLIC, Floor


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
    await floor.dispatcher()(task.id)
    assert await floor.of_task(task) == []
    assert len(floor.kie.orders) == 1
    assert floor.replicate.orders == [], "it waits for its claim"
    assert await floor.waiting("kie") == [task.id]
    await floor.database.pool.execute("UPDATE attempts SET state = 'failed'")
    await floor.dispatcher()(task.id)
    assert len(floor.kie.orders) == 2
    assert await floor.waiting("kie") == []


async def test_submissions_keep_their_pace_over_all_workers(floor: Floor) -> None:
    floor.limits["kie"] = Limits(100, Rate(3, 3600.0), None)
    tasks = [await floor.make() for _ in range(7)]
    await asyncio.gather(*(floor.dispatcher()(task.id) for task in tasks))
    assert len(floor.kie.orders) == 3
    assert len(await floor.waiting("kie")) == 4
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


async def test_what_is_in_the_engines_long_lane_stays_there(floor: Floor, make_task: MakeTask) -> None:
    """A row for dispatching that a dead worker had comes back when the task has got further."""
    task = await make_task()
    await floor.drain()
    claim = await floor.service.tasks.claim(task.id, "local")
    assert claim is not None
    await floor.service.tasks.move_to_long_lane(claim)
    assert await floor.dispatcher()(task.id) is None
    assert await floor.queue() == {"engine_long"}
    assert await floor.service.tasks.claim(task.id, "local") is not None
    assert await floor.dispatcher()(task.id) is None
    assert await floor.queue() == {"engine_long"}, "nobody takes it from the lane that has it"


async def test_what_the_engine_could_not_do_is_not_left_to_it_again(floor: Floor, make_task: MakeTask) -> None:
    task = await make_task()
    claim = await floor.service.tasks.claim(task.id, "local")
    assert claim is not None
    await floor.service.tasks.pass_on(claim, "501", "The result is black.")
    await floor.dispatcher()(task.id)
    ended = await floor.task(task)
    assert (ended.state, ended.fail_code, ended.fail_message) == ("fail", "501", "The result is black.")


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
