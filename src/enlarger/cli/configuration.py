"""`enlarger config`: what the commands go by, and where each part of it comes from.

Settings come from the environment, then from `.env` in the working directory, then from a file of the user's, which
is written like a `.env` file and can be read by nobody else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from getpass import getpass
from pathlib import Path

import dotenv
import platformdirs
from rich.markup import escape
from rich.table import Table

from enlarger.cli.output import Output
from enlarger.errors import ConfigurationError, InvalidInput

VARIABLES = {
    "KIE_API_KEY": "the key of the hosted service, or of the one at KIE_BASE_URL",
    "KIE_BASE_URL": "the service; without it one on this machine, or the hosted one",
    "KIE_UPLOAD_URL": "where files are uploaded, if that is another host",
    "KIE_PROXY": "a proxy on the way to the service",
    "KIE_CALLBACK_URL": "is called when a task ends that names no address of its own",
    "KIE_API_MAX_POLLS": "how often a task is looked at, at most",
    "KIE_API_POLLING_INTERVAL": "seconds between two looks",
    "ENLARGER_BASE_URL": "the service that `enlarger upscale` uses",
    "ENLARGER_API_KEY": "the key there",
    "ENLARGER_LOCALE": "the language of messages about inputs: en, ru or zh",
}
_SECRET = ("KIE_API_KEY", "ENLARGER_API_KEY", "KIE_PROXY", "KIE_CALLBACK_URL")
_DOTENV = Path(".env")
_SHOWN = 4


def config_file() -> Path:
    """The user's file: ENLARGER_CONFIG, or in their configuration folder."""
    named = os.environ.get("ENLARGER_CONFIG", "").strip()
    return Path(named) if named else platformdirs.user_config_path("enlarger") / "config.env"


def load_environment() -> None:
    """Take what `.env` and the user's file set, where the environment does not set it."""
    for file in (_DOTENV, config_file()):
        if file.is_file():
            dotenv.load_dotenv(file, encoding="utf-8")


def show(output: Output) -> None:
    """Print every setting that is set, its source, and what the others are for."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "from"):
        table.add_column(column, overflow="fold")
    found = {name: (value, source) for name, value, source in _settings()}
    for name, what in VARIABLES.items():
        value, source = found.get(name, (f"[dim]{what}[/]", ""))
        table.add_row(name, value if name not in found else escape(value), escape(source))
    data = {name: {"value": value, "from": source} for name, (value, source) in found.items()}
    output.table(table, [f"{name}={value}" for name, (value, _) in found.items()], data)
    output.hint(f"[dim]your file: {escape(str(config_file()))}[/]")


def store(output: Output, name: str, value: str | None) -> None:
    """Write a setting into the user's file; without a value it is read from the terminal, or from stdin.

    Raises InvalidInput for a setting that is not known.
    """
    variable = _variable(name)
    text = (_ask(variable) if value is None else value).strip()
    if not text or "\n" in text:
        raise InvalidInput(name, f"The value of {variable} is empty or has several lines: give one line of text.")
    file = config_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        dotenv.set_key(file, variable, text)
        file.chmod(0o600)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror or error}.") from None
    output.hint(f"{variable} is set in {escape(str(file))}")
    if os.environ.get(variable) and _source(variable) != str(file):
        output.hint(f"[yellow]but {_source(variable)} sets it, too, and comes first[/]")


def remove(output: Output, name: str) -> None:
    """Take a setting out of the user's file. Raises InvalidInput when it is not there."""
    variable = _variable(name)
    file = config_file()
    if variable not in dotenv.dotenv_values(file):
        raise InvalidInput(name, f"{variable} is not set in {file}: `enlarger config` shows where it comes from.")
    dotenv.unset_key(file, variable)
    output.hint(f"{variable} is no longer set in {escape(str(file))}")


def _variable(name: str) -> str:
    """A setting's name, also when it is written as `api-key`."""
    plain = name.upper().replace("-", "_")
    for candidate in (plain, f"KIE_{plain}", f"ENLARGER_{plain}"):
        if candidate in VARIABLES:
            return candidate
    raise InvalidInput(name, f"{name} is no setting: choose one of {', '.join(VARIABLES)}.")


def _ask(variable: str) -> str:
    """A value that is not on the command line, where others could read it."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    return getpass(f"{variable}: ") if variable in _SECRET else input(f"{variable}: ")


def _settings() -> Iterator[tuple[str, str, str]]:
    for name in VARIABLES:
        value = os.environ.get(name, "")
        if value:
            yield name, _mask(value) if name in _SECRET else value, _source(name)


def _source(name: str) -> str:
    """Where a setting comes from; the process's own environment cannot be told from files once they are loaded."""
    for file in (_DOTENV, config_file()):
        if file.is_file() and dotenv.dotenv_values(file).get(name) == os.environ.get(name):
            return str(file)
    return "the environment"


def _mask(value: str) -> str:
    return "…" + value[-_SHOWN:] if len(value) > 3 * _SHOWN else "…"
