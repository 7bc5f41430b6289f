"""The simulated service: tasks, and what they wait for at each step."""

from __future__ import annotations

from collections import deque
from random import Random

import simpy

from bench.simulated.arrivals import arrivals
from bench.simulated.hosted import HostedProvider
from bench.simulated.inputs import Costs, Scenario
from bench.simulated.queue import QueueManager, Rows, Signal
from bench.simulated.results import Seen
from bench.simulated.stations import Disk, Postgres, Process, Station, Wait

_DISPATCH, _ENGINE, _COLLECT, _DELIVER = "dispatch", "engine", "collect", "deliver"
# What the service does at a time, and its pauses in seconds, as in src/enlarger/worker.
_PLACES = {_DISPATCH: 64, _ENGINE: 1, _COLLECT: 64, _DELIVER: 100}
_SUBMISSIONS = 32
_RESULTS = 8  # of one host
_CALLBACKS = 4
_LOOK_SECONDS = 0.25
_EARLIEST_CALLBACK = 1.5
_SLICE = 0.003
"""How long other programs keep a core, in seconds: the shortest time slice of Linux."""
_TICK = 0.1
"""How often the work of a process at rest is simulated, in seconds."""


class Task:
    """A simulated task."""

    def __init__(self, number: int, provider: HostedProvider | None, account: int, receiver: int) -> None:
        self.number = number
        self.provider = provider
        """None for a task of the service's own engine."""
        self.account = account
        self.receiver = receiver
        self.created = self.submitted = self.told = self.called_back = self.answered = 0.0


