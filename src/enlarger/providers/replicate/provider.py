"""Replicate's HTTP API. Nothing is asked twice here: that is the caller's to decide."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

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
from enlarger.protocol.signatures import is_key
from enlarger.protocol.webhook import Webhook
from enlarger.providers.answers import NOT_FOUND
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, Traits, WireRequest
from enlarger.providers.http import FAILURES, NEVER_SENT, make_client, read_base_url, read_json, read_object, timeout
from enlarger.providers.replicate.answers import ANSWERS, is_id, read_created
from enlarger.providers.replicate.finding import Search, SoughtSubmission
from enlarger.providers.replicate.reports import read_report
from enlarger.providers.replicate.settings import ReplicateSettings
from enlarger.providers.replicate.webhooks import WebhookKey
from enlarger.providers.results import Results
from enlarger.settings import secret_text
from enlarger.translatable import sentence

_KEPT_SECONDS = 3600.0
_SHORTEST_LIFE, _LONGEST_LIFE = 5, 86_400
"""Seconds that `Cancel-After` may say."""
_ASK_SECONDS = 30.0
_UPLOAD_SECONDS = 300.0
_MOST_PAGES = 100


class ReplicateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long Replicate may take, in seconds."""

    submit: float = 90.0
    """To answer a submission."""
    unseen: float = 60.0
    """After a submission, during which the prediction may not be known yet."""
    unlisted: float = 180.0
    """The same for the list, counted from when the submission was written down: what a worker may take to send it, what
    it then waits for the answer, and a minute."""
    clock_difference: float = 60.0
    """How far its clock and ours may be apart."""


