"""`enlarger upscale`: one task a picture, a few at a time, one bar for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape

from enlarger.catalog import Model, build_input_or_raise
from enlarger.cli.exit_codes import known_error
from enlarger.cli.output import Output, Style, plain, readable
from enlarger.cli.own import find_network
from enlarger.cli.result_origin import from_sandbox, own_digest
from enlarger.cli.sandbox import refuse_sandbox, sandbox_result
from enlarger.cli.session import Session, Where, open_session
from enlarger.cli.streams import is_stdout
from enlarger.cli.upscale.bar import BatchBar, Share
from enlarger.cli.upscale.copies import Copies
from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.journal import Journal
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.measuring import announce_measuring
from enlarger.cli.upscale.picture_size import pixels_of
from enlarger.cli.upscale.pipe import piped, pour
from enlarger.cli.upscale.place import draft_of, put
from enlarger.cli.upscale.plan import plan, shorten
from enlarger.cli.upscale.report import conclude, facts, in_words, print_done
from enlarger.cli.upscale.request import (
    FileOptions,
    UpscaleRequest,
    check_output,
    check_request,
    find_model,
    payload,
    with_network,
)
from enlarger.client import HOSTED_URL, KieApiClient, TaskStatus
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    ConfigurationError,
    DatabaseUnavailable,
    EnlargerError,
    InsufficientCredits,
    Interrupted,
    InvalidInput,
    NotFound,
    ServiceError,
    ServiceUnreachable,
    StorageError,
    TaskError,
)

_AT_ONCE = 3
"""Tasks in the service's hands: one at work, one to follow without a pause, one being fetched."""
_LONGEST_SECONDS = 24 * 3600.0
"""A large picture takes hours on a small machine."""
_HOPELESS = (
    AccessBlocked,
    AuthenticationFailed,
    ConfigurationError,
    DatabaseUnavailable,
    InsufficientCredits,
    ServiceUnreachable,
)
"""Errors that every other picture would get, too."""


async def upscale_files(
    files: Sequence[str], request: UpscaleRequest, file_options: FileOptions, *, data_dir: Path | None, output: Output
) -> int:
    """Enlarge pictures; returns the exit code: 0, or 1 when one could not be enlarged or none was found."""
    to_stdout = file_options.output is not None and is_stdout(str(file_options.output))
    if to_stdout and output.style is Style.JSON:
        raise InvalidInput(
            "--json", f"With --output {file_options.output} the picture is on stdout, so there is no room for --json."
        )
    with piped(files, file_options) as (names, place):
        return await _upscale(names, request, place, data_dir, output, to_stdout=to_stdout)


async def _upscale(
    files: Sequence[str],
    request: UpscaleRequest,
    file_options: FileOptions,
    data_dir: Path | None,
    output: Output,
    *,
    to_stdout: bool,
) -> int:
    model = find_model(request.model)
    where = Where(data_dir=data_dir)
    if own := await find_network(model, where):
        request = with_network(request, scale=own.scale, digest=own.digest)
    check_output(file_options)
    request = check_request(request, model, file_options.output if file_options.one_file else None)
    report = Report()
    ledger = Ledger(data_dir)
    jobs = plan(files, request, file_options, ledger, report)
    if not jobs:
        return conclude(report, output)
    try:
        with BatchBar(output.hints) as bar:
            shares = [bar.add(job.source.name, _work(job.source, request)) for job in jobs]
            async with open_session(where, output.warn) as session:
                if not request.allow_sandbox:
                    await refuse_sandbox(session, model)
                await _announce_earlier_tasks(session, output)
                await announce_measuring(session, where, model, output, denoise=_denoises(request))
                copies = Copies(session, keep=file_options.keep_copies)
                batch = Batch(
                    session,
                    model,
                    request,
                    report,
                    bar,
                    output,
                    copies,
                    None if to_stdout else ledger,
                    file_options.stream,
                )
                await batch.run(jobs, shares)
    except asyncio.CancelledError:
        return conclude(
            report, output, Interrupted("Interrupted. Finished pictures are kept; run the command again to continue.")
        )
    except EnlargerError as error:
        return conclude(report, output, error)
    except BaseExceptionGroup as group:
        known = known_error(group)
        if known is None:
            raise
        return conclude(report, output, known)
    return conclude(report, output) if file_options.stream is None else _deliver(file_options, batch, report, output)


