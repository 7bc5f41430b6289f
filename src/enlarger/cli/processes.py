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
"""Of as many as there are cores: 48 connections for `serve`, 46 for `worker`."""
_CONNECTIONS: dict[Command, int] = {"up": 6, "serve": 10, "worker": 6}
"""In the pool of one process. The API and a worker also have one connection each that listens, and a worker's queue has
its own pool: 6 connections in the process with the engine, otherwise 4.
"""
_ALL_CONNECTIONS: dict[Command, int] = {"up": 24, "serve": 40, "worker": 24}
"""In the pools of all processes of a command together, unless they need more."""
_LEAST_CONNECTIONS: dict[Command, int] = {"up": 2, "serve": 3, "worker": 2}


def count_processes(settings: Settings, command: Command) -> int:
    """How many processes a command runs: as many as are set, or else by the cores that it may use."""
    return settings.processes or min(available_cpus(), _DEFAULT_MOST[command])


def connections_of(command: Command, processes: int) -> int:
    """The most connections in the pool of one of so many processes."""
    return min(_CONNECTIONS[command], max(_ALL_CONNECTIONS[command] // processes, _LEAST_CONNECTIONS[command]))
