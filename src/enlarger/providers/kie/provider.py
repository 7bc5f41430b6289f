"""The hosted KIE service, through the core of our own SDK. Nothing is asked twice here: others decide that."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from enlarger.catalog import Model
from enlarger.catalog.routes import translate
from enlarger.client import uploads, webhooks, wire
from enlarger.client.async_driver import AsyncDriver
from enlarger.client.core import Core
from enlarger.client.effects import NoAnswer, NotSent
from enlarger.client.options import HOSTED_UPLOAD_URL, HOSTED_URL, VARIABLES, load_options
from enlarger.client.records import TaskStatus, read_status
from enlarger.errors import (
    AcceptanceUnknown,
    ConfigurationError,
    FileMissing,
    InvalidInput,
    InvalidSignature,
    NotFound,
    ProtocolError,
    ProviderSilent,
    ResultGone,
    RouteUnfit,
    ServiceError,
    SubmissionRefused,
)
from enlarger.infra.safe_http import Allowed
from enlarger.protocol.signatures import is_key
from enlarger.protocol.webhook import Webhook
from enlarger.providers.base import Accepted, HostedProvider, Order, Report, Submission, Traits, WireRequest
from enlarger.providers.kie.answers import not_sent, read_answer, read_created, refusal, usable_id
from enlarger.providers.kie.reports import read_report
from enlarger.providers.kie.settings import KieSettings
from enlarger.providers.results import Results
from enlarger.settings import secret_text
from enlarger.translatable import sentence

_KEPT_SECONDS = 24 * 3600.0
"""Results are kept 14 days by one page of KIE's documents and 24 hours by another."""
_ASK_SECONDS = 30.0
_FOLDER = "enlarger"


class KieConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How long KIE may take, in seconds."""

    submit: float = 90.0
    """To answer a submission."""
    unseen: float = 90.0
    """After a submission, during which recordInfo may not know the task yet."""


@contextmanager
def _naming_settings(key_setting: str) -> Iterator[None]:
    """Name the service's settings in what the SDK says about its options, whose variables say nothing to a service."""
    try:
        yield
    except ConfigurationError as error:
        words = str(error).replace(f"({VARIABLES['api_key']})", f"({key_setting})")
        for name, variable in VARIABLES.items():
            words = words.replace(f"{name} ({variable})", f"ENLARGER_{variable}")
        raise ConfigurationError(words) from None


