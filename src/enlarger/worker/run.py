"""A worker: the queue's entrypoints and the duties that go by the clock, in one process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import asyncpg
import structlog
from pgqueuer.domain.errors import PgqException, RetryRequested
from pgqueuer.domain.models import Job

from enlarger.all_settings import Settings
from enlarger.catalog.model import LOCAL
from enlarger.infra.database import LOST, Database
from enlarger.infra.fetch import Fetcher
from enlarger.infra.listener import Listener
from enlarger.infra.queue import ConcurrencyLimitedQueueManager, queue_manager
from enlarger.infra.queue_listener import QueueListener
from enlarger.infra.safe_http import Allowed
from enlarger.infra.storage import Storage
from enlarger.providers import LocalRunner, Provider
from enlarger.providers.router import Router
from enlarger.providers.setup import limits_of, open_providers
from enlarger.providers.spec import Surroundings
from enlarger.settings import ServiceSettings
from enlarger.tasks.entrypoints import COLLECT, DELIVER, DISPATCH, ENGINE, ENGINE_LONG
from enlarger.tasks.polls import NEWS
from enlarger.tasks.provider_states import worker_name
from enlarger.tasks.webhook_keys import webhook_keys
from enlarger.wiring import Wiring
from enlarger.worker.announcer import Announcer
from enlarger.worker.callback import CallbackSender
from enlarger.worker.collect import Collector
from enlarger.worker.config import WorkerConfig
from enlarger.worker.deliver import Deliverer
from enlarger.worker.dispatch import Dispatcher, DispatchTimeouts
from enlarger.worker.engine import Engine, LongEngine
from enlarger.worker.health_monitor import HealthMonitor
from enlarger.worker.inputs import Inputs
from enlarger.worker.line_caller import LineCaller
from enlarger.worker.outage import StorageWait
from enlarger.worker.places import RESULTS_AT_ONCE
from enlarger.worker.poll import Poller
from enlarger.worker.receivers import Receivers
from enlarger.worker.report_handler import ReportHandler
from enlarger.worker.schedule import Schedule
from enlarger.worker.sharing import Sharing
from enlarger.worker.sources import Sources
from enlarger.worker.sweep import Sweeper

_PICTURES_AT_ONCE = 1
"""In each of the engine's lanes: it uses every core for one picture."""
_CALLBACKS_AT_ONCE = 100
_THREADS = 2 * _CALLBACKS_AT_ONCE
"""Of the event loop: a look-up of a host that no name server answers for keeps one, long after its try is over."""

_QUEUE_CONNECTIONS = 3
"""One of them listens, for all queue managers of this process.

Their commits may be asynchronous: a row of the queue only wakes a worker, and a duty that is done twice does no harm.
"""

Duty = Callable[[str], Awaitable[timedelta | None]]
"""Does what is due for a task; returns when it wants to be called for it again, if it does."""
OpenProviders = Callable[[ServiceSettings, Surroundings], dict[str, Provider]]
"""As `open_providers`."""

_log = structlog.get_logger("enlarger.worker")


