"""`KieApiClient`: the asynchronous client of a service that speaks the jobs API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx2

from enlarger.client import calls, downloads, running, waiting
from enlarger.client.async_driver import AsyncDriver
from enlarger.client.async_handle import OnSubmitted, TaskHandle
from enlarger.client.async_raw import RawRequests
from enlarger.client.async_requests import Requests, SubmitOptions
from enlarger.client.core import Core
from enlarger.client.downloads import Destination
from enlarger.client.options import Changes, Options, change_options, load_options
from enlarger.client.records import Result, Submitted, TaskStatus
from enlarger.client.schedule import Seconds, poll_options
from enlarger.client.typed import typed_run
from enlarger.client.uploads import Source
from enlarger.client.waiting import OnProgress, Terms, Wait
from enlarger.client.webhooks import Callback, Headers, Key, confirmed, read_unverified, unwrap
from enlarger.protocol.records import LONGEST_PAGE

T = TypeVar("T")


class RunOptions(SubmitOptions, total=False):
    """The keyword arguments of `run`."""

    cancel_on_interrupt: bool
    deadline: Seconds | None
    on_submitted: OnSubmitted | None
    on_progress: OnProgress | None


class KieApiClient(Requests):
    """A client of the hosted KIE service, or of Enlarger: the base URL decides.

    It never creates a task twice: it sends a submission again only if the service certainly did not accept it, or if
    the service honours `Idempotency-Key`. `client.task(task_id)` resumes a wait that ended early. All methods raise
    the errors of `enlarger.errors`.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        upload_url: str | None = None,
        proxy: str | None = None,
        callback_url: str | None = None,
        max_polls: int | None = None,
        poll_interval: float | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
        local_files: bool | None = None,
        strict: bool | None = None,
        extra_headers: Mapping[str, str] | None = None,
        http_client: httpx2.AsyncClient | None = None,
    ) -> None:
        """Options that are not given come from the environment, then from defaults.

        The guide to the Python SDK lists them with their variables and defaults. With an `http_client` of httpx2 or
        httpx, its own proxy settings apply, and it is not closed by this client.

        Raises ConfigurationError if there is no key, or an option is wrong.
        """
        options = load_options(
            {
                "api_key": api_key,
                "base_url": base_url,
                "upload_url": upload_url,
                "proxy": proxy,
                "callback_url": callback_url,
                "max_polls": max_polls,
                "poll_interval": poll_interval,
                "timeout": timeout,
                "max_retries": max_retries,
                "local_files": local_files,
                "strict": strict,
                "extra_headers": extra_headers,
            }
        )
        self._core = Core(options)
        self._driver = AsyncDriver(options, http_client)
        self._owned = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.options.base_url!r})"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, KieApiClient):
            return NotImplemented
        return self.options == other.options and self._driver.given is other._driver.given

    def __hash__(self) -> int:
        return hash((type(self), self.options.base_url))

    def __reduce__(self) -> tuple[Any, ...]:
        """By its options, which include the key; the copy opens its own connections."""
        if self._driver.given is not None:
            raise TypeError("A client with an http_client of yours cannot be pickled: make one over there.")
        return _remake, (type(self), self.options)

    @property
    def with_raw_response(self) -> KieApiClientWithRawResponse:
        """The methods that send one request, returning the response itself as a `RawResponse`."""
        return KieApiClientWithRawResponse(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections, unless they belong to an `http_client` that was given."""
        if self._owned:
            await self._driver.aclose()

    def with_options(self, **changes: Unpack[Changes]) -> Self:
        """A client with other options over the same connections, which the first client closes.

        None removes `callback_url`, `max_polls` and `poll_interval`, and leaves any other option unchanged. The proxy
        cannot be changed, because it belongs to the connections.
        """
        twin = type(self).__new__(type(self))
        twin._core = self._core.with_options(change_options(self.options, changes))
        twin._driver, twin._owned = self._driver, False
        return twin

    # As the first documents have it

    async def poll_task_result(
        self,
        task_id: str,
        max_polls: int | None = None,
        poll_interval: float | None = None,
        *,
        extra_headers: Mapping[str, str] | None = None,
    ) -> str:
        """Poll a task up to `max_polls` (100) times, every `poll_interval` (3) seconds; returns its first result's URL.

        Raises TaskFailed, and WaitTimeout if the task has not ended by then.
        """
        core = self._core.with_headers(extra_headers)
        core = core.with_options(poll_options(core.options, max_polls, poll_interval))
        line = running.resume(task_id, awaits=AsyncDriver.awaits)
        wish = Wait(task_id=task_id, resume=line, terms=Terms(awaits=AsyncDriver.awaits))
        return (await self._driver.run(core, waiting.finish(core, wish))).url

    # Making tasks and waiting for them

    @typed_run
    async def run(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        strict: bool | None = None,
        deadline: Seconds | None = None,
        on_submitted: OnSubmitted | None = None,
        on_progress: OnProgress | None = None,
        cancel_on_interrupt: bool = False,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Result:
        """Create a task and wait for its result; see `submit` and `TaskHandle.result`.

        `deadline` limits both together: DeadlineExceeded is raised if it passed before the task was sent, WaitTimeout
        if the task goes on. `on_submitted` is called with the handle as soon as the task exists; keep its id to be able
        to resume. With `cancel_on_interrupt`, anything that interrupts the wait (cancellation, Ctrl-C, an error in a
        callback function) also cancels the task, if the service can.
        """
        order = self._order(model, input, callback_url, idempotency_key, strict)
        terms = Terms(
            awaits=AsyncDriver.awaits,
            deadline=deadline,
            on_submitted=on_submitted,
            on_progress=on_progress,
            cancel_on_interrupt=cancel_on_interrupt,
        )
        return await self._call(extra_headers, running.run, order, terms, partial(self._handle, model))

    def task(self, task_id: str, *, model: str | None = None) -> TaskHandle:
        """A handle on an existing task, perhaps one of another program. Nothing is sent.

        With its `model`, a wait knows from the beginning how long the task may take.
        """
        return TaskHandle(self, task_id, model=model, made_now=False)

    async def upscale(self, image: Source, factor: int | str = 2, **how: Unpack[RunOptions]) -> Result:
        """Enlarge an image (a path, bytes or a URL) 1, 2, 4 or 8 times with `topaz/image-upscale`; see `run`."""
        return await self.run(calls.UPSCALE_MODEL, calls.upscale_input(image, factor), **how)

    async def remove_background(self, image: Source, **how: Unpack[RunOptions]) -> Result:
        """Remove the background of an image (a path, bytes or a URL) with `recraft/remove-background`; see `run`."""
        return await self.run(calls.REMOVE_BACKGROUND_MODEL, calls.remove_background_input(image), **how)

    # Files

    async def download(
        self, result: Result | TaskStatus | str, path: Destination, *, deadline: Seconds | None = None
    ) -> list[Path]:
        """Download a result's files, or one URL, to `path`; returns the paths of the files.

        `path` is a folder or a file; several files are numbered. A file appears only once it is complete. A FIFO, a
        device, `/dev/stdout` or a file object (open for bytes, and left open) gets the bytes as they arrive. An
        interrupted download continues where it stopped, until the `deadline`. Raises NotFound if the service no longer
        has the file, and StorageError if it cannot be written.
        """
        return await self._call(None, downloads.download, result, path, deadline=deadline)

    async def read(self, result: Result | TaskStatus | str, *, deadline: Seconds | None = None) -> bytes:
        """The content of a result's only file, or of one URL; see `download`.

        Raises InvalidInput for a result with several files: read its `urls` one by one.
        """
        buffer = BytesIO()
        await self.download(result, buffer, deadline=deadline)
        return buffer.getvalue()

    async def all_tasks(
        self, *, state: str | None = None, model: str | None = None, extra_headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[TaskStatus]:
        """All tasks of the account, newest first, requested page by page."""
        after: str | None = None
        while True:
            page = await self.list_tasks(
                state=state, model=model, limit=LONGEST_PAGE, after=after, extra_headers=extra_headers
            )
            for task in page:
                yield task
            if (after := page.next) is None:
                return

    # Callbacks

    async def confirm_callback(
        self,
        body: bytes | str,
        headers: Headers = (),
        *,
        key: Key | Sequence[Key] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Callback:
        """A callback whose record is confirmed by the service itself, so that it is safe without any key.

        Only the task's id is taken from the body. With a `key` the signatures are verified first, and a valid signature
        of the whole body needs no request. Raises InvalidSignature, and NotFound if the account has no such task.
        """
        claimed = read_unverified(body) if key is None else unwrap(body, headers, key=key)
        if claimed.verified == "body":
            return claimed
        status = await self.get_task_status(claimed.task.task_id, extra_headers=extra_headers)
        return confirmed(claimed, status)

    def _handle(self, model: str, made: Submitted) -> TaskHandle:
        return TaskHandle(self, made.task_id, model=model, made_now=True, warnings=made.warnings)


class KieApiClientWithRawResponse(RawRequests):
    """The methods of a client that send one request; each returns a `RawResponse` and raises the same errors."""

    def __init__(self, client: KieApiClient) -> None:
        self._client, self._core, self._driver = client, client._core, client._driver

    def _handle(self, model: str, made: Submitted) -> TaskHandle:
        return self._client._handle(model, made)


def _remake(kind: type[KieApiClient], options: Options) -> KieApiClient:
    """A client out of what is pickled of it."""
    client = kind.__new__(kind)
    client._core, client._driver, client._owned = Core(options), AsyncDriver(options, None), True
    return client