def _deliver(file_options: FileOptions, batch: Batch, report: Report, output: Output) -> int:
    """Write the result to its stream, and only then report it."""
    try:
        pour(file_options)
    except EnlargerError as error:
        report.made.clear()
        return conclude(report, output, error)
    batch.print_streamed()
    return conclude(report, output)


class Batch:
    """Pictures on their way through a service."""

    def __init__(
        self,
        session: Session,
        model: Model,
        request: UpscaleRequest,
        report: Report,
        bar: BatchBar,
        output: Output,
        copies: Copies,
        ledger: Ledger | None,
        stream: str | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Without a `ledger` the results go to stdout, and are not reported there.

        With a `stream` they are reported only once they were written to it. A `journal` knows the tasks that an earlier
        run made and did not see the end of, also where the service makes a second one for the same key.
        """
        self._journal = journal
        self._stream = stream
        self._poured: list[tuple[Job, TaskStatus]] = []
        self._ledger = ledger
        self._output = output
        self._copies = copies
        self._session = session
        self._model = model
        self._request = request
        self._report = report
        self._bar = bar
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._alone = False
        self._open: set[str] = set()

    async def run(self, jobs: Sequence[Job], shares: Sequence[Share]) -> None:
        """Enlarge them all; one that cannot be enlarged does not keep the others from it."""
        self._alone = len(jobs) == 1
        try:
            async with asyncio.TaskGroup() as group:
                for job, share in zip(jobs, shares, strict=True):
                    group.create_task(self._one(job, share))
        finally:
            await self._cancel_open_tasks()

    async def _one(self, job: Job, share: Share) -> None:
        async with self._turns:
            try:
                status = await self.enlarge(job, share)
            except _HOPELESS:
                raise
            except (EnlargerError, OSError) as error:
                share.drop()
                if is_full(error):
                    raise no_room(job.target.parent) from error
                self._report.bad.append((str(job), in_words(error)))
                if isinstance(error, ServiceError) and error.task_id:
                    self._report.task_ids[str(job)] = error.task_id
                self._bar.say(f"[red]✗[/] {escape(plain(str(job)))}")
            else:
                if self._stream is not None:
                    job = replace(job, target=Path(self._stream))
                    self._poured.append((job, status))
                self._report.made.append(facts(job, status))
                if self._ledger is not None and self._stream is None:
                    print_done(self._output, job, status, alone=self._alone)

    def print_streamed(self) -> None:
        """Report the results that were written to a stream, unless that is stdout."""
        if self._ledger is not None:
            for job, status in self._poured:
                print_done(self._output, job, status, alone=self._alone)

    async def enlarge(self, job: Job, share: Share) -> TaskStatus:
        """Have one picture enlarged, by a task of an earlier run if there is one; its task outlives a cancelled wait.

        Raises EnlargerError or OSError.
        """
        content = await asyncio.to_thread(job.source.read_bytes)
        name = shorten(job.source.stem, len(job.target.suffix)) + job.source.suffix[:16]
        stored = await self._session.call(lambda client: client.upload(content, name=readable(name)))
        try:
            return await self._make(job, share, content, stored.url)
        except (InvalidInput, TaskError):
            await self._copies.drop([stored.url])  # what was refused, or has failed, is not needed any more
            raise

    async def _make(self, job: Job, share: Share, content: bytes, url: str) -> TaskStatus:
        """Have the picture at `url`, whose content is known here, enlarged and fetched."""
        wanted = build_input_or_raise(self._model, payload(self._model, self._request, url))
        key = idempotency_key(content, self._model, wanted, self._request.network)
        gone_before = False
        while True:
            task_id = await self._create(wanted, key)
            with self._copies.using(task_id):
                status, earlier = await self._follow(task_id, share)
                fake = from_sandbox(status) and not self._request.allow_sandbox
                if fake and not earlier:
                    raise sandbox_result(self._model)
                # Another command on this machine may have had the same picture, and have removed the result's copy.
                may_be_gone = earlier or (self._session.local and not gone_before)
                usable = status.succeeded and not fake
                recorded = await self._fetch(status, job, content, may_be_gone=may_be_gone) if usable else None
                if status.failed and not earlier:
                    raise TaskError(status.fail_message or "The task failed without a reason.", task_id=task_id)
            if recorded is not None:
                if recorded:
                    await self._copies.remove(status, [url, *self._upload_of(status)])
                (share.drop if earlier else share.finish)()
                return status
            # An earlier run's task that failed, was the sandbox's, or whose result is gone: a new one is made.
            gone_before = not earlier
            key = hashlib.sha256(f"{key} {task_id}".encode()).hexdigest()

    async def _create(self, wanted: dict[str, Any], key: str) -> str:
        submit = partial(KieApiClient.submit, model=self._model.id, input=wanted, idempotency_key=key)
        if self._journal is not None:
            hosted = (await self._session.client()).options.base_url == HOSTED_URL
            return await self._journal.submit(key, lambda: self._session.call(submit), once=hosted)
        return (await self._session.call(submit)).id

    async def _follow(self, task_id: str, share: Share) -> tuple[TaskStatus, bool]:
        """Wait for a task's end; the flag says that it had ended before we came."""
        self._open.add(task_id)
        status = await self._session.call(lambda client: client.get_task_status(task_id))
        earlier = status.ended
        if not earlier:
            status = await self._session.follow(
                task_id, deadline=_LONGEST_SECONDS, on_progress=lambda seen: _show(seen, share)
            )
        self._open.discard(task_id)
        return status, earlier

    def _upload_of(self, status: TaskStatus) -> list[str]:
        """The picture that the task was made with: an earlier upload, if the task is an earlier run's."""
        link = (status.input or {}).get(self._model.picture_field() or "")
        return [link] if isinstance(link, str) else []

    async def _fetch(self, status: TaskStatus, job: Job, content: bytes, *, may_be_gone: bool) -> bool | None:
        """Download a result into its place; returns whether the ledger has it, and None when it is gone."""
        draft = draft_of(job, status.task_id)
        request = self._request
        if request.network is not None:  # it may have been exchanged meanwhile
            request = replace(request, network=own_digest(status) or request.network)
        try:
            await self._session.call(lambda client: client.download(status.urls[0], draft))
            return await asyncio.to_thread(
                put, draft, job, request, content, self._ledger, sandbox=from_sandbox(status)
            )
        except NotFound:
            if may_be_gone:
                return None
            raise
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, OSError):  # to report it without the temporary file's name
                raise OSError(cause.errno, cause.strerror) from error
            raise
        finally:
            draft.unlink(missing_ok=True)

    async def _cancel_open_tasks(self) -> None:
        """Cancel the open tasks, which an interrupted batch no longer needs."""
        for task_id in self._open:
            with contextlib.suppress(EnlargerError):
                await self._cancel(task_id)

    async def _cancel(self, task_id: str) -> None:
        await self._session.call(lambda client: client.cancel(task_id))


