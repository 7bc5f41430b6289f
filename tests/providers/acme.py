"""A provider that is none of the package's, in the form that docs/contributing.md asks for, but in a single file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from pydantic import Field, SecretStr

from enlarger.catalog import Model
from enlarger.catalog.routes import translate
from enlarger.errors import AcceptanceUnknown, ProviderSilent, RouteUnfit
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.webhook import Webhook
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, WireRequest
from enlarger.providers.results import Results
from enlarger.providers.spec import ProviderSpec
from enlarger.settings import Limits, Rate, RateSetting, ServiceSettings, secret_text
from enlarger.translatable import sentence


class AcmeSettings(ServiceSettings):
    acme_token: SecretStr | None = None
    acme_url: str = "https://api.acme.example"
    acme_concurrency: int = Field(default=5, ge=1)
    acme_creates: RateSetting = Rate(3, 1)

    @property
    def acme_unconfigured(self) -> str | None:
        token = secret_text(self.acme_token)
        return None if token else sentence("not set up, set {setting}", setting="ENLARGER_ACME_TOKEN")


class AcmeProvider(HostedProvider):
    name = "acme"

    def __init__(self, settings: AcmeSettings, allowed: Allowed) -> None:
        self._token = secret_text(settings.acme_token)
        self._client = httpx2.AsyncClient(
            base_url=settings.acme_url, headers={"Authorization": f"Bearer {self._token}"}, trust_env=False
        )
        self._results = Results("Acme", allowed, base_url=settings.acme_url)

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        if (route := model.routes.get(self.name)) is None:
            raise RouteUnfit(sentence("it does not run this model"))
        name, translated = translate(model, route, input)
        return WireRequest(model=name, input=translated)

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        raise ProviderSilent("Acme takes no files.")

    async def submit(self, order: Order) -> Accepted:
        body = msgspec.to_builtins(order.request) | {"webhook": order.webhook_url}
        try:
            made = (await self._client.post("/jobs", json=body)).json()
        except httpx2.HTTPError as error:
            raise AcceptanceUnknown("Acme's answer was lost.") from error
        return Accepted(made["id"], seconds=0)

    async def poll(self, submission: Submission) -> Report:
        try:
            return self._read((await self._client.get(f"/jobs/{submission.provider_task_id}")).json())
        except httpx2.HTTPError as error:
            raise ProviderSilent("Acme does not answer.") from error

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        signed = webhook.headers.get("x-acme-token") == self._token
        return self._read(msgspec.json.decode(webhook.body)) if signed else None

    async def fetch(self, output: str, target: Path) -> None:
        await self._results.fetch(output, target)

    async def probe(self) -> None:
        try:
            await self._client.get("/")
        except httpx2.HTTPError as error:
            raise ProviderSilent("Acme does not answer.") from error

    async def close(self) -> None:
        await self._client.aclose()
        await self._results.aclose()

    def _read(self, job: Mapping[str, Any]) -> Report:
        return Report(provider_task_id=job["id"], state=job["state"], outputs=tuple(job.get("outputs", ())))


SPEC = ProviderSpec(
    name=AcmeProvider.name,
    title="Acme",
    settings=AcmeSettings,
    turned_on_by=lambda _: "ENLARGER_ACME_TOKEN",
    unconfigured=lambda settings: settings.acme_unconfigured,
    limits=lambda settings: Limits(settings.acme_concurrency, settings.acme_creates),
    open=lambda settings, around: AcmeProvider(settings, around.allowed),
    webhook_headers=("x-acme-",),
)
