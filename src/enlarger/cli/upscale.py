"""`enlarger upscale`: one task a picture, a few at a time, one bar for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import hashlib
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.markup import escape

from enlarger.catalog import Model, build_input_or_raise, get_model, list_models
from enlarger.cli.bar import BatchBar, Share
from enlarger.cli.exit_codes import known_error
from enlarger.cli.made import from_sandbox
from enlarger.cli.output import Output, Style, plain
from enlarger.cli.picture_size import pixels_of
from enlarger.cli.sandbox import refuse_sandbox, sandbox_result
from enlarger.cli.session import Session, Where, open_session
from enlarger.cli.upscale_copies import Copies
from enlarger.cli.upscale_ledger import Ledger
from enlarger.cli.upscale_pipe import piped
from enlarger.cli.upscale_place import draft_of, put
from enlarger.cli.upscale_plan import (
    SUFFIXES,
    Choice,
    Job,
    Report,
    Wish,
    check_output,
    is_folder,
    plan,
    shorten,
)
from enlarger.cli.upscale_report import conclude, facts, in_words, say_done
from enlarger.client import KieApiClient, TaskStatus
from enlarger.engines.formats import FORMATS
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
    TaskError,
    UnknownModel,
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
"""None of the other pictures would fare better."""


async def upscale_files(
    files: Sequence[str], wish: Wish, choice: Choice, *, data_dir: Path | None, output: Output
) -> int:
    """Enlarge pictures; returns the exit code: 0, or 1 when one could not be enlarged or none was found."""
    to_stdout = str(choice.output) == "-"
    if to_stdout and output.style is Style.JSON:
        raise InvalidInput("--json", "With --output - the picture is on stdout, so there is no room for --json.")
    with piped(files, choice) as (names, place):
        return await _upscale(names, wish, place, data_dir, output, to_stdout=to_stdout)


async def _upscale(
    files: Sequence[str], wish: Wish, choice: Choice, data_dir: Path | None, output: Output, *, to_stdout: bool
) -> int:
    model = find_model(wish.model)
    check_output(choice.output)
    wish = check_wish(wish, model, choice.output if len(files) == 1 else None)
    report = Report()
    ledger = Ledger(data_dir)
    jobs = plan(files, wish, choice, ledger, report)
    if not jobs:
        return conclude(report, output)
    main = asyncio.current_task()
    assert main is not None
    with contextlib.suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main.cancel)
    try:
        with BatchBar(output.hints) as bar:
            factor = int(wish.factor)
            shares = [bar.add(job.source.name, pixels_of(job.source) * factor**2) for job in jobs]
            async with open_session(Where(data_dir=data_dir), output.warn) as session:
                if not wish.allow_sandbox:
                    await refuse_sandbox(session, model)
                copies = Copies(session, keep=choice.keep_copies)
                batch = Batch(session, model, wish, report, bar, output, copies, None if to_stdout else ledger)
                await batch.run(jobs, shares)
    except asyncio.CancelledError:
        return conclude(
            report, output, Interrupted("Interrupted. What is done is kept; run the command again to go on.")
        )
    except EnlargerError as error:
        return conclude(report, output, error)
    except BaseExceptionGroup as group:
        known = known_error(group)
        if known is None:
            raise
        return conclude(report, output, known)
    return conclude(report, output)


def find_model(name: str) -> Model:
    """The model of this name; where there is none, only models that enlarge pictures are suggested."""
    try:
        return get_model(name)
    except UnknownModel:
        ids = [model.id for model in list_models(kind="image", task="upscale") if model.picture_field() is not None]
        near = difflib.get_close_matches(name.casefold(), ids, n=2)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else "`enlarger models --task upscale` lists those there are."
        )
        raise UnknownModel("--model", f"The model {name[:100]!r} is not known: {hint}") from None


def check_wish(wish: Wish, model: Model, output: Path | None) -> Wish:
    """The wish with its format settled; raises InvalidInput for what the model cannot do."""
    format = wish.format.lower() if wish.format else None
    format = {"jpeg": "jpg", "tif": "tiff"}.get(format or "", format)
    if format is None and output is not None and not is_folder(output):
        format = SUFFIXES[output.suffix.lower()]
    if format is not None and format not in FORMATS:
        raise InvalidInput("--format", f"The format {format!r} is not known: choose one of {', '.join(FORMATS)}.")
    prompt = model.input.get("prompt")
    if "upscale" not in model.tasks and prompt is not None and prompt.required:
        raise InvalidInput(
            "--model",
            f"The model {model.id} takes a prompt, so it cannot be used here: see `enlarger run {model.id}`.",
        )
    if model.picture_field() is None:
        raise InvalidInput("--model", f"The model {model.id} takes the id of an earlier task, not a picture file.")
    fixed = model.routes.local.factor if model.routes.local else None
    if fixed is not None and wish.factor != str(fixed):
        raise InvalidInput("--factor", f"The model {model.id} always enlarges {fixed} times: use -f {fixed}.")
    if format is not None and "output_format" not in model.input:
        if wish.format:
            raise InvalidInput("--format", f"The model {model.id} has no output format: leave --format out.")
        format = None
    for option, field, wanted in (
        ("--quality", "output_quality", wish.quality),
        ("--keep-hidden-colours", "keep_hidden_colours", wish.keep_hidden_colours),
    ):
        if wanted and field not in model.input:
            raise InvalidInput(option, f"The model {model.id} has no such choice: leave {option} out.")
    settled = replace(wish, model=model.id, format=format)
    build_input_or_raise(model, payload(model, settled, "https://example.com"), strict=True)
    return settled


def payload(model: Model, wish: Wish, url: str) -> dict[str, Any]:
    """What is asked of the model for the picture at `url`; fields that it does not have are left out."""
    picture = model.picture_field()
    assert picture is not None
    wanted = {
        "upscale_factor": wish.factor,
        "output_format": wish.format,
        "output_quality": wish.quality,
        "keep_hidden_colours": wish.keep_hidden_colours,
    }
    return {picture: url} | {name: value for name, value in wanted.items() if value and name in model.input}


class Batch:
    """Pictures on their way through a service."""

    def __init__(
        self,
        session: Session,
        model: Model,
        wish: Wish,
        report: Report,
        bar: BatchBar,
        output: Output,
        copies: Copies,
        ledger: Ledger | None,
    ) -> None:
        """Without a `ledger` the results go to stdout, and nothing is said of them there."""
        self._ledger = ledger
        self._output = output
        self._copies = copies
        self._session = session
        self._model = model
        self._wish = wish
        self._report = report
        self._bar = bar
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._open: set[str] = set()

    async def run(self, jobs: Sequence[Job], shares: Sequence[Share]) -> None:
        """Enlarge them all; one that cannot be enlarged does not keep the others from it."""
        try:
            async with asyncio.TaskGroup() as group:
                for job, share in zip(jobs, shares, strict=True):
                    group.create_task(self._one(job, share))
        finally:
            await self._call_off()

    async def _one(self, job: Job, share: Share) -> None:
        async with self._turns:
            try:
                status = await self._enlarge(job, share)
            except _HOPELESS:
                raise
            except (EnlargerError, OSError) as error:
                share.drop()
                self._report.bad.append((str(job), in_words(error)))
                if isinstance(error, ServiceError) and error.task_id:
                    self._report.task_ids[str(job)] = error.task_id
                self._bar.say(f"[red]✗[/] {escape(plain(str(job)))}")
            else:
                self._report.made.append(facts(job, status))
                if self._ledger is not None:
                    self._bar.say(f"[green]✓[/] {escape(plain(str(job.target)))}")
                    say_done(self._output, job, status)

    async def _enlarge(self, job: Job, share: Share) -> TaskStatus:
        """Have one picture enlarged, by a task of an earlier run if there is one."""
        content = await asyncio.to_thread(job.source.read_bytes)
        name = shorten(job.source.stem, len(job.target.suffix)) + job.source.suffix[:16]
        stored = await self._session.call(lambda client: client.upload(content, name=name))
        wanted = build_input_or_raise(self._model, payload(self._model, self._wish, stored.url))
        key = idempotency_key(content, self._model, wanted)
        gone_before = False
        while True:
            task_id = await self._create(wanted, key)
            with self._copies.using(task_id):
                status, earlier = await self._follow(task_id, share)
                fake = from_sandbox(status) and not self._wish.allow_sandbox
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
                    await self._copies.remove(status, [stored.url, *self._upload_of(status)])
                (share.drop if earlier else share.finish)()
                return status
            # An earlier run's task that failed, was the sandbox's, or whose result is gone: a new one is made.
            gone_before = not earlier
            key = hashlib.sha256(f"{key} {task_id}".encode()).hexdigest()

    async def _create(self, wanted: dict[str, Any], key: str) -> str:
        submit = partial(KieApiClient.submit, model=self._model.id, input=wanted, idempotency_key=key)
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
        # A later run with a real engine must not take the sandbox's picture for done.
        ledger = None if from_sandbox(status) else self._ledger
        draft = draft_of(job, status.task_id)
        try:
            await self._session.call(lambda client: client.download(status.urls[0], draft))
            return await asyncio.to_thread(put, draft, job, self._wish, content, ledger)
        except NotFound:
            if may_be_gone:
                return None
            raise
        finally:
            draft.unlink(missing_ok=True)

    async def _call_off(self) -> None:
        """Cancel what is still open; whoever interrupts a batch does not want its work done afterwards."""
        for task_id in self._open:
            with contextlib.suppress(EnlargerError):
                await self._cancel(task_id)

    async def _cancel(self, task_id: str) -> None:
        await self._session.call(lambda client: client.cancel(task_id))


def _show(seen: TaskStatus, share: Share) -> None:
    """Show how far a task is; one that is only uploaded, or waiting, is not being worked on."""
    if seen.progress or seen.state == "generating":
        share.work(seen.progress or 0)


def idempotency_key(content: bytes, model: Model, wanted: dict[str, Any]) -> str:
    """The same for the same wish, so that a command that is run again finds the tasks it made before."""
    wish = sorted((name, value) for name, value in wanted.items() if name != model.picture_field())
    digest = hashlib.sha256(content)
    digest.update(repr((model.id, wish)).encode())
    return digest.hexdigest()
