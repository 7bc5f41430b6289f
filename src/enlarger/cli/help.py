"""The commands' own class: help that can be read at any width, and never cuts off an option's name.

Typer's own help is a table of up to five columns; at 80 columns it shortens long options, at 40 nearly all of them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from enlarger.cli.exit_codes import USAGE
from enlarger.cli.parameters import describe_parameter, usage_of

T = TypeVar("T", bound=Callable[..., Any])

_WIDEST = 100
_LEAST_TEXT = 24
"""Columns. With less room than that beside the names, the descriptions go below them."""
_LONGEST_NAME = 24
_CODE = re.compile(r"`([^`]+)`")
_COMMANDS = "Commands"
_OPTIONS = "[OPTIONS]"
_NEGATIVE = re.compile(r"-\d+(\.\d+)?")
_PLAIN_TERMINALS = ("dumb", "unknown")


class Summary(NamedTuple):
    """A command as the help of its group lists it."""

    name: str
    panel: str
    text: str


class HelpCommand(TyperCommand):
    """A command with our help."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line."""
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return [_OPTIONS, *map(usage_of, arguments)]

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


class SignedCommand(HelpCommand):
    """A command whose last argument may be a negative number, which looks like an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options and arguments; a negative number is an argument, unless an option takes it as its value."""
        valued = {name for one in self.params if not getattr(one, "is_flag", False) for name in one.opts}
        numbers = [
            at
            for at, (before, arg) in enumerate(zip(["", *args], args, strict=False))
            if _NEGATIVE.fullmatch(arg) and before not in valued and "--" not in args[:at]
        ]
        if numbers:
            others = [arg for at, arg in enumerate(args) if at not in numbers]
            args = [*others, *([] if "--" in others else ["--"]), *(args[at] for at in numbers)]
        return super().parse_args(ctx, args)


class HelpGroup(TyperGroup):
    """A group of commands with our help."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line; options come after the command."""
        return ["[COMMAND]" if self.invoke_without_command and ctx.parent is not None else "COMMAND", _OPTIONS]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, for the width of the terminal."""
        formatter.write(_draw(self, ctx, self.summaries(ctx)))

    def summaries(self, ctx: Any) -> Sequence[Summary]:
        """Its commands, in their order."""
        commands = [self.get_command(ctx, name) for name in self.list_commands(ctx)]
        return [summary_of(command) for command in commands if command and not command.hidden]

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

    def __init__(self, *, group: type[HelpGroup] = HelpGroup, **options: Any) -> None:
        super().__init__(cls=group, **options)

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        """Add the commands of another module, or its group, which stays in its own part of the help."""
        super().add_typer(typer_instance, rich_help_panel=typer_instance.rich_help_panel, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[T], T]:
        """Make a function a command."""
        return super().command(name, **{"cls": HelpCommand, **options})


def summary_of(command: Any) -> Summary:
    """What the help of its group says of a command."""
    return Summary(command.name, command.rich_help_panel or _COMMANDS, next(paragraphs_of(command.help), ""))


def _draw(command: TyperCommand | TyperGroup, ctx: Any, commands: Iterable[Summary]) -> str:
    page = _Page(min(shutil.get_terminal_size().columns, _WIDEST))
    page.text(f"`Usage:` {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}")
    for paragraph in paragraphs_of(command.help):
        page.line()
        page.text(paragraph)
    _sections(page, command, ctx, commands)
    _epilog(page, command.epilog or "")
    return page.drawn()


def _sections(page: _Page, command: TyperCommand | TyperGroup, ctx: Any, commands: Iterable[Summary]) -> None:
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for one in commands:
        sections.setdefault(one.panel, []).append((one.name, one.text))
    for parameter in command.get_params(ctx):
        if not getattr(parameter, "hidden", False):
            described = describe_parameter(parameter, ctx)
            notes = f" [{described.notes}]" if described.notes else ""
            sections[f"{parameter.param_type_name.capitalize()}s"].append((described.name, described.text + notes))
    options = sections.pop("Options")
    for title, entries in [*sections.items(), ("Options", options)]:
        if entries:
            page.title(title)
            room = min(max(len(name) for name, _ in entries), _LONGEST_NAME) + 4
            for name, what in entries:
                page.entry(name, what, room if page.width - room >= _LEAST_TEXT else 0)


def _epilog(page: _Page, text: str) -> None:
    """Examples, each on a line that can be copied, and the text after them."""
    for paragraph in paragraphs_of(text):
        if paragraph.startswith("**"):
            page.title(paragraph.strip("*"))
        elif (code := _CODE.fullmatch(paragraph)) is not None:
            page.line(f"  {code[1]}")
        else:
            page.line()
            page.text(paragraph)


class _Page:
    """Lines of text for a terminal. Rich could draw them, but it takes longer to import than the rest of the help."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._styled = not os.environ.get("NO_COLOR") and os.environ.get("TERM") not in _PLAIN_TERMINALS
        self._lines: list[str] = []

    def drawn(self) -> str:
        """All lines."""
        return "\n".join(self._lines) + "\n"

    def line(self, text: str = "") -> None:
        """Add one line unchanged."""
        self._lines.append(text.rstrip())

    def title(self, text: str) -> None:
        """Add the title of a section."""
        self.line()
        self.line(self._style(f"{text}:", bold=True))

    def text(self, text: str, indent: int = 0) -> None:
        """Add a paragraph; text in backticks is bold."""
        for line in self._wrapped(text, self.width - indent):
            self.line(" " * indent + line)

    def entry(self, name: str, what: str, room: int) -> None:
        """Add a name and its description, side by side if the name fits into `room` columns, else below each other."""
        if len(name) + 4 > room:
            for part in self._wrapped(name, self.width - 2):
                self.line("  " + self._style(part, fg="cyan"))
            self.text(what, room or 6)
            return
        first, *others = self._wrapped(what, self.width - room)
        self.line("  " + self._style(name, fg="cyan") + " " * (room - 2 - len(name)) + first)
        for line in others:
            self.line(" " * room + line)

    def _wrapped(self, text: str, width: int) -> list[str]:
        lines: list[list[str]] = [[]]
        used = 0
        marked = _CODE.sub(lambda code: " ".join(f"`{part}`" for part in code[1].split()), text)
        for word in (part for whole in marked.split() for part in _parts(whole, width)):
            length = len(word.replace("`", ""))
            if lines[-1] and used + 1 + length > width:
                lines.append([])
                used = 0
            used += length + bool(lines[-1])
            lines[-1].append(word)
        return [_CODE.sub(lambda code: self._style(code[1], bold=True), " ".join(line)) for line in lines]

    def _style(self, text: str, **style: Any) -> str:
        return typer.style(text, **style) if self._styled else text


def _parts(word: str, width: int) -> list[str]:
    """A word, split if it is longer than a line."""
    plain = word.replace("`", "")
    return [word] if len(plain) <= width else [plain[at : at + width] for at in range(0, len(plain), width)]


def paragraphs_of(text: str | None) -> Iterator[str]:
    """The paragraphs of a help text, each in one line."""
    for paragraph in (text or "").strip().split("\n\n"):
        if paragraph.strip():
            yield " ".join(paragraph.split())
