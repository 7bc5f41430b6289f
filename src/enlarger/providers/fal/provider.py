"""fal's queue API. Nothing is asked twice here: that is the caller's to decide."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import httpx2
import msgspec

from enlarger.catalog import Model
from enlarger.catalog.price import most_outputs
from enlarger.catalog.routes import dollars, translate
from enlarger.errors import (
    AcceptanceUnknown,
    ConfigurationError,
    FileMissing,
    ProviderSilent,
    ResultGone,
    RouteUnfit,
    SubmissionRefused,
)
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.webhook import Webhook
from enlarger.providers.answers import NOT_FOUND
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, Traits, WireRequest
from enlarger.providers.fal.addresses import is_id, is_model, own_path, request_id, request_path
from enlarger.providers.fal.answers import ANSWERS, GONE, read_created, refusal
from enlarger.providers.fal.reports import ended_badly, ended_well, read_end, running
from enlarger.providers.fal.settings import HOSTED_REST_URL, HOSTED_URL, FalSettings
from enlarger.providers.fal.webhooks import USER_ID, WebhookKeys
from enlarger.providers.http import FAILURES, NEVER_SENT, make_client, read_base_url, read_json, read_object, timeout
from enlarger.providers.results import Results
from enlarger.settings import secret_text
from enlarger.translatable import sentence

_KEPT_SECONDS = 7 * 24 * 3600.0
"""fal promises to keep files for so long (https://fal.ai/docs/faq)."""
_UPLOAD_KEPT_SECONDS = 24 * 3600
_LEAST_START = 2
"""Seconds; fal takes no start timeout of one second or less."""
_ASK_SECONDS = 30.0
_UPLOAD_SECONDS = 300.0
_CHUNK = 1 << 16
_ALREADY_ENDED = 400


class FalConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long fal may take, in seconds."""

    submit: float = 90.0
    """To answer a submission."""
    unseen: float = 60.0
    """After a submission, during which the request may not be known yet."""


class FalProvider(HostedProvider):
    """Runs models at fal, or at whatever speaks its queue API under `fal_base_url`.

    What became of a submission whose answer was lost is learnt from its webhook alone. fal's history of requests needs
    an administrator's key and lists them when they have ended, so that one that is missing there proves nothing.
    """

    name = "fal"
    traits: Traits = Traits(keeps_seconds=_KEPT_SECONDS)

    def __init__(
        self,
        settings: FalSettings,
        allowed: Allowed,
        *,
        config: FalConfig | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`allowed` are the hosts that results may come from although they are not public.

        Raises ConfigurationError when there is no key for fal, or another setting is wrong.
        """
        key = secret_text(settings.fal_key)
        if not key or not (key.isascii() and key.isprintable()):
            raise ConfigurationError("There is no key for fal: set FAL_KEY to one of your account.")
        proxy = secret_text(settings.fal_proxy) or None
        self._base_url = read_base_url(settings.fal_base_url, setting="ENLARGER_FAL_BASE_URL", example=HOSTED_URL)
        rest_url = settings.fal_rest_url
        if self._base_url != HOSTED_URL and rest_url == HOSTED_REST_URL:
            rest_url = self._base_url  # the key goes to the service itself, unless somebody says otherwise
        self._rest_url = read_base_url(rest_url, setting="ENLARGER_FAL_REST_URL", example=HOSTED_REST_URL)
        self._deadline = settings.deadline
        self._config = config or FalConfig()
        self._clock = clock
        self._authorization = {"Authorization": f"Key {key}"}
        # The key is not among its headers: files are left at other hosts, too.
        self._client = make_client(self._base_url, proxy, setting="ENLARGER_FAL_PROXY", headers={})
        self._results = Results("fal", allowed, base_url=self._base_url, proxy=proxy)
        self._webhook_keys = WebhookKeys(self._ask_webhook_keys, clock)

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """The name and the input that fal knows the model by. Raises RouteUnfit.

        fal is told not to begin after the model's longest duration, or after what `ENLARGER_DEADLINE` says.
        """
        if (route := model.routes.get(self.name)) is None:
            raise RouteUnfit(sentence("it does not run this model"))
        name, translated = translate(model, route, input)
        each: Decimal | None = None
        if route.usd is not None or route.usd_by:
            whole = dollars(model, self.name, input)
            each = None if whole is None else whole / most_outputs(model, input)
        start = max(math.ceil(self._deadline or model.duration.most), _LEAST_START)
        return WireRequest(model=name, input=translated, cancel_after=start, usd_per_output=each)

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Leave a file at fal for a day; returns its URL. Raises ProviderSilent, or FileMissing."""
        wanted = {"content_type": mime_type, "file_name": name}
        lifecycle = msgspec.json.encode({"expiration_duration_seconds": _UPLOAD_KEPT_SECONDS}).decode()
        response = await self._ask(
            "POST",
            f"{self._rest_url}/storage/upload/initiate",
            params={"storage_type": "fal-cdn-v3"},
            json=wanted,
            headers={"X-Fal-Object-Lifecycle-Preference": lifecycle},
        )
        answer = read_object(response)
        target, url = answer.get("upload_url"), answer.get("file_url")
        if not response.is_success or not self._is_place(target) or not self._is_place(url):
            raise ANSWERS.silent(response, "does not take a file now")
        try:
            with path.open("rb") as file:
                headers = {"Content-Type": mime_type, "Content-Length": str(path.stat().st_size)}
                stored = await self._send(
                    "PUT", str(target), seconds=_UPLOAD_SECONDS, content=_read(file), headers=headers
                )
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None
        except OSError:
            raise FileMissing("A file that fal is to have cannot be read, or is there no longer.") from None
        if not stored.is_success:
            raise ANSWERS.silent(stored, "does not take a file now")
        return str(url)

    async def submit(self, order: Order) -> Accepted:
        """Put a request into fal's queue: exactly one leaves, or none."""
        request = order.request
        try:
            content = msgspec.json.encode(request.input)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
            raise SubmissionRefused(
                "The input cannot be sent to fal because it cannot be written as JSON.", reason="input", code=422
            ) from None
        if not is_model(request.model):
            raise SubmissionRefused("fal has no model of this name.", reason="input", code=NOT_FOUND)
        headers = {**self._authorization, "Content-Type": "application/json"}
        if request.cancel_after is not None:
            headers["X-Fal-Request-Timeout"] = str(request.cancel_after)
        webhook = self._webhook(order.webhook_url)
        try:
            response = await self._send(
                "POST",
                f"{self._base_url}/{request.model}",
                seconds=self._config.submit,
                params={"fal_webhook": webhook} if webhook is not None else None,
                content=content,
                headers=headers,
            )
        except NEVER_SENT as error:
            raise ANSWERS.not_sent(error) from None
        except Exception as error:  # noqa: BLE001 - whatever it was, the request may have arrived
            raise AcceptanceUnknown(
                f"fal may have taken the task: its answer was lost ({type(error).__name__})."
            ) from None
        return Accepted(read_created(response, self._base_url, request.model))

    async def poll(self, submission: Submission) -> Report:
        """Ask fal for the request's status, and for its result once it has ended."""
        task_id, path = submission.provider_task_id, _path_of(submission)
        if task_id is None or path is None:
            raise ProviderSilent("fal cannot be asked about a request of which nobody knows its id.")
        response = await self._ask("GET", f"{self._base_url}/{path}/status")
        if response.status_code == NOT_FOUND:
            if self._age(submission) < self._config.unseen:
                return running(task_id)
            raise ResultGone("fal does not know the request any longer.", code=NOT_FOUND)
        status = read_object(response) if response.is_success else {}
        its_own = status.get("request_id", request_id(task_id)) == request_id(task_id)
        if not isinstance(status.get("status"), str) or not its_own:
            raise ANSWERS.silent(response, "does not tell now what became of a request")
        if status["status"] != "COMPLETED":
            return running(task_id)
        where = own_path(self._base_url, status.get("response_url")) or path
        result = await self._ask("GET", f"{self._base_url}/{where}")
        report = read_end(task_id, submission.request, status, result)
        if report is None:
            raise ANSWERS.silent(result, "does not tell now what a request has made")
        return report

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """What a webhook says of the end of this submission's request, if its signature holds."""
        record = read_json(webhook.body)
        identifier, payload = record.get("request_id"), record.get("payload")
        known = submission.provider_task_id
        if not is_id(identifier) or (known is not None and request_id(known) != identifier):
            return None
        if not await self._webhook_keys.signed(webhook):
            return None
        if known is not None and not submission.unverified_id:
            self._webhook_keys.account = webhook.headers[USER_ID]
        task_id = known or identifier
        match record.get("status"):
            case "OK" if isinstance(payload, dict) and payload:
                return ended_well(task_id, payload, submission.request)
            case "ERROR":
                return ended_badly(task_id, payload if isinstance(payload, dict) else {}, record.get("error"))
        return None  # such as an output that was too large for a webhook: fal has it

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """The request that a webhook names, without any proof."""
        identifier = read_json(webhook.body).get("request_id")
        return identifier if is_id(identifier) else None

    async def cancel(self, submission: Submission) -> None:
        """Cancel a request. One that has ended, or that is not known any longer, is left as it is."""
        if (path := _path_of(submission)) is None:
            return
        response = await self._ask("PUT", f"{self._base_url}/{path}/cancel")
        if not response.is_success and response.status_code not in (_ALREADY_ENDED, *GONE):
            raise ANSWERS.silent(response, "does not cancel a request now")

    async def fetch(self, output: str, target: Path) -> None:
        """Download a result. Raises ProviderSilent, ResultGone, ResultUnusable or StorageError."""
        await self._results.fetch(output, target)

    async def probe(self) -> None:
        """Ask for a token of fal's file storage, as its own client does before an upload: only a good key gets one."""
        try:
            response = await self._send(
                "POST",
                f"{self._rest_url}/storage/auth/token",
                seconds=_ASK_SECONDS,
                params={"storage_type": "fal-cdn-v3"},
                json={},
                headers=self._authorization,
            )
        except NEVER_SENT as error:
            raise ANSWERS.not_sent(error) from None
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None
        if refused := refusal(response):
            raise refused
        if not response.is_success or not read_object(response):
            raise ANSWERS.silent(response, "does not say now whether it knows the key")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._results.aclose()

    async def _ask_webhook_keys(self) -> dict[str, Any]:
        response = await self._ask("GET", f"{self._rest_url}/.well-known/jwks.json")
        return read_object(response) if response.is_success else {}

    async def _ask(self, method: str, url: str, **arguments: Any) -> httpx2.Response:
        """Send a request that costs nothing, with the key. Raises ProviderSilent where there is no answer."""
        headers = {**self._authorization, **arguments.pop("headers", {})}
        try:
            return await self._send(method, url, seconds=_ASK_SECONDS, headers=headers, **arguments)
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None

    async def _send(self, method: str, url: str, *, seconds: float, **arguments: Any) -> httpx2.Response:
        """Send a request, once; the answer is read in full."""
        async with asyncio.timeout(seconds):
            return await self._client.request(method, url, timeout=timeout(seconds), **arguments)

    def _webhook(self, url: str | None) -> str | None:
        """The webhook as it is sent: fal itself takes https alone."""
        return url if url is not None and (self._is_plain or url.startswith("https://")) else None

    def _is_place(self, url: object) -> bool:
        """Whether a file may be left at, or read from, an address that fal names."""
        return isinstance(url, str) and url.startswith(("https://", "http://") if self._is_plain else "https://")

    @property
    def _is_plain(self) -> bool:
        """Whether the service is one of the operator's own, without TLS."""
        return self._base_url.startswith("http://")

    def _age(self, submission: Submission) -> float:
        return (datetime.fromtimestamp(self._clock(), UTC) - submission.submitted_at).total_seconds()


def _path_of(submission: Submission) -> str | None:
    return request_path(submission.request.model, submission.provider_task_id)


async def _read(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
