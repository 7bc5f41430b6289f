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
    """The token of Replicate; with it tasks may run there."""
    replicate_base_url: str = "https://api.replicate.com/v1"
    replicate_proxy: SecretStr | None = None
    replicate_webhook_key: SecretStr | None = None
    """What Replicate signs its webhooks with, `whsec_…`; without it Replicate is asked for it."""
    replicate_concurrency: int = Field(default=100, ge=1)
    replicate_creates: RateSetting = Rate(10, 1)
    replicate_queries: RateSetting = Rate(50, 1)

    @property
    def replicate_unconfigured(self) -> str | None:
        """Why tasks cannot run at Replicate: there is no token; None when they can."""
        return None if secret_text(self.replicate_api_token) else sentence("not set up, set {setting}", setting=TOKEN)
