"""The floor of the hosted providers in one piece: real Postgres and storage, and providers that do as they are told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from enlarger.catalog import Model
from enlarger.catalog.model import LOCAL
from enlarger.errors import ProviderSilent, ResultGone
from enlarger.infra.fetch import Fetcher
from enlarger.infra.listener import Listener
from enlarger.infra.safe_http import Allowed
from enlarger.infra.webhook_urls import WebhookUrls
from enlarger.protocol.webhook import Webhook
from enlarger.providers import (
    Accepted,
    HostedProvider,
    LocalRunner,
    Order,
    Provider,
    Report,
    Submission,
    Traits,
    WireRequest,
)
from enlarger.providers.router import Router
from enlarger.providers.routing import read_routing
from enlarger.server import Service
from enlarger.settings import Limits
from enlarger.tasks.accounts import DEFAULT
from enlarger.tasks.polls import NEWS
from enlarger.tasks.records import Attempt, Task
from enlarger.worker.collect import Collector
from enlarger.worker.dispatch import Dispatcher, DispatchTimeouts
from enlarger.worker.inputs import Inputs
from enlarger.worker.outage import StorageWait
from enlarger.worker.poll import Poller
from enlarger.worker.report_handler import ReportHandler
from enlarger.worker.schedule import Schedule
from enlarger.worker.sources import Sources
from tests.new_task import new_task

PUBLIC = "https://service.example"
ELSEWHERE = "https://93.184.215.14/a.png"
"""A picture that everybody can reach."""
MINUTE = timedelta(minutes=1)

Answer = Accepted | Exception
OnSubmit = Callable[[Order], Awaitable[Answer]]


class Scripted(HostedProvider):
    """A hosted provider that takes everything and is at work until it is told otherwise."""

    def __init__(self, name: str, *, lists: bool = False) -> None:
        self.name = name
        self.traits = Traits(lists=lists, keeps_seconds=3600.0)
        self.orders: list[Order] = []
        self.answers: list[Answer] = []
        """To the next submissions."""
        self.on_submit: OnSubmit | None = None
        self.says: Report | Exception | None = None
        """To every question about a task; None is that it is at work."""
        self.polls: list[str] = []
        self.finds: Accepted | Exception | None = None
        self.searched: list[frozenset[str]] = []
        self.verified: Report | None = None
        """What webhooks say whose signature holds; None where there is none."""
        self.files: dict[str, list[bytes | Exception]] = {}
        """What is at an address, one after the other; the last one stays."""
        self.uploads: list[bytes] = []
        self.upload_error: Exception | None = None
        self.cancelled: list[str] = []

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        return WireRequest(model=model.id, input=dict(input))

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        if self.upload_error:
            raise self.upload_error
        self.uploads.append(path.read_bytes())
        return f"https://{self.name}.example/{len(self.uploads)}"

    async def submit(self, order: Order) -> Accepted:
        self.orders.append(order)
        answer: Answer = Accepted(f"{self.name}-{len(self.orders)}")
        if self.on_submit:
            answer = await self.on_submit(order)
        elif self.answers:
            answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def poll(self, submission: Submission) -> Report:
        assert submission.provider_task_id is not None
        self.polls.append(submission.provider_task_id)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says or Report(provider_task_id=submission.provider_task_id, state="running", progress=30)

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        self.searched.append(taken)
        if isinstance(self.finds, Exception):
            raise self.finds
        return self.finds

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        return self.verified

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        return webhook.body.decode() or None

    async def cancel(self, submission: Submission) -> None:
        assert submission.provider_task_id is not None
        self.cancelled.append(submission.provider_task_id)

    async def fetch(self, output: str, target: Path) -> None:
        if output not in self.files:
            raise ResultGone("The file is there no longer.")
        answers = self.files[output]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        target.write_bytes(answer)

    async def probe(self) -> None:
        pass


def succeeded(provider_task_id: str, *outputs: str, **more: Any) -> Report:
    return Report(provider_task_id=provider_task_id, state="succeeded", outputs=outputs, **more)


def failed(provider_task_id: str, message: str = "overloaded", **more: Any) -> Report:
    return Report(provider_task_id=provider_task_id, state="failed", message=message, **{"cost": Decimal(0), **more})


def silent(message: str = "no answer") -> ProviderSilent:
    return ProviderSilent(message)


class Floor:
    """KIE without a list, Replicate with one, and this machine's engine; and the duties of a worker over them."""

    def __init__(self, service: Service, engine: LocalRunner, folder: Path) -> None:
        self.service = service
        self.database = service.database
        self.attempts = service.attempts
        self.work = folder / "hosted-work"
        self.work.mkdir()
        self.stopping = asyncio.Event()
        self.kie, self.replicate = Scripted("kie"), Scripted("replicate", lists=True)
        self.providers: dict[str, Provider] = {"kie": self.kie, "replicate": self.replicate, LOCAL: engine}
        self.router = Router(self.providers, read_routing(""))
        self.schedule = Schedule()
        self.urls = WebhookUrls(b"secret", PUBLIC)
        self.rate_limiter = service.rate_limiter
        self.limits = {name: Limits(100, None, None) for name in self.providers}
        self.report_handler = ReportHandler(self.attempts, self.schedule)

    def dispatcher(
        self,
        *,
        patience: float = 900.0,
        deadline: float | None = None,
        substitute: bool = False,
        fetcher: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Dispatcher:
        """The duty of a worker."""
        service = self.service
        fetcher = fetcher or Fetcher(Allowed.parse(()))
        sources = Sources(service.tasks, service.files, service.storage, service.links, fetcher)
        return Dispatcher(
            attempts=self.attempts,
            inputs=Inputs(sources, self.attempts),
            router=self.router,
            schedule=self.schedule,
            lines=self.service.provider_lines,
            limits=self.limits,
            urls=self.urls,
            timeouts=DispatchTimeouts(route=patience, deadline=deadline),
            storage_wait=StorageWait(3600, self.database.now),
            substitute=substitute,
            work=self.work,
            stopping=self.stopping,
            clock=clock,
        )

    def poller(self, *, resubmit: bool = False) -> Poller:
        """The duty of a worker."""
        return Poller(
            attempts=self.attempts,
            router=self.router,
            report_handler=self.report_handler,
            schedule=self.schedule,
            rate_limiter=self.rate_limiter,
            limits=self.limits,
            listener=Listener(self.database, NEWS),
            urls=self.urls,
            resubmit=resubmit,
        )

    def collector(self, **options: Any) -> Collector:
        """The duty of a worker."""
        values: dict[str, Any] = {"max_pixels": 100_000_000, **options}
        return Collector(
            attempts=self.attempts,
            providers=self.providers,
            storage=self.service.storage,
            work=self.work,
            results_days=14,
            stopping=self.stopping,
            **values,
        )

    async def make(self, **changes: Any) -> Task:
        """A task for KIE, then Replicate."""
        task, _ = await self.service.tasks.create(new_task(**changes))
        return task

    async def submit(self, **changes: Any) -> Attempt:
        """A task that was submitted, and its newest attempt."""
        task = await self.make(**changes)
        await self.dispatcher()(task.id)
        return (await self.of_task(task))[-1]

    async def of_task(self, of: Task | Attempt) -> list[Attempt]:
        return await self.attempts.of_task(of.task_id if isinstance(of, Attempt) else of.id)

    async def task(self, of: Task | Attempt) -> Task:
        """As it is now."""
        return await self.service.tasks.get(DEFAULT, of.task_id if isinstance(of, Attempt) else of.id)

    async def attempt(self, attempt: Attempt) -> Attempt:
        """As it is now."""
        return next(one for one in await self.of_task(attempt) if one.id == attempt.id)

    async def let_pass(self, attempt: Attempt, time: timedelta) -> None:
        """Let everything about an attempt be so much longer ago."""
        columns = ("started_at", "accepted_at", "finished_at", "deadline_at", "next_poll_at", "expires_at")
        await self.database.pool.execute(
            f"UPDATE attempts SET {', '.join(f'{column} = {column} - $1::interval' for column in columns)}"
            " WHERE id = $2",
            time,
            attempt.id,
        )

    async def overdue(self, attempt: Attempt) -> None:
        """Let an attempt's deadline be over, also for a clock that is a little behind, and let it be looked at."""
        over = "deadline_at = now() - interval '1 minute'"
        statement = f"UPDATE attempts SET {over}, next_poll_at = now() WHERE id = $1"
        await self.database.pool.execute(statement, attempt.id)

    async def poll(self, attempt: Attempt, *, resubmit: bool = False) -> Attempt:
        """Let a worker look at an attempt, as if it were time; it as it is then."""
        await self.database.pool.execute("UPDATE attempts SET next_poll_at = now() WHERE id = $1", attempt.id)
        provider = self.providers[attempt.provider]
        assert isinstance(provider, HostedProvider)
        due, _ = await self.attempts.due(provider.name, most=10, lease=MINUTE)
        poller = self.poller(resubmit=resubmit)
        for one in due:
            await poller.poll(one)
        return await self.attempt(attempt)

    async def announce(self, attempt: Attempt, named: str = "") -> None:
        """Let a webhook come in that names a task; it is signed where the provider says what is `verified`."""
        assert attempt.reference is not None
        webhook = Webhook(headers={}, body=named.encode())
        await self.attempts.announce(attempt.reference, msgspec.to_builtins(webhook))

    async def poll_in(self, attempt: Attempt) -> float | None:
        """Seconds until it is looked at."""
        statement = "SELECT extract(epoch FROM next_poll_at - now())::float8 FROM attempts WHERE id = $1"
        seconds: float | None = await self.database.pool.fetchval(statement, attempt.id)
        return seconds

    async def waiting(self, provider: str) -> list[str]:
        """The tasks that wait for a provider, in the order in which they are called."""
        statement = "SELECT id FROM waiting_tasks WHERE waits_for = $1 ORDER BY turn"
        return [row["id"] for row in await self.database.pool.fetch(statement, provider)]

    async def queue(self) -> set[str]:
        """The entrypoints that somebody is to be woken for."""
        rows = await self.database.pool.fetch("SELECT entrypoint FROM pgqueuer")
        return {row["entrypoint"] for row in rows}

    async def drain(self) -> None:
        """As if workers had done everything that is in the queue."""
        await self.database.pool.execute("DELETE FROM pgqueuer")

    @asynccontextmanager
    async def polling(self, count: int = 1, *, resubmit: bool = False) -> AsyncIterator[None]:
        """Pollers at work around a block."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self.poller(resubmit=resubmit).run(stopping))
            try:
                yield
            finally:
                stopping.set()
