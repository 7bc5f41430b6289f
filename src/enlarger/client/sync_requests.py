"""The calls that are one request each, of `SyncKieApiClient`; written by `make sync`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar

from enlarger.client import calls, uploads, waiting
from enlarger.client.core import Core
from enlarger.client.effects import Flow
from enlarger.client.options import Options
from enlarger.client.records import ModelInfo, Quote, Submitted, TaskPage, TaskStatus, UploadedFile
from enlarger.client.submission import Order
from enlarger.client.sync_driver import SyncDriver
from enlarger.client.sync_handle import SyncTaskHandle
from enlarger.client.typed import typed_sync_submit
from enlarger.client.uploads import Source
from enlarger.protocol.records import AttemptRecord, Deliveries

P = ParamSpec("P")
T = TypeVar("T")


class SubmitOptions(TypedDict, total=False):
    """The keyword arguments of `submit`."""

    callback_url: str | None
    idempotency_key: str | None
    strict: bool | None
    extra_headers: Mapping[str, str] | None


class Requests:
    """The methods of a client that send one request, after uploading the files of a task.

    `extra_headers` are sent with every request of a call, and override the client's own.
    """

    _core: Core
    _driver: SyncDriver

    @property
    def options(self) -> Options:
        """The options of this client."""
        return self._core.options

    def create_generation_task(
        self,
        model: str,
        input_data: Mapping[str, Any],
        callback_url: str | None = None,
        *,
        idempotency_key: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> str:
        """Create a task from an input as it is, without repairs; local files are uploaded. Returns the task's id."""
        order = self._order(model, input_data, callback_url, idempotency_key)
        return self._call(extra_headers, calls.create, order)

    def get_task_status(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """The task's current record. Raises NotFound."""
        return self._call(extra_headers, waiting.look, task_id)

    @typed_sync_submit
    def submit(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> SyncTaskHandle:
        """Create a task and return without waiting for it.

        The catalogue repairs and checks the input, and local files in it are uploaded first. A field that the model
        does not have is sent with a warning, in the handle's and the result's `warnings`; with `strict` it raises
        InvalidInput, and a model that the catalogue does not have raises UnknownModel. Requests with the same
        `idempotency_key` create one task at an Enlarger service.

        Raises InvalidInput before anything is sent, the service's refusals, and SubmissionUnknown if the task may or
        may not have been created.
        """
        order = self._order(model, input, callback_url, idempotency_key, strict)
        return self._call(extra_headers, calls.submit_for, order, partial(self._handle, model))

    def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        folder: str = uploads.FOLDER,
        extra_headers: Mapping[str, str] | None = None,
    ) -> UploadedFile:
        """Upload a file for the inputs of tasks: a path, bytes, a URL for the service to fetch, or a data URL.

        A string that is not a URL is a path. Services delete uploads after some days.
        """
        return self._call(extra_headers, uploads.upload, source, name=name, folder=folder)

    def download_url(self, url: str, *, extra_headers: Mapping[str, str] | None = None) -> str:
        """A link to a result's file that anyone can use for 20 minutes, without a key."""
        return self._call(extra_headers, calls.download_url, url)

    # The account and the models

    def credits(self, *, extra_headers: Mapping[str, str] | None = None) -> float:
        """The account's balance in credits, which may be fractional."""
        return self._call(extra_headers, calls.credits)

    def models(self, *, extra_headers: Mapping[str, str] | None = None) -> list[ModelInfo]:
        """The models that the service lists."""
        return self._call(extra_headers, calls.models)

    def quote(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Quote:
        """The price of a task, from the service if it can quote, otherwise from the catalogue.

        The input is checked as by `submit`; nothing is created.
        """
        strict = self.options.strict if strict is None else strict
        return self._call(extra_headers, calls.quote, model, input, strict=strict)

    # What only an Enlarger service can do; others raise NotSupported

    def list_tasks(
        self,
        *,
        state: str | None = None,
        model: str | None = None,
        limit: int = 20,
        after: str | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> TaskPage:
        """A page of the account's tasks, newest first; its `next` is the `after` of the next page.

        `limit` is at most 100; `state` may be several states, separated by commas.
        """
        return self._call(extra_headers, calls.list_tasks, state=state, model=model, limit=limit, after=after)

    def cancel(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> TaskStatus:
        """Cancel a task and return its record; a task that has ended stays unchanged."""
        return self._call(extra_headers, calls.cancel, task_id)

    def delete_file(self, file: str, *, extra_headers: Mapping[str, str] | None = None) -> None:
        """Delete an upload or a result from the service, by its link or id; its task's record stays.

        A task that still needs the file as an input fails. Raises NotFound if the account has no such file.
        """
        return self._call(extra_headers, calls.delete_file, file)

    def attempts(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> list[AttemptRecord]:
        """The task's attempts, oldest first: which providers were asked, and which were skipped and why."""
        return self._call(extra_headers, calls.attempts, task_id)

    def deliveries(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> Deliveries:
        """The state of a task's callback: every try, and the time of the next one."""
        return self._call(extra_headers, calls.deliveries, task_id)

    def resend(self, task_id: str, *, extra_headers: Mapping[str, str] | None = None) -> Deliveries:
        """Send the callback of an ended task again, even if it was delivered or given up.

        Raises InputRefused for a task that has not ended or has no callback URL.
        """
        return self._call(extra_headers, calls.resend, task_id)

    def _call(
        self,
        extra_headers: Mapping[str, str] | None,
        call: Callable[Concatenate[Core, P], Flow[T]],
        *arguments: P.args,
        **options: P.kwargs,
    ) -> T:
        core = self._core.with_headers(extra_headers)
        return self._driver.run(core, call(core, *arguments, **options))

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

    def _handle(self, model: str, made: Submitted) -> SyncTaskHandle:
        raise NotImplementedError
