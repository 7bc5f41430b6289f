"""The settings of a service, from the environment or a `.env` file; those of a provider are in its own folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from enlarger.errors import ConfigurationError

KEY_PREFIX = "enl_"
"""What our own keys begin with; a client's KIE_API_KEY may be one."""

_PROBLEMS = {
    "bool_parsing": "it must be true or false",
    "decimal_parsing": "it must be a number",
    "finite_number": "it must be a number",
    "float_parsing": "it must be a number",
    "greater_than": "it must be greater than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "int_from_float": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "less_than": "it must be less than {lt:g}",
    "less_than_equal": "it must be at most {le:g}",
    "literal_error": "it must be {expected}",
}
"""By pydantic's types of errors, whose own sentences are about code."""

MOST_PROCESSES = 12
"""Of one command: more would need more than the 100 connections that Postgres accepts by default."""

S = TypeVar("S", bound="ServiceSettings")


class Rate(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: float


def _read_rate(value: object) -> object:
    if not isinstance(value, str):
        return value
    times, _, seconds = value.partition("/")
    try:
        rate = Rate(int(times), float(seconds or 1))
    except ValueError:
        rate = Rate(0, 0)
    if rate.times < 1 or not 0 < rate.seconds < inf:
        raise ValueError("it must be a number of times and of seconds, such as 20/10")
    return rate


RateSetting = Annotated[Rate, NoDecode, BeforeValidator(_read_rate)]
"""A rate that is set as `times/seconds`."""


class Limits(NamedTuple):
    """How much of a provider may be used at a time; None is without limit."""

    concurrency: int = 1_000_000
    creates: Rate | None = None
    queries: Rate | None = None


class ServiceSettings(BaseSettings):
    """The settings with their defaults. Names in the environment start with `ENLARGER_`.

    A provider adds its own in a subclass, whose fields begin with the provider's name.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="ENLARGER_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("enlarger"))
    """Where the embedded database, the stored pictures and the caches are."""
    models_dir: Path | None = None
    """The folder of networks of your own, which `enlarger models add` fills; else `models` in the data directory."""
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("database_url", "DATABASE_URL", "ENLARGER_DATABASE_URL")
    )
    """A Postgres of your own, `postgresql://…`; without it an embedded one is run in the data directory."""
    database_wait: float = Field(default=60, ge=0)
    """Seconds that a service waits, when it starts, for a Postgres that is still starting or restarts meanwhile."""
    storage_url: str | None = None
    """Where pictures are kept: a folder, or a bucket as `s3://…`, `gs://…` or `az://…`; else in the data directory."""

    storage_wait: float = Field(default=24 * 3600, ge=0)
    """Seconds from when it was made for which a task waits for a storage that is away or full."""

    host: str = "127.0.0.1"
    port: int = Field(default=8686, ge=0, le=65_535)
    """0 takes any free port."""
    processes: int | None = Field(default=None, ge=1, le=MOST_PROCESSES)
    """How many processes share the work of a service. Without it `up` runs one, and `serve` and `worker` one per core,
    up to a limit."""
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    """Where the metrics are served without a key. Without a port they are only available with one."""
    public_url: str | None = None
    """The address by which apps reach this service; without it, the one by which they asked."""
    api_key: SecretStr | None = None
    """The key of the default account; without it one is made once and kept in the data directory."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses or networks of reverse proxies whose `X-Forwarded-For` or `Forwarded` is believed, with commas."""
    bodies_mb: float = Field(default=512, gt=0)
    """Megabytes of request bodies that may be in flight; beyond them uploads and pictures inside requests wait."""
    account_storage_mb: float | None = Field(default=None, gt=0)
    """Megabytes of files that an account may have stored when it uploads; without it there is no limit."""
    account_open_tasks: int | None = Field(default=None, ge=1)
    account_open_megapixels: int | None = Field(default=None, ge=1)
    account_engine_seconds: int | None = Field(default=None, ge=1)
    """How much an account may have open, and use of the engine per day (UTC), if it has no limits of its own. Without
    these there is no limit."""
    http_status: Literal["ok", "real"] = "ok"
    """`ok` answers errors as HTTP 200 with a body code, as the hosted service does; `real` with HTTP statuses."""

    routes: str = ""
    """Who runs what, in which order, such as `topaz/image-upscale=local; video=kie; kie,replicate,local`."""
    models_off: Annotated[tuple[str, ...], NoDecode] = ()
    """Models, types of task or kinds that are not offered, with commas: createTask answers 505."""
    substitute: bool = False
    """Whether another model of this machine may take a hosted one's place: where a task's source ran elsewhere, or
    what is made here is less."""
    unknown: Literal["fail", "resubmit"] = "fail"
    """What becomes of a task when nobody can say whether a provider took it: it fails, or is sent once more."""
    refund_on_cancel: Literal["unpaid", "all"] = "unpaid"
    """What a cancelled task gives back: nothing while a hosted provider was, or may have been, paid for it; or all."""
    deadline: float | None = Field(default=None, gt=0)
    """Seconds after which a submission is given up; without it the model's longest duration."""
    patience: float = Field(default=900, ge=0)
    """Seconds that a task waits for a provider while none can take it."""

    openai_models: str = ""
    """Models behind names of OpenAI's, such as `gpt-image-1=nano-banana-pro, gpt-image-1:edit=nano-banana-pro`."""
    openai_wait: float = Field(default=300, ge=0)
    """Seconds that a request to the OpenAI images API waits for its pictures, unless it streams."""

    locale: Literal["en", "ru", "zh"] = "en"
    """The language of messages about inputs, for requests that ask for none by `Accept-Language`."""

    max_megapixels: float = Field(default=100, gt=0)
    """The largest picture that is taken in."""
    max_result_megapixels: float = Field(default=500, gt=0)
    """The largest picture that is taken from a hosted provider."""
    allow_private: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts, addresses or networks of your own that may be reached although they are not public, with commas."""

    callback_url: SecretStr | None = Field(default=None, validation_alias="KIE_CALLBACK_URL")
    """Is called when a task ends that was made without a `callBackUrl`."""
    callback_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """The only hosts that callbacks are sent to, separated by commas; `*.example.com` is every host below it."""
    callback_deny: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts that no callbacks are sent to; they count before those of `callback_allow`."""
    webhook_key: SecretStr | None = None
    """What callbacks are signed with, or two keys with a comma between them; without it one is made once and kept."""

    results_days: float = Field(default=14, gt=0)
    uploads_days: float = Field(default=3, gt=0)
    """How long results and uploads are kept."""
    tasks_days: float = Field(default=60, ge=0)
    """How long the records of ended tasks are kept; 0 is for ever."""
    result_links: Literal["own", "storage"] = "own"
    """Who sends results: the service itself, or the bucket, to which the service's links then lead."""
    worker_lease: float = Field(default=30, ge=1)
    """Seconds without a sign of life after which another worker takes a worker's tasks over."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("otlp_endpoint", "ENLARGER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """Where traces are sent: an OpenTelemetry collector's address for OTLP over HTTP, such as `http://localhost:4318`."""

    mcp_max_credits: float | None = Field(default=None, ge=0)
    """A task that an agent creates at /mcp, and that may cost more credits, has to be confirmed."""

    bot_token: SecretStr | None = Field(default=None, validation_alias=AliasChoices("bot_token", "BOT_TOKEN"))
    """The token of the Telegram bot, from @BotFather."""
    bot_credits: Annotated[Decimal, Field(ge=0)] | Literal["none"] = Decimal(40)
    """What each user of the bot gets at first; `none` is without limit."""
    bot_admins: Annotated[tuple[int, ...], NoDecode] = ()
    """The Telegram ids of those who may see numbers, top up and write to everybody, separated by commas."""
    bot_tasks_at_once: int = Field(default=1, ge=1)
    """What one user may have going on at a time."""
    bot_public_url: str | None = None
    """The https address by which Telegram reaches the bot; without it the bot asks Telegram."""
    bot_host: str = "127.0.0.1"
    bot_port: int = Field(default=8687, ge=0, le=65_535)
    """Where the bot listens, behind `bot_public_url`."""
    bot_api_url: str | None = None
    """A Bot API server of your own instead of Telegram's."""

    @field_validator(
        "models_off", "allow_private", "trusted_proxies", "callback_allow", "callback_deny", "bot_admins", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url", "otlp_endpoint", "bot_public_url", "bot_api_url")
    @classmethod
    def _trim(cls, value: str | None) -> str | None:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("it must start with http:// or https://")
        return value.rstrip("/") if value else None

    @field_validator("callback_url")
    @classmethod
    def _check_callback_url(cls, value: SecretStr | None) -> SecretStr | None:
        url = value.get_secret_value().strip() if value else ""
        try:
            usable = url.lower().startswith(("http://", "https://")) and bool(urlsplit(url).hostname)
        except ValueError:
            usable = False
        if url and not usable:
            raise ValueError("it must be an http(s) URL with a host")
        return SecretStr(url) if url else None

    @field_validator("models_dir")
    @classmethod
    def _check_models_dir(cls, value: Path | None) -> Path | None:
        if value is not None and not value.expanduser().is_dir():
            raise ValueError("it must be a folder that exists: create it, or correct the path")
        return value

    @cached_property
    def models_folder(self) -> Path:
        """The folder of networks of the user's own, which may not be there."""
        return (self.models_dir or self.data_dir / "models").expanduser().absolute()

    @cached_property
    def max_pixels(self) -> int:
        """`max_megapixels` as a number of pixels."""
        return int(self.max_megapixels * 1_000_000)

    @cached_property
    def max_result_pixels(self) -> int:
        """`max_result_megapixels` as a number of pixels."""
        return int(self.max_result_megapixels * 1_000_000)


def secret_text(secret: SecretStr | None) -> str:
    """A secret itself; empty where it is not set."""
    return secret.get_secret_value().strip() if secret else ""


def read_settings(kind: type[S], **overrides: object) -> S:
    """The settings of this process; `overrides` (those that are not None) come from the command line.

    Raises ConfigurationError, which names each setting that is wrong and why.
    """
    try:
        return kind(**_given(overrides))
    except ValidationError as error:
        faults = _faults(kind, error)
        verb = "A setting is wrong" if len(faults) == 1 else f"{len(faults)} settings are wrong"
        raise ConfigurationError(f"{verb}. {'; '.join(faults)}.") from None


def read_what_can_be(kind: type[S], **overrides: object) -> tuple[S, list[str]]:
    """The settings of this process, and what is wrong with each that is wrong: it has its default then."""
    try:
        return kind(**_given(overrides)), []
    except ValidationError as error:
        wrong = {str(fault["loc"][0]) for fault in error.errors(include_input=False)}
        defaults = {
            name: field.get_default(call_default_factory=True)
            for name, field in kind.model_fields.items()
            if wrong & {name, *variables_of(name, field)}
        }
        return kind(**_given(overrides | defaults)), _faults(kind, error)


def variables_of(name: str, field: FieldInfo) -> list[str]:
    """The environment variables that set a field; the usual one last."""
    alias = field.validation_alias
    names = alias.choices if isinstance(alias, AliasChoices) else [alias or f"enlarger_{name}"]
    return [one.upper() for one in names if isinstance(one, str) and one != name]


def _given(overrides: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in overrides.items() if value is not None}


def _faults(kind: type[ServiceSettings], error: ValidationError) -> list[str]:
    """What is wrong with each setting that is, without the value that it has."""
    return [
        f"{_variable(kind, str(fault['loc'][0]))}: {_problem(fault)}" for fault in error.errors(include_input=False)
    ]


def _problem(fault: ErrorDetails) -> str:
    """What is wrong with a value, and what it has to be."""
    sentence = _PROBLEMS.get(fault["type"])
    if sentence is None:
        return fault["msg"].removeprefix("Value error, ")
    return sentence.format(**fault.get("ctx", {}))


def _variable(kind: type[ServiceSettings], name: str) -> str:
    """The variable for a field. If there are several, the one that is set, or else the documented one."""
    if name not in kind.model_fields:
        return name.upper()
    variables = variables_of(name, kind.model_fields[name])
    return next((one for one in variables if one in os.environ), variables[0])