class ReplicateProvider(HostedProvider):
    """Runs models at Replicate, or at whatever speaks its API under `replicate_base_url`."""

    name = "replicate"
    traits: Traits = Traits(lists=True, keeps_seconds=_KEPT_SECONDS)

    def __init__(
        self,
        settings: ReplicateSettings,
        allowed: Allowed,
        *,
        config: ReplicateConfig | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`allowed` are the hosts that results may come from although they are not public.

        Raises ConfigurationError when there is no token for Replicate, or another setting is wrong.
        """
        token = secret_text(settings.replicate_api_token)
        if not token or not (token.isascii() and token.isprintable()):
            raise ConfigurationError("There is no token for Replicate: set REPLICATE_API_TOKEN to one of your account.")
        key = secret_text(settings.replicate_webhook_key)
        if key and not is_key(key):
            raise ConfigurationError("ENLARGER_REPLICATE_WEBHOOK_KEY is not a webhook key: copy the whole whsec_….")
        proxy = secret_text(settings.replicate_proxy) or None
        self._base_url = read_base_url(
            settings.replicate_base_url, setting="ENLARGER_REPLICATE_BASE_URL", example="https://api.replicate.com/v1"
        )
        self._deadline = settings.deadline
        self._config = config or ReplicateConfig()
        self._clock = clock
        self._client = make_client(
            self._base_url,
            proxy,
            setting="ENLARGER_REPLICATE_PROXY",
            headers={"Authorization": f"Bearer {token}"},
        )
        self._results = Results(
            "Replicate", allowed, base_url=self._base_url, proxy=proxy, auth=_OwnFiles(self._base_url, token)
        )
        self._webhook_key = WebhookKey(key or None, self._ask_webhook_key, clock)

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """The name and the input that Replicate knows the model by. Raises RouteUnfit.

        A prediction is cancelled there when the model's longest duration is over, or what `ENLARGER_DEADLINE` says.
        """
        if (route := model.routes.get(self.name)) is None:
            raise RouteUnfit(sentence("it does not run this model"))
        name, translated = translate(model, route, input)
        each: Decimal | None = None
        if route.usd is not None or route.usd_by:
            whole = dollars(model, self.name, input)
            each = None if whole is None else whole / most_outputs(model, input)
        return WireRequest(model=name, input=translated, cancel_after=self._cancel_after(model), usd_per_output=each)

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:
        """Leave a file at Replicate for a day; returns its URL. Raises ProviderSilent, or FileMissing."""
        try:
            with path.open("rb") as file:
                response = await self._send(
                    "POST", "/files", seconds=_UPLOAD_SECONDS, files={"content": (name, file, mime_type)}
                )
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None
        except OSError:
            raise FileMissing("A file that Replicate is to have cannot be read, or is there no longer.") from None
        urls = read_object(response).get("urls")
        url = urls.get("get") if isinstance(urls, Mapping) else None
        if not response.is_success or not isinstance(url, str) or not url.startswith(("https://", "http://")):
            raise ANSWERS.silent(response, "does not take a file now")
        return url

    async def submit(self, order: Order) -> Accepted:
        """Have Replicate make a prediction: exactly one request leaves, or none."""
        request = order.request
        body: dict[str, Any] = {"input": request.input}
        if (webhook := self._webhook(order.webhook_url)) is not None:
            body |= {"webhook": webhook, "webhook_events_filter": ["completed"]}
        try:
            content = msgspec.json.encode(body)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
            raise SubmissionRefused(
                "The input cannot be sent to Replicate because it cannot be written as JSON.", reason="input", code=422
            ) from None
        headers = {"Content-Type": "application/json"}
        if request.cancel_after is not None:
            headers["Cancel-After"] = f"{request.cancel_after}s"
        path = f"/models/{request.model}/predictions"
        try:
            response = await self._send("POST", path, seconds=self._config.submit, content=content, headers=headers)
        except NEVER_SENT as error:
            raise ANSWERS.not_sent(error) from None
        except Exception as error:  # noqa: BLE001 - whatever it was, the request may have arrived
            raise AcceptanceUnknown(
                f"Replicate may have taken the task: its answer was lost ({type(error).__name__})."
            ) from None
        return Accepted(read_created(response))

    async def poll(self, submission: Submission) -> Report:
        """Ask Replicate for the prediction, once."""
        prediction_id = submission.provider_task_id
        if not is_id(prediction_id):
            raise ProviderSilent("Replicate cannot be asked about a prediction of which nobody knows its id.")
        response = await self._ask("GET", f"/predictions/{prediction_id}")
        if response.status_code == NOT_FOUND:
            if self._age(submission) < self._config.unseen:
                return Report(provider_task_id=prediction_id, state="running")
            raise ResultGone("Replicate does not know the prediction any longer.", code=NOT_FOUND)
        record = read_object(response) if response.is_success else {}
        report = read_report(record, submission.request) if record else None
        if report is None or report.provider_task_id != prediction_id:
            raise ANSWERS.silent(response, "does not tell now what became of a prediction")
        if submission.denies(record.get("webhook")):
            raise ProviderSilent("An announcement named a prediction that Replicate has made for another submission.")
        return report

    async def find(self, submission: Submission, *, taken: frozenset[str]) -> Accepted | None:
        """Look through the list of predictions, back to the time of the submission.

        A prediction is its own when it names its webhook, or, where predictions do not name theirs, when model, input
        and time fit and nobody else has it.
        """
        wanted = SoughtSubmission(
            model=submission.request.model,
            input=submission.request.input,
            webhook=self._webhook(submission.webhook_url),
            submitted_at=submission.submitted_at,
            earliest=submission.submitted_at - timedelta(seconds=self._config.clock_difference),
        )
        search = Search(wanted, taken)
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._page(cursor)
            seen_all = search.see(page["results"])
            if search.found is not None:
                return Accepted(search.found)
            cursor = _read_cursor(page.get("next"))
            if seen_all or cursor is None:
                break
        else:
            raise ProviderSilent("Replicate's list of predictions does not reach back to the submission.")
        if (likely := search.likely) is not None:
            return Accepted(likely)
        if search.doubtful:
            raise ProviderSilent("Replicate's list has a prediction that may be this one, and does not say so.")
        if self._age(submission) < self._config.unlisted:
            raise ProviderSilent("Replicate's list may not have the prediction yet.", retry_after=self._config.unseen)
        return None

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """What a webhook says of the end of this submission's prediction, if its signature holds."""
        if not await self._webhook_key.signed(webhook):
            return None
        record = read_json(webhook.body)
        known = submission.provider_task_id or record.get("id")
        named = record.get("webhook", submission.webhook_url)
        if record.get("id") != known or named not in (None, submission.webhook_url):
            return None
        try:
            report = read_report(record, submission.request)
        except ResultGone:
            return None
        return report if report is not None and report.state != "running" else None

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """The prediction that a webhook names, without any proof."""
        prediction_id = read_json(webhook.body).get("id")
        return prediction_id if is_id(prediction_id) else None

    async def cancel(self, submission: Submission) -> None:
        """Cancel a prediction. One that has ended, or that is not known any longer, is left as it is."""
        prediction_id = submission.provider_task_id
        if not is_id(prediction_id):
            return
        response = await self._ask("POST", f"/predictions/{prediction_id}/cancel")
        if not response.is_success and response.status_code != NOT_FOUND:
            raise ANSWERS.silent(response, "does not cancel a prediction now")

    async def fetch(self, output: str, target: Path) -> None:
        """Download a result. Raises ProviderSilent, ResultGone, ResultUnusable or StorageError."""
        await self._results.fetch(output, target)

    async def probe(self) -> None:
        """Ask whose account it is."""
        try:
            response = await self._send("GET", "/account", seconds=_ASK_SECONDS)
        except NEVER_SENT as error:
            raise ANSWERS.not_sent(error) from None
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None
        if refused := ANSWERS.refusal(response):
            raise refused
        if not response.is_success or not read_object(response):
            raise ANSWERS.silent(response, "does not tell about its account now")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
        await self._results.aclose()

    async def _page(self, cursor: str | None) -> dict[str, Any]:
        response = await self._ask("GET", "/predictions", params={"cursor": cursor} if cursor else None)
        page = read_object(response)
        if not response.is_success or not isinstance(page.get("results"), list):
            raise ANSWERS.silent(response, "does not tell now which predictions it has")
        return page

    async def _ask_webhook_key(self) -> str | None:
        response = await self._ask("GET", "/webhooks/default/secret")
        key = read_object(response).get("key")
        return key if response.is_success and isinstance(key, str) else None

    async def _ask(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        """Send a request that costs nothing. Raises ProviderSilent where there is no answer."""
        try:
            return await self._send(method, path, seconds=_ASK_SECONDS, **arguments)
        except FAILURES as error:
            raise ANSWERS.no_answer(error) from None

    async def _send(self, method: str, path: str, *, seconds: float, **arguments: Any) -> httpx2.Response:
        """Send a request, once; the answer is read in full."""
        async with asyncio.timeout(seconds):
            return await self._client.request(method, self._base_url + path, timeout=timeout(seconds), **arguments)

    def _webhook(self, url: str | None) -> str | None:
        """The webhook as it is sent: Replicate itself takes https alone."""
        own = self._base_url.startswith("http://")
        return url if url is not None and (own or url.startswith("https://")) else None

    def _cancel_after(self, model: Model) -> int:
        seconds = math.ceil(self._deadline or model.duration.most)
        return min(max(seconds, _SHORTEST_LIFE), _LONGEST_LIFE)

    def _age(self, submission: Submission) -> float:
        return (datetime.fromtimestamp(self._clock(), UTC) - submission.submitted_at).total_seconds()


class _OwnFiles(httpx2.Auth):
    """The token for Replicate's own files, and for nothing else that results may be at."""

    def __init__(self, base_url: str, token: str) -> None:
        self._files = httpx2.URL(f"{base_url}/files/")
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Add the token where the request is for such a file."""
        url, files = request.url, self._files
        same = (url.scheme, url.host, url.port) == (files.scheme, files.host, files.port)
        if same and url.path.startswith(files.path) and ".." not in url.path.split("/"):
            request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def _read_cursor(next_url: object) -> str | None:
    """The cursor in the address of the next page; of the address nothing else is used, which may be anywhere."""
    if not isinstance(next_url, str):
        return None
    found = parse_qs(urlsplit(next_url).query).get("cursor")
    return found[0] if found else None
