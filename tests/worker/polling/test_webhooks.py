"""A webhook hurries a poll; it ends the wait only if it is signed."""

from __future__ import annotations

from enlarger.errors import AcceptanceUnknown, ResultGone
from enlarger.providers import Accepted, Order
from enlarger.tasks.records import Attempt
from tests.worker.hosted import Floor, failed, silent, succeeded


async def test_a_signed_webhook_ends_the_wait_without_a_question(floor: Floor, accepted: Attempt) -> None:
    floor.kie.verified = succeeded("kie-1", "a")
    await floor.announce(accepted)
    found = await floor.poll(accepted)
    assert found.report is not None
    assert (floor.kie.polls, found.polls, found.webhook) == ([], 0, None)


async def test_a_webhook_without_a_signature_is_only_a_reason_to_ask(floor: Floor, accepted: Attempt) -> None:
    await floor.announce(accepted, "another-task")
    assert (await floor.poll(accepted)).state == "accepted"
    assert floor.kie.polls == ["kie-1"]
    assert 1 < (await floor.poll_in(accepted) or 0) < 66
    floor.kie.says = succeeded("kie-1", "a")
    await floor.announce(accepted)
    assert (await floor.poll(accepted)).report is not None


async def test_a_signed_webhook_that_tells_no_end_is_no_end(floor: Floor, accepted: Attempt) -> None:
    floor.kie.verified = None
    await floor.announce(accepted)
    floor.kie.says = failed("kie-1", "broken", faulty_input=True)
    assert (await floor.poll(accepted)).state == "failed", "it was asked"


async def test_a_webhook_tells_whom_to_ask_for(floor: Floor, unknown: Attempt) -> None:
    await floor.announce(unknown, "theirs")
    found = await floor.poll(unknown)
    assert (found.state, found.provider_task_id, found.error) == ("accepted", "theirs", None)
    assert floor.kie.polls == ["theirs"]
    assert (await floor.task(unknown)).progress == 30


async def test_what_a_webhook_names_is_not_forgotten_while_the_provider_is_silent(
    floor: Floor, unknown: Attempt
) -> None:
    await floor.announce(unknown, "theirs")
    floor.kie.says = silent()
    assert (await floor.poll(unknown)).state == "unknown"
    assert 1 < (await floor.poll_in(unknown) or 0) < 66
    floor.kie.says = succeeded("theirs", "a")
    found = await floor.poll(unknown)
    assert (found.provider_task_id, found.report is not None) == ("theirs", True)


async def test_a_made_up_id_is_nobodys(floor: Floor, unknown: Attempt) -> None:
    floor.kie.says = ResultGone("KIE does not know the task.")
    await floor.announce(unknown, "made up")
    for _ in range(3):
        found = await floor.poll(unknown)
        assert (found.state, found.provider_task_id) == ("unknown", None)
    assert (await floor.task(unknown)).state == "generating"


async def test_an_id_that_is_another_attempts_is_not_taken(floor: Floor, accepted: Attempt) -> None:
    floor.kie.answers = [AcceptanceUnknown("lost")]
    other = await floor.submit()
    await floor.announce(other, "kie-1")
    found = await floor.poll(other)
    assert (found.state, found.provider_task_id) == ("unknown", None)
    assert (await floor.attempt(accepted)).provider_task_id == "kie-1"


async def test_an_end_that_is_announced_before_the_submission_is_answered(floor: Floor) -> None:
    task = await floor.make()
    floor.kie.verified = succeeded("theirs", "a")

    async def announced(order: Order) -> Accepted:
        (attempt,) = await floor.of_task(task)
        await floor.announce(attempt)
        assert (await floor.poll(attempt)).report is not None
        return Accepted("theirs")

    floor.kie.on_submit = announced
    await floor.dispatcher()(task.id)
    (attempt,) = await floor.of_task(task)
    assert (attempt.state, attempt.provider_task_id) == ("accepted", "theirs")
    assert attempt.report is not None


async def test_nobody_looks_for_what_is_still_on_its_way(floor: Floor) -> None:
    """A list without it would prove nothing yet."""
    floor.router.health["kie"].adopt("suspended", "no credits", 600)
    task = await floor.make()

    async def announced(order: Order) -> Accepted:
        attempt = (await floor.of_task(task))[-1]
        await floor.announce(attempt)
        assert (await floor.poll(attempt)).state == "submitting"
        return Accepted("theirs")

    floor.replicate.on_submit = announced
    await floor.dispatcher()(task.id)
    assert (await floor.of_task(task))[-1].provider_task_id == "theirs"
    assert floor.replicate.searched == []
