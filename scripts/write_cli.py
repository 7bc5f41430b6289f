"""Writes what `docs/reference/cli.md` has of the commands' own help: their arguments, options, examples, exit codes.

Run by `make docs`; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import typer

from enlarger.cli import exit_codes
from enlarger.cli.commands import TOPICS
from enlarger.cli.help import HelpCommand, paragraphs_of, summary_of
from enlarger.cli.parameters import Parameter, describe_parameter
from enlarger.cli.topics import commands_of
from scripts.generated import DOCS, rewrite, table

PAGE = DOCS / "reference" / "cli.md"
_SHARED = ("--json", "--quiet", "--base-url", "--api-key", "--data-dir")
"""Options that mean the same wherever they are; they are described once."""
_CODE = re.compile(r"`([^`]+)`")


def parts() -> dict[str, str]:
    """The generated parts of the page, by their names."""
    return {"exit-codes": _exit_codes(), "shared-options": _shared_options(), "commands": "\n\n".join(_commands())}


def _exit_codes() -> str:
    rows = [
        f"| `{one.code}` | {one.meaning} | {', '.join(f'`{kind.__name__}`' for kind in one.kinds)} |"
        for one in sorted([*exit_codes.GENERAL, *exit_codes.CODES])
    ]
    return table(("code", "meaning", "errors"), rows)


def _shared_options() -> str:
    (command,) = (command for words, command in _all_commands() if words == ["run"])
    shown = [one for one in _described(command, "option") if _is_shared(one)]
    return table(("option", "meaning"), map(_row, shown))


def _commands() -> Iterator[str]:
    for panel, group in groupby(_all_commands(), key=lambda one: _panel(one[0])):
        commands = list(group)
        yield f"## {panel}"
        yield table(("command", "does"), (_link(words, command) for words, command in commands))
        for words, command in commands:
            yield from _command(words, command)


def _command(words: list[str], command: Any) -> Iterator[str]:
    yield f"### enlarger {' '.join(words)}"
    context = typer.Context(command, info_name=f"enlarger {' '.join(words)}")
    yield f"```text\n{context.info_name} {' '.join(_usage(command, context))}\n```"
    yield from paragraphs_of(command.help)
    for kind in ("argument", "option"):
        shown = [one for one in _described(command, kind) if not _is_shared(one)]
        if shown:
            yield table((kind, "meaning"), map(_row, shown))
    shared = [_short(one) for one in _described(command, "option") if _is_shared(one)]
    yield f"[Shared options](#shared-options): {', '.join(shared)}."
    paragraphs = [one for one in paragraphs_of(command.epilog) if not one.startswith("**")]
    examples = [code[1] for one in paragraphs if (code := _CODE.fullmatch(one))]
    yield "```console\n" + "\n".join(f"$ {example}" for example in examples) + "\n```"
    yield from (one for one in paragraphs if not _CODE.fullmatch(one))


def _all_commands() -> Iterator[tuple[list[str], Any]]:
    """Every command that does something, with the words that it is called by, in the order of the help."""
    for topic in TOPICS:
        for name, command in commands_of(topic).items():
            inner: Mapping[str, Any] = getattr(command, "commands", {})
            if not inner or command.invoke_without_command:
                yield [name], command
            yield from (([name, word], below) for word, below in inner.items())


def _panel(words: list[str]) -> str:
    topics = {name: command for topic in TOPICS for name, command in commands_of(topic).items()}
    return summary_of(topics[words[0]]).panel


def _usage(command: Any, context: Any) -> list[str]:
    return list(HelpCommand.collect_usage_pieces(command, context))


def _described(command: Any, kind: str) -> list[Parameter]:
    context = typer.Context(command)
    return [describe_parameter(one, context) for one in command.params if one.param_type_name == kind]


def _is_shared(option: Parameter) -> bool:
    return any(name in option.name.replace(",", "").split() for name in _SHARED)


def _short(option: Parameter) -> str:
    return "`" + next(name for name in option.name.replace(",", "").split() if name in _SHARED) + "`"


def _row(one: Parameter) -> str:
    notes = [
        f"Default: {one.default}." if one.default else "",
        f"Environment: `{one.variable}`." if one.variable else "",
    ]
    limits = f"Allowed: {one.limits}." if one.limits else ""
    text = " ".join(filter(None, (one.text, limits, *notes)))
    return f"| `{one.name.replace('|', ' or ')}` | {text} |"


def _link(words: list[str], command: Any) -> str:
    name = " ".join(words)
    return f"| [`{name}`](#enlarger-{name.replace(' ', '-')}) | {next(paragraphs_of(command.help))} |"


if __name__ == "__main__":
    rewrite(PAGE, parts())