async def _announce_earlier_tasks(session: Session, output: Output) -> None:
    """Announce the earlier tasks that a service of our own processes first, which explains the delay."""
    if not session.own:
        return
    tasks = await session.call(lambda client: client.list_tasks(limit=100))
    count = sum(not task.ended for task in tasks)
    if count:
        output.hint(f"{count} {'task' if count == 1 else 'tasks'} of a command that was stopped are processed first.")


def _work(source: Path, request: UpscaleRequest) -> int:
    """How much there is to do for a picture, in pixels of its result."""
    pixels = pixels_of(source)
    if request.factor is not None:
        return round(pixels * float(request.factor) ** 2)
    return pixels  # the networks are given the source's pixels, however large the result


def _denoises(request: UpscaleRequest) -> bool:
    """Whether noise is to be removed by a network of its own."""
    return isinstance(request.denoise, int) and request.denoise > 0


def no_room(folder: Path) -> StorageError:
    """The error for a folder that nothing more can be written to."""
    return StorageError(f"{folder} is full: free some space and run the command again.")


def is_full(error: BaseException) -> bool:
    """Whether nothing more can be written to the disk, so that every other picture would fail, too."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def _show(seen: TaskStatus, share: Share) -> None:
    """Show how far a task is; one that is only uploaded, or waiting, is not being worked on."""
    if seen.progress or seen.state == "generating":
        share.work(seen.progress or 0)


def idempotency_key(content: bytes, model: Model, wanted: dict[str, Any], network: str | None = None) -> str:
    """The same for the same request, so that a command that is run again finds the tasks it made before.

    `network` is the digest of the user's own network: with another one it is another request.
    """
    request = sorted((name, value) for name, value in wanted.items() if name != model.picture_field())
    digest = hashlib.sha256(content)
    digest.update(repr((model.id if network is None else f"{model.id}@{network}", request)).encode())
    return digest.hexdigest()
