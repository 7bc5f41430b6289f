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
    """The key of fal; with it tasks may run there."""
    fal_base_url: str = HOSTED_URL
    """The queue, which takes tasks."""
    fal_rest_url: str = HOSTED_REST_URL
    """Where files are left, and where the keys are that webhooks are verified with."""
    fal_proxy: SecretStr | None = None
    fal_concurrency: int = Field(default=100, ge=1)
    fal_creates: RateSetting = Rate(5, 1)
    fal_queries: RateSetting = Rate(5, 1)
    """How often it is asked about tasks. fal allows an account 10 requests a second (https://fal.ai/docs/faq)."""

    @property
    def fal_unconfigured(self) -> str | None:
        """Why tasks cannot run at fal: there is no key; None when they can."""
        return None if secret_text(self.fal_key) else sentence("not set up, set {setting}", setting=KEY)
