"""The settings of the commands, and the source of each.

Settings come from the environment, then from `.env` in the working directory, then from a file of the user's, which
is written like a `.env` file and that only its owner can read.
"""

from __future__ import annotations

import math
import os
import sys
from getpass import getpass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import dotenv
import platformdirs
from rich.markup import escape
from rich.table import Table

from enlarger.cli.output import Output, Style, plain
from enlarger.cli.streams import DASH
from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.protocol.inline import is_url

VARIABLES = {
    "KIE_API_KEY": "the key of the hosted service, or of the one at KIE_BASE_URL",
    "KIE_BASE_URL": "the service to use, instead of one on this machine or the hosted one",
    "KIE_UPLOAD_URL": "where files are uploaded, if that is another host",
    "KIE_PROXY": "a proxy on the way to the service",
    "KIE_CALLBACK_URL": "is called when a task ends that names no address of its own",
    "KIE_WEBHOOK_KEY": "what callbacks are signed with, for `enlarger webhooks listen`",
    "KIE_API_MAX_POLLS": "how often a task is looked at, at most",
    "KIE_API_POLLING_INTERVAL": "seconds between two looks",
    "ENLARGER_BASE_URL": "the service to use if KIE_BASE_URL is not set",
    "ENLARGER_API_KEY": "the key of the service at ENLARGER_BASE_URL, and of one that is run here",
    "ENLARGER_DATA_DIR": "where a service on this machine keeps everything",
    "ENLARGER_LOCALE": "the language of messages about inputs: en, ru or zh",
}
_SECRET = ("KIE_API_KEY", "KIE_WEBHOOK_KEY", "ENLARGER_API_KEY")
_NUMBERS = ("KIE_API_MAX_POLLS", "KIE_API_POLLING_INTERVAL")
_PREFIXES = ("", "KIE_", "KIE_API_", "ENLARGER_")
_DOTENV = Path(".env")
_SHOWN = 4


def config_file() -> Path:
    """The user's file: ENLARGER_CONFIG, or in their configuration folder."""
    named = os.environ.get("ENLARGER_CONFIG", "").strip()
    return Path(named).expanduser() if named else platformdirs.user_config_path("enlarger") / "config.env"


def load_environment() -> None:
    """Take what `.env` and the user's file set, where the environment does not set it. Raises ConfigurationError."""
    for file in (_DOTENV, config_file()):
        for name, value in _read(file).items():
            os.environ.setdefault(name, value)


def show(output: Output) -> None:
    """Print every setting that is set and its source; beside it, what else could be set."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "from"):
        table.add_column(column, overflow="fold")
    found = {name: (_shown(name, os.environ[name]), _source(name)) for name in VARIABLES if os.environ.get(name)}
    for name, (value, source) in found.items():
        table.add_row(name, escape(plain(value)), escape(source))
    data = {name: {"value": value, "from": source} for name, (value, source) in found.items()}
    lines = [f"{name}={value}" for name, (value, _) in found.items()]
    if found or output.style is not Style.HUMAN:
        output.table(table, lines, data)
    output.hint("[dim]not set:[/]")
    for name, what in VARIABLES.items():
        if name not in found:
            output.hint(f"[dim]  {name}: {escape(what)}[/]")
    output.hint(f"[dim]your file: {escape(str(config_file()))}[/]")


def store(output: Output, name: str, value: str | None) -> None:
    """Write a setting into the user's file; without a value it is read from the terminal, or from stdin.

    Raises InvalidInput for a setting that is not known, and for a value that it cannot have.
    """
    variable = _variable(name)
    text = (_ask(variable) if value in (None, DASH) else value).strip()
    _check(variable, text)
    file = config_file()
    before = _source(variable) if os.environ.get(variable) else None
    _read(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
        file.chmod(0o600)
        dotenv.set_key(file, variable, text, follow_symlinks=True)
    except OSError as error:
        raise _unusable(file, "written", error) from None
    output.hint(f"{variable} is set in {escape(str(file))}")
    output.lines([], {"setting": variable, "file": str(file)})
    if before not in (None, str(file)):
        output.warn(f"{before} also sets {variable}, and takes precedence.")


def remove(output: Output, name: str) -> None:
    """Take a setting out of the user's file. Raises InvalidInput when it is not there."""
    variable = _variable(name)
    file = config_file()
    if variable not in _read(file):
        raise InvalidInput(name, f"{variable} is not set in {file}: `enlarger config` shows where it comes from.")
    try:
        dotenv.unset_key(file, variable, follow_symlinks=True)
    except OSError as error:
        raise _unusable(file, "written", error) from None
    output.hint(f"{variable} is no longer set in {escape(str(file))}")
    output.lines([], {"setting": variable, "file": str(file)})


