"""Whether the promises were kept: the stand-ins' books against our own database and storage, run by run."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from enlarger.testing.pictures import draw_picture
from tests.faults.evidence import Bought, Evidence, Outcome, Row, Trial
from tests.faults.plan import DEADLINE, Plan, World, number_in

_ENDS = ("success", "fail")
_OPEN = ("submitting", "accepted", "unknown")
_MAY_BE_PAID = (*_OPEN, "succeeded")
_PRICES = {"kie": Decimal("0.02"), "replicate": Decimal("0.039")}
_CREDITS = Decimal(4)
_ENOUGH = 20
"""The number of runs from which on it means something how most of them end."""
_MOST_PAID = {"fail": 1, "resubmit": 2}


@dataclass
class _Case:
    """All that is known of one run."""

    plan: Plan
    task: Row | None
    attempts: list[Row]
    history: list[Row]
    events: list[Row]
    files: list[Row]
    deliveries: list[Row]
    ledger: list[Row]
    bought: list[Bought]
    told: list[str]
    faults: list[str] = field(default_factory=list)

    def at(self, provider: str) -> list[Row]:
        """Its submissions to a provider."""
        return [one for one in self.attempts if one["provider"] == provider and one["state"] != "skipped"]

    def was_unknown(self, attempt: Row) -> bool:
        return any(one["attempt_id"] == attempt["id"] and one["state"] == "unknown" for one in self.history)

    def was_given_up(self, attempt: Row) -> bool:
        """Whether nobody knew what had become of it at its deadline; it may have been collected since."""
        history = [one for one in self.history if one["attempt_id"] == attempt["id"]]
        return any(one["state"] == "unknown" and one["abandoned"] for one in history)

    def attempt_of(self, bought: Bought) -> Row | None:
        return next((one for one in self.at(bought.provider) if one["provider_task_id"] == bought.id), None)


def judge(evidence: Evidence) -> Trial:
    """The verdict."""
    cases = _cases(evidence)
    outcomes = [_judge(case, evidence) for case in cases]
    faults = [f"the ledger does not add up: {one}" for one in evidence.differences]
    faults += _spending_faults(evidence.tables)
    faults += evidence.samples
    if not evidence.over:
        faults.append("not everything has come to an end")
    plain = [one for one in outcomes if one.plan.cell.mishap == "nothing"]
    if len(plain) >= _ENOUGH and sum(one.ended == "success" for one in plain) < len(plain) / 2:
        faults.append("most tasks fail although nothing went wrong at their providers")
    return Trial(
        world=evidence.world,
        outcomes=tuple(outcomes),
        faults=tuple(faults),
        kills=evidence.kills,
        restarts=evidence.restarts,
        sampled=evidence.sampled,
        seconds=evidence.seconds,
    )


def _cases(evidence: Evidence) -> list[_Case]:
    of_task: dict[str, defaultdict[str, list[Row]]] = {}
    for name, rows in evidence.tables.items():
        of_task[name] = defaultdict(list)
        for row in rows:
            of_task[name][row.get("task_id") or row.get("id") or ""].append(row)
    bought: defaultdict[int | None, list[Bought]] = defaultdict(list)
    for task in evidence.kie:
        state = task.state if task.state in _ENDS else "running"
        bought[number_in(task.input.get("prompt"))].append(Bought("kie", task.id, state, task.created))
    for one in evidence.replicate:
        known = {"succeeded": "success", "starting": "running", "processing": "running"}
        prediction = Bought("replicate", one.id, known.get(one.status, "fail"), one.created)
        bought[number_in(one.input.get("prompt"))].append(prediction)
    cases = []
    for number, plan in evidence.plans.items():
        task_id = evidence.ids.get(number, "none")
        cases.append(
            _Case(
                plan=plan,
                task=next(iter(of_task["tasks"][task_id]), None),
                attempts=sorted(of_task["attempts"][task_id], key=lambda row: row["id"]),
                history=of_task["seen_attempts"][task_id],
                events=of_task["events"][task_id],
                files=of_task["files"][task_id],
                deliveries=of_task["deliveries"][task_id],
                ledger=of_task["ledger"][task_id],
                bought=bought[number],
                told=evidence.told.get(number, []),
            )
        )
    return cases


def _judge(case: _Case, evidence: Evidence) -> Outcome:
    if case.task is None or case.task["state"] not in _ENDS:
        case.faults.append("LOST: the task has not ended" if case.task else "LOST: there is no task")
    else:
        _check_end(case, evidence.folder)
        _check_reason(case)
    _check_payments(case, evidence.world)
    _check_books(case, evidence.folder)
    _check_ambiguity(case)
    _check_events(case)
    ended = case.task["state"] if case.task and case.task["state"] in _ENDS else "lost"
    if ended == "fail" and case.task and case.task["fail_code"] == "cancelled":
        ended = "cancelled"
    took = (
        (case.task["completed_at"] - case.task["created_at"]).total_seconds() if case.task and ended != "lost" else 0.0
    )
    return Outcome(
        plan=case.plan,
        ended=ended,
        ambiguous=any(case.was_unknown(one) for one in case.attempts),
        orphans=sum(
            one["abandoned_at"] is not None and one["state"] in ("succeeded", "unknown") for one in case.attempts
        ),
        hit=case.plan.number in evidence.hits,
        paid=sum(one.state == "success" for one in case.bought),
        seconds=took,
        faults=tuple(case.faults),
        story=tuple(_tell(case)) if case.faults else (),
    )


def _tell(case: _Case) -> Iterator[str]:
    """Everything that is known of a run, in the order in which it happened."""
    began = case.task["created_at"] if case.task is not None else None
    told = [(one["at"], f"task {one['state']}") for one in case.events]
    told += [
        (one["at"], f"attempt {one['attempt_id']} {one['state']}{' abandoned' * one['abandoned']}: {one['error']}")
        for one in case.history
    ]
    for at, line in sorted(told):
        yield f"{(at - began).total_seconds() if began else 0:7.2f} s  {line}"
    for one in case.attempts:
        yield (
            f"attempt {one['id']} at {one['provider']}: {one['state']}, its id {one['provider_task_id']},"
            f" {one['polls']} polls, ${one['dollars']}, accepted {one['accepted_at']}"
        )
    for bought in case.bought:
        made = bought.created - began.timestamp() if began else 0
        yield f"{bought.provider} has {bought.id}: {bought.state}, made {made:.2f} s"


def _check_end(case: _Case, folder: Path) -> None:
    """Its end was told to its app, in words that never change; a success has the very picture that was made."""
    assert case.task is not None
    state = case.task["state"]
    if [one["state"] for one in case.deliveries] != ["delivered"]:
        case.faults.append(f"the callback is {[one['state'] for one in case.deliveries]}")
    if not case.told or set(case.told) != {state}:
        case.faults.append(f"the app was told {case.told}, and the task is a {state}")
    winners = [one for one in case.attempts if one["state"] == "succeeded" and one["abandoned_at"] is None]
    files = [one for one in case.files if one["attempt_id"] is None]
    if state == "fail":
        if winners or files:
            case.faults.append("it has failed, and has a result")
    elif len(winners) != 1 or len(files) != 1:
        case.faults.append(f"a success with {len(winners)} attempts and {len(files)} files")
    else:
        named = [one["id"] for one in case.task["result"]["files"]]
        if named != [files[0]["id"]]:
            case.faults.append("its result does not name its file")
        _check_file(case, files[0], winners[0], folder)
    _check_cost(case)


def _check_cost(case: _Case) -> None:
    """A success costs its credits, a failure nothing; a cancelled task costs them if a provider may have been paid."""
    assert case.task is not None
    state, cancelled = case.task["state"], case.task["fail_code"] == "cancelled"
    maybe_paid = any(one["state"] in _MAY_BE_PAID or one["dollars"] > 0 for one in case.attempts)
    if cancelled and not maybe_paid and any(one.state == "success" for one in case.bought):
        case.faults.append("a provider is paid, and no attempt of the task says so")
    cost = _CREDITS if state == "success" or (cancelled and maybe_paid) else Decimal(0)
    ledger = [(one["kind"], one["credits"]) for one in case.ledger]
    reserved, kept = ("reserve", -_CREDITS), ("settle", Decimal(0))
    right = [[reserved, kept if cost else ("release", _CREDITS)]]
    if cancelled and not cost:
        right.append([reserved, kept, ("refund", _CREDITS)])  # it turned out later that nothing had been paid
    if ledger not in right:
        case.faults.append(f"the ledger says {ledger}")
    if case.task["credits_consumed"] != cost:
        case.faults.append(f"a {state} cost {case.task['credits_consumed']} credits")


def _check_file(case: _Case, file: Row, attempt: Row, folder: Path) -> None:
    """The stored bytes are those that the provider has made for this very attempt."""
    bought = next((one for one in case.bought if one.id == attempt["provider_task_id"]), None)
    if bought is None or bought.state != "success":
        case.faults.append("its result is of a task that no provider has made")
        return
    made = draw_picture(bought.file)
    try:
        stored = (folder / file["key"]).read_bytes()
    except OSError:
        case.faults.append("LOST: its file is not in the storage")
        return
    if stored != made or bytes(file["sha256"]) != hashlib.sha256(made).digest() or file["size"] != len(made):
        case.faults.append("its file is not what was made")


def _check_reason(case: _Case) -> None:
    """A task fails only for a reason: its providers' failures, the deadline, spoilt results, or its app."""
    assert case.task is not None
    if case.task["state"] == "success" or case.task["fail_code"] == "cancelled":
        return
    for one in case.attempts:
        waited = one["abandoned_at"] and (one["abandoned_at"] - one["started_at"]).total_seconds()
        if one["abandoned_at"] is not None and one["error"] != "cancelled" and waited < DEADLINE - 0.1:
            case.faults.append(f"an attempt was given up after {waited:.1f} s")
    if any(one["abandoned_at"] is not None for one in case.attempts):
        return
    ended = [one for one in case.attempts if one["state"] == "failed" and one["final"]]
    if case.plan.mishap.spoilt or case.plan.cell.mishap == "provider fails, by the input":
        if ended:
            return
    elif {one["provider"] for one in ended} >= {"kie", "replicate"}:
        return
    case.faults.append(f"LOST: it failed without a reason ({case.task['fail_message']})")


