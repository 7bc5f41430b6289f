"""The settings of the commands, and the source of each.

Settings come from the environment, then from `.env` in the working directory, then from a file of the user's, which
is written like a `.env` file and that only its owner can read.
"""

from __future__ import annotations

import difflib
import math
import os
import sys
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import dotenv
import platformdirs
from rich.markup import escape
from rich.table import Table

from enlarger.cli.output import Output, Style, plain
from enlarger.cli.streams import DASH
from enlarger.errors import ConfigurationError, InvalidInput
from enlarger.protocol.inline import is_url

if TYPE_CHECKING:
    from enlarger.cli.service_settings import Setting

VARIABLES = {
    "KIE_API_KEY": "The key of the hosted service, or of the one at KIE_BASE_URL.",
    "KIE_BASE_URL": "The address of the service to use. By default a service on this machine, or the hosted one.",
    "KIE_UPLOAD_URL": "The address that files are uploaded to. By default the service's own.",
    "KIE_PROXY": "A proxy for requests to the service: `http://…` or `socks5://…`. Not used for this machine.",
    "KIE_CALLBACK_URL": "The URL that is called when a task without a `callBackUrl` ends.",
    "KIE_WEBHOOK_KEY": "The key that callbacks are signed with, for `enlarger webhooks listen`.",
    "KIE_API_MAX_POLLS": "How many times a task is polled at most. By default it depends on the model.",
    "KIE_API_POLLING_INTERVAL": "How many seconds to wait between two polls. By default it depends on the model.",
    "ENLARGER_BASE_URL": "The address of the service that commands use if KIE_BASE_URL is not set.",
    "ENLARGER_API_KEY": "The key of the service at ENLARGER_BASE_URL, and of one that runs here.",
    "ENLARGER_DATA_DIR": "The folder in which a service on this machine keeps its data.",
    "ENLARGER_LOCALE": "The language of messages about inputs: `en`, `ru` or `zh`.",
}
"""The settings of clients, which are known without the packages of a service."""
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


def show(output: Output, *, everything: bool = False) -> None:
    """Print every setting that is set and its source, and those that could be set: a client's, or `everything`."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("setting", "value", "from"):
        table.add_column(column, overflow="fold")
    service = _service_settings()
    names = dict.fromkeys([*VARIABLES, *(name for one in service.values() for name in (one.variable, *one.others))])
    found = {name: (_shown(name, os.environ[name]), _source(name)) for name in names if os.environ.get(name)}
    for name, (value, source) in found.items():
        table.add_row(name, escape(plain(value)), escape(source))
    data = {name: {"value": value, "from": source} for name, (value, source) in found.items()}
    lines = [f"{name}={value}" for name, (value, _) in found.items()]
    if found or output.style is not Style.HUMAN:
        output.table(table, lines, data)
    output.hint("[dim]not set:[/]")
    others = {name: _with_default(one) for name, one in service.items() if name not in VARIABLES}
    for name, what in (VARIABLES | others if everything else VARIABLES).items():
        if name not in found:
            output.hint(f"[dim]  {name}: {escape(what)}[/]")
    if others and not everything:
        output.hint("[dim]  …and those of a service: `enlarger config --all` lists them.[/]")
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
    for known in (VARIABLES, _service_settings()):
        for prefix in _PREFIXES:
            if prefix + upper in known:
                return prefix + upper
    typed = (difflib.get_close_matches(prefix + upper, all_variables(), n=1, cutoff=0.8) for prefix in _PREFIXES)
    meant = next((f" Did you mean {near[0]}?" for near in typed if near), "")
    raise InvalidInput(name, f"{name} is not a setting.{meant} `enlarger config --all` lists all of them.")


def all_variables() -> list[str]:
    """The names of all settings that the file may have."""
    return list(dict.fromkeys([*VARIABLES, *_service_settings()]))


def _service_settings() -> Mapping[str, Setting]:
    """The settings of a service, by their variables; none where only the client is installed."""
    try:
        from enlarger.cli.service_settings import describe_settings
    except ModuleNotFoundError:
        return {}
    return describe_settings()


def _with_default(setting: Setting) -> str:
    return f"{setting.text} Default: {setting.default}." if setting.default else setting.text


def _is_secret(variable: str) -> bool:
    if variable in VARIABLES:
        return variable in _SECRET
    return any(one.secret for one in _service_settings().values() if variable in (one.variable, *one.others))


def _ask(variable: str) -> str:
    """A value that is not on the command line, where others could read it."""
    if not sys.stdin.isatty():
        return sys.stdin.read()
    return getpass(f"{variable}: ") if _is_secret(variable) or variable == "KIE_PROXY" else input(f"{variable}: ")


def _check(variable: str, text: str) -> None:
    """Raise InvalidInput for a value that the setting cannot have."""
    from enlarger.catalog import LOCALES  # not for every command

    wanted = None
    if not text or len(text.splitlines()) > 1:
        wanted = "one line of text"
    elif variable not in VARIABLES:
        _check_of_service(variable, text)
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


def _check_of_service(variable: str, text: str) -> None:
    from enlarger.all_settings import settings_class
    from enlarger.settings import problem_of

    problem = problem_of(settings_class(), _service_settings()[variable].field, text)
    if problem:
        raise InvalidInput(variable, f"{variable} cannot have this value: {problem}.")


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
    parts = _parts(value) if "://" in value else None
    if name in _SECRET or (parts is None and _is_secret(name)):
        return "…" + value[-_SHOWN:] if len(value) > 3 * _SHOWN else "…"
    if parts is None:
        plain_ones = ("ENLARGER_DATA_DIR", "ENLARGER_LOCALE", *_NUMBERS)
        return value if name in plain_ones or name not in VARIABLES else "…"
    host = parts.netloc.rpartition("@")[2]
    user = "…@" if "@" in parts.netloc else ""
    query = "?…" if parts.query else ""
    return f"{parts.scheme}://{user}{host}{parts.path}{query}"