def _read(file: Path) -> dict[str, str]:
    """What a file sets; nothing if it is not there. Raises ConfigurationError."""
    if not file.is_file():
        return {}
    try:
        # In the user's file a value is what was given to `config set`, also where it looks like a variable.
        values = dotenv.dotenv_values(file, encoding="utf-8", interpolate=file == _DOTENV)
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(file, "read", error) from None
    return {name: value for name, value in values.items() if value is not None}


def _unusable(file: Path, what: str, error: OSError | UnicodeDecodeError) -> ConfigurationError:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
    return ConfigurationError(f"{file} cannot be {what}: {reason}.")


def _variable(name: str) -> str:
    """A setting's name, also when it is written as `api-key`."""
    upper = name.upper().replace("-", "_")
    for prefix in _PREFIXES:
        if prefix + upper in VARIABLES:
            return prefix + upper
    raise InvalidInput(name, f"{name} is not a setting: choose one of {', '.join(VARIABLES)}.")


def _ask(variable: str) -> str:
    """A value that is not on the command line, where others could read it."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    return getpass(f"{variable}: ") if variable in (*_SECRET, "KIE_PROXY") else input(f"{variable}: ")


def _check(variable: str, text: str) -> None:
    """Raise InvalidInput for a value that the setting cannot have."""
    from enlarger.catalog import LOCALES  # not for every command

    wanted = None
    if not text or len(text.splitlines()) > 1:
        wanted = "one line of text"
    elif variable.endswith("_URL") and not (is_url(text) and _parts(text)):
        wanted = "an http(s) URL"
    elif variable == "KIE_PROXY" and not _parts(text):
        wanted = "a URL like http://user:password@host:port or socks5://host:port"
    elif variable == "ENLARGER_LOCALE" and text not in LOCALES:
        wanted = f"one of {', '.join(LOCALES)}"
    elif variable == "KIE_API_MAX_POLLS" and not (text.isdecimal() and int(text)):
        wanted = "a whole number above 0"
    elif variable in _NUMBERS and not _is_number(text):
        wanted = "a number above 0"
    if wanted:
        raise InvalidInput(variable, f"{variable} cannot have this value: give {wanted}.")


def _is_number(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def _parts(url: str) -> SplitResult | None:
    """A URL's parts; None for what is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme and parts.hostname and (parts.port is None or parts.port) else None
    except ValueError:
        return None


def _source(name: str) -> str:
    """Where a setting comes from; the process's own environment cannot be told from files once they are loaded."""
    for file in (_DOTENV, config_file()):
        if _read(file).get(name) == os.environ.get(name):
            return str(file)
    return "the environment"


def _shown(name: str, value: str) -> str:
    """A value with its secrets hidden: the end of a key, a URL without password and query."""
    if name in _SECRET:
        return "…" + value[-_SHOWN:] if len(value) > 3 * _SHOWN else "…"
    parts = _parts(value) if "://" in value else None
    if parts is None:
        return value if name in ("ENLARGER_DATA_DIR", "ENLARGER_LOCALE", *_NUMBERS) else "…"
    host = parts.netloc.rpartition("@")[2]
    user = "…@" if "@" in parts.netloc else ""
    query = "?…" if parts.query else ""
    return f"{parts.scheme}://{user}{host}{parts.path}{query}"
