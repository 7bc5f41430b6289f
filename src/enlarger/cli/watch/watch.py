"""The loop of `enlarger watch`: looks at a folder whenever something may have changed, and enlarges what is due."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from enlarger.cli.output import Output, Style, describe
from enlarger.cli.upscale.bar import BatchBar, Share
from enlarger.cli.upscale.batch import is_full
from enlarger.cli.upscale.job import Job, Report
from enlarger.cli.upscale.ledger import Ledger
from enlarger.cli.upscale.plan import plan
from enlarger.cli.upscale.report import facts, in_words, print_done
from enlarger.cli.upscale.request import FileOptions, UpscaleRequest, is_dir
from enlarger.cli.watch.memory import Memory, Signature
from enlarger.cli.watch.wakeups import Wakeups
from enlarger.client import TaskStatus
from enlarger.engines.whole import check_whole
from enlarger.errors import (
    AccessBlocked,
    AuthenticationFailed,
    ConfigurationError,
    DatabaseUnavailable,
    EnlargerError,
    InsufficientCredits,
    InvalidInput,
    Maintenance,
    PictureError,
    RateLimited,
    ServiceUnavailable,
    StorageUnavailable,
    SubmissionUnknown,
)
from enlarger.retry import Backoff

_HOPELESS = (AccessBlocked, AuthenticationFailed, ConfigurationError)
"""What no waiting mends: the command ends."""
_FOR_ALL = (
    DatabaseUnavailable,
    InsufficientCredits,
    Maintenance,
    RateLimited,
    ServiceUnavailable,
    StorageUnavailable,
)
"""What every other picture would get as well: all wait."""
_ITS_OWN = (InvalidInput, PictureError, SubmissionUnknown)
"""What would be the same, or paid for twice, if it were tried again: the image is skipped until it changes."""
_PAUSES = Backoff(first=5.0, longest=300.0)
_AT_ONCE = 3
"""As in a batch: one picture at work, one to follow without a pause, one being fetched."""
_GONE_SECONDS = 5.0
"""Between two looks for a folder that has gone."""
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp")
"""The ends of names under which programs write what they rename when it is complete."""


class Enlarges(Protocol):
    """What a watch needs of a batch."""

    async def enlarge(self, job: Job, share: Share) -> TaskStatus:
        """Have one picture enlarged. Raises EnlargerError or OSError."""


class Watch:
    """One folder that is watched."""

    def __init__(
        self,
        folder: Path,
        request: UpscaleRequest,
        file_options: FileOptions,
        open_batch: Callable[[Ledger], Enlarges],
        output: Output,
        *,
        data_dir: Path | None,
        settle: float,
        check: Callable[[Path], None] = check_whole,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_batch` makes the batch that enlarges pictures and writes its results down in a ledger.

        `check` raises PictureUnreadable for a picture that is not whole.
        """
        self._check = check
        self._folder = folder
        self._request = request
        self._file_options = file_options
        self._open_batch = open_batch
        self._output = output
        self._data_dir = data_dir
        self._memory = Memory(settle)
        self._clock = clock
        self._troubles = 0
        self._free_at = 0.0
        self._is_gone = False
        self.done: int = 0
        """How many pictures were enlarged."""

    async def run(self, wakeups: Wakeups) -> None:
        """Watch until it is to stop; the tasks of pictures that are in progress then go on.

        Raises EnlargerError for what no waiting mends.
        """
        turns = asyncio.Semaphore(_AT_ONCE)

        async def enlarge(job: Job, batch: Enlarges) -> None:
            async with turns:
                await self._enlarge(job, batch)
            wakeups.wake()

        async with asyncio.TaskGroup() as group:
            working: set[asyncio.Task[None]] = set()
            while True:
                jobs, ledger = await asyncio.to_thread(self._look)
                batch = self._open_batch(ledger)
                for job in jobs:
                    self._memory.begin(job.source)
                    task = group.create_task(enlarge(job, batch))
                    working.add(task)
                    task.add_done_callback(working.discard)
                if not await wakeups.wait(self._pause()):
                    break
            for task in working:
                task.cancel()

    def _pause(self) -> float | None:
        """How long nothing needs to be looked at without a change."""
        if self._is_gone:
            return _GONE_SECONDS  # nothing tells when it is back
        now = self._clock()
        due = self._memory.next_due(now)
        return due if due is None else max(due, self._free_at - now)

    def _look(self) -> tuple[list[Job], Ledger]:
        """The pictures that are due. What cannot be one is reported, once."""
        # Read anew: another command may have written results into the folder.
        ledger, report = Ledger(self._data_dir), Report()
        there: set[Path] = set()
        now = self._clock()
        if is_dir(self._folder) is self._is_gone:
            self._is_gone = not self._is_gone
            self._output.warn(f"{self._folder} is {'gone: waiting for it' if self._is_gone else 'there again'}.")

        def is_due(path: Path) -> bool:
            if path.suffix.lower() in _UNFINISHED or (signature := _signature(path)) is None:
                return False
            there.add(path)
            return self._memory.is_due(path, signature, now) and now >= self._free_at

        jobs = plan([str(self._folder)], self._request, self._file_options, ledger, report, is_due=is_due)
        for job in report.there:
            self._memory.end(job.source)
        for name, reason in report.bad:
            path = Path(name)
            if path in there or is_due(path):  # what was planned is in `there`, and was due
                self._memory.end(path)
                self._tell(name, reason, None)
        self._memory.keep_only(there)
        return jobs, ledger

    async def _enlarge(self, job: Job, batch: Enlarges) -> None:
        path, now = job.source, self._clock()
        if now < self._free_at:  # it was planned before the trouble began
            self._memory.wait(path, now, self._free_at - now)
            return
        try:
            await asyncio.to_thread(self._check, path)
            share = BatchBar(self._output.hints).add(path.name, 1)  # which is not shown
            status = await batch.enlarge(job, share)
        except FileNotFoundError:
            self._memory.end(path)  # somebody took it away, and it is forgotten
        except _HOPELESS:
            raise
        except _ITS_OWN as error:
            self._memory.end(path)
            self._tell(str(job), in_words(error), error)
        except (EnlargerError, OSError) as error:
            self._retry(job, error)
        else:
            self._memory.end(path)
            self._troubles = 0
            self.done += 1
            if self._output.style is Style.JSON:
                self._output.line("", facts(job, status))
            else:
                print_done(self._output, job, status, alone=False)

    def _retry(self, job: Job, error: EnlargerError | OSError) -> None:
        now = self._clock()
        if isinstance(error, _FOR_ALL) or is_full(error):
            if now >= self._free_at:  # the first of those that fail together
                self._troubles += 1
                asked = getattr(error, "retry_after", None) or 0.0
                self._free_at = now + max(_PAUSES.pause(self._troubles), asked)
                self._tell(str(job), in_words(error), error, again=self._free_at - now)
            self._memory.wait(job.source, now, self._free_at - now)
        else:
            again = self._memory.fail(job.source, now)
            self._tell(str(job), in_words(error), error, again=again)

    def _tell(self, name: str, reason: str, error: Exception | None, *, again: float | None = None) -> None:
        """Say that a picture was not enlarged, and when it is tried again."""
        if self._output.style is Style.JSON:
            told = describe(error) if isinstance(error, EnlargerError) else {"message": reason}
            self._output.line("", {"source": name, "error": told, "againInSeconds": again and round(again)})
        after = f"tried again in {again:.0f} s" if again else "skipped until it changes"
        self._output.fault(name, f"{reason} ({after})")


def _signature(path: Path) -> Signature | None:
    """What a file is like now; None if it is not there."""
    with suppress(OSError):
        status = os.stat(path)  # noqa: PTH116 - as `Path.stat`, thousands of times a look
        return Signature(status.st_size, status.st_mtime_ns, status.st_ino)
    return None
