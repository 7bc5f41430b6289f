"""The settings of fal."""

from __future__ import annotations

from pydantic import AliasChoices, Field, SecretStr

from enlarger.settings import Rate, RateSetting, ServiceSettings, secret_text
from enlarger.translatable import sentence

KEY = "FAL_KEY"
HOSTED_URL = "https://queue.fal.run"
HOSTED_REST_URL = "https://rest.fal.ai"


class FalSettings(ServiceSettings):
    """fal's settings."""

    fal_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("fal_key", KEY))
    """The key of fal. With it tasks may run there."""
    fal_base_url: str = HOSTED_URL
    """The address of fal's queue, to which tasks are submitted."""
    fal_rest_url: str = HOSTED_REST_URL
    """The address of fal's host for uploads, and for the keys that its webhooks are verified with. If only
    ENLARGER_FAL_BASE_URL is set, that is used for these as well."""
    fal_proxy: SecretStr | None = None
    """A proxy for requests to fal."""
    fal_concurrency: int = Field(default=100, ge=1)
    """How many tasks may be at fal at a time. Those that fal cannot start yet wait in its queue."""
    fal_creates: RateSetting = Rate(5, 1)
    """How many tasks all workers together submit to fal in how many seconds. fal allows an account 10 requests a
    second, for everything (https://fal.ai/docs/faq)."""
    fal_queries: RateSetting = Rate(5, 1)
    """How often all workers together poll fal in how many seconds."""

    @property
    def fal_unconfigured(self) -> str | None:
        """Why tasks cannot run at fal: there is no key; None when they can."""
        return None if secret_text(self.fal_key) else sentence("not set up, set {setting}", setting=KEY)
