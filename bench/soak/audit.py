"""Audits the whole service: are sums right, can every file be read, is anything left behind?"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import msgspec

from bench.soak.app import App
from bench.soak.evidence import Case, Evidence, stored
from enlarger.testing.pictures import draw_picture

_AT_ONCE = 8
_LEFT_AN_ACCIDENT = 16
"""How many files one fault may leave in the storage without a row: as many as a worker stores at a time."""


def count(evidence: Evidence) -> Counter[str]:
    """Count how tasks ended, and what is still held."""
    found: Counter[str] = Counter()
    for case in evidence.cases:
        if case.wanted.refused:
            found["refused for want of credits"] += 1
        elif case.task is not None:
            code = case.task["fail_code"]
            found[f"fail ({code})" if code else str(case.task["state"])] += 1
            if code not in (None, "cancelled"):
                found["of those that failed, paid for"] += any(one.state == "success" for one in case.made)
        held = [one for one in case.attempts if one["abandoned_at"] is not None]
        found["attempts held as unknown or late"] += sum(one["state"] in ("unknown", "accepted") for one in held)
        found["orphans"] += sum(one["state"] == "succeeded" for one in held)
        found["callbacks sent more than once"] += len(case.told) > 1
        found["submissions"] += len(case.made)
    return found


def audit_sums(evidence: Evidence) -> Iterator[str]:
    """Check that balances are the sums of their ledgers, and budgets those of attempts, within their caps."""
    ledger: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in evidence.tables["ledger"]:
        ledger[line["account_id"]] += line["credits"]
    for account in evidence.tables["accounts"]:
        if account["balance"] is not None and account["balance"] != ledger[account["id"]]:
            yield f"{account['id']} has {account['balance']} credits, and {ledger[account['id']]} by its ledger"
    accounts = {case.task["id"]: case.task["account_id"] for case in evidence.cases if case.task is not None}
    right: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for attempt in evidence.tables["attempts"]:
        right["provider", attempt["provider"]] += attempt["dollars"]
        right["account", accounts[attempt["task_id"]]] += attempt["dollars"]
    spent: defaultdict[tuple[str, str, int], Decimal] = defaultdict(Decimal)
    for row in evidence.tables["spending"]:
        spent[row["kind"], row["name"], len(row["period"])] += row["dollars"]
    for (kind, name, length), dollars in spent.items():
        if dollars != right[kind, name]:
            yield f"the {kind} {name} has spent ${dollars} by its budget ({length}), ${right[kind, name]} by attempts"
    caps = {(row["kind"], row["name"]): row["day_cap"] for row in evidence.tables["budgets"]}
    for row in evidence.tables["spending"]:
        cap = caps.get((row["kind"], row["name"]))
        if cap is not None and len(row["period"]) == len("2026-01-01") and row["dollars"] > cap:
            yield f"the {row['kind']} {row['name']} has spent ${row['dollars']} of a budget of ${cap}"


def audit_leftovers(evidence: Evidence, storage: Path, homes: Path, accidents: int) -> Iterator[str]:
    """Check that nothing of finished tasks is left, except files that faults are known to leave."""
    for row in evidence.strangers:
        yield f"task {row['id']} was made, and its app does not know it"
    for row in evidence.tables["pgqueuer"]:
        yield f"the queue has a row for {row['dedupe_key']}, {row['status']}"
    for row in evidence.tables["rate_limits"]:
        if len(row["times"] or ()) > 10_000:
            yield f"the rate limit {row['name']} keeps {len(row['times'])} times"
    keys, found = {row["key"]: row for row in evidence.tables["files"]}, stored(storage)
    for key in keys.keys() - found:
        yield f"LOST: the file {key} is not in the storage"
    for key in keys.keys() & found:
        if hashlib.sha256((storage / key).read_bytes()).digest() != bytes(keys[key]["sha256"]):
            yield f"the file {key} is not what was stored"
    ids = {case.task["id"] for case in evidence.cases if case.task is not None}
    nobodys = sorted(found - keys.keys())
    if len(nobodys) > _LEFT_AN_ACCIDENT * accidents:
        yield f"{len(nobodys)} files without a row are in the storage after {accidents} accidents"
    for key in nobodys:
        if key.startswith("results/") and Path(key).stem not in ids:
            yield f"the file {key} is of no task"
    for left in homes.glob("*/data/work/*"):
        yield f"{left.relative_to(homes)} is left in a data directory"


def rowless(evidence: Evidence, storage: Path) -> int:
    """How many files in the storage have no row."""
    return len(stored(storage) - {row["key"] for row in evidence.tables["files"]})


async def audit_over_http(evidence: Evidence, app: App) -> AsyncIterator[str]:
    """Check over HTTP that records and balances are right, and that every result is the provider's file."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(case: Case) -> list[str]:
        async with places:
            try:
                return [fault async for fault in _read(case, app)]
            except (httpx2.HTTPError, msgspec.DecodeError, KeyError, TypeError) as error:
                return [f"its record cannot be read: {type(error).__name__}: {error}"]

    cases = [case for case in evidence.cases if case.task is not None]
    for case, faults in zip(cases, await asyncio.gather(*map(one, cases)), strict=True):
        case.faults += faults
    for account in evidence.tables["accounts"]:
        if account["id"] in app.accounts:
            answer = await app.ask("GET", "/api/v1/chat/credit", account["id"])
            if answer is None or Decimal(str(answer["data"])) != account["balance"]:
                yield f"{account['id']} is told {answer}, and has {account['balance']} credits"


async def _read(case: Case, app: App) -> AsyncIterator[str]:
    assert case.task is not None
    path = "/api/v1/jobs/recordInfo"
    answer = await app.ask("GET", path, case.wanted.account, params={"taskId": case.task["id"]})
    if answer is None or answer["code"] != 200:
        yield f"its record cannot be read: {answer}"
        return
    record = answer["data"]
    if record["state"] != case.task["state"]:
        yield f"its record says {record['state']}, and it is a {case.task['state']}"
    if Decimal(str(record["creditsConsumed"])) != case.task["credits_consumed"]:
        yield f"its record says that it cost {record['creditsConsumed']}, and {case.task['credits_consumed']} is so"
    if record["state"] != "success":
        return
    urls = msgspec.json.decode(record["resultJson"])["resultUrls"]
    winner = next((one for one in case.attempts if one["state"] == "succeeded" and one["abandoned_at"] is None), None)
    if len(urls) != 1 or winner is None:
        yield f"LOST: its record has the results {urls}"
        return
    parts = urlsplit(urls[0])
    response = await app.client.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    if response.status_code != 200:
        yield f"LOST: its result answers {response.status_code}"
    elif response.content != draw_picture(f"{winner['provider_task_id']}-0.png"):
        yield "its result is not what the provider has made"
