"""The calls that are one request each, of `KieApiClient`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar

from enlarger.client import calls, uploads, waiting
from enlarger.client.async_driver import AsyncDriver
from enlarger.client.async_handle import TaskHandle
from enlarger.client.core import Core
from enlarger.client.effects import Flow
from enlarger.client.options import Options
from enlarger.client.records import ModelInfo, Quote, Submitted, TaskPage, TaskStatus, UploadedFile
from enlarger.client.submission import Order
from enlarger.client.typed import typed_submit
from enlarger.client.uploads import Source
from enlarger.protocol.records import AttemptRecord, Deliveries

P = ParamSpec("P")
T = TypeVar("T")


class SubmitOptions(TypedDict, total=False):
    """What `submit` takes besides the task."""

    callback_url: str | None
    idempotency_key: str | None
    strict: bool | None
    extra_headers: Mapping[str, str] | None


class Requests:
    """What a client can ask of a service in one request; before a task is made, its files are uploaded.

    `extra_headers` go along with every request that a call makes to the service, and override the client's own.
    """

    _core: Core
    _driver: AsyncDriver

    @property
    def options(self) -> Options:
        """The options of this client."""
        return self._core.options

    async def create_generation_task(
        self,
        model: str,
        input_data: Mapping[str, Any],
        callback_url: str | None = None,
        *,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> str:
        """Make a task out of an input as it stands, files of this machine uploaded; returns the task's id."""
        order = self._order(model, input_data, callback_url, idempotency_key)
        return await self._call(extra_headers, calls.create, order)

    async def get_task_status(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """A task as it is now. Raises NotFound."""
        return await self._call(extra_headers, waiting.look, task_id)

    @typed_submit
    async def submit(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> TaskHandle:
        """Make a task and return at once.

        The input is repaired and checked by the catalogue, as far as it knows the model; a `Path`, `bytes`, or the
        name of a file where the model wants a file is uploaded first. Raises InvalidInput before anything is sent,
        InputRefused, InsufficientCredits and the like for what the service refuses, and SubmissionUnknown when nobody
        can say whether the task was made: it is then not sent again. A field that the model does not have is no error:
        it is in the handle's and the result's `warnings`, and logged; with `strict` it is InvalidInput, and a model
        that the catalogue does not have is UnknownModel.
        """
        order = self._order(model, input, callback_url, idempotency_key, strict)
        return await self._call(extra_headers, calls.submit_for, order, partial(self._handle, model))

    async def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        folder: str = uploads.FOLDER,
        extra_headers: Mapping[str, str] | None = None,
    ) -> UploadedFile:
        """Upload a file for the inputs of tasks: a path, bytes, a URL that the service fetches, or a data URL.

        A text that is no URL is a path. Services keep uploads for some days.
        """
        return await self._call(extra_headers, uploads.upload, source, name=name, folder=folder)

    async def download_url(self, url: str, *, extra_headers: Mapping[str, str] | None = None) -> str:
        """A link to a result's file that anybody can use for 20 minutes."""
        return await self._call(extra_headers, calls.download_url, url)

    # The account and the models

    async def credits(self, *, extra_headers: Mapping[str, str] | None = None) -> float:
        """The account's balance in credits; may be fractional."""
        return await self._call(extra_headers, calls.credits)

    async def models(self, *, extra_headers: Mapping[str, str] | None = None) -> list[ModelInfo]:
        """The models that the service has."""
        return await self._call(extra_headers, calls.models)

    async def quote(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Quote:
        """What a task would cost, by the service where it can tell, else by the catalogue. Nothing is made.

        The input is checked as `submit` checks it: a field that the model does not have is in the quote's `warnings`,
        and logged; with `strict` it is InvalidInput.
        """
        strict = self.options.strict if strict is None else strict
        return await self._call(extra_headers, calls.quote, model, input, strict=strict)

    # What only an Enlarger service can do; others raise NotSupported

    async def list_tasks(
        self,
        *,
        state: str | None = None,
        model: str | None = None,
        limit: int = 20,
        after: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> TaskPage:
        """A page of the account's tasks, newest first: a list, whose `next` is the `after` of the page that follows.

        `limit` is at most 100; `state` may be several with commas between them.
        """
        return await self._call(extra_headers, calls.list_tasks, state=state, model=model, limit=limit, after=after)

    async def cancel(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """Call a task off; one that has ended stays as it is."""
        return await self._call(extra_headers, calls.cancel, task_id)

    async def delete_file(self, file: str, *, extra_headers: Mapping[str, str] | None = None) -> None:
        """Remove an upload or a result from the service before its time, by its link or id; its task's record stays.

        A task that still needs it as an input fails. Raises NotFound for a file that is not there, or not yours.
        """
        return await self._call(extra_headers, calls.delete_file, file)

    async def attempts(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> list[AttemptRecord]:
        """Which providers a task was given to, which were passed over and why, oldest first."""
        return await self._call(extra_headers, calls.attempts, task_id)

    async def deliveries(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> Deliveries:
        """What has become of a task's callback: its state, every try, and when the next one is."""
        return await self._call(extra_headers, calls.deliveries, task_id)

    async def resend(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> Deliveries:
        """Have the callback of a task that has ended sent again, also one that was delivered or given up.

        Raises InputRefused for a task that has not ended or was made without a callback URL.
        """
        return await self._call(extra_headers, calls.resend, task_id)

    async def _call(
        self,
        extra_headers: Mapping[str, str] | None,
        call: Callable[Concatenate[Core, P], Flow[T]],
        *arguments: P.args,
        **options: P.kwargs,
    ) -> T:
        core = self._core.with_headers(extra_headers)
        return await self._driver.run(core, call(core, *arguments, **options))

    def _order(
        self,
        model: str,
        input: Mapping[str, Any],
        callback_url: str | None,
        idempotency_key: str | None,
        strict: bool | None = None,
    ) -> Order:
        return Order(
            model=model,
            input=input,
            callback_url=callback_url,
            idempotency_key=idempotency_key,
            strict=self.options.strict if strict is None else strict,
        )

    def _handle(self, model: str, made: Submitted) -> TaskHandle:
        raise NotImplementedError