class Worker:
    """Takes tasks from the queue until it is stopped; what it is doing then goes back to the queue."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        settings: Settings,
        *,
        allowed: Allowed,
        work: Path,
        cache: Path,
        engine: bool = True,
        config: WorkerConfig | None = None,
        providers: OpenProviders = open_providers,
    ) -> None:
        """`allowed` are the hosts beside public ones that pictures are fetched from and callbacks sent to.

        Without `engine`, tasks for this machine's engine are left to other workers.
        `config`, and `providers`, which opens the providers that the settings name, are for tests.
        """
        self._database = database
        self._storage = storage
        self._settings = settings
        self._allowed = allowed
        self._work = work
        self._cache = cache
        self._runs_engine = engine
        self._config = config or WorkerConfig()
        self._open_providers = providers
        self._stopping = asyncio.Event()
        self._queue_managers: dict[str, ConcurrencyLimitedQueueManager] = {}

    def stop(self) -> None:
        """Give back what is being done, and return from `run`."""
        self._stopping.set()
        for consumer in self._queue_managers.values():
            consumer.shutdown.set()

    async def run(self) -> None:
        """Work until `stop`; a Postgres that goes away is waited for. Raises ConfigurationError."""
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="enlarger")
        asyncio.get_running_loop().set_default_executor(threads)
        settings, config = self._settings, self._config
        schedule = Schedule(config.schedule)
        wiring = await Wiring.connect(settings, self._database, self._storage, allowed=self._allowed)
        attempts = wiring.attempts
        keys = await webhook_keys(settings, wiring.accounts)
        providers, limits = self._open_providers(settings, wiring.surroundings(self._cache)), limits_of(settings)
        router = Router(providers, wiring.routing, health=config.health)
        unused = [name for name in providers if wiring.routing.unused(name)]
        name = worker_name([one for one in providers if one not in unused], unused)
        fetcher = Fetcher(self._allowed)
        sources = Sources(wiring.tasks, wiring.files, self._storage, wiring.links, fetcher)
        report_handler = ReportHandler(attempts, schedule)
        storage_wait = StorageWait(settings.storage_wait, self._database.now)
        sender = CallbackSender(wiring.links, keys, self._allowed, now=self._database.now)
        deliverer = Deliverer(
            wiring.deliveries,
            sender,
            wiring.callback_hosts,
            Receivers(_CALLBACKS_AT_ONCE),
            self._stopping,
            config=config.deliver,
        )
        line_caller = LineCaller(wiring.provider_lines, router, limits, config.lines)
        dispatcher = Dispatcher(
            attempts=attempts,
            inputs=Inputs(sources, attempts),
            router=router,
            schedule=schedule,
            lines=wiring.provider_lines,
            limits=limits,
            urls=wiring.webhook_urls,
            timeouts=DispatchTimeouts(route=settings.patience, deadline=settings.deadline),
            storage_wait=storage_wait,
            substitute=settings.substitute,
            work=self._work,
            stopping=self._stopping,
            on_wait=line_caller.notify,
            config=config.dispatch,
        )
        runner = providers[LOCAL]
        assert isinstance(runner, LocalRunner), "the engine of this machine"
        announcer = Announcer(wiring.workers, runner, runs_engine=self._runs_engine, config=config.announcer)
        sharing = Sharing(wiring.workers, announcer.id, self._stopping)
        engine = Engine(
            tasks=wiring.tasks,
            sources=sources,
            storage=self._storage,
            runner=runner,
            work=self._work,
            results_days=settings.results_days,
            stopping=self._stopping,
            storage_wait=storage_wait,
            sharing=sharing,
            observe=announcer.observe,
        )
        long_engine = LongEngine(engine)
        poller = Poller(
            attempts=attempts,
            router=router,
            report_handler=report_handler,
            schedule=schedule,
            rate_limiter=wiring.rate_limiter,
            limits=limits,
            listener=Listener(self._database, NEWS, name=name),
            urls=wiring.webhook_urls,
            resubmit=settings.unknown == "resubmit",
            config=config.poll,
        )
        collector = Collector(
            attempts=attempts,
            providers=providers,
            storage=self._storage,
            work=self._work,
            results_days=settings.results_days,
            max_pixels=settings.max_result_pixels,
            stopping=self._stopping,
            config=config.collect,
            places=config.places,
        )
        sweeper = Sweeper(
            tasks=wiring.tasks,
            attempts=attempts,
            deliveries=wiring.deliveries,
            events=wiring.events,
            files=wiring.files,
            ledger=wiring.ledger,
            sessions=wiring.sessions,
            usage=wiring.usage,
            workers=wiring.workers,
            storage=self._storage,
            lease=settings.worker_lease,
            results_days=settings.results_days,
            tasks_days=settings.tasks_days,
            config=config.sweep,
        )
        health_monitor = HealthMonitor(router, wiring.provider_states, config.health_monitor)
        try:
            async with (
                self._database.async_commit_pool(connections=_QUEUE_CONNECTIONS) as pool,
                asyncio.TaskGroup() as group,
            ):
                queue = QueueListener(pool)
                await announcer.announce()
                group.create_task(announcer.announce_all(self._stopping))
                group.create_task(self._consume(DISPATCH, dispatcher, queue, places=config.submissions_at_once))
                if self._runs_engine:
                    group.create_task(self._consume(ENGINE, engine, queue, places=_PICTURES_AT_ONCE))
                    group.create_task(self._consume(ENGINE_LONG, long_engine, queue, places=_PICTURES_AT_ONCE))
                group.create_task(self._consume(COLLECT, collector, queue, places=RESULTS_AT_ONCE))
                group.create_task(self._consume(DELIVER, deliverer, queue, places=_CALLBACKS_AT_ONCE))
                group.create_task(line_caller.run(self._stopping))
                group.create_task(poller.run(self._stopping))
                group.create_task(health_monitor.run(self._stopping))
                group.create_task(sweeper.run(self._stopping))
        finally:
            for provider in providers.values():
                await provider.close()
            await fetcher.aclose()
            await sender.aclose()

    async def _consume(self, entrypoint: str, duty: Duty, queue: QueueListener, *, places: int) -> None:
        """Run an entrypoint's consumer, anew whenever it loses its connection."""
        while not self._stopping.is_set():
            consumer = queue_manager(queue, places=places, pause=self._config.queue_pause, entrypoint=entrypoint)
            self._queue_managers[entrypoint] = consumer
            consumer.entrypoint(entrypoint)(handler(duty))
            try:
                await consumer.run(
                    batch_size=1,
                    dequeue_timeout=timedelta(seconds=min(10.0, self._settings.worker_lease / 2)),
                    heartbeat_timeout=timedelta(seconds=self._settings.worker_lease),
                    shutdown_on_listener_failure=True,
                    log_aggregation_interval=timedelta(0),  # there is nothing in the log to count
                )
            except (*LOST, asyncpg.PostgresError, PgqException) as error:
                _log.warning("queue_lost", entrypoint=entrypoint, reason=f"{type(error).__name__}: {error}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._config.restart)


def handler(duty: Duty) -> Callable[[Job], Awaitable[None]]:
    """What the queue calls for a row: the duty, and the row again later when the duty asks for that."""

    async def handle(job: Job) -> None:
        assert job.payload is not None
        again = await duty(job.payload.decode())
        if again is not None:
            raise RetryRequested(delay=again)

    return handle
