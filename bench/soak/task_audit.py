"""Audits each task: was it lost, paid twice or charged wrongly, or was a callback wrong?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bench.soak.app import ENDS
from bench.soak.evidence import Case, Row
from bench.soak.plan import PROVIDERS
from enlarger.catalog import get_model, quote

_OPEN = ("submitting", "accepted", "unknown")
_NOTHING = Decimal(0)
_DEADLINE_SPARE = 0.5


def audit_task(case: Case, deadline: float) -> Iterator[str]:
    """The promises that were broken for one task; `deadline` is that of attempts, in seconds."""
    if case.wanted.refused:
        if case.task is not None or case.made:
            yield "it was refused, and there is a task"
        return
    if case.task is None:
        yield "LOST: its app has an id, and there is no task" if case.wanted.ids else "LOST: there is no task"
        return
    if case.wanted.ids != {case.task["id"]}:
        yield f"its app was given the ids {case.wanted.ids}, and the task's is {case.task['id']}"
    if case.task["state"] not in ENDS:
        yield f"LOST: the task is {case.task['state']}"
        return
    yield from _result(case)
    yield from _reason(case, deadline)
    yield from _credits(case)
    yield from _callback(case)
    yield from _payments(case)
    yield from _left(case)
    for attempt in case.attempts:
        yield from _dollars(case, attempt)


def _result(case: Case) -> Iterator[str]:
    assert case.task is not None
    winners = [one for one in case.attempts if one["state"] == "succeeded" and one["abandoned_at"] is None]
    files = [one for one in case.files if one["attempt_id"] is None]
    if case.task["state"] == "fail":
        if winners or files:
            yield "it failed, and has a result"
        return
    if len(winners) != 1 or len(files) != 1:
        yield f"a success with {len(winners)} attempts and {len(files)} files"
        return
    made = case.made_by(winners[0])
    if made is None or made.state != "success":
        yield "its result is of a task that no provider has made"


def _reason(case: Case, deadline: float) -> Iterator[str]:
    """A task fails because it was cancelled, its deadline passed, or every provider failed or was skipped."""
    assert case.task is not None
    if case.task["state"] == "success":
        return
    if case.task["fail_code"] == "cancelled":
        if case.wanted.cancel_after is None:
            yield "it is cancelled, and its app did not ask for that"
        return
    given_up = [one for one in case.attempts if one["abandoned_at"] is not None]
    for one in given_up:
        waited = (one["abandoned_at"] - one["started_at"]).total_seconds()
        if waited < deadline - _DEADLINE_SPARE:
            yield f"an attempt was given up after {waited:.1f} s"
    passed = {one["provider"] for one in case.attempts if one["state"] == "skipped" or _has_failed(one)}
    if not given_up and not passed >= set(PROVIDERS):
        yield f"LOST: it failed without a reason ({case.task['fail_message']})"


def _has_failed(attempt: Row) -> bool:
    return attempt["state"] == "failed" and bool(attempt["final"])


def _credits(case: Case) -> Iterator[str]:
    """A success costs its price, a failure nothing; a cancelled task its price if a provider may have been paid."""
    assert case.task is not None
    model = get_model(case.task["model"])
    price = Decimal(str(quote(model, case.wanted.body["input"]).amount))
    cancelled = case.task["fail_code"] == "cancelled"
    may_be_paid = any(one["state"] in (*_OPEN, "succeeded") or one["dollars"] > 0 for one in case.attempts)
    if cancelled and not may_be_paid and any(one.state == "success" for one in case.made):
        yield "a provider is paid, and no attempt of the task says so"
    cost = price if case.task["state"] == "success" or (cancelled and may_be_paid) else _NOTHING
    lines = [(one["kind"], one["credits"]) for one in case.ledger]
    reserve, kept = ("reserve", -price), ("settle", _NOTHING)
    right = [[reserve, kept if cost else ("release", price)]]
    if cancelled and not cost:
        right.append([reserve, kept, ("refund", price)])
    if lines not in right:
        yield f"the ledger says {[(kind, str(credits)) for kind, credits in lines]}"
    if case.task["credits_consumed"] != cost:
        yield f"a {case.task['state']} cost {case.task['credits_consumed']} credits, and {cost} are right"


def _callback(case: Case) -> Iterator[str]:
    assert case.task is not None
    states = [one["state"] for one in case.deliveries]
    if case.wanted.callback is None:
        if states or case.told:
            yield "its app was called and had not asked for that"
        return
    if states != ["delivered"]:
        yield f"its callback is {states}"
    if not case.told or {one.state for one in case.told} != {case.task["state"]}:
        yield f"its app was told {[one.state for one in case.told]}, and it is a {case.task['state']}"
    if any(one.receiver != case.wanted.callback for one in case.told):
        yield "another receiver was told"


def _payments(case: Case) -> Iterator[str]:
    """At most one submission costs something, and every provider's task belongs to an attempt."""
    paid = [one for one in case.made if one.state != "fail"]
    if len(paid) > 1:
        yield f"PAID TWICE: {[(one.provider, one.id, one.state) for one in paid]}"
    for provider in PROVIDERS:
        strange = [one for one in paid if one.provider == provider and case.attempt_of(one) is None]
        nameless = [
            one
            for one in case.attempts_at(provider)
            if one["provider_task_id"] is None and one["state"] != "failed" and one["abandoned_at"] is not None
        ]
        if len(strange) > len(nameless):
            yield f"LOST: {provider} has {len(strange)} tasks that no attempt can be"
    for one in case.made:
        attempt = case.attempt_of(one)
        if attempt is None or attempt["abandoned_at"] is not None:
            continue
        if one.state == "success" and attempt["state"] != "succeeded":
            yield f"LOST: what {one.provider} has made is {attempt['state']} here ({attempt['error']})"
        if one.state == "fail" and attempt["state"] != "failed":
            yield f"what failed at {one.provider} is {attempt['state']} here"
    for attempt in case.attempts:
        if attempt["provider_task_id"] is not None and case.made_by(attempt) is None:
            yield f"attempt {attempt['id']} has taken another task's place at {attempt['provider']}"