class KieProvider(HostedProvider):
    """Runs models at KIE, or at whatever speaks its jobs API under `kie_base_url`."""

    name = "kie"
    traits: Traits = Traits(keeps_seconds=_KEPT_SECONDS)

    def __init__(
        self,
        settings: KieSettings,
        allowed: Allowed,
        *,
        config: KieConfig | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`allowed` are the hosts that results may come from although they are not public.

        Raises ConfigurationError when there is no key for KIE, or another setting is wrong.
        """
        if settings.kie_unconfigured:
            raise ConfigurationError("There is no key for KIE: set KIE_API_KEY to one that kie.ai has given out.")
        self._webhook_key = secret_text(settings.kie_webhook_key)
        if self._webhook_key and not is_key(self._webhook_key):
            raise ConfigurationError("ENLARGER_KIE_WEBHOOK_KEY is not a webhook key: copy the one that KIE shows.")
        given = {
            "api_key": settings.kie_key[1],
            "base_url": settings.kie_base_url,
            "upload_url": settings.kie_upload_url,
            "proxy": settings.kie_proxy.get_secret_value() if settings.kie_proxy else None,
            "max_retries": 0,
        }
        if settings.kie_base_url != HOSTED_URL and settings.kie_upload_url == HOSTED_UPLOAD_URL:
            del given["upload_url"]  # files go to the service itself, unless somebody says otherwise
        self._config = config or KieConfig()
        self._clock = clock
        with _naming_settings(settings.kie_key[0]):
            options = load_options(given, {})
            self._core = Core(options)
            self._driver = AsyncDriver(options, None)
            self._results = Results("KIE", allowed, base_url=options.base_url, proxy=options.proxy)

    def prepare(self, model: Model, input: Mapping[str, Any]) -> WireRequest:
        """The name and the input that KIE knows the model by. Raises RouteUnfit."""
        if (route := model.routes.get(self.name)) is None:
            raise RouteUnfit(sentence("it does not run this model"))
        name, translated = translate(model, route, input)
        return WireRequest(model=name, input=translated)

    async def upload(self, path: Path, *, name: str, mime_type: str) -> str:  # noqa: ARG002 - KIE goes by the name
        """Leave a file at KIE for some days; returns its URL. Raises ProviderSilent, or FileMissing."""
        # A second file of the same path would take the first one's place there.
        folder = f"{_FOLDER}/{uuid.uuid4().hex}"
        try:
            file = await self._driver.run(self._core, uploads.upload(self._core, path, name=name, folder=folder))
        except ServiceError as error:
            raise _silent("KIE does not take a file now", error) from None
        except InvalidInput:
            raise FileMissing("A file that KIE is to have cannot be read, or is there no longer.") from None
        return file.url

    async def submit(self, order: Order) -> Accepted:
        """Have KIE make a task: exactly one request leaves, or none."""
        try:
            # The key is for services of our own kind; it is another one each time because nothing is sent twice.
            request = wire.create_task(order.request.model, order.request.input, order.webhook_url, uuid.uuid4().hex)
        except InvalidInput:
            raise SubmissionRefused(
                "The input cannot be sent to KIE because it cannot be written as JSON.", reason="input", code=422
            ) from None
        try:
            reply = await self._send(request, self._config.submit)
        except NotSent as error:
            raise not_sent(str(error)) from None
        except NoAnswer as error:
            raise AcceptanceUnknown(f"KIE may have taken the task: its answer was lost ({error}).") from None
        return Accepted(read_created(reply))

    async def poll(self, submission: Submission) -> Report:
        """Ask KIE for the task's record, once."""
        task_id = submission.provider_task_id
        if task_id is None:
            raise ProviderSilent("KIE cannot be asked about a task of which nobody knows its id.")
        try:
            reply = await self._send(wire.record_info(task_id), _ASK_SECONDS)
            status = read_status(wire.read(reply))
        except (NotSent, NoAnswer) as error:
            raise ProviderSilent(f"KIE does not answer ({error}).") from None
        except ServiceError as error:
            if not isinstance(error, NotFound) or not wire.says_no_record(error):
                raise _silent("KIE does not tell now what became of a task", error) from None
            return self._unknown(submission, task_id)
        if status.task_id != task_id:
            raise ProviderSilent("KIE has answered with the record of another task.")
        if submission.denies(status.callback_url):
            raise ProviderSilent("An announcement named a task that KIE has made for another submission.")
        return read_report(status)

    async def verify_webhook(self, webhook: Webhook, submission: Submission) -> Report | None:
        """What a callback says of the end of this submission's task, if its signature holds."""
        if not self._webhook_key:
            return None
        try:
            callback = webhooks.unwrap(webhook.body, webhook.headers, key=self._webhook_key, now=self._clock())
        except (InvalidSignature, ProtocolError):
            return None
        report = read_report(callback.task)
        known = submission.provider_task_id or _named(callback.task)
        return report if report.state != "running" and report.provider_task_id == known else None

    def webhook_task_id(self, webhook: Webhook) -> str | None:
        """The task that a callback names, without any proof."""
        try:
            return _named(webhooks.read_unverified(webhook.body).task)
        except ProtocolError:
            return None

    async def fetch(self, output: str, target: Path) -> None:
        """Download a result. Raises ProviderSilent, ResultGone, ResultUnusable or StorageError."""
        await self._results.fetch(output, target)

    async def probe(self) -> None:
        """Ask for the account's balance. Raises SubmissionRefused also when nothing is left of it."""
        try:
            reply = await self._send(wire.Request(method="GET", path="/api/v1/chat/credit"), _ASK_SECONDS)
        except NotSent as error:
            raise not_sent(str(error)) from None
        except NoAnswer as error:
            raise ProviderSilent(f"KIE does not answer ({error}).") from None
        answer = read_answer(reply)
        if refused := refusal(answer):
            raise refused
        balance = answer.data
        if not answer.went_well or isinstance(balance, bool) or not isinstance(balance, int | float):
            raise ProviderSilent(f"KIE does not tell its balance now ({answer.said}).", retry_after=answer.retry_after)
        if balance <= 0:
            raise SubmissionRefused("The KIE account has no credits left: top it up.", reason="credits", code=402)

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.aclose()
        await self._results.aclose()

    async def _send(self, request: wire.Request, seconds: float) -> wire.Reply:
        """Send a request, once. Raises NotSent or NoAnswer."""
        request = msgspec.structs.replace(request, timeout=seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._driver.run(self._core, self._core.exchange(request))
        except (NotSent, NoAnswer):
            raise
        except TimeoutError:
            raise NoAnswer("no answer in time") from None
        except Exception as error:
            raise NoAnswer(type(error).__name__) from error

    def _unknown(self, submission: Submission, task_id: str) -> Report:
        """What it means that recordInfo does not know a task."""
        age = datetime.fromtimestamp(self._clock(), UTC) - submission.submitted_at
        if age.total_seconds() < self._config.unseen:
            return Report(provider_task_id=task_id, state="running")
        raise ResultGone("KIE does not know the task any longer.", code=404)


def _named(task: TaskStatus) -> str | None:
    return task.task_id if usable_id(task.task_id) else None


def _silent(what: str, error: ServiceError) -> ProviderSilent:
    said = f" (code {error.code})" if error.code else ""
    return ProviderSilent(f"{what}{said}.", code=error.code or None, retry_after=getattr(error, "retry_after", None))
