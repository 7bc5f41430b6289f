"""All commands: their names and summaries are known at once, their modules are imported when they are used."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from importlib import import_module
from typing import Any

from typer.main import get_group

from enlarger.cli import commands
from enlarger.cli.help import Commands, HelpGroup, Summary
from enlarger.cli.index import INDEX


class Topics(HelpGroup):
    """The group of all commands. `python -m scripts.write_index` writes the index that it reads."""

    def __init__(self, **options: Any) -> None:
        self._loaded: dict[str, Any] = {}
        super().__init__(**options)

    @property
    def commands(self) -> MutableMapping[str, Any]:
        """Every command by its name. This imports all topics."""
        return {name: self._load(name) for name in INDEX}

    @commands.setter
    def commands(self, given: MutableMapping[str, Any]) -> None:
        assert not given, "commands are in topics"

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the help."""
        return list(INDEX)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - click's signature
        """The command with this name, or None."""
        return self._load(cmd_name) if cmd_name in INDEX else None

    def summaries(self, ctx: Any) -> Sequence[Summary]:  # noqa: ARG002 - the base class needs it
        """What the help lists, without importing the commands."""
        return [Summary(name, entry.panel, entry.summary) for name, entry in INDEX.items()]

    def _load(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded |= commands_of(INDEX[name].topic)
        return self._loaded[name]


def commands_of(topic: str) -> Mapping[str, Any]:
    """The commands, and groups of them, of a module in `enlarger.cli.commands`."""
    parent = Commands()
    parent.add_typer(import_module(f"{commands.__name__}.{topic}").app)
    return get_group(parent).commands
