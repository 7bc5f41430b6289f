"""The settings of KIE."""

from __future__ import annotations

from pydantic import Field, SecretStr

from enlarger.settings import KEY_PREFIX, Rate, RateSetting, ServiceSettings, secret_text
from enlarger.translatable import sentence


class KieSettings(ServiceSettings):
    """KIE's settings."""

    kie_api_key: SecretStr | None = None
    """The key of KIE for a service of your own: with it tasks may run there. It takes precedence over KIE_API_KEY,
    which clients read as well."""
    client_kie_api_key: SecretStr | None = Field(default=None, validation_alias="KIE_API_KEY")
    """For clients, the key of the hosted service, or of the one at KIE_BASE_URL. For a service, the key of KIE, if
    ENLARGER_KIE_API_KEY is not set and this is not a key of Enlarger's own."""
    kie_base_url: str = "https://api.kie.ai"
    """The address of KIE, to which tasks are submitted. KIE_BASE_URL is the service that clients use."""
    kie_upload_url: str = "https://kieai.redpandaai.co"
    """The address of KIE's host for uploads. If only ENLARGER_KIE_BASE_URL is set, that is used for uploads as well."""
    kie_proxy: SecretStr | None = None
    """A proxy for requests to KIE."""
    kie_webhook_key: SecretStr | None = None
    """The key that KIE signs its webhooks with. Without it KIE is polled to confirm each webhook."""
    kie_concurrency: int = Field(default=100, ge=1)
    """How many tasks may be at KIE at a time; further ones wait."""
    kie_creates: RateSetting = Rate(20, 10)
    """How many tasks all workers together submit to KIE in how many seconds."""
    kie_queries: RateSetting = Rate(10, 1)
    """How often all workers together poll KIE in how many seconds."""

    @property
    def kie_key(self) -> tuple[str, str]:
        """The variable that the key of KIE comes from, and the key; empty without one."""
        if self.kie_api_key is not None:
            return "ENLARGER_KIE_API_KEY", secret_text(self.kie_api_key)
        return "KIE_API_KEY", secret_text(self.client_kie_api_key)

    @property
    def kie_unconfigured(self) -> str | None:
        """Why tasks cannot run at KIE: there is no key, or it is a key of Enlarger itself; None when they can."""
        source, key = self.kie_key
        if not key:
            return sentence("not set up, set {setting}", setting=source)
        if key.startswith(KEY_PREFIX) or key == secret_text(self.api_key):
            return sentence(
                "not set up, {setting} is a key of Enlarger's own: set ENLARGER_KIE_API_KEY to one from kie.ai",
                setting=source,
            )
        return None
