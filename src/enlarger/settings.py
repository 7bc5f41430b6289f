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

    A provider adds its own in a subclass, whose fields begin with the provider's name. The text below a field is what
    `enlarger config` and the documentation say about it.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="ENLARGER_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("enlarger"))
    """The folder of the embedded database, the stored files and the caches; `~/.local/share/enlarger` on Linux."""
    models_dir: Path | None = None
    """The folder of your own networks, which `enlarger models add` fills; by default `models` in the data directory.
    Workers on several machines need one that they share."""
    database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("database_url", "DATABASE_URL", "ENLARGER_DATABASE_URL")
    )
    """A Postgres of your own, version 15 or later: `postgresql://user:password@host/name`. By default an embedded one
    runs in the data directory."""
    database_wait: float = Field(default=60, ge=0)
    """How many seconds a starting process waits for a Postgres that is starting itself or restarts during a
    migration."""
    storage_url: str | None = None
    """Where uploads and results are stored: a folder, or a bucket as `s3://…`, `gs://…` or `az://…`, with a folder in
    it if you like. By default `files` in the data directory."""
    storage_wait: float = Field(default=24 * 3600, ge=0)
    """How many seconds, from its creation, a task waits for a storage that is unavailable or full. A day, so that what
    happens at night can be repaired in the morning."""

    host: str = "127.0.0.1"
    """The address that the API listens on; `0.0.0.0` is all."""
    port: int = Field(default=8686, ge=0, le=65_535)
    """The port that the API listens on; 0 picks a free one."""
    processes: int | None = Field(default=None, ge=1, le=MOST_PROCESSES)
    """How many processes share the work of `up`, `serve` or `worker`. By default 1 for `up`, and one per available core
    for `serve` (up to 8) and `worker` (up to 4), so that both stay below Postgres's 100 connections."""
    metrics_host: str = "127.0.0.1"
    """The address of the metrics port. This machine only, because the port asks for no key."""
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)
    """The port on which a command serves its metrics to Prometheus without a key; 0 picks a free one, and by default
    there is none. The API also serves them at `/metrics`, to an administrator's key."""
    public_url: str | None = None
    """The address by which apps and hosted providers reach the service; by default the one that a request was sent to.
    Set it behind a proxy that ends TLS. Without it, hosted providers send no webhooks and are polled."""
    api_key: SecretStr | None = None
    """The key of the default account. By default one is created once and kept in the data directory. For commands also
    the key of the service at ENLARGER_BASE_URL."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses or networks of the reverse proxies whose `X-Forwarded-For` or `Forwarded` is trusted. None by default,
    because anybody can send such a header. They may also hold more than a quarter of the connections."""
    bodies_mb: float = Field(default=512, gt=0)
    """How many megabytes of request bodies above 64 kB may be in flight; beyond that the API answers 503 with
    `Retry-After`. Bodies of up to 1 MB are in memory, larger ones in the folder for temporary files, so give a small
    machine less. The processes of one command share it equally."""
    account_storage_mb: float | None = Field(default=None, gt=0)
    """How many megabytes of files an account may have stored when it uploads, or sends an image in a request; beyond
    that the API answers 413. No limit by default, because uploads expire."""
    account_open_tasks: int | None = Field(default=None, ge=1)
    """How many open tasks an account without a limit of its own may have; beyond that createTask answers 429. No limit
    by default, because accounts take turns."""
    account_open_megapixels: int | None = Field(default=None, ge=1)
    """How many megapixels the input images of an account's open tasks for this machine's engine may have, likewise."""
    account_engine_seconds: int | None = Field(default=None, ge=1)
    """How many seconds of this machine's engine an account may use in a day (UTC), likewise."""
    http_status: Literal["ok", "real"] = "ok"
    """The HTTP status of errors under `/api/v1`: `ok` is 200 with the error's code in the body, as at the hosted
    service; `real` is the error's own."""

    routes: str = ""
    """Which providers run which models, in which order, such as `topaz/image-upscale=local; video=kie; kie,replicate`.
    By default KIE, then Replicate, then fal, then this machine."""
    models_off: Annotated[tuple[str, ...], NoDecode] = ()
    """Models, types of task (`upscale`) or kinds (`video`) that are not offered: createTask answers 505 for them.
    Earlier tasks continue."""
    substitute: bool = False
    """Whether this machine may run a different model in place of a hosted one whose providers cannot do a task. Off,
    because the result is not what was asked for."""
    unknown: Literal["fail", "resubmit"] = "fail"
    """What happens to a task when it stays unknown whether a provider accepted it: it fails, or is submitted once more,
    which may be paid for twice."""
    refund_on_cancel: Literal["unpaid", "all"] = "unpaid"
    """What a cancelled task gives back: `unpaid`, its credits unless a hosted provider was, or may have been, paid for
    it; `all`, its credits in any case."""
    deadline: float | None = Field(default=None, gt=0)
    """After how many seconds a task at a hosted provider is given up. By default the model's longest duration."""
    patience: float = Field(default=900, ge=0)
    """How many seconds a task waits while no provider can accept it."""

    openai_models: str = ""
    """Models behind OpenAI's names, in addition to the usual ones, such as `gpt-image-1=nano-banana-pro,
    gpt-image-1:edit=nano-banana-pro`."""
    openai_wait: float = Field(default=300, ge=0)
    """How many seconds a request to the OpenAI images API waits for its images before it is answered with 504. The
    tasks continue. 300, because OpenAI's clients wait for 600. Streams are not limited."""

    locale: Literal["en", "ru", "zh"] = "en"
    """The language of messages about inputs, for requests without `Accept-Language`."""

    max_megapixels: float = Field(default=100, gt=0)
    """How many megapixels an input image may have."""
    max_result_megapixels: float = Field(default=500, gt=0)
    """How many megapixels a hosted provider's result may have, by its header: more than any model makes, and what can
    be checked in 3 GB of memory."""
    allow_private: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts, addresses or networks that may be reached although they are not public."""

    callback_url: SecretStr | None = Field(default=None, validation_alias="KIE_CALLBACK_URL")
    """The URL that is called when a task without a `callBackUrl` ends."""
    callback_allow: Annotated[tuple[str, ...], NoDecode] = ()
    """The only hosts that callbacks are sent to; `*.example.com` is every host below it."""
    callback_deny: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts that no callbacks are sent to. They take precedence over ENLARGER_CALLBACK_ALLOW."""
    webhook_key: SecretStr | None = None
    """The key that callbacks are signed with, or the new one and the old one with a comma between them. By default one
    is created once and kept in the database."""

    results_days: float = Field(default=14, gt=0)
    """How many days results are kept, and the events of a task and the attempts to deliver its callback."""
    uploads_days: float = Field(default=3, gt=0)
    """How many days uploads are kept."""
    tasks_days: float = Field(default=60, ge=0)
    """How many days the records of ended tasks are kept, at least as long as their results; 0 keeps them."""
    result_links: Literal["own", "storage"] = "own"
    """Who sends results: `own`, the service itself; `storage`, the bucket, to whose signed links (20 minutes) the
    service's links redirect."""
    worker_lease: float = Field(default=30, ge=1)
    """After how many seconds without a heartbeat another worker takes over a worker's tasks."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe messages that are logged to stderr; as JSON if that is not a terminal."""
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("otlp_endpoint", "ENLARGER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    """The address of an OpenTelemetry collector that traces are sent to by OTLP over HTTP, such as
    `http://localhost:4318`; needs the extra `otel`. Without it nothing is traced."""

    mcp_max_credits: float | None = Field(default=None, ge=0)
    """A task that an agent creates at `/mcp` has to be confirmed if it may cost more credits. No limit by default,
    because the key has limits of its own."""

    bot_token: SecretStr | None = Field(default=None, validation_alias=AliasChoices("bot_token", "BOT_TOKEN"))
    """The token of the Telegram bot, from @BotFather."""
    bot_credits: Annotated[Decimal, Field(ge=0)] | Literal["none"] = Decimal(40)
    """How many credits a new user of the bot gets; `none` is no limit."""
    bot_admins: Annotated[tuple[int, ...], NoDecode] = ()
    """The Telegram ids of those who may see figures, add credits and write to all users."""
    bot_tasks_at_once: int = Field(default=1, ge=1)
    """How many tasks one user of the bot may have in progress."""
    bot_public_url: str | None = None
    """The https address at which Telegram reaches the bot, which then gets updates by webhook. Without it the bot polls
    Telegram."""
    bot_host: str = "127.0.0.1"
    """The address that the bot listens on for webhooks."""
    bot_port: int = Field(default=8687, ge=0, le=65_535)
    """The port that the bot listens on for webhooks."""
    bot_api_url: str | None = None
    """The address of a Bot API server of your own, instead of Telegram's."""

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


def problem_of(kind: type[S], name: str, text: str) -> str | None:
    """What is wrong with a text as the value of one setting; None if nothing is."""
    given: dict[str, Any] = {name: text}
    try:
        kind(**given)
    except ValidationError as error:
        names = {name, *variables_of(name, kind.model_fields[name])}
        return next((_problem(fault) for fault in error.errors(include_input=False) if fault["loc"][0] in names), None)
    return None


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
