"""The settings of KIE."""

from __future__ import annotations

from pydantic import Field, SecretStr

from enlarger.settings import KEY_PREFIX, Rate, RateSetting, ServiceSettings, secret_text
from enlarger.translatable import sentence


class KieSettings(ServiceSettings):
    """KIE's settings."""

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
    kie_creates: RateSetting = Rate(20, 10)
    kie_queries: RateSetting = Rate(10, 1)
    """How often it is asked at most, as `times/seconds`."""

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
