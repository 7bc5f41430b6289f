"""The settings of Replicate."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr

from enlarger.settings import Rate, RateSetting, ServiceSettings, secret_text
from enlarger.translatable import sentence

TOKEN = "REPLICATE_API_TOKEN"  # noqa: S105 - the variable's name


class ReplicateSettings(ServiceSettings):
    """Replicate's settings."""

    replicate_api_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("replicate_api_token", TOKEN)
    )
    """The token of Replicate. With it tasks may run there."""
    replicate_base_url: str = "https://api.replicate.com/v1"
    """The address of Replicate, to which tasks are submitted."""
    replicate_proxy: SecretStr | None = None
    """A proxy for requests to Replicate."""
    replicate_webhook_key: SecretStr | None = None
    """The key that Replicate signs its webhooks with, `whsec_…`. By default Replicate is asked for it."""
    replicate_concurrency: int = Field(default=100, ge=1)
    """How many tasks may be at Replicate at a time; further ones wait."""
    replicate_creates: RateSetting = Rate(10, 1)
    """How many tasks all workers together submit to Replicate in how many seconds."""
    replicate_queries: RateSetting = Rate(50, 1)
    """How often all workers together poll Replicate in how many seconds."""

    @property
    def replicate_unconfigured(self) -> str | None:
        """Why tasks cannot run at Replicate: there is no token; None when they can."""
        return None if secret_text(self.replicate_api_token) else sentence("not set up, set {setting}", setting=TOKEN)