def _check_payments(case: _Case, world: World) -> None:
    """At most one submission that costs something; one more where a lost one was given up and that is wanted."""
    taken = [one for one in case.bought if one.state != "fail"]
    if len(taken) <= 1:
        return
    given_up = sum(case.was_given_up(one) for one in case.attempts)
    if world.unknown == "fail" or not given_up or len(taken) > _MOST_PAID[world.unknown]:
        case.faults.append(f"PAID TWICE: {[(one.provider, one.state) for one in taken]}")


def _check_books(case: _Case, folder: Path) -> None:
    """What a provider took is known here, for what it is."""
    for provider in _PRICES:
        attempts = case.at(provider)
        bought = [one for one in case.bought if one.provider == provider]
        unknown = [one for one in attempts if one["provider_task_id"] is None and one["state"] != "failed"]
        strange = [one for one in bought if case.attempt_of(one) is None]
        strange_and_good = [one for one in strange if one.state != "fail"]
        if len(strange_and_good) > len([one for one in unknown if one["abandoned_at"] is not None]):
            case.faults.append(f"LOST: {provider} has {len(strange_and_good)} tasks that no attempt may be")
        known = {one.id for one in bought}
        for one in attempts:
            if one["provider_task_id"] is not None and one["provider_task_id"] not in known:
                case.faults.append(f"an attempt has taken another's task at {provider}")
    for paid in case.bought:
        if (found := case.attempt_of(paid)) is not None:
            _check_bought(case, paid, found, folder)
    for attempt in case.attempts:
        _check_dollars(case, attempt)


