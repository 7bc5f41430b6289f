"""What a simulation is given: the costs of steps, and who takes part."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

COSTS = Path(__file__).with_name("costs.toml")


class Step(msgspec.Struct, frozen=True):
    """A piece of work: so many statements one after another, with CPU of the service's process before each."""

    statements: int
    service_ms: float
    """CPU of the service's process, of all its parts together."""
    postgres_ms: float
    """CPU of Postgres, likewise."""
    commits: bool = False
    """Whether it ends with a commit that waits for the disk."""


class Costs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The costs of one task, step by step. `costs.toml` says where each figure comes from."""

    create: Step
    claim: Step
    begin: Step
    """The transaction that holds the provider's lock, from its second statement to its commit."""
    accepted: Step
    announce: Step
    """The provider's webhook is noted."""
    due: Step
    """A process looks for what providers have announced."""
    report: Step
    """What it says is verified, and its result is queued."""
    poll: Step
    collect: Step
    """Fetching, checking and storing the result."""
    finish: Step
    call: Step
    """The callback is looked up, signed and sent."""
    called: Step
    read: Step
    """A queue manager reads the queue once."""
    count: Step
    """What it does when it has found all rows: it asks when the next one is due."""
    done: Step
    """A row of the queue is noted as done."""
    wait: Step
    """A task leaves the queue to wait for a provider."""
    look: Step
    """A line of waiting tasks is looked at, and those with a place are called."""
    begin_locked_from: int
    """The statement of `begin` that takes the provider's lock."""
    create_locked_from: int
    """The statement of `create` that locks the account's row, for accounts that pay."""
    flush_ms: float
    """What the disk takes to make commits durable; it serves all that wait at that moment at once."""
    switch_ms: float
    """From one process to another and back on a machine, for each statement."""
    provider_ms: float
    """CPU of the stand-in of the provider for each request, on the same machine in measured runs."""
    app_ms: float
    """CPU of the app for a task, likewise."""
    idle_service: float
    """Cores of each process at rest."""
    idle_postgres: float
    """Cores of Postgres for each process at rest."""
    spread: float
    """How much pieces of work differ: the share of each that is exponentially distributed."""

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
    """With it tasks take what they take at `bench.stand_ins.provider`, whose first task has this number."""
    concurrency: int = 1_000_000
    creates: tuple[int, float] = (1_000_000, 1.0)
    """So many submissions in so many seconds."""
    answer_ms: float = 0.0
    """What it takes to answer a submission, beside the CPU of a stand-in."""
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
    wakes_all: bool = True
    """Whether a new row of the queue wakes all queue managers, as it does today, or those of its entrypoint alone."""
    queue_connections: int = 1
    """Of each process, for what its queue managers ask: today one is left beside those that listen."""
    background: float = 0.0
    """Cores of the processes' machine that others use."""
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
    """Callbacks of tasks that end sooner are held back a little, lest they overtake createTask's answer."""
    seed: int = 1


def load_costs(path: Path = COSTS) -> Costs:
    """Read costs. Raises msgspec.ValidationError that names what is missing or wrong."""
    document: dict[str, Any] = tomllib.loads(path.read_text())
    return msgspec.convert(document, Costs)
