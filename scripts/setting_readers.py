"""Finds out which process reads which setting, from the code: where `settings.NAME` is written, and who runs that."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from enlarger.all_settings import settings_class
from enlarger.client.options import VARIABLES as SDK_VARIABLES

SERVE, WORKER, BOT, COMMANDS, SDK = "serve", "worker", "bot", "commands", "SDK"
PROCESSES = (SERVE, WORKER, BOT, COMMANDS, SDK)
"""`up` is `serve` and `worker` in one."""

_PACKAGE = Path(__file__).parents[1] / "src" / "enlarger"
_RUN_BY: Mapping[str, tuple[str, ...]] = {
    "cli/service_parts.py:worker": (WORKER,),
    "cli/service_parts.py": (SERVE,),
    "cli/ready_output.py": (SERVE,),
    "cli/bot_process.py": (BOT,),
    "cli/commands/service.py": (BOT,),
    "cli/service_process.py:shared_database": (SERVE, WORKER),
    "cli/service_process.py": (SERVE, WORKER, BOT),
    "cli/greeting.py": (SERVE, WORKER, BOT),
    "cli/supervisor.py:Ports": (SERVE,),
    "cli/supervisor.py": (SERVE, WORKER),
    "cli/processes.py": (SERVE, WORKER),
    "cli/doctor/*": (),
    "cli/commands/providers.py": (),
    "cli/*": (COMMANDS,),
    "bot/*": (BOT,),
    "server/metrics.py": (SERVE, WORKER),
    "server/*": (SERVE,),
    "console/*": (SERVE,),
    "mcp_server/*": (SERVE,),
    "worker/*": (WORKER,),
    "tasks/webhook_keys.py": (WORKER, COMMANDS),
    "tasks/*": (SERVE, WORKER),
    "wiring.py": (SERVE, WORKER),
    "providers/local/inventory.py": (SERVE, COMMANDS),
    "providers/*/provider.py": (WORKER,),
    "providers/*": (SERVE, WORKER),
}
"""Who runs a module, or a function of it; the first that fits counts. `doctor` and `providers check` read everything.

A test runs `serve` and `worker` and compares.
"""


@cache
def readers() -> Mapping[str, tuple[str, ...]]:
    """The processes that read each field of the settings."""
    found: dict[str, set[str]] = {name: set() for name in settings_class().model_fields}
    for place, name in _reads():
        for field in _fields_of(name):
            found[field].update(_run_by(place))
    return {name: tuple(one for one in PROCESSES if one in who) for name, who in found.items()}


def readers_of_client(variable: str) -> tuple[str, ...]:
    """The processes that read a client's setting."""
    of_sdk = variable in (*SDK_VARIABLES.values(), "ENLARGER_LOCALE")
    return (COMMANDS, SDK) if of_sdk else (COMMANDS,)


def _run_by(place: str) -> tuple[str, ...]:
    """Raises StopIteration for a module that reads settings and is not in the list."""
    return next(
        who for pattern, who in _RUN_BY.items() if fnmatch(place.partition(":")[0], pattern) or place == pattern
    )


def _reads() -> Iterator[tuple[str, str]]:
    """Every place that reads an attribute of settings, as `file:function`, and the attribute."""
    for path in sorted(_PACKAGE.rglob("*.py")):
        for part in ast.parse(path.read_text(encoding="utf-8")).body:
            for node in ast.walk(part):
                if isinstance(node, ast.Attribute) and _is_settings(node.value):
                    yield f"{path.relative_to(_PACKAGE).as_posix()}:{getattr(part, 'name', '')}", node.attr


def _is_settings(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in ("settings", "_settings")


def _fields_of(name: str) -> set[str]:
    """The fields behind an attribute: the field itself, or those that a property or a method reads."""
    kind = settings_class()
    if name in kind.model_fields:
        return {name}
    member = inspect.getattr_static(kind, name, None)
    function: Any = getattr(member, "fget", None) or getattr(member, "func", None) or member
    if not inspect.isfunction(function) or not function.__module__.startswith("enlarger."):
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    own = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
    return {field for node in own if ast.unparse(node.value) == "self" for field in _fields_of(node.attr)}
