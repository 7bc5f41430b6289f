"""The inputs of a simulation: the costs of steps, and the scenario."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

COSTS = Path(__file__).with_name("costs.toml")


class Step(msgspec.Struct, frozen=True):
    """A step of a task: some statements in sequence, with CPU of the service's process before each."""

    statements: int
    service_ms: float
    """CPU of the service's process for the whole step."""
    postgres_ms: float
    """CPU of Postgres for the whole step."""
    commits: bool = False
    """Whether it ends with a commit that waits for the disk."""


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The costs of the steps of a task. `costs.toml` explains where each figure comes from."""

    create: Step
    claim: Step
    begin: Step
    """The transaction that holds the provider's lock, from its second statement to its commit."""
    accepted: Step
    announce: Step
    """Recording the provider's webhook."""
    due: Step
    """A process reads what providers have announced."""
    report: Step
    """Verifying a webhook, and enqueuing the result."""
    collect: Step
    """Fetching, checking and storing the result."""
    finish: Step
    call: Step
    """Reading, signing and sending the callback."""
    called: Step
    read: Step
    """One read of the queue by a queue manager."""
    count: Step
    """Asking when the next row is due, after all rows were read."""
    done: Step
    """Recording that a row of the queue is done."""
    wait: Step
    """Moving a task from the queue into a provider's line."""
    look: Step
    """Checking a provider's line, and calling the tasks that have a place."""
    begin_locked_from: int
    """The statement of `begin` that takes the provider's lock."""
    create_locked_from: int
    """The statement of `create` that locks the account's row, for accounts that pay."""
    flush_ms: float
    """The time to flush commits to disk; one flush serves all commits that wait."""
    switch_ms: float
    """The time from one process to another and back on the same machine, for each statement."""
    provider_ms: float
    """CPU of the provider's stand-in per request; it runs on the same machine in measured runs."""
    app_ms: float
    """CPU of the app per task, likewise."""
    idle_service: float
    """Cores of each process at rest."""
    idle_postgres: float
    """Cores of Postgres for each process at rest."""
    spread: float
    """The share of each piece of work that is exponentially distributed."""

    def scaled(self, service: float, postgres: float) -> Costs:
        """With the CPU of all steps multiplied by these factors."""
        steps = {
            name: Step(step.statements, step.service_ms * service, step.postgres_ms * postgres, step.commits)
            for name in self.__struct_fields__
            if isinstance(step := getattr(self, name), Step)
        }
        return msgspec.structs.replace(self, **steps)


class Provider(msgspec.Struct, frozen=True):
    """A hosted provider."""

    seconds: float = 9.0
    spread: float = 0.2
    """Tasks take this share more or less, evenly distributed."""
    first_number: int | None = None
    """If set, tasks have the durations of `bench.stand_ins.provider`, whose first task has this number."""
    concurrency: int = 1_000_000
    creates: tuple[int, float] = (1_000_000, 1.0)
    """At most so many submissions in so many seconds."""
    answer_ms: float = 0.0
    """The time to answer a submission, in addition to the CPU of a stand-in."""
    failures: float = 0.0
    """The share of tasks that fail there, and are submitted once more."""


class Engine(msgspec.Struct, frozen=True):
    """The engines of the service's own machines, one on each."""

    machines: int = 1
    seconds_a_megapixel: float = 0.0
    megapixels: float = 1.0


class Fleet(msgspec.Struct, frozen=True):
    """Processes of the service, each of which serves the API and works on tasks, and their Postgres."""

    processes: int = 1
    cores: int = 2
    """Of all machines that the processes run on."""
    postgres_cores: int = 0
    """Of Postgres' own machine; 0 when it is on the processes' machine, and the provider and the app are too."""
    queue_connections: int = 2
    """Of each process, for its queue managers' statements. The service has two, besides the one that listens."""
    background: float = 0.0
    """Cores of the processes' machine that other programs use."""
    network_ms: float = 0.0
    """For each statement to a Postgres on another machine."""


class Scenario(msgspec.Struct, frozen=True):
    """A simulated run."""

    rate: float
    tasks: int
    pattern: str = "steady"
    """How tasks arrive: `steady` at even distances, `poisson`, `bursts` or `day`."""
    fleet: Fleet = Fleet()
    provider: Provider = Provider()
    providers: int = 1
    """How many such providers there are; tasks are spread over them."""
    engine: Engine = Engine()
    local: float = 0.0
    """The share of tasks for the service's own engine."""
    accounts: int = 1
    paying: bool = False
    """Whether accounts pay with credits, and so lock their row."""
    receivers: int = 1
    receiver_ms: float = 1.0
    answer_seconds: float = 6.0
    """Callbacks of tasks that end sooner are delayed, so that they do not overtake createTask's answer."""
    seed: int = 1


def load_costs(path: Path = COSTS) -> Costs:
    """Read costs. Raises msgspec.ValidationError, which names what is missing or wrong."""
    document: dict[str, Any] = tomllib.loads(path.read_text())
    return msgspec.convert(document, Costs)
