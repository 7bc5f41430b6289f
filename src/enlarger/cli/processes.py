"""How many processes a command runs, and how many connections to Postgres each of them may have.

All of them together stay below the 100 connections that a Postgres accepts by default, of which it keeps three back:
`serve` and `worker` beside each other with their defaults, and each command alone with as many as it may have.
"""

from __future__ import annotations

from typing import Literal

from enlarger.all_settings import Settings
from enlarger.engines.resources import available_cpus

Command = Literal["up", "serve", "worker"]

_DEFAULT_MOST: dict[Command, int] = {"up": 1, "serve": 8, "worker": 4}
"""Of as many as there are cores: 48 connections for `serve`, 44 for `worker`."""
_CONNECTIONS = 10
"""Of one process."""
_ALL_CONNECTIONS = 40
"""Of the processes of a command, as long as each has the least that it needs."""
_LEAST_CONNECTIONS: dict[Command, int] = {"up": 6, "serve": 3, "worker": 6}
"""A worker keeps one for each queue; besides these, the API and a worker have one each that listens."""


def count_processes(settings: Settings, command: Command) -> int:
    """How many processes a command runs: as many as are set, or else by the cores that it may use."""
    return settings.processes or min(available_cpus(), _DEFAULT_MOST[command])


def connections_of(command: Command, processes: int) -> int:
    """The most connections in the pool of one of so many processes."""
    return min(_CONNECTIONS, max(_ALL_CONNECTIONS // processes, _LEAST_CONNECTIONS[command]))