def _check_bought(case: _Case, bought: Bought, attempt: Row, folder: Path) -> None:
    state, abandoned = attempt["state"], attempt["abandoned_at"] is not None
    if bought.state == "fail" and state != "failed" and not abandoned:
        case.faults.append(f"what has failed at {bought.provider} is {state} here")
    if bought.state != "success":
        return
    if state == "failed":
        if not case.plan.mishap.spoilt:
            case.faults.append(f"LOST: what {bought.provider} has made counts as failed ({attempt['error']})")
    elif state == "succeeded":
        if abandoned:
            files = [one for one in case.files if one["attempt_id"] == attempt["id"]]
            if len(files) != 1:
                case.faults.append(f"an orphan has {len(files)} files")
            else:
                _check_file(case, files[0], attempt, folder)
    elif not (abandoned and case.plan.mishap.mute):
        case.faults.append(f"LOST: what {bought.provider} has made is {state} here and was not collected")


def _check_dollars(case: _Case, attempt: Row) -> None:
    price = _PRICES.get(attempt["provider"], Decimal(0))
    bought = next((one for one in case.bought if one.id == attempt["provider_task_id"]), None)
    right: tuple[Decimal, ...]
    match attempt["state"]:
        case "skipped":
            right = (Decimal(0),)
        case "failed" if bought is None or bought.state == "fail":
            right = (Decimal(0), price) if bought is not None else (Decimal(0),)  # what is called off may have cost
        case _:
            right = (price,)
    if attempt["dollars"] not in right:
        case.faults.append(f"an attempt that is {attempt['state']} counts ${attempt['dollars']}")


def _check_ambiguity(case: _Case) -> None:
    """What nobody could say was visible, with a reason, and is settled in the end."""
    for one in case.history:
        if one["state"] != "unknown":
            continue
        if not one["error"]:
            case.faults.append("an unknown attempt has no reason")
        if not one["abandoned"] and one["task_state"] not in ("generating", *_ENDS):
            case.faults.append(f"the task of an unknown attempt was {one['task_state']}")
    for attempt in case.attempts:
        if attempt["state"] in _OPEN and attempt["abandoned_at"] is None:
            case.faults.append(f"an attempt is {attempt['state']} for ever")
        if attempt["state"] == "submitting":
            case.faults.append("an attempt has stayed submitting")


def _check_events(case: _Case) -> None:
    ends = [place for place, one in enumerate(case.events) if one["state"] in _ENDS]
    if case.task is not None and case.task["state"] in _ENDS and ends != [len(case.events) - 1]:
        case.faults.append(f"its events are {[one['state'] for one in case.events]}")


def _spending_faults(tables: Mapping[str, list[Row]]) -> list[str]:
    """Budgets count what the attempts count."""
    total = sum((one["dollars"] for one in tables["attempts"]), Decimal(0))
    by_provider: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in tables["attempts"]:
        by_provider[one["provider"]] += one["dollars"]
    spent: defaultdict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
    for one in tables["spending"]:
        spent[one["kind"], one["name"], len(one["period"])] += one["dollars"]
    faults = []
    for (kind, name, length), dollars in spent.items():
        right = by_provider[name] if kind == "provider" else total
        if dollars != right:
            faults.append(
                f"the {kind} {name} has spent ${dollars} by its budget, and ${right} by its attempts ({length})"
            )
    return faults