def _left(case: Case) -> Iterator[str]:
    """Nothing follows the end of a task, and nothing is still under way."""
    assert case.task is not None
    ends = [place for place, one in enumerate(case.events) if one["state"] in ENDS]
    if ends != [len(case.events) - 1]:
        yield f"its events are {[one['state'] for one in case.events]}"
    if case.task["waits_for"] is not None:
        yield f"it has ended, and stands in the line of {case.task['waits_for']}"
    for one in case.deliveries:
        if one["waits_for"] is not None:
            yield f"its callback stands in the line of {one['waits_for']}"
    for one in case.attempts:
        if one["state"] in _OPEN and (one["abandoned_at"] is None or one["state"] == "submitting"):
            yield f"attempt {one['id']} is {one['state']} for ever"
        if one["state"] == "unknown" and not one["error"]:
            yield f"attempt {one['id']} is unknown without a reason"


def _dollars(case: Case, attempt: Row) -> Iterator[str]:
    """An attempt counts what its provider charges; one whose fate is unknown stays counted."""
    made = case.made_by(attempt)
    price = Decimal(str(round(made.dollars, 6))) if made is not None else attempt["reserved"]
    right: tuple[Decimal, ...] = (price,)
    if attempt["state"] == "skipped" or (attempt["state"] == "failed" and made is None):
        right = (_NOTHING,)
    elif attempt["state"] == "failed" and made is not None and made.state == "fail":
        right = (_NOTHING, price) if attempt["abandoned_at"] is not None else (_NOTHING,)
    if attempt["dollars"] not in right:
        yield f"attempt {attempt['id']}, {attempt['state']}, counts ${attempt['dollars']} of ${price}"