class Simulation:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario, costs: Costs) -> None:
        fleet = scenario.fleet
        self.scenario, self.costs = scenario, costs
        self.random = Random(scenario.seed)
        self.env = env = simpy.Environment()
        self.cores = Station(env, "cores of the processes", fleet.cores)
        shared = not fleet.postgres_cores
        self.postgres = Postgres(
            env,
            self.cores if shared else Station(env, "cores of Postgres", fleet.postgres_cores),
            Disk(env, costs.flush_ms / 1000),
            (costs.switch_ms + fleet.network_ms) / 1000,
            costs.spread,
            self.random,
        )
        self.others = self.cores if shared else None
        """The cores of the provider and the app, if they share the machine."""
        self.rows = {name: Rows(env, Signal(env)) for name in _PLACES}
        self.news = Signal(env)
        self.announced: deque[Task] = deque()
        self.providers = [
            HostedProvider(env, scenario.provider, self.random, costs.provider_ms / 1000, self.others)
            for _ in range(scenario.providers)
        ]
        self.accounts = [Station(env, "account's row") for _ in range(scenario.accounts)]
        self.engines = [Station(env, "engine") for _ in range(scenario.engine.machines)]
        self.processes = [self._start(number) for number in range(fleet.processes)]
        self.tasks: list[Task] = []
        self._ended = 0
        self._all_ended = env.event()

    def run(self) -> Seen:
        """Run the scenario until the last callback."""
        self.env.process(self._arrive())
        for _ in range(self.scenario.fleet.cores if self.scenario.fleet.background else 0):
            self.env.process(self._others())
        self.env.run(self._all_ended)
        tasks = self.tasks
        return Seen(
            created=[task.created for task in tasks],
            submitted=[task.submitted for task in tasks],
            told=[task.told for task in tasks],
            called_back=[task.called_back for task in tasks],
            answered=sorted(task.answered - task.created for task in tasks),
        )

    def use(self) -> dict[str, float]:
        """The utilisation of each kind of station; that of the busiest one, if there are several."""
        seconds = self.env.now
        stations = [self.cores, self.postgres.cores, *self.engines, *self.accounts]
        stations += [provider.lock for provider in self.providers]
        for process in self.processes:
            stations += [process.loop, process.connections, process.queue_connection]
        found: dict[str, float] = {}
        for station in stations:
            found[station.name] = max(found.get(station.name, 0.0), station.share(seconds))
        return found | {"disk": self.postgres.disk.flushes * self.costs.flush_ms / 1000 / seconds}

    def cpu_a_task(self) -> tuple[float, float]:
        """Milliseconds of CPU per task in the service and in Postgres, without what they use at rest."""
        fleet, costs, seconds = self.scenario.fleet, self.costs, self.env.now
        service = sum(process.used for process in self.processes) - costs.idle_service * fleet.processes * seconds
        postgres = self.postgres.used - costs.idle_postgres * fleet.processes * seconds
        return service * 1000 / self.scenario.tasks, postgres * 1000 / self.scenario.tasks

    def _start(self, number: int) -> Process:
        scenario, costs = self.scenario, self.costs
        process = Process(
            self.env,
            number,
            self.cores,
            self.postgres,
            queue_connections=scenario.fleet.queue_connections,
            connections=min(6, max(24 // scenario.fleet.processes, 2)),
            spread=costs.spread,
            random=self.random,
        )
        duties = {
            _DISPATCH: self._dispatch,
            _COLLECT: self._collect,
            _DELIVER: self._deliver,
            _ENGINE: self._run_engine,
        }
        for name, places in _PLACES.items():
            if name != _ENGINE or number < scenario.engine.machines:
                QueueManager(process, self.rows[name], places, duties[name], costs)
        self.env.process(self._poll(process))
        self.env.process(self._rest(process))
        for provider in self.providers:
            self.env.process(self._call_line(process, provider))
        return process

    def _arrive(self) -> Wait:
        scenario = self.scenario
        times = arrivals(scenario.pattern, scenario.rate, scenario.tasks, self.random)
        for number, at in enumerate(times):
            yield self.env.timeout(max(0.0, at - self.env.now))
            local = self.random.random() < scenario.local if scenario.local else False
            provider = None if local else self.providers[number % len(self.providers)]
            task = Task(number, provider, number % scenario.accounts, number % scenario.receivers)
            self.tasks.append(task)
            self.env.process(self._create(task))

    def _any_process(self) -> Process:
        return self.random.choice(self.processes)

    def _create(self, task: Task) -> Wait:
        process, step = self._any_process(), self.costs.create
        task.created = self.env.now
        with process.connections.held() as connection:
            yield connection
            if self.scenario.paying:
                yield from process.do(step, last=self.costs.create_locked_from)
                with self.accounts[task.account].held() as lock:
                    yield lock
                    yield from process.do(step, first=self.costs.create_locked_from)
            else:
                yield from process.do(step)
        task.answered = self.env.now
        self.rows[_DISPATCH].add(task)

    def _dispatch(self, process: Process, task: Task) -> Wait:
        costs, provider = self.costs, task.provider
        yield from process.transact(costs.claim)
        if provider is None:
            yield from process.transact(costs.wait)
            self.rows[_ENGINE].add(task)
            return
        if provider.submitting[process.number] >= _SUBMISSIONS:
            self.rows[_DISPATCH].add(task, after=self.random.uniform(2.0, 6.0))
            return
        provider.submitting[process.number] += 1
        try:
            with process.connections.held() as connection:
                yield connection
                yield from process.do(costs.begin, last=costs.begin_locked_from)
                with provider.lock.held() as lock:
                    yield lock
                    called = provider.called.pop(task.number, None) is not None
                    if not provider.has_place(ahead=called):
                        yield from process.do(costs.wait)
                        provider.join(task.number, task)
                        return
                    yield from process.do(costs.begin, first=costs.begin_locked_from)
                    provider.begin()
            yield from provider.answer()
            task.submitted = self.env.now
            self.env.process(self._provide(task, provider))
            yield from process.transact(costs.accepted)
        finally:
            provider.submitting[process.number] -= 1

    def _provide(self, task: Task, provider: HostedProvider) -> Wait:
        seconds = provider.seconds(task.number)
        yield self.env.timeout(seconds)
        task.told = self.env.now
        yield from self._any_process().transact(self.costs.announce)
        self.announced.append(task)
        self.news.give()

    def _poll(self, process: Process) -> Wait:
        """Process what providers have announced."""
        heard = self.news.listen()
        while True:
            yield heard.wait()
            heard.clear()
            yield from process.transact(self.costs.due)
            while self.announced:
                self.env.process(self._report(process, self.announced.popleft()))

    def _report(self, process: Process, task: Task) -> Wait:
        assert task.provider is not None
        yield from process.transact(self.costs.report)
        task.provider.end()
        if task.provider.fails():
            self.rows[_DISPATCH].add(task)
        else:
            self.rows[_COLLECT].add(task)

    def _collect(self, process: Process, task: Task) -> Wait:
        provider = task.provider
        assert provider is not None
        if provider.collecting[process.number] >= _RESULTS:
            provider.looking[process.number] += 1
            pause = max(1.0, provider.looking[process.number] / 20) * self.random.uniform(0.75, 1.25)
            self.rows[_COLLECT].add(task, after=pause)
            return
        provider.looking[process.number] = max(0, provider.looking[process.number] - 1)
        provider.collecting[process.number] += 1
        try:
            yield from process.transact(self.costs.collect)
            yield from provider.answer()
            yield from self._finish(process, task)
        finally:
            provider.collecting[process.number] -= 1

    def _run_engine(self, process: Process, task: Task) -> Wait:
        engine = self.scenario.engine
        seconds = engine.seconds_a_megapixel * engine.megapixels
        task.submitted = self.env.now
        yield from self.engines[process.number].work(seconds)
        task.told = self.env.now
        yield from self._finish(process, task)

    def _finish(self, process: Process, task: Task) -> Wait:
        yield from process.transact(self.costs.finish)
        early = self.env.now < task.created + self.scenario.answer_seconds
        self.rows[_DELIVER].add(task, after=_EARLIEST_CALLBACK if early else 0.0)

    def _deliver(self, process: Process, task: Task) -> Wait:
        yield from process.transact(self.costs.call)
        with process.receiver(task.receiver, _CALLBACKS).held() as place:
            yield place
            if self.others is not None:
                yield from self.others.work(self.costs.app_ms / 1000)
            yield self.env.timeout(self.scenario.receiver_ms / 1000)
        task.called_back = self.env.now
        self._ended += 1
        if self._ended == self.scenario.tasks:
            self._all_ended.succeed()
        yield from process.transact(self.costs.called)

    def _call_line(self, process: Process, provider: HostedProvider) -> Wait:
        """Call the tasks that wait for a provider when it has places."""
        yield self.env.timeout(self.random.uniform(0, _LOOK_SECONDS))
        while True:
            yield provider.waits()
            yield from process.transact(self.costs.look)
            for task in provider.call():
                self.rows[_DISPATCH].add(task)
            yield self.env.timeout(_LOOK_SECONDS)

    def _rest(self, process: Process) -> Wait:
        """The work of a process at rest."""
        while True:
            yield self.env.timeout(_TICK)
            yield from process.compute(self.costs.idle_service * _TICK * 1000)
            yield from self.postgres.execute(self.costs.idle_postgres * _TICK)

    def _others(self) -> Wait:
        """Other programs that use the cores."""
        fleet = self.scenario.fleet
        share = min(fleet.background / fleet.cores, 0.95)
        while True:
            yield self.env.timeout(self.random.expovariate(share / (1 - share) / _SLICE))
            yield from self.cores.work(_SLICE)
