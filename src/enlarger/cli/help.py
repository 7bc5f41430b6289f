"""The commands' own class: help that can be read at any width, and never cuts off an option's name.

Typer's own help is a table of up to five columns; at 80 columns it shortens long options, at 40 nearly all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from enlarger.cli.exit_codes import USAGE

T = TypeVar("T", bound=Callable[..., Any])

_WIDEST = 100
_LEAST_TEXT = 24
"""Columns. With less room than that beside the names, the descriptions go below them."""
_LONGEST_NAME = 24
_CODE = re.compile(r"`([^`]+)`")
_COMMANDS = "Commands"


def _without_braces(pieces: list[str]) -> list[str]:
    """Arguments without the braces that Typer puts around them."""
    return [re.sub(r"\{([^}]+)\}", r"\1", piece) for piece in pieces]


class HelpCommand(TyperCommand):
    """A command with our help."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line."""
        return _without_braces(super().collect_usage_pieces(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, for the width of the terminal."""
        formatter.write(_draw(self, ctx, []))

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises BadParameter for --data-dir where it would be ignored."""
        given = {name for name in ctx.params if ctx.get_parameter_source(name).name == "COMMANDLINE"}
        for name, option in (("base_url", "--base-url"), ("api_key", "--api-key")):
            if {name, "data_dir"} <= given:
                raise typer.BadParameter(
                    f"it is for a service on this machine, and {option} names another: leave one of them out.",
                    param_hint="--data-dir",
                )
        return super().invoke(ctx)


class HelpGroup(TyperGroup):
    """A group of commands with our help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, for the width of the terminal."""
        commands = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        formatter.write(_draw(self, ctx, [command for command in commands if command and not command.hidden]))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options. Without any, a group that does nothing by itself shows its help, as in click.

        Typer itself would print nothing: it expects that drawing the help has already printed it.
        """
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command of the group. Raises BadParameter for options before it, which would be ignored."""
        for parameter in self.params:
            source = ctx.get_parameter_source(parameter.name)
            if source is not None and source.name == "COMMANDLINE" and not ctx.resilient_parsing:
                raise typer.BadParameter(
                    f"give it after the command, as in `{ctx.command_path} {args[0]} {parameter.opts[0]}`.",
                    param_hint=parameter.opts[0],
                )
        return super().resolve_command(ctx, args)


class Commands(typer.Typer):
    """Commands with our help."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=HelpGroup, **options)

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        """Add the commands of another module, or its group, which stays in its own part of the help."""
        super().add_typer(typer_instance, rich_help_panel=typer_instance.rich_help_panel, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[T], T]:
        """Make a function a command."""
        return super().command(name, cls=HelpCommand, **options)


def _draw(command: TyperCommand | TyperGroup, ctx: Any, commands: Iterable[Any]) -> str:
    console = Console(highlight=False)
    console.width = min(console.width, _WIDEST)
    with console.capture() as drawn:
        pieces = " ".join(command.collect_usage_pieces(ctx))
        console.print(Text.assemble(("Usage: ", "bold"), f"{ctx.command_path} {pieces}"))
        for paragraph in _paragraphs(command.help):
            console.print()
            console.print(_text(paragraph))
        _sections(console, command, ctx, commands)
        _epilog(console, command.epilog or "")
    return "\n".join(line.rstrip() for line in drawn.get().splitlines()) + "\n"


def _sections(console: Console, command: TyperCommand | TyperGroup, ctx: Any, commands: Iterable[Any]) -> None:
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for one in commands:
        summary = next(_paragraphs(one.help), "")
        sections.setdefault(one.rich_help_panel or _COMMANDS, []).append((one.name, summary))
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        if record is not None:
            title, (name, what) = f"{parameter.param_type_name.capitalize()}s", record
            name = name.partition(" <")[0] if title == "Arguments" else name
            sections[title].append((name, what.replace("  [required]", "")))
    options = sections.pop("Options")
    for title, entries in [*sections.items(), ("Options", options)]:
        if entries:
            console.print(f"\n[bold]{title}:[/]")
        room = min(max((cell_len(name) for name, _ in entries), default=0), _LONGEST_NAME) + 4
        for name, what in entries:
            _entry(console, name, _text(what), room if console.width - room >= _LEAST_TEXT else 0)


def _entry(console: Console, name: str, what: Text, room: int) -> None:
    """A name and its description: side by side if the name fits its column, else one below the other."""
    label = Padding(Text(name, style="cyan"), (0, 0, 0, 2))
    if cell_len(name) + 4 > room:
        console.print(label)
        console.print(Padding(what, (0, 0, 0, room or 6)))
        return
    grid = Table.grid()
    grid.add_column(width=room, no_wrap=True)
    grid.add_column()
    grid.add_row(label, what)
    console.print(grid)


def _epilog(console: Console, text: str) -> None:
    """Examples, each on a line that can be copied, and the text after them."""
    for paragraph in _paragraphs(text):
        if paragraph.startswith("**"):
            console.print(f"\n[bold]{paragraph.strip('*')}:[/]")
        elif (code := _CODE.fullmatch(paragraph)) is not None:
            console.print(f"  {escape(code[1])}", soft_wrap=True)
        else:
            console.print()
            console.print(_text(paragraph))


def _paragraphs(text: str | None) -> Iterator[str]:
    for paragraph in (text or "").strip().split("\n\n"):
        if paragraph.strip():
            yield " ".join(paragraph.split())


def _text(text: str) -> Text:
    """A text, with the parts in backticks in bold."""
    return Text.from_markup(_CODE.sub(r"[bold]\1[/bold]", escape(text)))
